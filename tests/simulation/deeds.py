"""What people do in a simulated lesson, one function a kind of deed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping

from tests.simulation.actor import Actor
from tests.simulation.plan import Deed, board_event, heavy_event

MEDIA = ("video_enabled", "audio_enabled", "screen_sharing")
RIGHTS = ("can_draw", "can_draw", "can_erase", "can_toggle_video", "can_toggle_audio", "can_clear_board")
STALL_SECONDS = 1.0
"""The shortest; the longest is twice that."""
DRAWN_AT_ONCE = 4
LOGGED_AT_ONCE = 3

Do = Callable[[Actor, Deed, random.Random], Awaitable[object]]


async def play(actor: Actor, deeds: tuple[Deed, ...], latest_seconds: float) -> None:
    """One deed after the other. Who went away comes back with the next; who vanished does not."""
    latest = time.monotonic() + latest_seconds
    for deed in deeds:
        await asyncio.sleep(deed.pause_seconds)
        if actor.wish == "gone" or (time.monotonic() > latest and deed.kind != "complete"):
            continue
        if actor.wish == "left":
            actor.wish, actor.is_out = "in", True
        await actor.be_in(deed.where)
        await HOW[deed.kind](actor, deed, random.Random(deed.dice))
        actor.digest()


async def _draw(actor: Actor, _: Deed, dice: random.Random) -> None:
    draw = heavy_event if actor.record.style == "heavy" else board_event
    for _event in range(DRAWN_AT_ONCE):
        await actor.draw(*draw(dice))


async def _log(actor: Actor, deed: Deed, _: random.Random) -> None:
    bodies = [{"event_type": "tool_select", "data": {}} for _ in range(LOGGED_AT_ONCE)]
    await asyncio.gather(*(actor.insist("log", deed.where, "event/", body) for body in bodies))


async def _save(actor: Actor, deed: Deed, _: random.Random) -> None:
    await actor.insist("save", deed.where, "save/")


async def _toggle(actor: Actor, deed: Deed, dice: random.Random) -> None:
    await actor.insist("media", deed.where, "media-state/", {dice.choice(MEDIA): dice.random() < 0.6})


async def _hand(actor: Actor, _: Deed, dice: random.Random) -> None:
    await actor.say(type="raise_hand", raised=dice.random() < 0.5)


async def _point(actor: Actor, _: Deed, dice: random.Random) -> None:
    await actor.say(type="ping", id=dice.random())


async def _drop(actor: Actor, deed: Deed, _: random.Random) -> None:
    await actor.drop()
    await actor.be_in(deed.where)


async def _close(actor: Actor, deed: Deed, _: random.Random) -> None:
    await actor.close()
    await actor.be_in(deed.where)


async def _leave(actor: Actor, deed: Deed, _: random.Random) -> None:
    attempt = await actor.insist("leave", deed.where, "leave/")
    if attempt.verdict == "ok":
        actor.wish = "left"


async def _vanish(actor: Actor, _: Deed, dice: random.Random) -> None:
    await actor.drop()
    actor.wish = "gone"


async def _stall(actor: Actor, _: Deed, dice: random.Random) -> None:
    await actor.stall(STALL_SECONDS * (1 + dice.random()))


async def _permit(actor: Actor, deed: Deed, dice: random.Random) -> None:
    rights = {dice.choice(RIGHTS): dice.choice((False, False, False, True, None))}
    body = {"user_id": dice.choice(actor.record.students), "permissions": rights}
    await actor.insist("permit", deed.where, "permissions/", body)


async def _role(actor: Actor, deed: Deed, dice: random.Random) -> None:
    body = {"user_id": dice.choice(actor.record.students), "role": dice.choice(("viewer", "student"))}
    await actor.insist("role", deed.where, "role/", body)


async def _kick(actor: Actor, deed: Deed, dice: random.Random) -> None:
    await actor.insist("kick", deed.where, "kick/", {"user_id": dice.choice(actor.record.students)})


async def _invite(actor: Actor, deed: Deed, dice: random.Random) -> None:
    await actor.insist("invite", deed.where, "invite/", {"user_id": dice.choice(actor.record.students)})


async def _transition(actor: Actor, deed: Deed, _: random.Random) -> None:
    await actor.insist(deed.kind, deed.where, f"{deed.kind}/")


HOW: Mapping[str, Do] = {
    "draw": _draw,
    "log": _log,
    "save": _save,
    "toggle": _toggle,
    "hand": _hand,
    "point": _point,
    "drop": _drop,
    "close": _close,
    "leave": _leave,
    "vanish": _vanish,
    "stall": _stall,
    "permit": _permit,
    "role": _role,
    "kick": _kick,
    "invite": _invite,
    "pause": _transition,
    "resume": _transition,
    "complete": _transition,
}
