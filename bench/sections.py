"""A page that several benchmarks write: each has a section of its own, and leaves the others alone."""

import re
from pathlib import Path

HEAD = "# Storage and downloads\n"


def write_section(page: Path, title: str, body: str, head: str = HEAD) -> None:
    """Put a section in the place of the one with the same title, or at the end.

    :param head: what a page begins with that is not there yet.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else head
    begin, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    section = f"## {title}\n\n{body.strip()}\n"
    others = [one for one in sections if not one.startswith(f"## {title}\n")]
    place = next((at for at, one in enumerate(sections) if one.startswith(f"## {title}\n")), len(others))
    others.insert(place, section)
    page.write_text("\n".join([begin.strip(), "", *(f"{one.strip()}\n" for one in others)]), encoding="utf-8")
