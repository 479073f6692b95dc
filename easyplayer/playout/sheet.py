"""A sheet of SVG: boxes, lines and letters, with one style for light rooms and one for dark ones."""

from typing import NamedTuple
from xml.etree import ElementTree as ET

from easyplayer.playout.lettering import one_line

HATCH = "url(#closed)"
"""What fills a box that is hatched."""

_STYLE = """
text { font-family: system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.strong { font-weight: 600; }
.quiet { fill: #5b6472; }
.loud { fill: #171b22; }
.paper { fill: #ffffff; }
.table { fill: #f3f4f6; }
.hatch { stroke: #d3d7dd; stroke-width: 3; }
.rule { stroke: #d9dce1; }
.dashed { fill: none; stroke: #8b93a1; stroke-dasharray: 3 3; }
.apart { stroke: #ffffff; stroke-width: 1.5; }
.note { fill: #b42318; }
.frame { fill: none; stroke: #171b22; stroke-width: 2; }
.pill { fill: #171b22; }
.tick { stroke: #171b22; stroke-width: 1.5; }
.time { fill: #ffffff; }
.hand { stroke: #d92d20; stroke-width: 2; fill: #d92d20; }
.around { stroke: #ffffff; stroke-width: 5; fill: #ffffff; }
.rim { paint-order: stroke; stroke-width: 3; stroke-linejoin: round; }
.bare { stroke: #f3f4f6; }
@media (prefers-color-scheme: dark) {
  .quiet { fill: #a3acba; }
  .loud { fill: #f2f4f7; }
  .paper { fill: #12151a; }
  .table { fill: #1c2027; }
  .hatch { stroke: #3d4552; }
  .rule { stroke: #333a45; }
  .dashed { stroke: #77808f; }
  .apart { stroke: #12151a; }
  .note { fill: #ff8a7a; }
  .frame { stroke: #ffffff; }
  .pill { fill: #ffffff; }
  .tick { stroke: #ffffff; }
  .time { fill: #12151a; }
  .bare { stroke: #1c2027; }
}
"""


class Box(NamedTuple):
    """A rectangle on the sheet, in pixels from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends on the right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height

    @property
    def area(self) -> float:
        """How much room it has."""
        return self.width * self.height

    def shrunk(self, by: float) -> "Box":
        """Take something away on all sides."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


def sheet(width: int, height: int, title: str) -> ET.Element:
    """Give an empty sheet."""
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
        },
    )
    ET.SubElement(root, "title").text = one_line(title)
    ET.SubElement(root, "style").text = _STYLE
    pattern = ET.SubElement(
        ET.SubElement(root, "defs"),
        "pattern",
        {
            "id": "closed",
            "width": "7",
            "height": "7",
            "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        },
    )
    box(pattern, Box(0, 0, 7, 7), "table")
    line(pattern, (0, 0), (0, 7), "hatch")
    box(root, Box(0, 0, width, height), "paper", rx="10")
    return root


def group(parent: ET.Element, kind: str, title: str) -> ET.Element:
    """Open a group that says what it is to those who point at it or cannot see it."""
    opened = ET.SubElement(parent, "g", {"class": kind})
    ET.SubElement(opened, "title").text = one_line(title)
    return opened


def box(parent: ET.Element, where: Box, kind: str = "", **more: str) -> None:
    """Draw a rectangle."""
    _put(parent, "rect", kind, x=where.x, y=where.y, width=where.width, height=where.height, **more)


def line(parent: ET.Element, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
    """Draw a straight line."""
    _put(parent, "line", kind, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def dot(parent: ET.Element, middle: tuple[float, float], radius: float, kind: str) -> None:
    """Draw a filled circle."""
    _put(parent, "circle", kind, cx=middle[0], cy=middle[1], r=radius)


def write(
    parent: ET.Element, at: tuple[float, float], written: str, size: float, kind: str = "", **more: str
) -> None:
    """Write a line of letters on a base line."""
    _put(parent, "text", kind, x=at[0], y=at[1], font_size=size, **more).text = one_line(written)


def _put(parent: ET.Element, shape: str, kind: str, **fields: float | str) -> ET.Element:
    written = {
        name.replace("_", "-"): value if isinstance(value, str) else f"{round(value, 2):g}"
        for name, value in fields.items()
    }
    return ET.SubElement(parent, shape, {"class": kind, **written} if kind else written)
