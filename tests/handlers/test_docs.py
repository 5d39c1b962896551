"""`/openapi.json` and `/docs/`, as a client and a browser get them from a running server."""

from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # comes without types
from openapi_spec_validator import validate
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from handlers.docs import ALSO_ANSWERED, ALSO_REFUSED, ASSETS, Description, assets_folder
from handlers.routes import AREAS
from tests.support.documentation_lesson import STUDENT, TUTOR, Api, running

ROUTES = [(area, route) for area, routes in AREAS.items() for route in routes]
DOCUMENT: Any = json.loads(Description().text)


async def fetch(address: str, path: str, **headers: str) -> HTTPResponse:
    """What is answered, whatever it is."""
    return await AsyncHTTPClient().fetch(
        f"http://{address}{path}", headers=headers, raise_error=False, follow_redirects=False
    )


def check(method: str, path: str, status: int, body: Any) -> None:
    """The answer is one that the document describes."""
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, (method, path, status, body)
    response = responses[str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    (media,) = response["content"].values()
    validator = Draft202012Validator({**media["schema"], "components": DOCUMENT["components"]})
    assert [error.message for error in validator.iter_errors(body)] == [], (method, path)


def test_the_document_is_valid() -> None:
    """Whoever reads it with a tool for OpenAPI 3.1 gets no complaint."""
    validate(DOCUMENT)


def test_every_route_is_described() -> None:
    """A call that is added to the route table is in the document, with a name that is its own."""
    described = {
        (method.upper(), path): call
        for path, calls in DOCUMENT["paths"].items()
        for method, call in calls.items()
    }
    expected = {(route.method, f"/api/v1/{area}/{route.path}") for area, route in ROUTES}
    assert {key for key in described if key[1].startswith("/api/")} == expected
    names = [call["operationId"] for call in described.values()]
    assert len(names) == len(set(names))
    assert all(call["summary"] for call in described.values())


def test_what_is_said_of_commands_is_said_of_commands_that_are_routed() -> None:
    """An exception for a command that was removed or renamed is seen."""
    assert {*ALSO_ANSWERED, *ALSO_REFUSED} <= {route.command for _, route in ROUTES}


async def test_answers_are_as_described(redis_url: str) -> None:
    """What real calls answer, refusals included, fits the schemas that are told of them."""
    async with running(redis_url) as (_, address):
        api = Api(address)
        uuid = await api.booked_session()
        mine = "/api/v1/classroom/sessions/{uuid}/"
        bookings = "/api/v1/booking/bookings/"
        calls: list[tuple[int | str, str, str, Any]] = [
            (TUTOR, "POST", mine + "join/", {}),
            (STUDENT, "POST", mine + "jwt/", {}),
            (TUTOR, "POST", mine + "start/", {}),
            (TUTOR, "POST", mine + "start/", {}),
            (STUDENT, "POST", mine + "pause/", {}),
            (99, "POST", mine + "join/", {"access_code": "wrong"}),
            (TUTOR, "GET", mine, None),
            (TUTOR, "POST", mine + "media-state/", {"video_enabled": True}),
            (TUTOR, "POST", mine + "media-state/", {"video_enabled": 1}),
            (TUTOR, "POST", mine + "event/", {"event_type": "error", "data": {"at": 1}}),
            (TUTOR, "POST", mine + "role/", {"user_id": STUDENT, "role": "viewer"}),
            (TUTOR, "POST", mine + "permissions/", {"user_id": STUDENT, "permissions": {"can_draw": True}}),
            (TUTOR, "POST", mine + "invite/", {"user_id": "x", "name": "Alan"}),
            (STUDENT, "POST", mine + "save/", {}),
            *(
                (TUTOR, "GET", mine + path, None)
                for path in ("participants/", "permissions/", "media-state/")
            ),
            *((TUTOR, "GET", mine + path, None) for path in ("events/", "events/stats/", "events/errors/")),
            *((TUTOR, "GET", mine + path, None) for path in ("stats/", "snapshots/")),
            (TUTOR, "GET", "/api/v1/classroom/history/{uuid}/", None),
            (TUTOR, "GET", "/api/v1/classroom/sessions/my/", None),
            (TUTOR, "GET", "/api/v1/classroom/my-sessions/", None),
            (TUTOR, "GET", bookings, None),
            (TUTOR, "POST", bookings, {"id": "mine"}),
            ("platform", "POST", bookings, {"id": "half"}),
            (TUTOR, "POST", "/api/v1/classroom/sessions/", {"session_type": "group"}),
            (TUTOR, "POST", "/api/v1/classroom/sessions/solo/", {}),
            (TUTOR, "POST", mine + "kick/", {"user_id": STUDENT}),
            (STUDENT, "GET", mine, None),
            (TUTOR, "POST", mine + "complete/", {"reason": "Done."}),
            (TUTOR, "POST", mine + "join/", {}),
        ]
        for who, method, path, body in calls:
            at = path.format(uuid=uuid).removeprefix("/api/v1/")
            check(method, path, *await api.call(who, method, at, body))


async def test_programs_get_it_once(redis_url: str) -> None:
    """The document is asked for with its ETag, and sent again only when it is another one."""
    async with running(redis_url) as (_, address):
        first = await fetch(address, "/openapi.json")
        again = await fetch(address, "/openapi.json", **{"If-None-Match": first.headers["ETag"]})
    assert (first.code, again.code, again.body) == (200, 304, b"")
    assert json.loads(first.body) == DOCUMENT
    assert first.headers["Cache-Control"] == "no-cache"


async def test_the_page_needs_no_other_host(redis_url: str) -> None:
    """The page works without the internet: all it names is here, and its policy allows nothing else."""
    async with running(redis_url) as (_, address):
        page = await fetch(address, "/docs/")
        named = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
        found = [await fetch(address, f"/docs/{name}".replace("/docs/../", "/")) for name in named]
        script = await fetch(address, "/docs/start.js")
    assert {name.removeprefix("assets/") for name in named} >= set(ASSETS)
    assert [answer.code for answer in found] == [200] * len(named)
    assert "://" not in page.body.decode() + script.body.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_the_page_is_found_without_its_slash(redis_url: str) -> None:
    """Somebody who types /docs gets there, below whatever path the server is mounted."""
    async with running(redis_url) as (_, address):
        answer = await fetch(address, "/docs")
    assert (answer.code, answer.headers["Location"]) == (302, "docs/")


async def test_only_the_page_s_own_files_are_served(redis_url: str) -> None:
    """Nothing else of the package, or of the machine, can be had below the page."""
    async with running(redis_url) as (_, address):
        for name in ("swagger-editor.js", "../core.py", "..%2fcore.py", "", "swagger-ui.css/"):
            answer = await fetch(address, f"/docs/assets/{name}")
            assert answer.code == 404, name
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_package_has_the_files() -> None:
    """A new version of the package that names its files otherwise is seen."""
    assert [name for name in ASSETS if not (assets_folder() / name).is_file()] == []
