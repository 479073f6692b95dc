"""Which commands and programs of the hub's are taken, and why the others are not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.commanding import MOST_RESULT_BYTES, Addressee, better, deliverable, judged
from easyplayer.errors import ProtocolError, SignatureError
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.commands import LONGEST_TEXT, Command, CommandResult, Name, Outcome, Reason
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, public_key, sign
from easyplayer.units import Instant

SEED, OTHER = b"h" * 32, b"o" * 32
BOX, NEIGHBOUR = "0" * 16, "1" * 16
NOW = Instant(1000.0)
ME = Addressee(box=BOX, keys=(public_key(SEED),), now=NOW)
DIGEST = "d" * 64


def command(seed: bytes = SEED, purpose: Purpose = Purpose.COMMAND, **fields: Any) -> Signed:
    """Sign a command that is good, but for what is said."""
    given = {"id": "command-1", "box": BOX, "number": 1, "name": "skip", "issued": 990.0, "expires": 1001.0}
    return sign(seed, purpose, Command(**{**given, **fields}))


def head(seed: bytes = SEED, **fields: Any) -> Signed:
    """Sign a program's head that is good, but for what is said."""
    given = {"box": BOX, "revision": 5, "digest": DIGEST, "size": 1, "name": "bar", "version": 1}
    return sign(seed, Purpose.PROGRAM, ProgramHead(**{**given, **fields}))


def test_one_that_is_good_is_taken() -> None:
    """As it was given."""
    taken = judged(command(name="set_volume", args={"volume": 40}), ME)
    assert isinstance(taken, Command)
    assert (taken.name, taken.args) == ("set_volume", {"volume": 40})


@pytest.mark.parametrize(
    ("signed", "reason", "words"),
    [
        (command(OTHER), Reason.BAD_SIGNATURE, "not trusted here"),
        (command(purpose=Purpose.PROGRAM), Reason.BAD_SIGNATURE, "changed on the way, or forged"),
        (command(box=NEIGHBOUR), Reason.FOREIGN, NEIGHBOUR),
        (command(expires=1000.0), Reason.EXPIRED, "0 s after"),
        (command(expires=400.0), Reason.EXPIRED, "600 s after"),
        (command(name="make_coffee"), Reason.NOT_KNOWN, "'make_coffee'"),
        (command(name="unknown"), Reason.NOT_KNOWN, "newer software"),
        (command(name="set_volume"), Reason.BAD_ARGUMENTS, "volume"),
        (command(name="set_volume", args={"volume": 101}), Reason.BAD_ARGUMENTS, "100"),
        (command(args={"softly": True}), Reason.BAD_ARGUMENTS, "softly"),
    ],
)
def test_one_that_is_not_is_refused_with_its_reason(signed: Signed, reason: Reason, words: str) -> None:
    """The hub is told by the command's own name."""
    result = judged(signed, ME)
    assert isinstance(result, CommandResult)
    assert (result.command, result.outcome, result.reason) == ("command-1", Outcome.REFUSED, reason)
    assert words in result.text


@pytest.mark.parametrize(
    ("payload", "command_id"),
    [
        ('{"id": "command-7"}', "command-7"),
        ("{}", ""),
        ("nonsense", ""),
        ('{"id": 3}', ""),
        ('{"x": ' + "[" * 10_000, ""),
    ],
)
def test_what_was_signed_and_is_no_command_is_answered_as_well_as_can_be(
    payload: str, command_id: str
) -> None:
    """By its id, where it has one; its signature would not hold anyway."""
    signed = Signed(payload=payload, key=public_key(SEED), signature=command().signature)
    result = judged(signed, ME)
    assert isinstance(result, CommandResult)
    assert result.command == command_id


@given(st.text(max_size=200), st.text(max_size=120))
def test_nothing_that_comes_breaks_the_box(payload: str, signature: str) -> None:
    """Whatever it is, it is refused, and the hub can be told."""
    result = judged(Signed(payload=payload, key=public_key(SEED), signature=signature), ME)
    assert isinstance(result, CommandResult)
    assert decode(encode(result), CommandResult) == result


class TestPrograms:
    """The heads of programs."""

    @pytest.mark.parametrize(("revision", "digest"), [(0, ""), (4, "e" * 64)])
    def test_a_newer_one_is_taken(self, revision: int, digest: str) -> None:
        """The box has none yet, or an older one."""
        taken = better(head(), ME, revision, digest)
        assert taken is not None
        assert (taken.revision, taken.digest) == (5, DIGEST)

    def test_the_one_that_it_has_is_no_news(self) -> None:
        """The hub offers it until it knows."""
        assert better(head(), ME, 5, DIGEST) is None

    @pytest.mark.parametrize(
        ("signed", "words"),
        [
            (head(revision=4), "is an old one"),
            (head(digest="e" * 64), "is an old one"),
            (head(box=NEIGHBOUR), "is for box"),
            (head(OTHER), "not trusted"),
            (command(), "forged"),
        ],
    )
    def test_another_is_refused(self, signed: Signed, words: str) -> None:
        """Old, changed without counting up, for a neighbour, from nobody, or no program at all."""
        with pytest.raises(SignatureError, match=words):
            better(signed, ME, 5, DIGEST)

    def test_one_that_is_none_is_refused(self) -> None:
        """Though signed by the hub itself."""
        with pytest.raises(ProtocolError, match="revision"):
            better(head(revision=0), ME, 5, DIGEST)


class TestResults:
    """What a heartbeat can carry."""

    def test_a_short_one_stays_as_it_is(self) -> None:
        """With all its data."""
        result = CommandResult(command="command-1", outcome=Outcome.DONE, data={"volume": 3}, text="ok")
        assert deliverable(result) is result or deliverable(result) == result

    @pytest.mark.parametrize(
        ("data", "words"),
        [({"a": "x" * MOST_RESULT_BYTES}, "too much"), ({"a": object()}, "cannot be written")],
    )
    def test_what_does_not_fit_is_left_out_and_told(self, data: dict[str, Any], words: str) -> None:
        """One result that cannot be sent would hold up all the others, for ever."""
        result = CommandResult(
            command="command-1", outcome=Outcome.DONE, data=data, text="x" * 2 * LONGEST_TEXT
        )
        short = deliverable(result)

        assert (short.data, short.outcome) == ({}, Outcome.DONE)
        assert words in short.text
        assert decode(encode(short), CommandResult) == short

    def test_every_name_is_judged(self) -> None:
        """No command of the protocol is unknown to its own box."""
        outcomes = {name: judged(command(name=str(name)), ME) for name in Name if name is not Name.UNKNOWN}
        assert not [
            name
            for name, one in outcomes.items()
            if isinstance(one, CommandResult) and one.reason is not Reason.BAD_ARGUMENTS
        ]
