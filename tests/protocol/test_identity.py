"""Who a box is: its name follows from its key, and its claim code survives being read out."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from easyplayer.errors import ProtocolError
from easyplayer.protocol.identity import ALPHABET, CLAIM_BYTES, BoxId, box_id, claim_code, tidied
from tests.protocol.messages import HASHES

CODES = st.binary(min_size=CLAIM_BYTES, max_size=CLAIM_BYTES).map(claim_code)


@given(key=HASHES)
def test_a_box_is_named_by_its_key(key: str) -> None:
    """The name is one as messages have it, and says the first 80 bits of the key's digest."""
    name = box_id(key)
    assert msgspec.convert(name, BoxId) == name
    number = 0
    for letter in name.upper():
        number = number * 32 + ALPHABET.index(letter)
    assert number.to_bytes(10) == sha256(bytes.fromhex(key)).digest()[:10]


@given(one=HASHES, other=HASHES)
def test_another_key_is_another_box(one: str, other: str) -> None:
    """Two boxes have no name in common."""
    assume(one != other)
    assert box_id(one) != box_id(other)


@given(chance=st.binary(min_size=CLAIM_BYTES, max_size=CLAIM_BYTES))
def test_no_chance_is_lost_in_a_claim_code(chance: bytes) -> None:
    """Its letters say all 40 bits, so that it can be guessed no better than they."""
    number = 0
    for letter in claim_code(chance).replace("-", ""):
        number = number * 32 + ALPHABET.index(letter)
    assert number.to_bytes(CLAIM_BYTES) == chance


@given(code=CODES, data=st.data())
def test_a_code_is_understood_however_it_is_typed(code: str, data: st.DataObject) -> None:
    """In small letters, without the dash, with an O for a nought, an I or an L for a one."""
    spelling = {"0": "0Oo", "1": "1IiLl", "V": "VvUu"}
    typed = "".join(
        data.draw(st.sampled_from(spelling.get(letter, f"{letter}{letter.lower()}")))
        for letter in code.replace("-", "")
    )
    split = data.draw(st.integers(0, 8))
    gap = data.draw(st.sampled_from(["", "-", " ", " - ", "\t"]))
    assert tidied(f" {typed[:split]}{gap}{typed[split:]}\n") == code


@given(code=CODES)
def test_a_tidy_code_stays_as_it_is(code: str) -> None:
    """Tidied once is tidied for good."""
    assert tidied(code) == code


@given(text=st.text(max_size=7) | st.text(min_size=30))
def test_what_can_be_no_code_is_refused_in_words(text: str) -> None:
    """Whatever was typed, it is a fault of the protocol and nothing else."""
    assume(len("".join(text.split()).replace("-", "").upper()) != 8)
    with pytest.raises(ProtocolError, match="is no claim code"):
        tidied(text)


@pytest.mark.parametrize("text", ["", "7K2M", "7K2M-Q9X", "7K2M-Q9XDD", "7K2M-Q9X!", "ÄÄÄÄ-ÄÄÄÄ"])
def test_too_few_too_many_and_foreign_letters_are_refused(text: str) -> None:
    """The message shows what a code looks like."""
    with pytest.raises(ProtocolError, match="7K2M-Q9XD"):
        tidied(text)
