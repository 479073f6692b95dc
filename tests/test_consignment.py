"""What a bundle brings for a box: only what its hub has signed, for this box, and of that the newest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.consignment import Consignment, consigned
from easyplayer.errors import BundleError
from easyplayer.protocol.bundle import Bundle, BundleReceipt
from easyplayer.protocol.codec import encode
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, public_key, sign
from easyplayer.units import Instant
from tests.fakes.stick import BOX, BOX_SEED, HUB_SEED, STRANGER, Owner

OTHER = "c" * 16


def head(revision: int, box: str = BOX) -> ProgramHead:
    """Make a head."""
    return ProgramHead(box=box, revision=revision, digest="d" * 64, size=9, name="bar", version=revision)


def bundle(*heads: Signed, **fields: Any) -> Bundle:
    """Make a bundle."""
    return Bundle(id="0" * 16, made=Instant(0.0), heads=heads, **fields)


def signed(*heads: ProgramHead, seed: bytes = HUB_SEED) -> tuple[Signed, ...]:
    """Sign heads as a hub does."""
    return tuple(sign(seed, Purpose.PROGRAM, one) for one in heads)


def written(made: Bundle, seed: bytes = HUB_SEED, purpose: Purpose = Purpose.BUNDLE) -> bytes:
    """Write a bundle as a hub does."""
    return encode(sign(seed, purpose, made))


def test_newest_program_for_this_box_counts() -> None:
    """The others are told by their number."""
    heads = signed(head(2), head(5), head(4), head(9, OTHER))
    found = consigned(written(bundle(*heads)), Owner())
    assert (found.head, found.others, found.key) == (head(5), 1, public_key(HUB_SEED))


def test_receipts_are_for_this_box() -> None:
    """Whose log it is that the hub has."""
    receipts = (BundleReceipt(box=BOX, log="1" * 32, upto=4), BundleReceipt(box=OTHER, log="2" * 32, upto=5))
    found = consigned(written(bundle(receipts=receipts, collects=True)), Owner())
    assert found == Consignment(
        key=public_key(HUB_SEED), collects=True, receipts=(("1" * 32, 4),), head=None, others=0
    )
    assert found.receipt(None) is None


@pytest.mark.parametrize(
    "data",
    [
        written(bundle(*signed(head(1))), STRANGER),
        written(bundle(*signed(head(1))), HUB_SEED, Purpose.PROGRAM),
        written(bundle(*signed(head(1), seed=STRANGER))),
        written(bundle(*signed(head(1), seed=BOX_SEED))),
        written(bundle(sign(HUB_SEED, Purpose.COMMAND, head(1)))),
        written(bundle(*signed(head(1)))).replace(b"collects", b"Collects"),
        b"",
        b"[" * 100_000,
        b'{"payload":' * 10_000,
        b"\xff\xfe",
    ],
    ids=[
        "another hub", "another purpose", "another hub's head", "our own head", "a command's signature",
        "changed", "empty", "deep", "deeper", "no text",
    ],
)  # fmt: skip
def test_what_the_hub_has_not_said_is_refused(data: bytes) -> None:
    """In words, with the way out."""
    with pytest.raises(BundleError, match="another bundle"):
        consigned(data, Owner())


def test_forged_head_for_another_box_is_that_boxs_affair() -> None:
    """What is not for this box is not looked into."""
    heads = (*signed(head(1)), *signed(head(9, OTHER), seed=STRANGER))
    assert consigned(written(bundle(*heads)), Owner()).head == head(1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["payload", "key", "signature", "heads", "box"]), inner, max_size=4)
    ),
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_stands_there_is_refused_in_words(data: bytes) -> None:
    """Nothing but the hub's own word is taken."""
    with pytest.raises(BundleError):
        consigned(data, Owner())


@given(st.data())
def test_no_byte_of_a_bundle_may_change(data: st.DataObject) -> None:
    """What is read from it then is the same, or nothing."""
    right = written(bundle(*signed(head(1), head(2, OTHER))))
    at = data.draw(st.integers(0, len(right) - 1))
    changed = right[:at] + bytes([data.draw(st.integers(0, 255))]) + right[at + 1 :]
    try:
        found = consigned(changed, Owner())
    except BundleError:
        return
    assert (found.head, found.others) == (head(1), 1)
