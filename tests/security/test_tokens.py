"""Tokens guessed, twisted, mixed up and used again after they were taken away."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import hypothesis
import jwt
import pytest
from hypothesis import strategies as st
from tornado.ioloop import IOLoop

from handlers.connection import Kind
from schemas.config import Config
from tests.support.attack_rounds import rounds
from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_wire import RawSocket, Reply
from tests.support.people_lesson import People, fresh_id
from tests.support.people_sockets import Refusal
from tests.support.process_house import House

CHANNELS = ("", "system", "board", "webrtc")


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


def part(value: Any) -> str:
    """A part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def signed(header: Any, payload: Any, secret: str) -> str:
    """A token with HS256, without the care of a library."""
    text = f"{part(header)}.{part(payload)}"
    return f"{text}.{part(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


async def is_refused(lesson: Lesson, token: str, *, sockets: bool = True) -> None:
    """Fails unless the token opens nothing, as what it is: a bad one."""
    for name in ("", "permissions/"):
        path = f"/api/v1/classroom/sessions/{lesson.uuid}/{name}"
        headers = {"Authorization": f"Bearer {token}"}
        reply = await lesson.another_wire().request("GET", path, headers=headers)
        assert (reply.status, reply.problem["code"]) == (401, "bad_token"), (token, reply)
    if sockets:
        opened = await lesson.open("system/", token=token)
        assert isinstance(opened, Reply), token
        assert (opened.status, opened.problem["code"]) == (401, "bad_token"), token
        full = await lesson.open("", token=token)
        assert isinstance(full, RawSocket)
        assert await full.closed_with() == 4401, token
        await full.drop()


def platform_token(lesson: Lesson) -> str:
    """A good one of the host's."""
    return lesson.bearer(lesson.host)["Authorization"].removeprefix("Bearer ")


def test_guesses(lesson: Lesson, io_loop: IOLoop) -> None:
    """A good token with anything in it changed, or parts of two put together, is a bad one, by REST and on sockets."""
    tokens = (lesson.classroom_token, platform_token(lesson))

    async def attack(number: int, place: int, other: str) -> None:
        token = tokens[number]
        place %= len(token)
        twisted = token[:place] + other + token[place + 1 :]
        if twisted == token or not same_bits(twisted, token):
            await is_refused(lesson, twisted if twisted != token else token + "x")

    @rounds(60)
    @hypothesis.given(
        number=st.integers(0, 1),
        place=st.integers(0, 2_000),
        other=st.sampled_from([*"Aa0-_.Z9", "", "AA"]),
    )
    def run(number: int, place: int, other: str) -> None:
        io_loop.run_sync(lambda: attack(number, place, other), timeout=40)

    run()


def same_bits(one: str, other: str) -> bool:
    """Whether two tokens are the same bytes: the last letter of a part has bits that mean nothing."""
    try:
        return [decoded(text) for text in one.split(".")] == [decoded(text) for text in other.split(".")]
    except ValueError:
        return False


