"""Which kind of image a file is, by its first bytes, whatever it is called.  Pure, but for reading them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from easyplayer.analysis.facts import Unplayable

HEAD_BYTES = 4096


class ImageKind(StrEnum):
    """The kinds of images that a screen can show; each is named by ffmpeg's reader of it."""

    PNG = "png_pipe"
    JPEG = "jpeg_pipe"
    WEBP = "webp_pipe"
    GIF = "gif"


SAVE_AS = "save it as PNG or JPEG, and bring that"
ANIMATED = "save it as a GIF or as a clip (MP4 with H.264), or bring one of its pictures as PNG"


def _is_svg(head: bytes) -> bool:
    text = head.decode("utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8", "replace").lstrip(
        "\ufeff \t\r\n"
    )
    return text.startswith("<") and "<svg" in text


_OURS: Mapping[ImageKind, Callable[[bytes], bool]] = {
    ImageKind.PNG: lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    ImageKind.JPEG: lambda head: head.startswith(b"\xff\xd8\xff"),
    ImageKind.WEBP: lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    ImageKind.GIF: lambda head: head.startswith((b"GIF87a", b"GIF89a")),
}
_WEBP_MOVES = 0x02
"""In the first byte of what an extended WebP says of itself; a file that was cut off may lack it."""
_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)
_OTHERS: Mapping[str, Callable[[bytes], bool]] = {
    "an SVG drawing, which is a program for drawing and no picture": _is_svg,
    "an image as phones save it (HEIC or AVIF)": lambda head: head[4:8] == b"ftyp" and head[8:12] in _BRANDS,
    "a TIFF image": lambda head: head.startswith((b"II*\0", b"MM\0*")),
    "a BMP image": lambda head: head.startswith(b"BM") and head[6:10] == bytes(4),
    "a Photoshop document": lambda head: head.startswith(b"8BPS"),
    "a PDF document": lambda head: head.startswith(b"%PDF"),
    "a PostScript document": lambda head: head.startswith(b"%!PS"),
    "a JPEG 2000 image": lambda head: head.startswith(b"\0\0\0\x0cjP  "),
    "a JPEG XL image": lambda head: head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")),
}


def kind_of(path: Path) -> ImageKind | Unplayable | None:
    """Tell which kind of image a file is, or why it cannot be shown; ``None`` where it is no image.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return recognised(file.read(HEAD_BYTES))


def recognised(head: bytes) -> ImageKind | Unplayable | None:
    """Tell the same by a file's first bytes.

    >>> recognised(b"GIF89a...")
    <ImageKind.GIF: 'gif'>
    >>> recognised(b"%PDF-1.7").reason
    'is a PDF document'
    """
    for kind, fits in _OURS.items():
        if fits(head):
            moves = _moves(kind, head)
            return (
                Unplayable("is an image that moves, in a form that boxes do not play", ANIMATED)
                if moves
                else kind
            )
    return next((Unplayable(f"is {what}", SAVE_AS) for what, fits in _OTHERS.items() if fits(head)), None)


def _moves(kind: ImageKind, head: bytes) -> bool:
    """Tell whether an image of a kind that ffmpeg reads one picture of has several."""
    match kind:
        case ImageKind.PNG:
            return b"acTL" in head.partition(b"IDAT")[0]
        case ImageKind.WEBP:
            return head[12:16] == b"VP8X" and any(byte & _WEBP_MOVES for byte in head[20:21])
        case _:
            return False
