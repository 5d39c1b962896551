"""A lesson that a tutor and a student attend with browsers, each on an instance of their own behind a balancer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.balancer import Balancer
from tests.support.browser import Visitor
from tests.support.people_calls import Caller, platform_token
from tests.support.people_lesson import People
from tests.support.process_house import House

TUTOR, STUDENT = 7, 8
NAMES = {TUTOR: "Ada Lovelace", STUDENT: "Grace Hopper"}


class Lesson:
    """`tutor` and `student` stand before the waiting room until `enter` or `begin`."""

    def __init__(self, house: House, people: People, uuid: str, visitors: tuple[Visitor, Visitor]) -> None:
        self.house = house
        self.people = people
        self.uuid = uuid
        self.tutor, self.student = visitors
        self.roads = (Balancer(house.instances[0]), Balancer(house.instances[1]))
        self.tutor_calls: Caller = people.caller(TUTOR, name=NAMES[TUTOR])

    @classmethod
    async def begin(cls, house: House, people: People, arrive: Callable[..., Awaitable[Visitor]]) -> Lesson:
        """A booked lesson and two people with browsers, who have not opened it yet."""
        booking = {
            "tutor": {"id": TUTOR, "name": NAMES[TUTOR]},
            "student": {"id": STUDENT, "name": NAMES[STUDENT]},
            "start": "2030-01-02T15:00:00Z",
            "end": "2030-01-02T16:00:00Z",
            "status": "confirmed",
        }
        pushed = await people.platform.post(house.instances[0], "booking/bookings/", booking)
        visitors = (await arrive("tutor"), await arrive("student"))
        made = cls(house, people, pushed["classroom_id"], visitors)
        await asyncio.gather(*(road.start() for road in made.roads))
        return made

    async def open(self) -> None:
        """Both stand in the waiting room."""
        await self.tutor.open(self.roads[0].url, self.uuid, self.token_of(TUTOR))
        await self.student.open(self.roads[1].url, self.uuid, self.token_of(STUDENT))

    async def start(self, camera: bool = False) -> None:
        """Both are in, and the tutor has started."""
        await self.open()
        await self.tutor.come_in(camera)
        await self.student.come_in(camera)
        await self.tutor.press("start")
        for visitor in (self.tutor, self.student):
            await visitor.see("lessonroom.client.session.status === 'active'")

    def token_of(self, user_id: int) -> str:
        """The platform's token for one of them."""
        return platform_token(self.house.secret, user_id, name=NAMES[user_id])

    async def call(self, path: str, body: Any = None) -> Any:
        """A POST of the tutor's below the session."""
        return await self.tutor_calls.post(
            self.house.instances[0], f"classroom/sessions/{self.uuid}/{path}", body
        )

    async def close(self) -> None:
        """Both close their windows; nobody gets through any more."""
        await asyncio.gather(*(visitor.leave() for visitor in (self.tutor, self.student)))
        await asyncio.gather(*(road.stop() for road in self.roads))
