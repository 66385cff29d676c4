"""What all tests share: the switch that rewrites golden files, and Hypothesis without luck of its own."""

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--regen`` writes the golden files anew instead of comparing with them."""
    parser.addoption("--regen", action="store_true", help="rewrite the files under tests/golden/")
