"""The lesson room page and its files, as a browser gets them from a running server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from posixpath import dirname, join, normpath

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from handlers.pages import FOLDER, content_policy
from schemas.config import Config
from tests.support.documentation_lesson import running

UUID = "0d4c9b0e-6d4f-4c4b-9a3a-111111111111"
ONLY_TYPES = {"/web/lib/types.js"}
_NAMED = re.compile(r'(?:src|href)="([^"]+)"')
_IMPORTED = re.compile(r'^(?:import|export)[^"]*? from "([^"]+)";$', re.MULTILINE)


async def fetch(address: str, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """What is answered, whatever it is."""
    request = HTTPRequest(
        f"http://{address}{path}",
        method=method,
        headers=headers,
        body=b"" if method == "POST" else None,
        follow_redirects=False,
    )
    return await AsyncHTTPClient().fetch(request, raise_error=False)


def in_production(config: Config) -> Config:
    """A server that real people use."""
    return replace(config, server=replace(config.server, env="production"))


def switched_on(config: Config) -> Config:
    """One whose operator wants the page."""
    return replace(in_production(config), web=replace(config.web, enabled="on"))


@pytest.mark.parametrize(
    "path", ["/", "/classroom", "/classroom/", f"/classroom/{UUID}", f"/classroom/{UUID}/"]
)
async def test_every_address_of_a_lesson_is_the_page(redis_url: str, path: str) -> None:
    """The links that the platform shows, the `join_url` among them, open the page."""
    async with running(redis_url) as (_, address):
        page = await fetch(address, path)
    assert page.code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.body == (FOLDER / "index.html").read_bytes()


async def test_every_file_that_the_page_needs_is_served(redis_url: str) -> None:
    """Whatever the page or one of its modules names is there, with a type that browsers take."""
    async with running(redis_url) as (_, address):
        page = await fetch(address, "/")
        waiting, seen = _NAMED.findall(page.body.decode()), set[str]()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = await fetch(address, path)
            assert answer.code == 200, path
            if path.endswith(".js"):
                assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
                found = _IMPORTED.findall(answer.body.decode())
                waiting += [normpath(join(dirname(path), name)) for name in found]
    modules = {f"/web/{path.relative_to(FOLDER)}" for path in FOLDER.rglob("*.js")}
    modules -= {path for path in modules if "node_modules" in path or path in ONLY_TYPES}
    assert modules <= seen, "a module that nothing asks for"


async def test_a_new_version_is_seen_at_once_and_the_same_one_sent_once(redis_url: str) -> None:
    """A browser keeps the files, and asks each time whether they are still the same."""
    async with running(redis_url) as (_, address):
        first = await fetch(address, "/web/client.js")
        again = await fetch(address, "/web/client.js", **{"If-None-Match": first.headers["ETag"]})
    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.code, again.body) == (304, b"")


async def test_the_page_runs_and_reaches_nothing_else(redis_url: str) -> None:
    """Nothing inline, nothing from elsewhere, no markup made of strings, no frame around it."""
    async with running(redis_url) as (_, address):
        page = await fetch(address, "/")
    policy = page.headers["Content-Security-Policy"]
    assert policy == content_policy(address)
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert f"connect-src 'self' ws://{address} wss://{address};" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["a;script-src *", "a b", "a'", "", "a:b", "ä.example", "a" * 300])
def test_a_host_cannot_widen_the_policy(host: str) -> None:
    """What a request claims to be its host becomes part of the policy only if it is a host's name."""
    assert content_policy(host) == content_policy("")


@pytest.mark.parametrize(
    "path",
    [
        "/web/",
        "/web/package.json",
        "/web/tsconfig.json",
        "/web/index.html",
        "/web/../server.py",
        "/web/..%2fserver.py",
        "/web/lib/../../server.py",
        "/web/node_modules/typescript/package.json",
        "/web/lib/",
        "/web/room",
        "/web/none.js",
        "/web/client.js/",
        "/web/client.js%00.css",
    ],
)
async def test_nothing_else_of_the_folder_is_served(redis_url: str, path: str) -> None:
    """Neither the machine's files nor those that only the checks need."""
    async with running(redis_url) as (_, address):
        answer = await fetch(address, path)
    assert answer.code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_in_production_the_page_is_off_unless_wanted(redis_url: str) -> None:
    """An operator who does not want the page has none of it, and nobody is ever offered a token there."""
    async with running(redis_url, in_production) as (_, address):
        off = [(await fetch(address, path)).code for path in ("/", f"/classroom/{UUID}", "/web/client.js")]
    async with running(redis_url, switched_on) as (_, address):
        on = [(await fetch(address, path)).code for path in ("/", f"/classroom/{UUID}", "/web/client.js")]
        demo = await fetch(address, "/demo/", "POST")
    assert (off, on) == ([404] * 3, [200] * 3)
    assert demo.code == 404


async def test_the_demo_lesson_goes_on_until_it_is_over(redis_url: str) -> None:
    """In development a visitor gets a lesson and its people; the next one gets the same, a new one after its end."""
    async with running(redis_url) as (server, address):
        first, second = [json.loads((await fetch(address, "/demo/", "POST")).body) for _ in range(2)]
        tutor = first["people"][0]["token"]
        calls = f"/api/v1/classroom/sessions/{first['session']}/"
        ended = await fetch(address, f"{calls}terminate/", "POST", Authorization=f"Bearer {tutor}")
        third = json.loads((await fetch(address, "/demo/", "POST")).body)
    assert server.config.offers_page
    assert first["session"] == second["session"]
    assert [person["role"] for person in first["people"]] == ["tutor", "student"]
    assert ended.code == 200
    assert third["session"] != first["session"]
