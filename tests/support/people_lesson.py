"""A lesson with its people: who came in how, their sockets one after the other, and whether all saw the same."""

from __future__ import annotations

import asyncio
import uuid as uuids
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from tests.support.people_calls import Answer, Caller, UserId
from tests.support.people_sockets import Socket, open_socket
from tests.support.process_instance import Instance


class Person:
    """Somebody in a lesson: calls below its session, sockets with their token, and all that these ever got."""

    def __init__(self, caller: Caller, uuid: str) -> None:
        self.caller = caller
        self.uuid = uuid
        self.token = ""
        self.sockets: list[Socket] = []

    @property
    def user_id(self) -> UserId:
        """As the platform knows them."""
        return self.caller.user_id

    @property
    def socket(self) -> Socket:
        """The newest one."""
        return self.sockets[-1]

    async def call(
        self, instance: Instance, method: str, path: str, body: Any = None, **headers: str
    ) -> Answer:
        """A call below the session; whatever is answered."""
        return await self.caller.call(
            instance, method, f"classroom/sessions/{self.uuid}/{path}", body, **headers
        )

    async def post(self, instance: Instance, path: str, body: Any = None, **headers: str) -> Any:
        """A POST below the session that succeeds."""
        return await self.caller.post(instance, f"classroom/sessions/{self.uuid}/{path}", body, **headers)

    async def get(self, instance: Instance, path: str, **query: Any) -> Any:
        """A GET below the session that succeeds."""
        return await self.caller.get(instance, f"classroom/sessions/{self.uuid}/{path}", **query)

    async def take_token(self, instance: Instance) -> str:
        """Gets a classroom token, and the seat with it."""
        self.token = (await self.post(instance, "jwt/"))["token"]
        return self.token

    async def open(self, instance: Instance, channel: str = "", **options: Any) -> Socket:
        """Opens a socket."""
        socket = await open_socket(instance, self.uuid, self.token, channel, **options)
        self.sockets.append(socket)
        return socket

    async def resume(self, instance: Instance, channel: str = "") -> Socket:
        """Opens a socket that goes on where the newest one ended."""
        return await self.open(instance, channel, **self.socket.cursor)

    @property
    def texts(self) -> dict[int, str]:
        """Every numbered message they got, by its number; asserts that none came twice and none was missing."""
        told: dict[int, str] = {}
        for socket in self.sockets:
            assert socket.faults == [], (self.user_id, socket.faults)
            assert not told.keys() & socket.texts.keys(), (self.user_id, "came twice")
            told.update(socket.texts)
        if all(socket.full for socket in self.sockets) and told:
            assert sorted(told) == list(range(min(told), max(told) + 1)), (self.user_id, sorted(told))
        return told


class People:
    """Makes people and lessons, and lets go of everything at the end."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._http = AsyncHTTPClient(force_instance=True, max_clients=200)
        self._everybody: list[Person] = []
        self.platform = self.caller("platform", scope="service")

    def caller(self, user_id: UserId, **claims: Any) -> Caller:
        """Somebody with a platform token."""
        return Caller(self._http, self._secret, user_id, **claims)

    def person(self, user_id: UserId, uuid: str, **claims: Any) -> Person:
        """Somebody about to enter that session."""
        person = Person(self.caller(user_id, **claims), uuid)
        self._everybody.append(person)
        return person

    async def lesson(self, instance: Instance, *users: UserId, **session: Any) -> list[Person]:
        """A session with the first of `users` as its host and the others invited; all of them have tokens."""
        body = {
            "session_type": "lesson",
            "host": {"id": users[0], "name": f"Person {users[0]}"},
            "invite": [{"id": user, "name": f"Person {user}"} for user in users[1:]],
            **session,
        }
        made = await self.platform.post(instance, "classroom/sessions/", body)
        people = [self.person(user, made["uuid"]) for user in users]
        await asyncio.gather(*(person.take_token(instance) for person in people))
        return people

    async def status(self, instance: Instance, path: str) -> int:
        """The status of a plain GET, without a token."""
        return (await self._http.fetch(instance.url + path, raise_error=False)).code

    async def page(self, instance: Instance, path: str) -> bytes:
        """The body of a plain GET, without a token."""
        return (await self._http.fetch(instance.url + path)).body

    async def fetch(self, instance: Instance, path: str, token: str | None = None) -> HTTPResponse:
        """A GET, as it is answered."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self._http.fetch(instance.url + path, headers=headers, raise_error=False)

    async def close(self) -> None:
        """Closes every socket and connection."""
        sockets = [socket for person in self._everybody for socket in person.sockets]
        await asyncio.gather(*(socket.close() for socket in sockets))
        self._http.close()


def fresh_id() -> str:
    """A user or booking id nobody else has."""
    return uuids.uuid4().hex[:12]


def assert_saw_the_same(people: list[Person], *, failover: bool = False) -> dict[int, str]:
    """Every number is the same message for everybody; all of them, by number. Only a `failover` of the store may have
    brought second welcomes.
    """
    story: dict[int, str] = {}
    for person in people:
        assert failover or not any(socket.anew for socket in person.sockets), (
            person.user_id,
            "a second welcome",
        )
        for seq, text in person.texts.items():
            assert story.setdefault(seq, text) == text, (person.user_id, seq)
    return dict(sorted(story.items()))
