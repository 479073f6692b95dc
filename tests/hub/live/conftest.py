"""What the tests of the live channel share."""

import pytest


@pytest.fixture(name="anyio_backend", scope="session")
def _anyio_backend() -> str:
    """Run tests that are coroutines as the hub does, on asyncio."""
    return "asyncio"
