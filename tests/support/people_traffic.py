"""People who are busy while something happens to the store: every write with a number of its own, and what became of it."""

from __future__ import annotations

import asyncio

from tests.support.people_calls import Answer
from tests.support.people_lesson import Person
from tests.support.process_instance import Instance

UNTIL_SECONDS = 6.0


class Traffic:
    """One person's writes, each a log entry with a number of its own, until told to end; a refused one is repeated."""

    def __init__(self, person: Person, instances: list[Instance]) -> None:
        self._person = person
        self._instances = instances
        self.wanted = True
        self.refused: list[Answer] = []
        self.acknowledged: dict[int, int] = {}
        self._news = asyncio.Condition()

    async def run(self) -> None:
        """Writes to each instance in turn, with an Idempotency-Key, so that repeating is harmless."""
        number = 0
        while self.wanted:
            number += 1
            body = {"event_type": "tool_select", "data": {"n": number}}
            key = f"{self._person.user_id}-{number}"
            while True:
                instance = self._instances[number % len(self._instances)]
                answer = await self._person.call(instance, "POST", "event/", body, Idempotency_Key=key)
                if answer.status == 201:
                    break
                assert (answer.status, answer.code) == (503, "store_unavailable"), answer
                assert "Retry-After" in answer.headers
                self.refused.append(answer)
            async with self._news:
                self.acknowledged[number] = answer.body["event_id"]
                self._news.notify_all()

    async def until(self, count: int, seconds: float = UNTIL_SECONDS) -> None:
        """Returns once so many writes were acknowledged."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: len(self.acknowledged) >= count)

    async def assert_all_there(self, instance: Instance) -> None:
        """Everything that was acknowledged is in the log, under the id that was told, and nothing twice."""
        logged: list[tuple[int, int]] = []
        before = None
        while True:
            query = {"limit": 1000, "event_type": "tool_select", **({"before": before} if before else {})}
            page = await self._person.get(instance, "events/", **query)
            logged += [
                (event["data"]["n"], event["id"])
                for event in page["events"]
                if event["user_id"] == self._person.user_id
            ]
            before = page["next"]
            if before is None:
                break
        assert len(logged) == len(dict(logged)), "applied twice"
        assert dict(logged) == self.acknowledged


class Switching:
    """One person's camera, switched on the socket until told to end."""

    def __init__(self, person: Person) -> None:
        self._socket = person.socket
        self.wanted = True
        self.codes: set[str] = set()

    async def run(self) -> None:
        """Each message is followed by a ping, which is answered whatever the store does."""
        turn = 0
        while self.wanted:
            turn += 1
            mark = self._socket.mark
            await self._socket.send(type="media_state", video_enabled=turn % 2 == 0, id=turn)
            await self._socket.send(type="ping", id=-turn)
            await self._socket.find(lambda message, wanted=-turn: message.get("id") == wanted, since=mark)  # type: ignore[misc]  # the default binds this turn's number
        self.codes = {error["code"] for error in self._socket.of_type("error")}
