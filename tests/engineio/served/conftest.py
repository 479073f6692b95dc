"""Every test here runs by both drivers, and one of them in both event loops."""

import pytest

from tests.engineio.served.houses import Driver

WAYS = [(Driver.RAW, False), (Driver.RAW, True), (Driver.ASGI, False)]


@pytest.fixture(params=WAYS, ids=["raw", "raw-uvloop", "asgi"])
def way(request: pytest.FixtureRequest) -> tuple[Driver, bool]:
    """Give the driver, and whether its loop is uvloop."""
    driver, uses_uvloop = request.param
    return driver, uses_uvloop


@pytest.fixture
def driver(way: tuple[Driver, bool]) -> Driver:
    """Give the driver."""
    return way[0]


@pytest.fixture
def anyio_backend(way: tuple[Driver, bool]) -> tuple[str, dict[str, bool]]:
    """Choose the loop."""
    return "asyncio", {"use_uvloop": way[1]}
