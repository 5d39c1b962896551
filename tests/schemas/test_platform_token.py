import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from schemas.errors import BAD_TOKEN, Refused
from schemas.ids import UserId
from schemas.platform_token import Person, mint_platform_token, person_from

NOW = 1_800_000_000.5
EXP = int(NOW) + 60


def person(**claims: Any) -> Person:
    """The person of a good token with these `claims`."""
    return person_from({"user_id": 7, "exp": EXP} | claims, "user_id", NOW)


def refused(**claims: Any) -> str:
    """The sentence that a token with these `claims` is refused with."""
    with pytest.raises(Refused) as caught:
        person(**claims)
    assert caught.value.error is BAD_TOKEN
    return caught.value.detail


def payload(token: str) -> dict[str, Any]:
    """The claims of `token`, unverified."""
    segment = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found


def test_person_of_a_full_token() -> None:
    """Everything the platform says about a person is known."""
    found = person(name="Ada", avatar="https://example.org/a.png", email="ada@example.org")
    assert found == Person(7, "Ada", "https://example.org/a.png", "ada@example.org", False, EXP)


@pytest.mark.parametrize("user_id", [7, "7", -1, 0, "ада", 2**53 - 1])
def test_user_id_keeps_its_type(user_id: UserId) -> None:
    """An id comes out as it came in, and 7 and "7" are one person."""
    found = person(user_id=user_id)
    assert found.user_id == user_id
    assert type(found.user_id) is type(user_id)
    assert found.key == str(user_id)


@pytest.mark.parametrize("user_id", [True, False, 2**53, -(2**53), 1e30, 7.0, "", "a" * 129, "a\nb", [], {}])
def test_what_is_no_user_id_is_refused(user_id: Any) -> None:
    """An id that a browser cannot hold exactly never becomes somebody."""
    assert "user" in refused(user_id=user_id)


def test_sub_stands_in_for_the_id() -> None:
    """Without the configured claim the standard one counts, of either type; it makes no bad id good."""
    assert person_from({"sub": 7, "exp": EXP}, "user_id", NOW).user_id == 7
    assert person(user_id=None, sub="7").user_id == "7"
    assert person(sub="other").user_id == 7
    refused(user_id=None)
    refused(user_id=True, sub="7")


def test_configured_id_claim() -> None:
    """A platform that calls the id something else is understood."""
    assert person_from({"uid": "x", "user_id": 7, "exp": EXP}, "uid", NOW).user_id == "x"


@pytest.mark.parametrize("exp", [None, "1900000000", True, [], int(NOW), 0, -5, NOW])
def test_expiry_is_required(exp: Any) -> None:
    """A token without an expiry, or past it, is none."""
    refused(exp=exp)


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_tokens_from_the_future(name: str) -> None:
    """A platform whose clock is a little ahead logs nobody out; a token for next week is for next week."""
    assert person(**{name: NOW + 59}).user_id == 7
    assert person(**{name: None}).user_id == 7
    assert "yet" in refused(**{name: NOW + 61})
    assert name in refused(**{name: "now"})


@pytest.mark.parametrize(
    "given, shown",
    [
        ("  Ada \n", "Ada"),
        ("A\x00d\x1ba\u202e\x85", "Ada"),
        ("a" * 300, "a" * 200),
        ("a" * 199 + " b", "a" * 199),
        (" \t", None),
        ("", None),
        (7, None),
        (None, None),
        ({"first": "Ada"}, None),
        ("👩\u200d🏫", "👩\u200d🏫"),
    ],
)
def test_names_are_cleaned(given: Any, shown: str | None) -> None:
    """A name is shown to others without what would break the page, and an odd one logs nobody out."""
    assert person(name=given).name == shown


@pytest.mark.parametrize("given", [7, None, [], "", " ", "a" * 3000, "https://example.org/\n"])
def test_odd_avatars_and_addresses_are_ignored(given: Any) -> None:
    """A picture or an address that is none is left out; the person stays logged in."""
    found = person(avatar=given, email=given)
    assert (found.avatar, found.email) == (None, None)


@pytest.mark.parametrize(
    "scope, service",
    [
        ("service", True),
        ("read  service write", True),
        (["read", "service"], True),
        ("services", False),
        ("SERVICE", False),
        (["service read"], False),
        ([["service"]], False),
        ({"service": True}, False),
        (True, False),
        (None, False),
    ],
)
def test_service_scope(scope: Any, service: bool) -> None:
    """Only a token whose scope contains `service` as a word of its own is the platform itself."""
    assert person(scope=scope).service is service


def test_classroom_token_is_refused() -> None:
    """A token for sockets opens no REST call; a platform's own `session_id` harms nobody."""
    assert "classroom" in refused(session_id="s", generation=0)
    assert person(session_id="s").user_id == 7


def test_minted_token() -> None:
    """A token made on the command line names the person, and lives as long as it was told."""
    assert payload(mint_platform_token("secret", 7, "Ada", False, 12, NOW)) == {
        "user_id": 7,
        "name": "Ada",
        "iat": int(NOW),
        "exp": int(NOW) + 12 * 3600 + 1,
    }
    service = payload(mint_platform_token("secret", "7", None, True, 0.5, NOW, "uid"))
    assert (service["uid"], service["scope"]) == ("7", "service")
    assert "name" not in service
