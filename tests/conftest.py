"""What holds for all tests."""

import gc
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("everyday", deadline=None, max_examples=60)
settings.register_profile("fuzz", deadline=None, max_examples=5000)
settings.load_profile("everyday")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage in what is read before the first test: all of it stays to the end.

    It is so much that each of the later searches would take a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
