"""What the tests of the operator's commands have in common."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.hub.cli.operator import Operator


@pytest.fixture(name="operator_as")
def _operator_as(
    as_user: Callable[..., TestClient], capsys: pytest.CaptureFixture[str]
) -> Callable[..., Operator]:
    """Give operators with certain roles: ``operator_as("anna", bars="operator")``."""

    def make(name: str, **grants: Any) -> Operator:
        return Operator(as_user(name, **grants), capsys)

    return make


@pytest.fixture(name="boss")
def _boss(admin: TestClient, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Give an operator who may do everything."""
    return Operator(admin, capsys)
