r"""Letters as large as a claim code should be to be read across a room.

>>> print("\n".join(line.rstrip() for line in block_letters("7-", ink="#")))
#####
   #
  #   #####
 #
 #
"""

GLYPHS = {
    "0": ".###. #...# #...# #...# .###.",
    "1": "..#.. .##.. ..#.. ..#.. .###.",
    "2": "####. ....# .###. #.... #####",
    "3": "####. ....# .###. ....# ####.",
    "4": "#..#. #..#. ##### ...#. ...#.",
    "5": "##### #.... ####. ....# ####.",
    "6": ".###. #.... ####. #...# .###.",
    "7": "##### ...#. ..#.. .#... .#...",
    "8": ".###. #...# .###. #...# .###.",
    "9": ".###. #...# .#### ....# .###.",
    "A": ".###. #...# ##### #...# #...#",
    "B": "####. #...# ####. #...# ####.",
    "C": ".#### #.... #.... #.... .####",
    "D": "###.. #..#. #...# #..#. ###..",
    "E": "##### #.... ####. #.... #####",
    "F": "##### #.... ####. #.... #....",
    "G": ".#### #.... #..## #...# .####",
    "H": "#...# #...# ##### #...# #...#",
    "J": "..### ...#. ...#. #..#. .##..",
    "K": "#..#. #.#.. ##... #.#.. #..#.",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#...# ##..# #.#.# #..## #...#",
    "P": "####. #...# ####. #.... #....",
    "Q": ".###. #...# #...# #..## .####",
    "R": "####. #...# ####. #..#. #...#",
    "S": ".#### #.... .###. ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
    "V": "#...# #...# #...# .#.#. ..#..",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#...# .#.#. ..#.. .#.#. #...#",
    "Y": "#...# .#.#. ..#.. ..#.. ..#..",
    "Z": "##### ...#. ..#.. .#... #####",
    "-": "..... ..... ##### ..... .....",
}
"""Five rows of five points each, for all that is in a claim code."""
POINTS = 5
BLOCK = "\u2588"


def block_letters(text: str, *, wide: bool = False, ink: str = BLOCK) -> tuple[str, ...]:
    """Draw a text; what is not known is left blank.

    :param wide: whether each point is two columns wide, as where there is room for it.
    :param ink: what a point is drawn with.
    """
    glyphs = [GLYPHS.get(letter, " ".join(["." * POINTS] * POINTS)).split() for letter in text.upper()]
    times = 2 if wide else 1
    return tuple(
        (" " * times).join(
            "".join((ink if point == "#" else " ") * times for point in glyph[row]) for glyph in glyphs
        )
        for row in range(POINTS)
    )


def width_of(text: str, *, wide: bool = False) -> int:
    """Tell how many columns a text takes.

    >>> width_of("7K2M-Q9XD"), width_of("7K2M-Q9XD", wide=True)
    (53, 106)
    """
    return (len(text) * (POINTS + 1) - 1) * (2 if wide else 1)
