r"""TOML as technicians write it: all that is wrong at once, with the line and the way out.

>>> read_toml('[hub]\nurl = https://hub.example\n').problems
('line 2: Invalid value (column 7): text stands between quotation marks, such as url = "..."',)
>>> write_toml({"hub": {"url": "https://hub.example", "retries": 3}})
'[hub]\nurl = "https://hub.example"\nretries = 3\n'
"""

import re
import tomllib
from collections.abc import Mapping
from json import dumps
from typing import Any

from msgspec import Struct

MOST_PROBLEMS = 10
LONGEST_LINE = 4000
"""In characters: a name of tens of thousands of parts would take minutes to be read."""
PLACE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
PLAIN_VALUE = re.compile(r"^\s*(?P<key>[\w-]+)\s*=\s*[^\s\"'\[{\d#+-]")
WAYS_OUT = (
    ("[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a`]", 'write straight quotation marks: "'),
    (
        "[\u00a0\u2007\u202f\u200b\u200e\u200f\ufeff]",
        "there is a character in it that cannot be seen: type the line anew",
    ),
    (r"^\s*[^\[#=]+$", "write key = value, or put # before a remark"),
    (r"(?i)=\s*(?:true|false|yes|no|on|off)\s*(?:#.*)?$", "write true or false, in small letters"),
    (PLAIN_VALUE, 'text stands between quotation marks, such as {key} = "..."'),
    (r"\\", "write / in place of \\, or single quotation marks"),
    (r"^[^\"]*(?:\"[^\"]*\"[^\"]*)*\"[^\"]*$", "a quotation mark is missing"),
    ("", "correct the line, or put # before it"),
)
"""What is often wrong with a line, and what to do about it; the first that fits is told."""


class Toml(Struct, frozen=True):
    """What came of reading a text.

    :ivar values: value by section and key, of all that can be read.
    :ivar problems: what cannot, each with its line and the way out.
    """

    values: Mapping[str, Any]
    problems: tuple[str, ...] = ()


def read_toml(text: str) -> Toml:
    """Read a text; a line that is wrong is told and left out, so that the next one is found, too."""
    lines = text.split("\n")
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            problems.append(f"line {number}: has more than {LONGEST_LINE} letters: write it as several lines")
            lines[number - 1] = ""
    while True:
        try:
            return Toml(tomllib.loads("\n".join(lines)), tuple(problems))
        except tomllib.TOMLDecodeError as error:
            found = PLACE.search(str(error))
            number = _line(found, lines)
            problems.append(_told(str(error), found, number, lines[number - 1]))
            lines[number - 1] = ""
        except RecursionError:
            problems.append("it has brackets within brackets without end: write each section as [name]")
            return Toml({}, tuple(problems))
        if len(problems) >= MOST_PROBLEMS:
            return Toml({}, tuple(problems))


def _line(found: re.Match[str] | None, lines: list[str]) -> int:
    """Tell in which line an error is: the last one with anything in it, where that is not told."""
    if found and found["line"]:
        number = min(int(found["line"]), len(lines))
        if lines[number - 1].strip():
            return number
    return max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)


def _told(message: str, found: re.Match[str] | None, number: int, line: str) -> str:
    column = f" (column {found['column']})" if found and found["column"] else ""
    return f"line {number}: {PLACE.sub('', message)}{column}: {_way_out(line)}"


def _way_out(line: str) -> str:
    found = ((re.search(pattern, line), words) for pattern, words in WAYS_OUT)
    return next(words.format(**match.groupdict()) for match, words in found if match)


def line_of(text: str, section: str, key: str) -> int:
    """Tell in which line a setting stands, or its section; 0 where that is not found."""
    inside, heading = not section, 0
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith("["):
            inside = bare.partition("#")[0].strip("[] \t\"'") == section
            heading = number if inside and not heading else heading
        elif inside and key and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*[=.]", bare):
            return number
    return heading


def write_toml(values: Mapping[str, Mapping[str, Any]]) -> str:
    """Write sections of plain values: texts, numbers, true and false, and lists of these."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_written(value)}\n" for key, value in content.items())
        for name, content in values.items()
    )


def _written(value: Any) -> str:
    match value:
        case str():
            return dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
