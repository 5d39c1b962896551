"""What the documents say is so: their examples are played, their tables compared, their links followed."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric

from handlers.messages import MESSAGES, PRESENCE
from handlers.routes import AREAS
from schemas.board import EVENTS, classify
from schemas.config import Config
from schemas.config_sections import RULES
from schemas.errors import CLOSES, ERRORS
from store.metrics import Metrics
from tests.support.documentation_lesson import Lesson, Message, running

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
PROTOCOL = TEXTS[ROOT / "docs" / "protocol.md"]
DEPLOYMENT = TEXTS[ROOT / "docs" / "deployment.md"]
NAMES = TEXTS[ROOT / "docs" / "names.md"]
README = TEXTS[ROOT / "README.md"]


def examples(kind: str) -> list[Message]:
    """The messages in the blocks of the protocol that are marked with `kind`."""
    return [
        json.loads(text)
        for found, text in re.findall(r"^```json ([a-z ]+)\n(.*?)^```$", PROTOCOL, re.MULTILINE | re.DOTALL)
        if found == kind
    ]


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table after the line that begins with `heading`."""
    lines = text[text.index("\n" + heading) + 1 :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|---"))
    table = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def coded(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def fits(example: Any, real: Any) -> bool:
    """Whether two values have the same shape: names and kinds of values; null and an empty list fit anything."""
    if example is None or real is None:
        return True
    if isinstance(example, dict) and isinstance(real, dict):
        return example.keys() == real.keys() and all(fits(example[name], real[name]) for name in example)
    if isinstance(example, list) and isinstance(real, list):
        return not example or not real or all(fits(item, real[0]) for item in example)
    numbers = (int, float)
    if type(example) in numbers and type(real) in numbers:
        return True
    return type(example) is type(real)


def misfits(told: list[Message], received: dict[str, list[Message]]) -> list[Message]:
    """The examples that look like nothing that was received."""
    return [
        example
        for example in told
        if not any(fits(example, message) for message in received.get(example["type"], []))
    ]


@pytest.mark.gen_test(timeout=30)
async def test_the_examples_are_what_is_sent_and_received(redis_url: str) -> None:
    """A client's author can copy any example: it is accepted, or it is what comes, to the last field. And no
    message comes that has no example.
    """
    async with running(redis_url) as (server, address):
        lesson = Lesson(server, address)
        try:
            await lesson.play(examples("sent"), examples("sent presence"))
        finally:
            await lesson.close()
    received, relayed = lesson.received, lesson.relayed
    assert [message["code"] for message in received["error"]] == ["unknown_type"]
    assert [message["code"] for message in relayed["error"]] == ["payload_too_large"]
    assert misfits(examples("received"), received) == []
    assert misfits(examples("received presence"), relayed) == []
    assert {example["type"] for example in examples("received")} == received.keys()
    assert {example["type"] for example in examples("received presence")} == relayed.keys()


def test_every_message_a_client_may_send_has_an_example() -> None:
    """A message that is added to the tables is added to the protocol."""
    table = {name for kind, messages in MESSAGES.items() if kind != "presence" for name in messages}
    assert {example["type"] for example in examples("sent")} == table
    assert {example["type"] for example in examples("sent presence")} == PRESENCE.keys()


@pytest.mark.parametrize(
    "example, real",
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": "1"}, {"a": 1}),
        ({"a": True}, {"a": 1}),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}),
    ],
)
def test_a_stale_example_is_seen(example: Any, real: Any) -> None:
    """The comparison sees a field too many, one too few, and one of another kind."""
    assert not fits(example, real)


def test_every_call_is_in_the_overview() -> None:
    """Who looks for a call finds who may do it; a call that is gone is not promised."""
    told = {tuple(coded(row[0])[0].split()) for row in rows(PROTOCOL, "## REST")}
    routed = {
        (route.method, f"/api/v1/{area}/{route.path}") for area, routes in AREAS.items() for route in routes
    }
    assert told == routed


def test_every_error_is_told() -> None:
    """The codes, with their statuses, are those of the one table."""
    told = {coded(row[0])[0]: (int(row[1]), row[2]) for row in rows(PROTOCOL, "**Errors**")}
    assert told == {error.code: (error.http, error.title) for error in ERRORS.values()}


