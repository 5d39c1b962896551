"""The demo lesson of `make run`, as somebody meets it who has just installed this."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from dataclasses import replace

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers import demo
from schemas.config import Config
from tests.support.documentation_lesson import running

PATIENCE_SECONDS = 5.0


async def printed(config: Config, url: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed for a demo lesson."""
    assert await demo.print_demo(config, url) == 0
    return capsys.readouterr().out


async def test_what_is_printed_works(
    redis_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The links lead to the lesson's page, the command starts the lesson, the socket's address shows it, and takes what is
    typed; asked again, it is the same lesson.
    """
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"type": "ping"}\n'))
    async with running(redis_url) as (server, address):
        sheet = await printed(server.config, f"http://{address}", capsys)
        links = re.findall(r"(http://\S+/classroom/\S+)#token=\S+", sheet)
        assert len(links) == 2
        assert [(await AsyncHTTPClient().fetch(link)).code for link in links] == [200, 200]
        command = re.search(r'Authorization: (Bearer \S+)" (\S+/start/)', sheet)
        socket = re.search(r'watch "(\S+)"', sheet)
        assert command is not None
        assert socket is not None
        watching = asyncio.create_task(demo.watch(socket[1]))
        seen = ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while '"welcome"' not in seen or '"pong"' not in seen:
                await asyncio.sleep(0.01)
                seen += capsys.readouterr().out
            started = await AsyncHTTPClient().fetch(
                command[2], method="POST", body="", headers={"Authorization": command[1]}
            )
            while '"status":"active"' not in seen.partition("session_updated")[2]:
                await asyncio.sleep(0.01)
                seen += capsys.readouterr().out
        assert started.code == 200
        again = await printed(server.config, f"http://{address}", capsys)
        assert re.findall(r"/classroom/([0-9a-f-]{36})#", again) == re.findall(
            r"/classroom/([0-9a-f-]{36})#", sheet
        )
    assert await watching == 0
    assert "closed: 1012" in capsys.readouterr().out


async def test_without_the_page(redis_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no page, no link to one is printed."""
    async with running(redis_url) as (server, address):
        config = replace(server.config, server=replace(server.config.server, env="production"))
        sheet = await printed(config, f"http://{address}", capsys)
    assert "#token=" not in sheet
    assert "Tutor token" in sheet


async def test_nobody_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a server both commands end, and say so in a sentence."""
    monkeypatch.setattr(demo, "READY_SECONDS", 0.0)
    assert await demo.print_demo(Config(), "http://127.0.0.1:1") == 1
    assert await demo.watch("ws://127.0.0.1:1/") == 1
    said = capsys.readouterr().err
    assert "The demo lesson could not be made" in said
    assert "The socket does not open" in said
