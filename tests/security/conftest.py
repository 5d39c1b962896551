"""What the attacks run against: the same houses and people as the integration tests."""

from __future__ import annotations

from tests.integration.conftest import build_house, house, people, shared_house

__all__ = ["build_house", "house", "people", "shared_house"]