def test_every_close_code_is_told() -> None:
    """A client knows what to do after every code."""
    told = {int(row[0]) for row in rows(PROTOCOL, "A **full** socket")}
    assert told == set(CLOSES)


def test_every_board_event_is_told_with_its_permission() -> None:
    """The table of board events is the one that is applied."""
    told = {}
    for types, _, needs in rows(PROTOCOL, "| `event_type`"):
        for event_type in coded(types):
            told[event_type] = coded(needs)[0] if coded(needs) else None
    named = {name.removesuffix("…"): needed for name, needed in told.items()}
    assert named.keys() == {*EVENTS, "webrtc:ice"}
    assert named == {name: classify(name).permission for name in named}


def test_the_limits_are_the_defaults() -> None:
    """The numbers in the table of limits are those of the configuration."""
    config, units = Config(), {"KiB": 1 << 10, "MiB": 1 << 20, "/s": 1, "": 1}
    for _, told, key, _ in rows(PROTOCOL, "## Limits"):
        if key:
            match = re.fullmatch(r"(\d+) ?(KiB|MiB|/s|)", told)
            assert match is not None, told
            number, unit = match.groups()
            section, name = coded(key)[0].split(".")
            assert int(number) * units[unit] == getattr(getattr(config, section), name)


def test_every_metric_is_told() -> None:
    """The table of metrics has each, with what it counts and by which labels."""
    registry, told = Metrics(), {}
    for name, text in rows(DEPLOYMENT, "## Metrics"):
        told[coded(name)[0]] = text
    assert told == {full_name(metric): described(registry, metric) for metric in registry.registry.collect()}


def full_name(metric: Metric) -> str:
    """As Prometheus shows it."""
    return metric.name + ("_total" if metric.type == "counter" else "")


def described(metrics: Metrics, metric: Metric) -> str:
    """The text of a metric, and its labels as the table writes them."""
    instrument = getattr(metrics, metric.name.removeprefix("lessonroom_"))
    labels = " and ".join(f"`{label}`" for label in instrument._labelnames)
    return f"{metric.documentation}, by {labels}" if labels else str(metric.documentation)


def test_every_setting_that_is_named_exists() -> None:
    """No document names a key or a variable of the environment that would stop the start."""
    sections = "|".join(RULES)
    for path, text in TEXTS.items():
        variables = re.findall(r"LESSONROOM_([A-Z_]+?)__([A-Z_]+)", text)
        keys = re.findall(rf"`({sections})\.(?!py`)([a-z_]+)", text)
        for section, key in [(section.lower(), key.lower()) for section, key in variables] + keys:
            is_message = f"{section}.{key}" in PRESENCE
            assert is_message or key in RULES[section], (path.name, section, key)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    """Links between documents, and to headings, are not broken."""
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[path]):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", TEXTS[found], re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in headings]


def test_every_name_leads_to_its_code() -> None:
    """Each file and object that the table of names leads to exists."""
    found = re.findall(r"^\| .+ \| `([\w/]+)\.py` \| `([\w.]+)` \|$", NAMES, re.MULTILINE)
    assert len(found) == sum(line.startswith("| ") and "`" in line for line in NAMES.splitlines())
    for module, name in found:
        value: Any = importlib.import_module(module.replace("/", "."))
        assert value.__file__ == str(ROOT / f"{module}.py")
        for part in name.split("."):
            value = getattr(value, part)


@pytest.mark.parametrize(
    "name",
    [
        "update_media_state",
        "get_all_media_states",
        "get_participant_media_state",
        "log_event",
        "get_session_events",
        "get_event_stats",
        "get_recent_errors",
        "get_or_create_participant",
        "can_user_access_session",
        "get_session_for_booking",
        "get_classroom_session",
        "ensure_classroom_session",
    ],
)
def test_the_services_are_found_by_their_names(name: str) -> None:
    """Who knows a service by its name finds the method of that very name."""
    assert re.search(rf"^\| {name} \| `[\w/.]+` \| `\w+\.{name}` \|$", NAMES, re.MULTILINE)


def test_the_readme_names_what_is_there() -> None:
    """The commands and files in the README exist."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)(?=[`\n ]+)", README)) <= targets | {"run", "test"}
    for file in re.findall(r"`((?:handlers|store|schemas|docs|tests)/[\w/.]+)`", README):
        assert (ROOT / file).exists(), file
