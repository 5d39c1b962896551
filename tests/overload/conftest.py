"""One instance each, with the limits of a person out of the way: what is looked at here is what an instance can bear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.process_house import House, running

ORDINARY: dict[str, Any] = {
    "presence__grace_seconds": 1,
    "sessions__linger_seconds": 0.5,
    "limits__writes_per_second": 10_000,
    "log__level": "info",
}


@pytest.fixture
def build_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses of one instance: `build_house(limits__outbox_bytes=65536)`."""
    with ExitStack() as stack:

        def build(count: int = 1, **settings: Any) -> House:
            return stack.enter_context(running(House(tmp_path / "house", count, **{**ORDINARY, **settings})))

        yield build
