"""What a client is told when its message meets a bug; everything else about messages has a test of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.test_overload import draw, lesson


async def test_a_bug_of_ours(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A message that fails is answered as our fault, by name and id, and the socket goes on; the log says why."""

    async def fail(*_: Any, **__: Any) -> None:
        raise ArithmeticError("something inside")

    async with lesson(redis_url) as scene:
        monkeypatch.setattr(scene.server.services.boards, "event", fail)
        await draw(scene.host, "a")
        error = await scene.host.socket.find_type("error")
        assert (error["code"], error["for"], error["id"]) == ("internal", "board_event", "a")
        assert "inside" not in error["message"]
        monkeypatch.undo()
        await draw(scene.host, "a")
        assert (await scene.host.socket.find_type("ack"))["version"] == 1
    assert "something inside" in caplog.text