def decoded(text: str) -> bytes:
    """The bytes of a part."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forgeries(lesson: Lesson) -> Iterator[str]:
    """What is known to have worked somewhere."""
    config = Config()
    good = {"user_id": lesson.host, "exp": int(time.time()) + 3_600, "scope": "service"}
    claims = jwt.decode(lesson.classroom_token, options={"verify_signature": False})
    header = jwt.get_unverified_header(lesson.classroom_token)
    for payload in (good, claims):
        for alg in ("none", "None", "nOnE", "", "HS256 ", "hs256", "RS256", None, ["HS256"], {"a": 1}, 0):
            yield f"{part({**header, 'alg': alg})}.{part(payload)}."
            yield f"{part({**header, 'alg': alg})}.{part(payload)}.{part(b'x' * 32)}"
        for secret in ("", "secret", "changeme", "development", "null", "lessonroom", "x" * 32):
            yield signed(header, payload, secret)
        for extra in (
            {"jku": "https://evil.example/jwks.json"},
            {"x5u": "https://evil.example/cert.pem"},
            {"jwk": {"kty": "oct", "k": part(b"x" * 32)}},
            {"kid": "../../../../dev/null"},
            {"kid": "' OR 1=1 --"},
            {"kid": ["development"]},
            {"kid": None},
            {"crit": ["exp"], "b64": False},
        ):
            yield signed({**header, **extra}, payload, "x" * 32)
    for missing in ("exp", "user_id"):
        wrong = {name: value for name, value in good.items() if name != missing}
        yield signed({"alg": "HS256"}, wrong, config.auth.secret)
    for name, value in (
        ("exp", "9999999999"),
        ("exp", 1),
        ("exp", None),
        ("exp", 1e400),
        ("user_id", {"a": 1}),
        ("user_id", ""),
    ):
        yield signed({"alg": "HS256"}, {**good, name: value}, config.auth.secret)
    yield from (
        "a.b.c",
        "..",
        ".",
        "a" * 8_000,
        f"{platform_token(lesson)}.x",
        lesson.classroom_token.rpartition(".")[0],
    )


@pytest.mark.gen_test(timeout=40)
async def test_forgeries(lesson: Lesson) -> None:
    """No algorithm, the wrong key, keys named in the token, missing claims: all bad tokens, whoever they say they are."""
    count = 0
    for token in forgeries(lesson):
        await is_refused(lesson, token)
        count += 1
    assert count > 60


async def test_each_token_has_its_own_use(lesson: Lesson) -> None:
    """A socket's token calls nothing, and a call's token opens no socket; both are good where they belong."""
    path = f"/api/v1/classroom/sessions/{lesson.uuid}/"
    headers = {"Authorization": f"Bearer {lesson.classroom_token}"}
    reply = await lesson.wire.request("GET", path, headers=headers)
    assert (reply.status, reply.problem["code"]) == (401, "bad_token")
    for kind in Kind:
        if kind is Kind.FULL:
            continue
        opened = await lesson.open(f"{kind}/", token=platform_token(lesson))
        assert isinstance(opened, Reply)
        assert (opened.status, opened.problem["code"]) == (401, "bad_token")


async def test_people_cannot_make_themselves_the_platform(lesson: Lesson) -> None:
    """Acting for others and pushing bookings are for the platform's own tokens."""
    body = json.dumps({"tutor": {"id": 1, "name": "a"}, "student": {"id": 2, "name": "b"}}).encode()
    for scope in ("services", "Service", "no-service", ["user"], {"service": True}, True, 1):
        good = {"user_id": 99, "exp": int(time.time()) + 3_600, "scope": scope}
        token = jwt.encode(good, lesson.config.auth.secret, "HS256")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        for path in (
            "booking/bookings/",
            f"classroom/sessions/{lesson.uuid}/terminate/?user_id={lesson.host}",
        ):
            reply = await lesson.another_wire().request(
                "POST", f"/api/v1/{path}", body if "book" in path else b"", headers
            )
            assert reply.status in (400, 401, 403), (scope, path, reply)


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("again", [False, True], ids=["kicked", "invited again"])
async def test_kicked_tokens_are_worth_nothing(house: House, people: People, again: bool) -> None:
    """Every token a kicked person ever had, on every instance and channel, even after they were invited again."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id())
    tokens = [student.token, await student.take_token(b), await student.take_token(a)]
    socket = await student.open(a)
    await socket.send(type="token_refresh")
    tokens.append((await socket.find_type("token"))["token"])
    await host.post(b, f"kick/{student.user_id}/")
    assert await socket.until_closed() == 4403
    new = ""
    if again:
        await host.post(a, "invite/", {"user_id": student.user_id})
        new = await student.take_token(b)
        assert new not in tokens
    for instance in (a, b):
        for token in tokens:
            for channel in CHANNELS:
                student.token = token
                with pytest.raises(Refusal) as refused:
                    await student.open(instance, channel)
                assert refused.value.status in ((401,) if again else (403,)) or refused.value.close_code in (
                    (4401,) if again else (4403,)
                )
    if again:
        student.token = new
        await student.open(a)
