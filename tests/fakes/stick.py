"""A stick as the hub makes one, in a folder; and the box that it is for."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.drivers.device_watch import Stick
from easyplayer.playout.catalogue import Program
from easyplayer.playout.program_file import encode as encode_program
from easyplayer.protocol.bundle import BUNDLE_FILE, Bundle, BundleReceipt, medium_path, program_path
from easyplayer.protocol.codec import encode
from easyplayer.protocol.identity import BoxId, box_id
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import PublicKey
from easyplayer.protocol.signing import Purpose, public_key, sign
from easyplayer.units import Instant
from tests.fakes.hub_media import content, digest_of, head_of

HUB_SEED, BOX_SEED, STRANGER = b"h" * 32, b"b" * 32, b"s" * 32
BOX = box_id(public_key(BOX_SEED))


class Owner(Struct):
    """A box that knows its hub."""

    box: BoxId = BOX
    seed: bytes = BOX_SEED
    hub_keys: tuple[PublicKey, ...] = (public_key(HUB_SEED),)


class FolderStick:
    """A folder in place of a stick.

    :ivar top: its top folder.
    """

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(parents=True, exist_ok=True)

    @property
    def stick(self) -> Stick:
        """What is told of it."""
        return Stick(device="/dev/sdb1", name="VENUE", filesystem="vfat", folder=self.top)

    def put(self, path: object, data: bytes) -> Path:
        """Lay a file down."""
        file = self.top / str(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def put_program(self, program: Program, revision: int, *, box: BoxId = BOX) -> ProgramHead:
        """Lay a program down; give its head."""
        data = encode_program(program)
        self.put(program_path(digest_of(data)), data)
        return structs.replace(head_of(data, program.name, revision, program.version), box=box)

    def put_media(self, names: Iterable[str], length: int = 40) -> None:
        """Lay media down, by the names of their items."""
        for name in names:
            data = content(name, length)
            self.put(medium_path(digest_of(data)), data)

    def put_bundle(
        self,
        *heads: ProgramHead,
        seed: bytes = HUB_SEED,
        collects: bool = False,
        receipts: tuple[BundleReceipt, ...] = (),
    ) -> None:
        """Say what is on it, as the hub does at last."""
        bundle = Bundle(
            id="0" * 16,
            made=Instant(0.0),
            heads=tuple(sign(seed, Purpose.PROGRAM, head) for head in heads),
            collects=collects,
            receipts=receipts,
        )
        self.put(BUNDLE_FILE, encode(sign(seed, Purpose.BUNDLE, bundle)))

    def medium(self, name: str) -> Path:
        """Tell where a medium lies."""
        return self.top / str(medium_path(digest_of(content(name))))


def stick_with(top: Path, program: Program, revision: int = 1, **bundle: bool) -> FolderStick:
    """Make a stick with a program for the box, and all of its media."""
    made = FolderStick(top)
    made.put_media(item.id for item in program.items)
    made.put_bundle(made.put_program(program, revision), **bundle)  # type: ignore[arg-type]  # one flag
    return made
