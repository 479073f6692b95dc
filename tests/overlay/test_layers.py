"""What the layers of a screen are made of, and where it stands."""

import re

import pytest
import segno
from msgspec import structs

from easyplayer.overlay.cards import CARDS, card, claim_card
from easyplayer.overlay.corners import EDGE, SIDE, Corner, Words, layers
from easyplayer.overlay.drawing import HEIGHT, WIDTH
from easyplayer.overlay.qr_code import MOST_LETTERS, QUIET, modules, qr_code

CORNERS = ["top-left", "top-right", "bottom-left", "bottom-right"]
ALL = Words(
    title="Dawn", artist="Harbour", message="Happy hour", qr="https://example.org/menu", clock="18:05"
)


def events_of(layer: str) -> list[tuple[int, int, str]]:
    """Give place and words of each event."""
    found = [re.match(r"\{\\an\d\\pos\((-?\d+),(-?\d+)\)[^}]*\}(.*)", line) for line in layer.split("\n")]
    return [(int(one[1]), int(one[2]), one[3]) for one in found if one]


def box_of(drawing: str) -> tuple[int, int, int, int]:
    """Give the place of an area, and how far it goes."""
    x, y, path = events_of(drawing)[0]
    numbers = [int(number) for number in re.findall(r"-?\d+", path)]
    return x, y, x + max(numbers[::2]), y + max(numbers[1::2])


class TestCorners:
    """What stands over the pictures."""

    @pytest.mark.parametrize("name", CORNERS)
    def test_everything_stays_away_from_the_edge(self, name: str) -> None:
        """A television cuts off what is too near."""
        drawn = layers(ALL, name)
        places = [(x, y) for layer in drawn.values() for x, y, _ in events_of(layer)]
        assert len(places) == 6
        assert all(SIDE <= x <= WIDTH - SIDE and EDGE <= y <= HEIGHT - EDGE for x, y in places)
        left, top, right, bottom = box_of(drawn["e-code"])
        assert SIDE <= left < right <= WIDTH - SIDE
        assert EDGE <= top < bottom <= HEIGHT - EDGE

    @pytest.mark.parametrize("name", CORNERS)
    def test_the_clock_stands_across_from_the_rest(self, name: str) -> None:
        """So that nothing lies over anything."""
        corner = Corner(name)
        assert corner.across.across == corner
        assert (corner.across.at_top, corner.across.at_left) == (not corner.at_top, not corner.at_left)
        x, y, told = events_of(layers(ALL, name)["c-clock"])[0]
        assert ((x, y), told) == (corner.across.place, "18:05")

    def test_message_title_and_artist_stand_one_below_the_other(self) -> None:
        """Beside the code."""
        drawn = events_of(layers(ALL, "bottom-left")["d-words"])
        assert [words for _, _, words in drawn] == ["Happy hour", "Dawn", "Harbour"]
        assert [y for _, y, _ in drawn] == sorted(y for _, y, _ in drawn)
        _, _, right, _ = box_of(layers(ALL, "bottom-left")["e-code"])
        assert all(x > right for x, _, _ in drawn)

    def test_what_there_is_not_to_tell_is_not_drawn(self) -> None:
        """The layers are empty."""
        assert set(layers(Words(), "top-left").values()) == {""}
        assert layers(Words(artist="Harbour"), "top-left")["d-words"].count("\n") == 0

    def test_a_long_title_is_cut(self) -> None:
        """It does not run out of the picture."""
        long = Words(title="A very long title of a very long song " * 5)
        assert layers(long, "bottom-left")["d-words"].endswith("…")

    def test_letters_can_be_larger(self) -> None:
        """By the settings."""
        assert r"\fs64" in layers(ALL, "top-left")["c-clock"]
        assert r"\fs128" in layers(ALL, "top-left", 200)["c-clock"]


class TestCode:
    """QR codes."""

    def test_it_has_its_quiet_zone(self) -> None:
        """White all around the dark modules."""
        plate, dark = qr_code("https://example.org", 0, 0, 330)
        rows = modules("https://example.org")
        unit = 330 // (len(rows) + 2 * QUIET)
        assert box_of(plate) == (0, 0, unit * (len(rows) + 2 * QUIET), unit * (len(rows) + 2 * QUIET))
        assert box_of(dark)[:2] == (QUIET * unit, QUIET * unit)
        assert box_of(dark)[2] == box_of(plate)[2] - QUIET * unit

    def test_the_drawing_is_the_code(self) -> None:
        """Module by module."""
        rows = modules("hello")
        dark = events_of(qr_code("hello", 0, 0, len(rows) + 2 * QUIET)[1])[0][2]
        painted = set()
        for one in dark.split("m ")[1:]:
            x, y, right, *_ = (int(number) for number in re.findall(r"\d+", one))
            painted |= {(column, y) for column in range(x, right)}
        assert painted == {(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module}

    @pytest.mark.parametrize("anchor", [1, 3, 5, 7, 9])
    def test_it_is_put_by_the_corner_that_is_named(self, anchor: int) -> None:
        """As on a keypad."""
        left, top, right, bottom = box_of(qr_code("hello", 1000, 500, 300, anchor)[0])
        x = {1: left, 7: left, 3: right, 9: right, 5: (left + right) // 2}[anchor]
        y = {7: top, 9: top, 1: bottom, 3: bottom, 5: (top + bottom) // 2}[anchor]
        assert abs(x - 1000) <= 1
        assert abs(y - 500) <= 1

    def test_what_no_camera_could_read_is_not_drawn(self) -> None:
        """A text too long, and none."""
        assert qr_code("", 0, 0, 300) == qr_code("x" * (MOST_LETTERS + 1), 0, 0, 300) == ()

    def test_it_is_worked_out_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All layers are drawn with each song and each minute, and the code is the same."""
        made: list[str] = []
        make = segno.make
        monkeypatch.setattr(segno, "make", lambda words, **how: made.append(words) or make(words, **how))
        for minute in range(3):
            layers(structs.replace(ALL, clock=f"18:0{minute}", qr="https://example.org/once"), "top-left")
        assert made == ["https://example.org/once"]


class TestCards:
    """Whole pages in place of a picture."""

    @pytest.mark.parametrize("name", CARDS)
    def test_each_card_says_what_it_is(self, name: str) -> None:
        """In a headline and a line below it, on a ground that hides all else."""
        drawn = card(name)
        assert all(words in drawn for words in CARDS[name])
        assert box_of(drawn.split("\n")[0]) == (-WIDTH, -HEIGHT, 2 * WIDTH, 2 * HEIGHT)

    def test_there_is_no_card_without_a_name(self) -> None:
        """Nor one for a name that nobody knows."""
        assert card("") == card("whatever") == claim_card("", "https://hub.example") == ""

    def test_the_claim_card_tells_the_code_and_where_to_type_it(self) -> None:
        """And the QR code leads there with the code in it."""
        page = "https://hub.example/claim?code=ABCD-1234"
        words = [words for _, _, words in events_of(claim_card("ABCD-1234", page))]
        assert "ABCD-1234" in words
        assert "hub.example/claim" in words
        assert qr_code(page, WIDTH - 200, HEIGHT // 2, 470, 6)[1] in claim_card("ABCD-1234", page)
