"""A person's classroom socket that records everything, and checks what the contract promises of the numbers on it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.support.process_instance import Instance

PATIENCE_SECONDS = 8.0
Message = dict[str, Any]


class Refusal(Exception):
    """The socket was refused: over HTTP (`status`), or accepted and closed without a welcome (`close_code`)."""

    def __init__(self, status: int | None = None, close_code: int | None = None, body: bytes = b"") -> None:
        super().__init__(f"status {status}, close code {close_code}")
        self.status = status
        self.close_code = close_code
        self.body = body


class Closed(Exception):
    """The socket closed before what was waited for came."""


class Socket:
    """An open socket. `messages` are all that came after the welcome, in order; `times` when each came (monotonic); `anew`
    the welcomes among them, by which the server began anew.
    """

    def __init__(self, connection: ClientConnection, welcome: Message, since: int | None, full: bool) -> None:
        self.welcome = welcome
        self.messages: list[Message] = []
        self.times: list[float] = []
        self.texts: dict[int, str] = {}
        self.faults: list[str] = []
        self.anew: list[Message] = []
        self.close_code: int | None = None
        self.closed_at = 0.0
        self.epoch: str = welcome["epoch"]
        self.seq: int = since if since is not None and welcome["recovered"] else welcome["seq"]
        self.full = full
        self._connection = connection
        self._news = asyncio.Condition()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._reader = asyncio.create_task(self._read())

    @property
    def mark(self) -> int:
        """How many messages have come by now; for `find`."""
        return len(self.messages)

    @property
    def cursor(self) -> dict[str, Any]:
        """From where another socket of this person goes on."""
        return {"since": self.seq, "epoch": self.epoch}

    def of_type(self, name: str) -> list[Message]:
        """All messages of that type."""
        return [message for message in self.messages if message["type"] == name]

    async def send(self, **message: Any) -> None:
        """Sends a message; one that can't be sent any more is lost, as on any network."""
        await self.send_raw(json.dumps(message))

    async def send_raw(self, data: str | bytes) -> None:
        """Sends whatever is given."""
        try:
            await self._connection.send(data)
        except ConnectionClosed:
            return

    async def find(
        self, wanted: Callable[[Message], bool], since: int = 0, seconds: float = PATIENCE_SECONDS
    ) -> Message:
        """The first message from number `since` on that is `wanted`, now or when it comes. Raises Closed."""
        looked_at = since
        async with asyncio.timeout(seconds), self._news:
            while True:
                for message in self.messages[looked_at:]:
                    looked_at += 1
                    if wanted(message):
                        return message
                if self.close_code is not None:
                    raise Closed(f"closed with {self.close_code} before it came")
                await self._news.wait()

    async def find_type(self, name: str, since: int = 0, seconds: float = PATIENCE_SECONDS) -> Message:
        """The first message of that type from number `since` on."""
        return await self.find(lambda message: message["type"] == name, since, seconds)

    async def reach(self, seq: int, seconds: float = PATIENCE_SECONDS) -> None:
        """Returns once the broadcast with that number has come."""
        async with asyncio.timeout(seconds), self._news:
            while self.seq < seq:
                if self.close_code is not None:
                    raise Closed(f"closed with {self.close_code} at {self.seq} of {seq}")
                await self._news.wait()

    async def until_closed(self, seconds: float = PATIENCE_SECONDS) -> int:
        """The close code, once it is closed."""
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._reader)
        assert self.close_code is not None
        return self.close_code

    async def close(self) -> None:
        """Closes it from our side, and waits until nothing runs any more."""
        self._may_read.set()
        await self._connection.close()
        await self._reader

    def stop_reading(self) -> None:
        """Takes no more messages than the one that may be on its way already."""
        self._may_read.clear()

    def go_on_reading(self) -> None:
        """Reads again."""
        self._may_read.set()

    def drop(self) -> None:
        """The network is gone: no close frame, nothing."""
        self._connection.transport.abort()

    async def _read(self) -> None:
        try:
            while True:
                await self._may_read.wait()
                text = await self._connection.recv()
                async with self._news:
                    self._take(str(text))
                    self._news.notify_all()
        except ConnectionClosed as closed:
            async with self._news:
                self.close_code = closed.rcvd.code if closed.rcvd else 1006
                self.closed_at = time.monotonic()
                self._news.notify_all()

    def _take(self, text: str) -> None:
        message = json.loads(text)
        self.messages.append(message)
        self.times.append(time.monotonic())
        if message["type"] == "welcome":
            self.anew.append(message)
            self.epoch = message["epoch"]
            if not message["recovered"]:  # else what is missing follows
                self.faults.append(f"starts anew after {self.seq}")
                self.seq = message["seq"]
            return
        seq = message.get("seq")
        if seq is None:
            return
        if seq <= self.seq or (self.full and seq != self.seq + 1):
            began = f"welcome at {self.welcome['seq']}, {self.welcome['missed']} missed"
            self.faults.append(f"{seq} came after {self.seq} ({began})")
        self.seq = seq
        self.texts[seq] = text


async def open_socket(
    instance: Instance,
    uuid: str,
    token: str | None,
    channel: str = "",
    *,
    way: str = "query",
    origin: str | None = None,
    since: object = None,
    epoch: str | None = None,
    **options: Any,
) -> Socket:
    """A socket that has got its welcome, with the token in the `query`, `subprotocol` or `header`. Raises Refusal."""
    query = {"since": since, "epoch": epoch, "token": token if way == "query" else None}
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    address = f"{instance.ws}/ws/classroom/{uuid}/{channel + '/' if channel else ''}?{asked}"
    if way == "subprotocol":
        options["subprotocols"] = ["access_token", token]
    if way == "header":
        options["additional_headers"] = {"Authorization": f"Bearer {token}"}
    try:
        connection = await connect(
            address,
            origin=None if origin is None else Origin(origin),
            proxy=None,
            compression=None,
            max_size=None,
            ping_interval=None,
            **options,
        )
    except InvalidStatus as refused:
        response = refused.response
        raise Refusal(status=response.status_code, body=bytes(response.body or b"")) from None
    if way == "subprotocol":
        assert connection.subprotocol == "access_token"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            first = json.loads(await connection.recv())
    except ConnectionClosed as closed:
        raise Refusal(close_code=closed.rcvd.code if closed.rcvd else 1006) from None
    assert first["type"] == "welcome", first
    assert first["protocol"] == 1
    return Socket(connection, first, since if isinstance(since, int) else None, full=channel == "")
