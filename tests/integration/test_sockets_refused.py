"""Who may open a socket, and how each kind of socket says no (contract §1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.support.people_calls import platform_token
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Refusal
from tests.support.process_house import House
from tests.support.process_instance import Instance

CHANNEL = "system"


async def assert_refused(
    person: Person, instance: Instance, status: int, close_code: int, **options: Any
) -> None:
    """The channel socket is refused over HTTP; the full socket is accepted, and closed so that a browser can read why."""
    with pytest.raises(Refusal) as refused:
        await person.open(instance, CHANNEL, **options)
    assert (refused.value.status, refused.value.close_code) == (status, None)
    with pytest.raises(Refusal) as refused:
        await person.open(instance, **options)
    assert (refused.value.status, refused.value.close_code) == (None, close_code)


def claims_of(token: str) -> dict[str, Any]:
    """What a classroom token says."""
    return jwt.decode(token, options={"verify_signature": False})


def header_of(token: str) -> dict[str, Any]:
    """How it is signed."""
    return jwt.get_unverified_header(token)


def forged(person: Person, house: House) -> str:
    """The right claims, signed with a key that is not the server's."""
    return jwt.encode(claims_of(person.token), "x" * 32, "HS256", header_of(person.token))


def signed_by_the_platform(person: Person, house: House) -> str:
    """The right claims, signed with the platform's secret."""
    return jwt.encode(claims_of(person.token), house.secret, "HS256", header_of(person.token))


def unsigned(person: Person, house: House) -> str:
    """The right claims, and the claim that no signature is needed."""
    return jwt.encode(claims_of(person.token), "", "none", {"kid": header_of(person.token)["kid"]})


def tampered(person: Person, house: House) -> str:
    """A token whose signature ends otherwise."""
    return person.token[:-2] + ("AA" if not person.token.endswith("AA") else "BB")


def of_the_platform(person: Person, house: House) -> str:
    """A platform token, which opens no sockets."""
    return platform_token(house.secret, person.user_id)


@pytest.mark.parametrize("way", ["query", "subprotocol", "header"])
@pytest.mark.parametrize("make", [forged, signed_by_the_platform, unsigned, tampered, of_the_platform])
async def test_a_bad_token_opens_nothing(
    house: House, people: People, make: Callable[[Person, House], str], way: str
) -> None:
    """Forged, unsigned, tampered or of the other kind: refused on every instance, wherever the token stands."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    person.token = make(person, house)
    for instance in house.instances:
        await assert_refused(person, instance, 401, 4401, way=way)


async def test_no_token_opens_nothing(house: House, people: People) -> None:
    """Without a token, or with an empty one, there is no socket."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    for token in (None, ""):
        person.token = token  # type: ignore[assignment]  # what a client that has none would do
        await assert_refused(person, house.instances[1], 401, 4401)


async def test_a_token_is_for_one_session(house: House, people: People) -> None:
    """The token of one lesson does not open another one, not even the same person's own."""
    user = fresh_id()
    (first,) = await people.lesson(house.instances[0], user)
    (second,) = await people.lesson(house.instances[0], user)
    first.uuid, second.uuid = second.uuid, first.uuid
    for person in (first, second):
        await assert_refused(person, house.instances[1], 401, 4401)


async def test_rest_refuses_classroom_tokens(house: House, people: People) -> None:
    """A classroom token is no platform token: what opens a socket calls nothing."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    person.caller.token = person.token
    answer = await person.call(house.instances[0], "GET", "permissions/")
    assert (answer.status, answer.code) == (401, "bad_token")


async def test_a_lesson_that_is_over_takes_nobody(house: House, people: People) -> None:
    """After the end a token that is still good opens nothing."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    await person.post(house.instances[0], "terminate/")
    await assert_refused(person, house.instances[1], 410, 4410)


async def test_a_malformed_handshake_is_refused(house: House, people: People) -> None:
    """A cursor that is no number is a mistake of the client's, and said so."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    for since in ("-1", "1.5", "x", "NaN"):
        await assert_refused(person, house.instances[0], 400, 4400, since=since)


async def test_expired_and_vanished(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """An expired token opens no new socket and closes no open one; a session that is no more says so to everybody."""
    house = build_house(classroom_token__ttl_seconds=1, relay__check_seconds=0.2)
    a, b = house.instances
    people = people_of(house)
    (person,) = await people.lesson(a, fresh_id())
    expired, expires = person.token, claims_of(person.token)["exp"]
    socket = await person.open(a)
    while time.time() < expires:
        await socket.send(type="ping")
        await socket.find_type("pong", since=socket.mark)
    await assert_refused(person, b, 401, 4401)
    assert expired == person.token
    await person.take_token(a)
    await person.open(b)
    house.lose_session(person.uuid)
    assert await socket.until_closed() == 4404
    await assert_refused(person, b, 404, 4404)


@pytest.mark.parametrize("channel", ["", CHANNEL])
async def test_origins(
    build_house: Callable[..., House], people_of: Callable[[House], People], channel: str
) -> None:
    """Our own and the configured pages may open sockets; every other page is refused at the handshake, everywhere."""
    house = build_house(count=1, http__cors_origins=["https://app.example.org"])
    (a,) = house.instances
    (person,) = await people_of(house).lesson(a, fresh_id())
    for origin in (None, a.url, "https://app.example.org"):
        await person.open(a, channel, origin=origin)
    for origin in ("https://evil.example.org", "https://app.example.org.evil.org", "null", f"{a.url}0"):
        with pytest.raises(Refusal) as refused:
            await person.open(a, channel, origin=origin)
        assert refused.value.status == 403


async def test_a_room_that_filled_up_meanwhile(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Somebody left, and their seat was taken: their token opens no socket until there is a seat again."""
    house = build_house(count=1)
    (a,) = house.instances
    people = people_of(house)
    host, gone, guest = (fresh_id() for _ in range(3))
    body = {"session_type": "group", "max_participants": 2, "invite": [{"id": gone}, {"id": guest}]}
    uuid = (await people.person(host, "").caller.post(a, "classroom/sessions/", body))["uuid"]
    everybody = [people.person(user_id, uuid) for user_id in (host, gone, guest)]
    for person in everybody[:2]:
        await person.take_token(a)
    await everybody[1].post(a, "leave/")
    await everybody[2].take_token(a)
    await assert_refused(everybody[1], a, 429, 4429)
    await everybody[2].post(a, "leave/")
    await everybody[1].open(a, CHANNEL)
