"""How a lesson stands when everything has healed: read from every instance, every socket, and the store."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from datetime import datetime
from typing import Any

from store import keys
from store.entry import parse
from tests.simulation.actor import Actor
from tests.simulation.deployment import Deployment
from tests.simulation.history import View
from tests.simulation.lesson import Lesson
from tests.support.people_calls import Caller
from tests.support.people_lesson import People
from tests.support.people_sockets import Closed, open_socket
from tests.support.process_instance import Instance

BUSY_SECONDS = 3.0


async def look_at(deployment: Deployment, people: People, lesson: Lesson) -> None:
    """Records what everybody was told, the store's log, and what each instance shows."""
    record, instances = lesson.record, deployment.house.instances
    log = await asyncio.to_thread(
        deployment.ask_redis, "XRANGE", f"{keys.session(record.uuid)}:log", "-", "+"
    )
    entries = [parse(fields[b"m"]) for _, fields in log]
    record.story = [json.loads(e.json) for e in entries if e.position and e.position.sub == 0]
    for actor in lesson.actors:
        await _hear(actor, instances[0])
    record.snapshots = await _snapshots(people.platform, instances[0], record.uuid)
    record.troubles = deployment.troubles
    started_at = time.time() - time.monotonic()
    for instance in instances:
        view = await _view(people.platform, instance, record.uuid)
        for event in view.events:
            event["at"] = datetime.fromisoformat(event["created_at"]).timestamp() - started_at
        if not lesson.is_over:
            view.replayed = await _replay(lesson.actors[0], instance, len(record.story))
        record.views.append(view)


async def _hear(actor: Actor, instance: Instance) -> None:
    record = actor.record
    actor.digest()
    try:
        await actor.until(len(record.story))
        board = await actor.board()
    except (Closed, TimeoutError) as problem:
        record.notes.append(f"{actor.who} does not get to {len(record.story)}: {problem}")
    else:
        record.boards.update({actor.who: board} if board else {})
    actor.digest()
    actor.finish()
    answer = await actor.person.call(instance, "GET", "permissions/")
    if answer.status == 200:
        record.rights[actor.who] = answer.body


async def _get(platform: Caller, instance: Instance, path: str) -> Any:
    """What a call answers; on a machine that is busy with other things, the store may miss a second's deadline."""
    until = time.monotonic() + BUSY_SECONDS
    answer = await platform.call(instance, "GET", path)
    while answer.status == 503 and time.monotonic() < until:
        answer = await platform.call(instance, "GET", path)
    assert answer.status == 200, (path, answer)
    return answer.body


async def _snapshots(platform: Caller, instance: Instance, uuid: str) -> dict[int, dict[str, Any]]:
    """The newest few of those that were made automatically, and all others."""
    path = f"classroom/sessions/{uuid}/snapshots/"
    kept = (await _get(platform, instance, path))["snapshots"]
    made = [one["version"] for one in kept if one["snapshot_type"] != "auto"]
    automatic = [one["version"] for one in kept if one["snapshot_type"] == "auto"][:2]
    return {
        version: (await _get(platform, instance, f"{path}{version}/"))["board_state"]
        for version in made + automatic
    }


async def _view(platform: Caller, instance: Instance, uuid: str) -> View:
    async def get(path: str) -> Any:
        return await _get(platform, instance, f"classroom/sessions/{uuid}/{path}")

    session = await get("")
    session.pop("total_duration_seconds")
    page = await get("events/?limit=1000")
    assert page["next"] is None
    return View(
        session=session,
        participants=(await get("participants/"))["participants"],
        media=(await get("media-state/"))["media_states"],
        board=await get("export/?format=json"),
        events=page["events"],
        stats=await get("events/stats/"),
    )


async def _replay(host: Actor, instance: Instance, last: int) -> list[dict[str, Any]]:
    epoch = host.person.socket.epoch
    socket = await open_socket(instance, host.person.uuid, host.person.token, since=0, epoch=epoch)
    with contextlib.suppress(TimeoutError):
        await socket.reach(last)
    await socket.close()
    return [message for message in socket.messages if message.get("seq") is not None]
