"""Schemathesis against every call that the API description names: no 5xx, and no answer that is not described."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from handlers.docs import operations
from schemas.openapi import describe
from tests.support.attack_rounds import rounds
from tests.support.people_calls import platform_token
from tests.support.people_lesson import fresh_id
from tests.support.process_house import House

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOOKING = {"start": "2030-01-02T15:00:00Z", "end": "2030-01-02T16:00:00Z", "status": "confirmed"}


@cache
def attacked() -> dict[str, Any]:
    """The calls by name, as schemathesis knows them."""
    found = schemathesis.openapi.from_dict(describe(operations())).get_all_operations()
    calls = [result.ok() for result in found if isinstance(result, Ok)]
    assert {(call.method.upper(), call.path) for call in calls} >= {(o.method, o.path) for o in operations()}
    return {call.label: call for call in calls if call.path.startswith("/api/")}


class Attacker:
    """The platform with a lesson and a booking of its own, whose ids are put into half of the requests."""

    def __init__(self, house: House) -> None:
        self.url = house.instances[0].url
        token = platform_token(house.secret, "platform", scope="service")
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        people = {role: {"id": fresh_id(), "name": role} for role in ("tutor", "student")}
        booking = self._post("booking/bookings/", {**BOOKING, **people})
        self.ids = {
            "uuid": booking["classroom_id"],
            "booking_id": booking["booking_id"],
            "user_id": people["student"]["id"],
            "version": "0",
        }
        for call in ("join/", "save/"):
            self._post(f"classroom/sessions/{self.ids['uuid']}/{call}")

    def attack(self, case: Any) -> None:
        """One request, its answer looked at."""
        answer = case.call(base_url=self.url, session=self.session)
        case.validate_response(answer, checks=CHECKS)

    def _post(self, path: str, body: Any = None) -> Any:
        answer = self.session.post(f"{self.url}/api/v1/{path}", json=body)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def attacker(house: House) -> Iterator[Attacker]:
    """Somebody who may do anything: everything else would be refused before it does harm."""
    made = Attacker(house)
    yield made
    made.session.close()


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("label", sorted(attacked()))
def test_every_described_call(label: str, mode: GenerationMode, attacker: Attacker) -> None:
    """Requests that fit the description, and requests that don't, are answered as it says."""
    ours = [True, False]

    @rounds(6, shrink=False)
    @hypothesis.given(
        case=attacked()[label].as_strategy(generation_mode=mode),
        real=hypothesis.strategies.sampled_from(ours),
    )
    def attack(case: Any, real: bool) -> None:
        if real:
            case.path_parameters = {name: attacker.ids[name] for name in case.path_parameters or {}}
        attacker.attack(case)

    attack()
