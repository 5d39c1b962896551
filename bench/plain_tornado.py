"""The rival: the same room as one would write it with Tornado and redis-py and no further thought. Competent and plain:
`write_message` for every member, one task that reads pub/sub, one command at a time, PyJWT and `json` where they are
needed. It numbers, logs and publishes the same messages with the same bytes, and keeps the board's strokes; it has none of
Lessonroom's guarantees (permissions, deduplication, healing, bounded outboxes).

    python -m bench.plain_tornado <redis url> <platform secret> <classroom secret>

Prints its port.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from typing import Any

import jwt
from redis.asyncio import BlockingConnectionPool, Redis
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

LOG_LENGTH = 5_000
BACKLOG = 1024
CONNECTIONS = 50
TOKEN_SECONDS = 7_200


def dumps(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"))


class Rooms:
    """The sockets of this process by room, and the way into the store."""

    def __init__(self, url: str, platform_secret: str, classroom_secret: str) -> None:
        pool = BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, decode_responses=True)
        self.redis = Redis(connection_pool=pool)
        self.platform_secret = platform_secret
        self.classroom_secret = classroom_secret
        self.members: defaultdict[str, set[Member]] = defaultdict(set)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pubsub = self.redis.pubsub()

    async def join(self, room: str, member: Member) -> None:
        """From now on the member gets what is published in the room."""
        self.members[room].add(member)
        if len(self.members[room]) == 1:
            await self._pubsub.subscribe(room)

    async def leave(self, room: str, member: Member) -> None:
        """The member is gone."""
        self.members[room].discard(member)
        if not self.members[room]:
            del self.members[room]
            await self._pubsub.unsubscribe(room)

    async def broadcast(
        self, room: str, message: dict[str, Any], sender: str = "", board: bool = False
    ) -> None:
        """Numbers, logs and publishes; one after the other in a room, so that the order holds."""
        async with self._locks[room]:
            seq = await self.redis.incr(f"{room}:seq")
            numbered = {"seq": seq, **message}
            if board:
                numbered["version"] = await self.redis.rpush(f"{room}:strokes", dumps(message["data"]))
            text = dumps(numbered)
            await self.redis.xadd(
                f"{room}:log", {"m": text}, id=f"{seq}-0", maxlen=LOG_LENGTH, approximate=True
            )
            await self.redis.publish(room, f"{sender}\n{text}")

    async def start(self) -> None:
        """Connects, so that there is something to read from."""
        await self._pubsub.subscribe("nothing")

    async def read(self) -> None:
        """Hands on what is published, for ever."""
        async for message in self._pubsub.listen():
            if message["type"] == "message":
                sender, _, text = message["data"].partition("\n")
                for member in list(self.members.get(message["channel"], ())):
                    try:
                        member.write_message(member.ack(text) if member.name == sender else text)
                    except WebSocketClosedError:
                        continue


class Member(WebSocketHandler):
    """One socket."""

    def initialize(self, rooms: Rooms) -> None:
        """Called by Tornado."""
        self.rooms = rooms

    async def open(self, room: str) -> None:
        """Who it is, the welcome, what was missed, and everybody is told."""
        try:
            claims = jwt.decode(self.get_argument("token"), self.rooms.classroom_secret, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            self.close(4401)
            return
        self.room, self.user, self.name = room, claims["user_id"], f"{claims['user_id']}"
        self.set_nodelay(True)
        since = self.get_argument("since", None)
        redis = self.rooms.redis
        await self.rooms.join(room, self)
        person = {"user_id": self.user, "name": f"Person {self.user}", "status": "connected"}
        is_new = await redis.hset(f"{room}:people", self.name, dumps(person))
        people = [json.loads(text) for text in (await redis.hgetall(f"{room}:people")).values()]
        seq = int(await redis.get(f"{room}:seq") or 0)
        missed: Any = await redis.xrange(f"{room}:log", f"({since}-0", "+") if since else []
        self.write_message(
            dumps(
                {
                    "type": "welcome",
                    "seq": seq,
                    "epoch": "1",
                    "recovered": bool(since),
                    "participants": people,
                }
            )
        )
        for _, entry in missed:
            self.write_message(entry["m"])
        if is_new and not since:
            await self.rooms.broadcast(room, {"type": "participant_joined", "participant": person})

    async def on_message(self, message: str | bytes) -> None:
        """A stroke, or the wish to see them all."""
        event = json.loads(message)
        if event["type"] == "sync_request":
            strokes = await self.rooms.redis.lrange(f"{self.room}:strokes", 0, -1)
            state = {"strokes": [json.loads(text) for text in strokes]}
            self.write_message(dumps({"type": "sync_response", "version": len(strokes), "state": state}))
            return
        update = {
            "type": "board_update",
            "event_type": event["event_type"],
            "data": event["data"],
            "version": 0,
            "user_id": self.user,
            "id": event.get("id"),
        }
        await self.rooms.broadcast(self.room, update, self.name, board=True)

    def ack(self, text: str) -> str:
        """What the sender gets instead of its own stroke."""
        update = json.loads(text)
        return dumps({"type": "ack", "version": update["version"], "id": update["id"], "seq": update["seq"]})

    def on_close(self) -> None:
        """Gone."""
        if hasattr(self, "room"):
            asyncio.ensure_future(self.rooms.leave(self.room, self))  # noqa: RUF006 - as plain code does it


class Call(RequestHandler):
    """A REST call of somebody with a platform token."""

    def initialize(self, rooms: Rooms) -> None:
        """Called by Tornado."""
        self.rooms = rooms

    def prepare(self) -> None:
        """Who it is."""
        token = self.request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            self.user = jwt.decode(token, self.rooms.platform_secret, algorithms=["HS256"])["user_id"]
        except jwt.InvalidTokenError:
            raise HTTPError(401) from None


class Join(Call):
    """Takes a seat; answers a token that opens a socket."""

    async def post(self, room: str) -> None:
        """The seat."""
        person = {"user_id": self.user, "name": f"Person {self.user}", "status": "joining"}
        await self.rooms.redis.hset(f"{room}:people", f"{self.user}", dumps(person))
        people = [json.loads(text) for text in (await self.rooms.redis.hgetall(f"{room}:people")).values()]
        claims = {"session_id": room, "user_id": self.user, "exp": int(time.time()) + TOKEN_SECONDS}
        token = jwt.encode(claims, self.rooms.classroom_secret, algorithm="HS256")
        self.write({"token": token, "participant": person, "session": {"uuid": room, "participants": people}})


class MediaState(Call):
    """Switches somebody's camera."""

    async def post(self, room: str) -> None:
        """Keeps it, and tells everybody."""
        wanted = json.loads(self.request.body)
        if not isinstance(wanted.get("video_enabled"), bool):
            raise HTTPError(400)
        state = {"user_id": self.user, **wanted, "updated_at": time.time()}
        await self.rooms.redis.hset(f"{room}:media", f"{self.user}", dumps(state))
        await self.rooms.broadcast(
            room, {"type": "media_state_update", "user_id": self.user, "media_state": state}
        )
        self.write({"success": True, "media_state": state})


async def main(url: str, platform_secret: str, classroom_secret: str) -> None:
    """Serves until it is killed."""
    own = {"rooms": (rooms := Rooms(url, platform_secret, classroom_secret))}
    application = Application(
        [
            (r"/rooms/([^/]+)/join/", Join, own),
            (r"/rooms/([^/]+)/media-state/", MediaState, own),
            (r"/rooms/([^/]+)/", Member, own),
        ]
    )
    await rooms.start()
    (listening,) = bind_sockets(0, "127.0.0.1", backlog=BACKLOG)
    HTTPServer(application).add_sockets([listening])
    print(listening.getsockname()[1], flush=True)
    await rooms.read()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
