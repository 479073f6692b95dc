"""Our part of the system, installed once for all tests here; none of them changes it."""

import pytest

from tests.systemd.system import System, install


@pytest.fixture(scope="session", name="system")
def _system(tmp_path_factory: pytest.TempPathFactory) -> System:
    return install(tmp_path_factory.mktemp("system"))
