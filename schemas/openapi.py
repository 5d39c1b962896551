"""The API description at `/openapi.json` (contract §5): OpenAPI 3.1, made from rows that name the calls and their schemas.

The rows come from the route table, which this package does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from marshmallow import Schema

from schemas.answers import ProblemOut
from schemas.answers_board import FileOut
from schemas.errors import Error
from schemas.openapi_parts import (
    ACT_FOR,
    BEARER,
    FILE,
    HEADERS,
    IDEMPOTENCY_KEY,
    OPERATIONAL,
    PATH_PARAMETERS,
    Json,
    header,
    problems,
)

API_VERSION = "0.24.2"
OPENAPI_VERSION = "3.1.0"
ALWAYS = (400, 401, 500, 503)
"""What every call can be refused with: a bad parameter, a bad token, trouble on our side."""

_ABOUT = """\
Sessions, bookings and everything else of a classroom that is not realtime. The sockets, on which the lesson itself takes
place, are described in `docs/protocol.md`.

Every path also works without the last slash and without `v1/`, and every `sessions/{uuid}/…` also as
`session/{uuid}/…`. A POST without fields may come without a body. Times are RFC 3339 in UTC with `Z`. A field that is not
described here is an error, but for bookings, where the platform's own fields are kept."""

_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """A call. `path` is absolute, with names in braces; `statuses` are those of success; `refused` is what can happen
    beside what follows from the method and the path.
    """

    method: str
    path: str
    tag: str
    summary: str
    description: str
    answer: type[Schema]
    body: type[Schema]
    query: type[Schema]
    statuses: tuple[int, ...] = (200,)
    many: bool = False
    aliases: tuple[str, ...] = ()
    refused: tuple[Error, ...] = ()


def describe(operations: Iterable[Operation]) -> Json:
    """The whole document. KeyError for a name in a path that `openapi_parts.PATH_PARAMETERS` does not know."""
    spec = APISpec(
        title="Lessonroom",
        version=API_VERSION,
        openapi_version=OPENAPI_VERSION,
        plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)],
        info={"description": _ABOUT},
    )
    spec.components.security_scheme("bearer", BEARER)
    spec.components.schema("Problem", schema=ProblemOut)
    for name, described in HEADERS.items():
        spec.components.header(name, described)
    for status, response in problems().items():
        spec.components.response(f"Problem{status}", response)
    for operation in operations:
        spec.path(operation.path, operations={operation.method.lower(): _call(operation)})
    for path, described in OPERATIONAL.items():
        spec.path(path, operations={"get": {**described, "tags": ["operations"], "operationId": path[1:]}})
    document: Json = spec.to_dict()
    return document


def _call(operation: Operation) -> Json:
    described: Json = {
        "tags": [operation.tag],
        "operationId": _operation_id(operation),
        "summary": operation.summary,
        "description": _description(operation),
        "security": [{"bearer": []}],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.method == "POST" and operation.body().fields:
        content = {"application/json": {"schema": operation.body}}
        needed = any(field.required for field in operation.body().fields.values())
        described["requestBody"] = {"required": needed, "content": content}
    return described


def _description(operation: Operation) -> str:
    also = " ".join(f"Also at `{path}`." for path in operation.aliases)
    return f"{operation.description}\n\n{also}".strip()


def _operation_id(operation: Operation) -> str:
    words = [operation.tag, *(part for part in re.split(r"\W+", operation.path.partition("v1")[2]) if part)]
    return "_".join([operation.method.lower(), *dict.fromkeys(words)])


def _parameters(operation: Operation) -> list[Any]:
    named = _PART.findall(operation.path)
    found: list[Any] = [
        {"name": name, "in": "path", "required": True, **PATH_PARAMETERS[name]} for name in named
    ]
    if operation.query().fields:
        found.append({"in": "query", "schema": operation.query})
    found.append(ACT_FOR)
    if operation.method == "POST":
        found.append(IDEMPOTENCY_KEY)
    return found


def _responses(operation: Operation) -> Json:
    success = {"headers": {"X-Request-ID": header("RequestId")}, "content": _content(operation)}
    responses: Json = {
        str(status): {"description": HTTPStatus(status).phrase, **success} for status in operation.statuses
    }
    return responses | {str(status): f"Problem{status}" for status in sorted(_refusals(operation))}


def _content(operation: Operation) -> Json:
    if operation.answer is FileOut:
        return dict(FILE)
    schema: Any = {"type": "array", "items": operation.answer} if operation.many else operation.answer
    return {"application/json": {"schema": schema}}


def _refusals(operation: Operation) -> set[int]:
    statuses = {*ALWAYS, *(error.http for error in operation.refused)}
    if "{" in operation.path:
        statuses |= {403, 404}
    if operation.method == "POST":
        statuses |= {403, 413, 415, 429}
        if "{" in operation.path:
            statuses.add(409)
        if "{uuid}" in operation.path:
            statuses.add(410)
    return statuses


def _schema_name(schema: Any) -> str:
    """`SessionOut` is a Session; what is sent to make one, `SessionIn`, a SessionBody."""
    name = str(resolve_schema_cls(schema).__name__)  # type: ignore[union-attr]  # never a list: ours are classes
    return name.removesuffix("In") + "Body" if name.endswith("In") else name.removesuffix("Out")
