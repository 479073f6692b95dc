"""What Autobahn's fuzzers say of our WebSockets."""

import asyncio

import pytest

from tests.engineio.autobahn import WITHOUT_LARGE, NotHereError, Suite, judge

FEWEST_CASES = 240


@pytest.mark.slow
def test_autobahn_finds_nothing_wrong() -> None:
    """Neither in the bare core, nor in the core within uvicorn, nor in our client."""
    try:
        suite = Suite()
    except NotHereError as error:
        pytest.skip(str(error))

    verdicts = asyncio.run(judge(suite, WITHOUT_LARGE))

    assert {each.who for each in verdicts} == {"core", "uvicorn", "client"}
    assert all(len(each.cases) >= FEWEST_CASES for each in verdicts)
    assert [str(each) for each in verdicts if each.bad] == []
