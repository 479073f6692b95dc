r"""What a technician wrote, whatever editor it was written in.

>>> as_text('\ufeff[hub]\r\nurl = "…"\r\n'.encode("utf-16-le")).text
'[hub]\nurl = "…"\n'
"""

import codecs

from msgspec import Struct

MOST_BYTES = 64 * 1024
NOT_TEXT = (
    (b"{\\rtf", "a rich text document"),
    (b"PK\x03\x04", "a document of a word processor, or a ZIP file"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "a document of a word processor"),
)
"""How files begin that look like text in the program that wrote them."""
SAVE_ANEW = "write it in a plain text editor, such as Notepad"

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What editors put in front; that of UTF-32 begins like that of UTF-16."""


class Reading(Struct, frozen=True):
    """What came of reading a file.

    :ivar text: its text, with the line ends of Unix; empty where there is a problem.
    :ivar problem: why it cannot be read, and the way out; empty where it can.
    :ivar note: what was assumed; empty where nothing had to be.
    """

    text: str = ""
    problem: str = ""
    note: str = ""


def as_text(data: bytes) -> Reading:
    """Read a text in any encoding that an editor may have chosen."""
    if len(data) > MOST_BYTES:
        return Reading(problem=f"is larger than {MOST_BYTES // 1024} kB: {SAVE_ANEW}")
    for start, kind in NOT_TEXT:
        if data.startswith(start):
            return Reading(problem=f"is {kind}, not text: {SAVE_ANEW}")
    try:
        text, note = _decoded(data)
    except UnicodeDecodeError as error:
        return Reading(problem=f"is damaged ({error.reason}): {SAVE_ANEW}")
    if "\0" in text:
        return Reading(
            problem="holds zeros, so its writing was broken off: write it again, then eject the disk"
        )
    return Reading(text.replace("\r\n", "\n").replace("\r", "\n"), note=note)


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(encoding), ""
    if not data.strip(b"\0"):
        return data.decode("ascii"), ""
    for encoding, zeros, others in (
        ("utf-16-le", data[1::2], data[::2]),
        ("utf-16-be", data[::2], data[1::2]),
    ):
        if not zeros.strip(b"\0") and zeros and others.strip(b"\0"):
            return data.decode(encoding), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        return text, "is not UTF-8 and was read as Windows-1252: look whether accents are right"
