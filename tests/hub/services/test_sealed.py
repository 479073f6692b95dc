"""Reports are opened within bounds: of whatever is in the file, an error in words is the worst."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.errors import BadRequestError, UnavailableError
from easyplayer.hub.hub import Hub
from easyplayer.hub.keys import KeyKind, Keys, Secret
from easyplayer.hub.services import sealed
from easyplayer.hub.services.sealed import Opened, read, unseal
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import public_key
from easyplayer.units import Instant
from tests.hub import sticks
from tests.hub.boxes import ABox, chain, song

SEED = bytes(range(32))
KEYS = Keys(
    [
        Secret(id="1", kind=KeyKind.SIGNING, secret=SEED, created=Instant(2.0), retired=None),
        Secret(id="0", kind=KeyKind.SIGNING, secret=SEED[::-1], created=Instant(1.0), retired=Instant(2.0)),
    ]
)
BOX = ABox(client=None)  # type: ignore[arg-type]  # it signs, and calls nobody


class _Hub:
    """As much of a hub as a report is made for."""

    keys = KEYS


HUB: Hub = _Hub()  # type: ignore[assignment]


def packed(files: Mapping[str, bytes], signed: Signed | None = None, **changes: Any) -> bytes:
    """Put a report together; what is signed for can be another thing than what is there."""
    head = signed or sticks.signed(BOX, HUB, files, **changes)
    return sticks.archive({"report.json": msgspec.json.encode(head), **files})


def opened(plain: bytes) -> Opened:
    """Read what was decrypted."""
    return read(io.BytesIO(plain), KEYS.public)


def refusal(plain: bytes) -> str:
    """Give why something is no report."""
    with pytest.raises(BadRequestError) as told:
        opened(plain)
    return str(told.value)


def test_a_report_gives_what_the_box_has_put_in() -> None:
    """In the order of the log, whatever the order in the archive."""
    first, second = chain(song(1)), chain(song(2), log="cd" * 16)
    files = sticks.members(first, second)

    found = opened(packed(dict(reversed(files.items()))))

    assert (found.report.box, found.key) == (BOX.id, public_key(BOX.seed))
    assert [*found.batches()] == [first, second]
    assert found.log() == sticks.LINES
    status = found.status()
    assert status is not None
    assert status.version == "1.0"


def test_a_report_of_nothing_is_one() -> None:
    """All members but the first may be missing."""
    found = opened(packed({}))
    assert ([*found.batches()], found.log(), found.status()) == ([], b"", None)


@pytest.mark.parametrize("key", KEYS.public)
def test_it_may_be_for_a_key_that_has_been_replaced(key: str, tmp_path: Path) -> None:
    """Sticks are long on their way."""
    file, plain = tmp_path / "report.age", io.BytesIO()
    file.write_bytes(sticks.sealed(b"the content", key))
    unseal(file, plain, KEYS)
    assert plain.getvalue() == b"the content"


def test_one_for_another_hub_is_told_so(tmp_path: Path) -> None:
    """By what it is encrypted to, or by what the box has named."""
    file = tmp_path / "report.age"
    file.write_bytes(sticks.sealed(b"the content", public_key(b"\x07" * 32)))
    with pytest.raises(BadRequestError, match="for another hub"):
        unseal(file, io.BytesIO(), KEYS)
    assert "for another hub" in refusal(packed({}, hub=public_key(b"\x07" * 32)))


@pytest.mark.parametrize("spoil", ["cut", "bit", "front", "empty"])
def test_one_that_was_damaged_is_told_so(tmp_path: Path, spoil: str) -> None:
    """Wherever it is hit."""
    whole = sticks.sealed(b"the content" * 10_000, KEYS.public[0])
    spoilt = {
        "cut": whole[:-1000],
        "bit": whole[:50_000] + bytes([whole[50_000] ^ 1]) + whole[50_001:],
        "front": b"x" + whole,
        "empty": b"",
    }
    file = tmp_path / "report.age"
    file.write_bytes(spoilt[spoil])
    with pytest.raises(BadRequestError, match="damaged"):
        unseal(file, io.BytesIO(), KEYS)


def test_a_full_disk_is_no_fault_of_the_report(tmp_path: Path) -> None:
    """It can be sent again."""
    file = tmp_path / "report.age"
    file.write_bytes(sticks.sealed(bytes(100_000), KEYS.public[0]))
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(UnavailableError, match="make room"),
    ):
        unseal(file, full, KEYS)


def test_nothing_is_believed_that_the_box_has_not_signed() -> None:
    """A member more, one less, another one, another signer."""
    files = {"log.txt": b"as it was"}
    signed = sticks.signed(BOX, HUB, files)
    other = sticks.signed(ABox(client=None, number=2), HUB, files, box=BOX.id)  # type: ignore[arg-type]
    forged = msgspec.structs.replace(signed, payload=signed.payload.replace("log", "lag"))

    assert "there and not signed" in refusal(packed({**files, "status.json": b"{}"}, signed))
    assert "signed and not there" in refusal(packed({}, signed))
    assert "another than the box has signed" in refusal(packed({"log.txt": b"as it is not"}, signed))
    assert "signed by another" in refusal(packed(files, other))
    assert "changed on the way, or forged" in refusal(packed(files, forged))
    assert "no report.json" in refusal(sticks.archive(files))


def test_sizes_are_bounded() -> None:
    """A member may not be longer than its like ever is, nor than the file is."""
    log = sealed.MOST[sealed.LOG]
    assert "too long" in refusal(packed({"log.txt": bytes(log + 1)}))
    assert "too long" in refusal(packed({"as-run/00001.json": bytes(sealed.MOST[sealed.AS_RUN] + 1)}))
    assert "cut off" in refusal(packed({"log.txt": bytes(5000)})[:3000])


def test_a_batch_that_is_none_is_told() -> None:
    """By its name."""
    found = opened(packed({"as-run/00001.json": b"{}"}))
    with pytest.raises(BadRequestError, match=r"as-run/00001\.json"):
        list(found.batches())


KINDS = (
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.DIRTYPE,
    tarfile.CHRTYPE,
    tarfile.XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_SPARSE,
)


@pytest.mark.parametrize("kind", KINDS)
def test_only_files_can_be_in_it(kind: bytes) -> None:
    """What else an archive may hold is never even looked into."""
    member = tarfile.TarInfo("log.txt")
    member.type = kind
    assert "cannot be in a report" in refusal(member.tobuf(tarfile.USTAR_FORMAT) + bytes(10_240))


def test_a_name_twice_or_a_thousand_names_are_none() -> None:
    """Whoever reads the first would not see the second."""
    twice = sticks.archive({"log.txt": b"one"})[:1024] + sticks.archive({"log.txt": b"two"})
    assert "not once more" in refusal(twice)
    many = b"".join(
        tarfile.TarInfo(f"{number}").tobuf(tarfile.USTAR_FORMAT) for number in range(sealed.MOST_MEMBERS + 1)
    )
    assert "not once more" in refusal(many)


@given(content=st.binary(max_size=3000), at=st.integers(0, 3000))
@settings(max_examples=60)
def test_any_bytes_are_a_report_or_refused(content: bytes, at: int) -> None:
    """Alone, or in the midst of a good one."""
    good = packed(sticks.members(chain(song(1))))
    for plain in (content, good[:at] + content + good[at + len(content) :]):
        try:
            found = opened(plain)
            list(found.batches())
        except BadRequestError:
            continue
        assert found.report.box == BOX.id
