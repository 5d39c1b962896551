"""Presence: which sockets are open on which instance, and what follows when they are gone (contract §4).

Every session with sockets or running grace periods is looked after by the instance that holds them. When an
instance dies, another one takes its sessions over, sockets and timers; so nobody stays on a list for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from schemas.errors import Refused
from store import keys
from store.actor import Actor
from store.client import RETRY_SECONDS, Client
from store.entry import Position
from store.lease import Lease
from store.session_scripts import SessionScripts

BATCH = 200
log = logging.getLogger("lessonroom.presence")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a new socket starts from: the session's state and position, read in the instant it was registered.
    The `*_json` are JSON texts as the contract shows them; `missed` are the log entries after `since`, if
    `recovered`; only the first of them, when there are `more_missed`.
    """

    epoch: str
    position: Position
    session_json: bytes
    participant_json: bytes
    role: str
    bits: int
    participants_json: bytes
    media_states_json: bytes
    board_version: int
    recovered: bool
    missed: list[bytes]
    peers_json: bytes
    more_missed: bool = False


class Presence:
    """The registrations of this instance's sockets, and the grace periods it looks after."""

    def __init__(self, client: Client, scripts: SessionScripts, lease: Lease) -> None:
        self._client = client
        self._scripts = scripts
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._open: set[str] = set()
        self._waiting: defaultdict[str, int] = defaultdict(int)
        self._detaching: defaultdict[str, int] = defaultdict(int)
        self.lease = lease
        lease.in_use = self._in_use

    async def stop(self) -> None:
        """Ends the timers, and begins no more; they count as running, so that the lease hands them over."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_settled(self) -> bool:
        """Whether the store has forgotten every closed socket, or does not answer."""
        return not self._detaching or not self._client.available

    async def open(self, uuid: str) -> None:
        """Sockets are about to be opened in the session, on this instance."""
        self._open.add(uuid)
        await self.lease.keep(uuid)

    def close(self, uuid: str) -> None:
        """No sockets are left in the session, on this instance."""
        self._open.discard(uuid)

    async def attach(
        self,
        uuid: str,
        actor: Actor,
        connection: str,
        kind: str,
        since: int | None = None,
        epoch: str | None = None,
        *,
        again: bool = False,
    ) -> Arrival:
        """Registers an open socket; the same one `again` is harmless. `Refused`: not_found, session_over,
        kicked, bad_token, too_many_sockets, session_full; again: left.
        """
        reply = await self._scripts.run(
            "attach",
            uuid,
            actor,
            connection=connection,
            kind=kind,
            instance=self.lease.instance,
            max_sockets=self._scripts.settings.max_sockets,
            joining_ms=self._scripts.settings.joining_ms,
            since=since,
            epoch=epoch,
            again=1 if again else None,
        )
        (
            seen_epoch,
            seq,
            sub,
            session,
            participant,
            role,
            bits,
            people,
            media,
            version,
            recovered,
            missed,
            peers,
            more,
        ) = reply
        return Arrival(
            epoch=seen_epoch.decode(),
            position=Position(int(seq), int(sub)),
            session_json=session,
            participant_json=participant,
            role=role.decode(),
            bits=int(bits),
            participants_json=people,
            media_states_json=media,
            board_version=int(version),
            recovered=recovered == b"1",
            missed=missed,
            peers_json=peers,
            more_missed=more == b"1",
        )

    def detach(self, uuid: str, user_key: str, connection: str, doubt_seconds: float = 0.0) -> None:
        """Forgets a closed socket, as soon as the store is there, and once its registration cannot come any
        more (`doubt_seconds` from now); with the last one the person's grace period begins.
        """
        self._detaching[uuid] += 1
        self._own(self._detach(uuid, user_key, connection, doubt_seconds))

    async def close_channels(self, uuid: str, user_key: str, code: int) -> None:
        """Closes all channel sockets that the person has at this moment, on every instance."""
        await self._scripts.run("close_channels", uuid, person=user_key, code=code)

    async def take_over_the_dead(self) -> int:
        """Counts the sockets of instances whose lease has ended as dropped; how many instances there were."""
        if not self.lease.may_judge:
            return 0
        flat = await self._client.run("index_past", [keys.INSTANCES], [BATCH])
        for raw, lease_end in zip(flat[::2], flat[1::2], strict=True):
            if lease_end == b"0":  # `Lease.stop`
                log.info("instance %s stopped and left its grace periods to others", raw.decode())
            else:
                log.warning("instance %s is gone; its sockets count as dropped", raw.decode())
            await self._take_over(raw.decode())
        return len(flat) // 2

    async def _take_over(self, dead: str) -> None:
        for raw in await self._client.command("SMEMBERS", keys.sessions_on(dead)):
            uuid = raw.decode()
            await self.lease.keep(uuid)
            (waiting,) = await self._scripts.run("drop_instance", uuid, dead=dead)
            for user_key in waiting[::2]:
                self._wait_for(uuid, user_key.decode(), 0)
            await self._client.command("SREM", keys.sessions_on(dead), raw)
        await self._client.command("ZREM", keys.INSTANCES, dead)

    def _in_use(self, uuid: str) -> bool:
        return uuid in self._open or uuid in self._waiting or uuid in self._detaching

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        if self._stopped:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _detach(self, uuid: str, user_key: str, connection: str, doubt_seconds: float) -> None:
        await asyncio.sleep(doubt_seconds)
        (grace_until,) = await self._insist("detach", uuid, person=user_key, connection=connection)
        if grace_until:
            self._wait_for(uuid, user_key, self._scripts.settings.grace_ms)
        _count_down(self._detaching, uuid)

    def _wait_for(self, uuid: str, user_key: str, delay_ms: int) -> None:
        self._waiting[uuid] += 1  # a timer each time, whoever else waits: the store decides what each does
        self._own(self._end_grace(uuid, user_key, delay_ms))

    async def _end_grace(self, uuid: str, user_key: str, delay_ms: int) -> None:
        """Waits as long as the store says, since somebody may come back and be gone again meanwhile."""
        remaining_ms = delay_ms or 1
        while remaining_ms > 0:
            await asyncio.sleep(remaining_ms / 1000)
            (left,) = await self._insist("lapse", uuid, person=user_key)
            remaining_ms = int(left)
        _count_down(self._waiting, uuid)

    async def _insist(self, script: str, uuid: str, **arguments: str) -> list[Any]:
        """Runs an idempotent script until the store has answered it."""
        while True:
            await self._client.wait_available()
            try:
                return await self._scripts.run(script, uuid, **arguments)
            except Refused as refused:
                if refused.error.http < 500:
                    raise
                await asyncio.sleep(RETRY_SECONDS)  # it may answer, and refuse to write


def _count_down(counts: defaultdict[str, int], uuid: str) -> None:
    counts[uuid] -= 1
    if not counts[uuid]:
        del counts[uuid]
