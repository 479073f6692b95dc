"""Signatures: bound to a key, to a purpose and to each letter of what was signed."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.errors import ProtocolError, SignatureError
from easyplayer.protocol.commands import Command
from easyplayer.protocol.pairing import Challenge, TimeTold
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import (
    Purpose,
    openssh_private_key,
    openssh_public_key,
    public_key,
    sign,
    verified,
)
from easyplayer.units import Instant
from tests.protocol.messages import SEEDS, messages, spoilt

SEED, OTHER = bytes(32), bytes(range(32))
TOLD = TimeTold(nonce="n" * 16, time=Instant(1_800_000_000.5))


def signed(purpose: Purpose = Purpose.TIME) -> Signed:
    return sign(SEED, purpose, TOLD)


@given(seed=SEEDS, purpose=st.sampled_from(Purpose), message=messages(Command))
def test_what_was_signed_is_believed(seed: bytes, purpose: Purpose, message: Command) -> None:
    """Any message, by any key, for any purpose."""
    made = sign(seed, purpose, message)
    assert verified(made, purpose, Command, [public_key(seed)]) == message


@given(purpose=st.sampled_from(Purpose), other=st.sampled_from(Purpose))
def test_a_signature_holds_for_its_purpose_alone(purpose: Purpose, other: Purpose) -> None:
    """One that tells the time is worth nothing on a command."""
    assume(purpose is not other)
    with pytest.raises(SignatureError, match=f"the signature of a {other} is wrong"):
        verified(signed(purpose), other, TimeTold, [public_key(SEED)])


@given(seed=SEEDS)
def test_a_key_that_is_not_trusted_is_refused(seed: bytes) -> None:
    """However right its signature."""
    assume(seed != SEED)
    with pytest.raises(SignatureError, match="a key that is not trusted here"):
        verified(signed(), Purpose.TIME, TimeTold, [public_key(seed)])


def test_nobody_is_trusted_where_no_key_is() -> None:
    """No key is not any key."""
    with pytest.raises(SignatureError):
        verified(signed(), Purpose.TIME, TimeTold, [])


def test_a_trusted_name_does_not_help_a_foreign_signature() -> None:
    """Who claims another's key must have signed with it."""
    forged = structs.replace(sign(OTHER, Purpose.TIME, TOLD), key=public_key(SEED))
    with pytest.raises(SignatureError, match="changed on the way, or forged"):
        verified(forged, Purpose.TIME, TimeTold, [public_key(SEED)])


@given(data=st.data())
def test_each_letter_of_what_was_signed_counts(data: st.DataObject) -> None:
    """Nothing can be put in, taken out or changed; not even a space."""
    made = signed()
    place = data.draw(st.integers(0, len(made.payload) - 1))
    letter = data.draw(st.characters(codec="ascii"))
    changed = made.payload[:place] + letter + made.payload[place + data.draw(st.integers(0, 1)) :]
    assume(changed != made.payload)
    with pytest.raises(SignatureError):
        verified(structs.replace(made, payload=changed), Purpose.TIME, TimeTold, [made.key])


@given(place=st.integers(0, 63))
def test_each_byte_of_the_signature_counts(place: int) -> None:
    """One bit, anywhere in it."""
    made = signed()
    changed = structs.replace(made, signature=spoilt(made.signature, place))
    with pytest.raises(SignatureError):
        verified(changed, Purpose.TIME, TimeTold, [made.key])


@given(text=st.text(max_size=100))
def test_rubbish_in_place_of_a_signature_is_refused(text: str) -> None:
    """Whatever it is, it is refused as a signature, and breaks nothing."""
    assume(text != signed().signature)
    with pytest.raises(SignatureError):
        verified(structs.replace(signed(), signature=text), Purpose.TIME, TimeTold, [public_key(SEED)])


def test_what_is_signed_is_still_looked_at() -> None:
    """A key that is trusted does not make a message of what is none."""
    made = sign(SEED, Purpose.TIME, Challenge(box="0" * 16, nonce="n" * 16))
    with pytest.raises(ProtocolError, match="TimeTold"):
        verified(made, Purpose.TIME, TimeTold, [made.key])


def test_the_signed_text_is_what_the_page_says() -> None:
    """Another box, written after the page, gets the same signature."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = signed()
    text = f"easyplayer/time/1\n{made.payload}".encode()
    key = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    import base64

    key.verify(base64.urlsafe_b64decode(made.signature), text)
    assert made.key == key.public_bytes_raw().hex()


def test_the_known_answer_of_the_standard() -> None:
    """The first key of RFC 8032, section 7.1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert public_key(seed) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@given(seed=SEEDS)
def test_keys_are_written_as_openssh_reads_them(seed: bytes) -> None:
    """The private one has the public one in it."""
    public = openssh_public_key(public_key(seed))
    private = load_ssh_private_key(openssh_private_key(seed), password=None)
    written = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert public == written
    assert public.startswith("ssh-ed25519 ")
