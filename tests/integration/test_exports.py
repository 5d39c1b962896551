"""A board as a file: JSON, SVG and PNG, of the live board and of a snapshot (contract §3, export)."""

from __future__ import annotations

import json
import struct
from typing import Any
from xml.etree import ElementTree

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from tests.support.board_people import deed, pair
from tests.support.people_lesson import People, Person
from tests.support.process_house import House
from tests.support.process_instance import Instance

SVG = "{http://www.w3.org/2000/svg}"
DRAWING: list[tuple[str, Any]] = [
    (
        "stroke_add",
        {"id": "pen", "points": [[40, 40], [120, 90], [200, 40], [280, 90]], "color": "#1d4ed8", "size": 6},
    ),
    (
        "stroke_add",
        {
            "id": "brush",
            "points": [[40, 150, 0.1], [160, 170, 0.9], [280, 150, 0.2]],
            "color": "#15803d",
            "size": 14,
        },
    ),
    (
        "stroke_add",
        {
            "id": "marker",
            "tool": "highlighter",
            "points": [[330, 60], [560, 60]],
            "color": "#facc15",
            "size": 28,
        },
    ),
    (
        "object:add",
        {"id": "box", "type": "rectangle", "x": 340, "y": 110, "width": 90, "height": 70, "color": "red"},
    ),
    (
        "object:add",
        {"id": "arrow", "type": "arrow", "x1": 450, "y1": 145, "x2": 560, "y2": 145, "color": "#000"},
    ),
    (
        "object:add",
        {
            "id": "words",
            "type": "text",
            "x": 340,
            "y": 40,
            "text": "a² < b & <b>c</b>",
            "fontSize": 28,
            "color": "#111",
        },
    ),
    (
        "asset_add",
        {
            "asset": {
                "id": "note",
                "type": "sticky",
                "x": 40,
                "y": 210,
                "w": 140,
                "h": 100,
                "text": "Remember",
            }
        },
    ),
    (
        "asset_add",
        {
            "asset": {
                "id": "map",
                "type": "image",
                "src": "https://example.org/secret.png",
                "alt": "A map",
                "x": 220,
                "y": 210,
                "w": 160,
                "h": 100,
            }
        },
    ),
]


async def download(person: Person, instance: Instance, path: str) -> HTTPResponse:
    """A file below the API."""
    return await AsyncHTTPClient().fetch(
        f"{instance.url}/api/v1/classroom/{path}",
        headers={"Authorization": f"Bearer {person.caller.token}"},
        request_timeout=30,
        raise_error=False,
    )


async def drawn(people: People, house: House) -> tuple[Person, Person]:
    """A host and a student with a board on which there is something of everything."""
    host, student = await pair(people, house, settings={"board_background": "#fffbeb"})
    for number, (event_type, data) in enumerate(DRAWING):
        await deed((host, student)[number % 2].socket, event_type, data)
    return host, student


@pytest.mark.gen_test(timeout=40)
async def test_one_board_three_files(house: House, people: People) -> None:
    """The drawn board as a file, with a name to save it under: the picture has what was drawn, and no address in it."""
    a, b = house.instances
    host, student = await drawn(people, house)
    files = {
        form: await download(host, b, f"sessions/{host.uuid}/export/?format={form}")
        for form in ("json", "svg", "png")
    }
    types = {"json": "application/json", "svg": "image/svg+xml", "png": "image/png"}
    for form, file in files.items():
        assert file.code == 200
        assert file.headers["Content-Type"].partition(";")[0] == types[form]
        wanted = f'attachment; filename="board-{host.uuid}-v{len(DRAWING)}.{form}"'
        assert file.headers["Content-Disposition"] == wanted
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert b"example.org" not in file.body or form == "json"
    exported = json.loads(files["json"].body)
    assert (exported["session_id"], exported["version"]) == (host.uuid, len(DRAWING))
    assert [element["id"] for element in exported["state"]["strokes"]] == ["pen", "brush", "marker"]
    assert (
        exported["state"]["assets"][1]["src"] == "https://example.org/secret.png"
    )  # the data, not a picture
    root = ElementTree.fromstring(files["svg"].body)  # noqa: S314 - our own output
    words = {"".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    assert {"a² < b & <b>c</b>", "Remember"} <= words
    assert any("A map" in text for text in words)
    assert root[0].attrib["fill"] == "#fffbeb"
    width, height = struct.unpack(">II", files["png"].body[16:24])
    assert files["png"].body.startswith(b"\x89PNG")
    assert 600 < width < 3000
    assert 300 < height < 3000
    assert student.user_id != host.user_id
    assert a is not b


@pytest.mark.gen_test(timeout=40)
async def test_every_address(house: House, people: People) -> None:
    """The history's address gives the same file, a snapshot's the board as it was then; JSON when nothing is asked for."""
    a, b = house.instances
    host, student = await pair(people, house)
    await deed(host.socket, *DRAWING[0])
    await host.post(a, "save/")
    await deed(host.socket, *DRAWING[1])
    live, then = f"history/{host.uuid}/export/", f"sessions/{host.uuid}/snapshots/1/export/"
    for path, version in ((live, 2), (f"sessions/{host.uuid}/export/", 2), (then, 1)):
        for form in ("", "?format=json"):
            exported = json.loads((await download(student, b, path + form)).body)
            assert (exported["version"], len(exported["state"]["strokes"])) == (version, version)
    picture = await download(student, b, f"{then}?format=svg")
    assert b"#1d4ed8" in picture.body
    assert b"#15803d" not in picture.body
    for path, code in ((f"{live}?format=gif", 400), (f"sessions/{host.uuid}/snapshots/7/export/", 404)):
        assert (await download(student, b, path)).code == code


@pytest.mark.gen_test(timeout=40)
async def test_an_empty_board(house: House, people: People) -> None:
    """A board nobody drew on is exported all the same."""
    host, _ = await pair(people, house)
    for form in ("json", "svg", "png"):
        path = f"sessions/{host.uuid}/export/?format={form}"
        assert (await download(host, house.instances[0], path)).code == 200
