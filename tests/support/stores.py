"""The store of one instance, wired as `server.py` does it, and what tests do with it again and again."""

from __future__ import annotations

import asyncio
import uuid as uuids
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from schemas.config import Redis as RedisConfig
from schemas.errors import Error, Refused
from store import keys
from store.actor import Actor
from store.bookings import Bookings
from store.entry import PEERS, Entry, Position
from store.events import Events
from store.housekeeping import Housekeeping
from store.lease import Lease
from store.media import MediaStates
from store.metrics import Metrics
from store.participants import Participants
from store.presence import Presence
from store.relay import Relay
from store.session_scripts import SessionScripts, StoreSettings
from store.sessions import NewSession, Person, Sessions
from store.topology import make_client

HOST = Actor(1, "Ada")
STUDENT = Actor(2, "Ben")
STRANGER = Actor(3, "Cy")
SERVICE = Actor("platform", service=True)
SETTINGS: dict[str, Any] = {"allow_recording": False, "auto_save_interval": 30, "board_background": "white"}
WAIT_SECONDS = 8.0


class Recorder:
    """What the relay delivered, by session, with something to await."""

    def __init__(self) -> None:
        self.entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self.peers: defaultdict[str, list[Entry]] = defaultdict(list)
        self.resynced: list[str] = []
        self.epochs: dict[str, str] = {}
        self.gone: list[str] = []
        self._changed = asyncio.Event()

    def deliver(self, uuid: str, entry: Entry) -> None:
        """The session's next entry."""
        (self.peers if entry.kind == PEERS else self.entries)[uuid].append(entry)
        self._changed.set()

    def resync(self, uuid: str) -> None:
        """Entries are lost for good."""
        self.resynced.append(uuid)
        self._changed.set()

    def renamed(self, uuid: str, epoch: str) -> None:
        """The log goes on under another epoch."""
        self.epochs[uuid] = epoch
        self._changed.set()

    def vanished(self, uuid: str) -> None:
        """The session is gone."""
        self.gone.append(uuid)
        self._changed.set()

    def messages(self, uuid: str) -> list[dict[str, Any]]:
        """What was delivered, as JSON says it."""
        return [orjson.loads(entry.json) for entry in self.entries[uuid] if entry.json]

    def numbers(self, uuid: str) -> list[int]:
        """The `seq` of what was delivered, in its order."""
        return [message["seq"] for message in self.messages(uuid) if "seq" in message]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Returns once something is so; looked at whenever anything arrives."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not reached():
                self._changed.clear()
                await self._changed.wait()


class Stores:
    """One instance's stores. `start` and `stop` run in the test's loop."""

    def __init__(
        self,
        url: str,
        *,
        grace_ms: int = 15_000,
        joining_ms: int = 300_000,
        lease_seconds: float = 10.0,
        check_seconds: float = 15.0,
        log_length: int = 2_000,
        log_bytes: int = 16 << 20,
        large_bytes: int = 69_632,
        events_cap: int = 100,
        max_sockets: int = 30,
        wait_replicas: int = 0,
    ) -> None:
        self.metrics = Metrics()
        self.client = make_client(RedisConfig(wait_replicas=wait_replicas), self.metrics, url)
        settings = StoreSettings(
            log_length=log_length,
            log_bytes=log_bytes,
            large_bytes=large_bytes,
            events_cap=events_cap,
            expire_ms=86_400_000,
            grace_ms=grace_ms,
            joining_ms=joining_ms,
            max_sockets=max_sockets,
        )
        self.scripts = SessionScripts(self.client, settings)
        self.sessions = Sessions(self.scripts)
        self.participants = Participants(self.scripts, self.sessions)
        self.media = MediaStates(self.scripts, self.sessions)
        self.events = Events(self.scripts)
        self.bookings = Bookings(self.client, self.sessions)
        self.lease = Lease(self.client, lease_seconds)
        self.presence = Presence(self.client, self.scripts, self.lease)
        self.housekeeping = Housekeeping(self.client, self.sessions, self.bookings, self.presence)
        self.seen = Recorder()
        self.relay = Relay(self.client, self.seen, self.metrics, self.lease.instance, check_seconds)

    async def start(self) -> None:
        """Returns once the store answers."""
        await self.client.start()
        await asyncio.wait_for(self.client.wait_available(), WAIT_SECONDS)

    async def stop(self) -> None:
        """Ends everything, as a server in good order does."""
        await self.presence.stop()
        await self.relay.stop()
        await self.client.stop()

    async def lesson(self, **changes: Any) -> str:
        """A new session, its uuid: Ada is the host, Ben is invited, nobody has come."""
        uuid = str(uuids.uuid4())
        new: dict[str, Any] = {
            "uuid": uuid,
            "session_type": "lesson",
            "status": "waiting",
            "host": Person(HOST.user_id, HOST.name),
            "max_participants": 10,
            "settings": SETTINGS,
            "invited": (Person(STUDENT.user_id, STUDENT.name),),
        }
        await self.sessions.create(NewSession(**{**new, **changes}))
        return uuid

    async def move(self, uuid: str, start: int, end: int, student: Person | None = None) -> None:
        """Tell a session that its booking is at another time now, and with that student."""
        moved = NewSession(
            uuid=uuid,
            session_type="lesson",
            status="scheduled",
            host=Person(HOST.user_id),
            max_participants=10,
            settings={},
            scheduled_start=start,
            scheduled_end=end,
            invited=(student or Person(STUDENT.user_id),),
            is_of_booking=True,
        )
        await self.sessions.follow_booking(moved)

    async def follow(self, uuid: str) -> None:
        """Have the relay deliver what happens in the session from now on."""
        await self.relay.follow(uuid)
        epoch, seq, sub = await self.client.command("HMGET", keys.session(uuid), "epoch", "seq", "sub")
        self.relay.begin(uuid, epoch.decode(), Position(int(seq), int(sub)))

    async def event_types(self, uuid: str) -> list[str]:
        """What the event log says happened, oldest first."""
        page = await self.events.get_session_events(uuid)
        return [event["event_type"] for event in reversed(page.events)]


async def refusal(work: Awaitable[Any]) -> Error:
    """Why the call was refused; the test fails if it was not."""
    with pytest.raises(Refused) as caught:
        await work
    return caught.value.error


async def eventually(reached: Callable[[], bool]) -> None:
    """Returns once something is so that announces itself in no other way."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not reached():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


@asynccontextmanager
async def answering(text: bytes) -> AsyncIterator[str]:
    """The address of a server that answers everything with `text`, and hangs up at QUIT."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (asked := await reader.read(1_000)) and b"QUIT" not in asked:
            writer.write(text)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
