"""Which part of a content is wanted: the ``Range`` of a request (RFC 9110, section 14).

One range is answered; where several are asked for, the whole is.
"""

import re

RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})[ \t]*-[ \t]*(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class UnsatisfiableError(Exception):
    """The content has none of what is wanted."""


def wanted(header: str, if_range: str, etag: str, size: int) -> tuple[int, int] | None:
    """Tell which bytes are wanted: from the first to the one before the second; ``None`` is all.

    :param if_range: what the asker has a part of already; where that is another content, it wants all.
    :raises UnsatisfiableError: there are none of these.

    >>> wanted("bytes=0-99", "", '"a"', 1000), wanted("bytes=-10", '"a"', '"a"', 1000)
    ((0, 100), (990, 1000))
    >>> wanted("bytes=5-", '"b"', '"a"', 1000) is None
    True
    """
    found = RANGE.fullmatch(header.strip())
    if found is None or (if_range and if_range != etag):
        return None
    first, last = found.groups()
    if not first:
        return _end(last, size)
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableError
    return start, end


def _end(count: str, size: int) -> tuple[int, int] | None:
    """Tell where the last so many bytes lie."""
    if not count:
        return None
    if int(count) == 0 or size == 0:
        raise UnsatisfiableError
    return max(size - int(count), 0), size
