"""A program is read with every fault at once, and written so that it reads the same."""

import doctest
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.errors import ProgramError
from easyplayer.playout import program_file, program_schema, spelling
from easyplayer.playout.calendar import TZDATA
from easyplayer.playout.catalogue import FORMAT, EachSongs, Order, Program, Sharp, Slot
from easyplayer.playout.program_file import decode, encode, remarks, schema
from easyplayer.playout.program_rules import never_starts
from easyplayer.playout.program_schema import fields_of, kinds, meanings
from easyplayer.playout.spelling import LONGEST, MOST_COMPARED, MOST_LISTED, Names
from tests.playout.good_programs import programs

Raw = dict[str, Any]
Change = Callable[[Raw], object]

fewer = settings(max_examples=settings().max_examples // 4)


def good() -> Raw:
    """Give the JSON of a small bar, with a part of every sort."""
    return {
        "name": "Bar",
        "zone": "Europe/Paris",
        "items": [
            {"id": "dawn", "location": "/music/dawn.flac"},
            {"id": "dusk", "location": "/music/dusk.flac", "cue_in_ms": 500},
            {"id": "radio", "location": "https://radio.example/live", "kind": "stream"},
            {"id": "bell", "location": "bell.wav"},
        ],
        "playlists": [
            {"id": "calm", "entries": [{"item": "dawn"}, {"item": "dusk"}]},
            {"id": "lively", "order": "weighted", "entries": [{"item": "radio", "weight": 2}]},
        ],
        "dayparts": [
            {"id": "evening", "slot": {"starts": "18:00", "ends": "2:00"}, "playlist": "lively"},
        ],
        "shows": [
            {"id": "eve", "starts": "2026-12-31T23:30", "ends": "2027-01-01 01:00:30", "playlist": "calm"}
        ],
        "spots": [
            {"id": "noon", "items": ["bell"], "when": {"type": "sharp", "at": ["12:00"]}},
            {"id": "advert", "items": ["bell"], "when": {"type": "songs", "songs": 3}},
        ],
        "hours": [{"slot": {"starts": "08:00", "ends": "03:00"}}],
        "volume": {"curve": [{"at": "08:00", "volume": 40}, {"at": "20:00", "volume": 70}]},
        "fallback": "calm",
    }


def with_screens() -> Raw:
    """Give the small bar with a poster, a film, and a show that has the screens show them."""
    raw = good()
    raw["items"] += [
        {"id": "poster", "location": "poster.png", "kind": "still"},
        {"id": "film", "location": "film.mp4", "kind": "clip"},
    ]
    raw["playlists"].append({"id": "wall", "entries": [{"item": "poster"}, {"item": "film"}]})
    raw["shows"][0]["screen"] = "wall"
    raw["screen"] = {"fallback": "wall"}
    return raw


def read(raw: Any) -> Program:
    return decode(json.dumps(raw).encode())


def problems(data: bytes) -> list[str]:
    with pytest.raises(ProgramError) as refused:
        decode(data)
    return refused.value.problems


def faults(*changes: Change) -> list[str]:
    """Tell what is wrong with the small bar after some changes."""
    raw = good()
    for change in changes:
        change(raw)
    return problems(json.dumps(raw).encode())


def put(path: str, value: object) -> Change:
    """Make what puts a value at a place such as ``items.0.id``."""

    def change(raw: Any) -> None:
        *way, last = path.split(".")
        for step in way:
            raw = raw[int(step)] if step.isdigit() else raw.setdefault(step, {})
        raw[int(last) if last.isdigit() else last] = value

    return change


@pytest.mark.parametrize("module", [program_file, program_schema, spelling], ids=lambda one: one.__name__)
def test_the_examples_in_the_documentation_hold(module: ModuleType) -> None:
    """They are run as they stand."""
    assert doctest.testmod(module).failed == 0


class TestReading:
    """A program that is as it should be."""

    def test_a_program_needs_a_name_and_a_zone(self) -> None:
        """All else has a default."""
        assert read({"name": "Bar", "zone": "UTC"}) == Program(name="Bar", zone="UTC")

    def test_every_sort_of_part_is_read(self) -> None:
        """Each as the type it is."""
        program = read(good())
        assert [len(part) for part in (program.items, program.playlists, program.spots)] == [4, 2, 2]
        assert program.playlists[1].order is Order.WEIGHTED
        assert program.spots[0].when == Sharp(at=(time(12),))
        assert program.spots[1].when == EachSongs(songs=3)

    def test_times_may_be_written_as_people_write_them(self) -> None:
        """Without seconds, without a leading zero, and with a blank in place of the T."""
        program = read(good())
        assert program.dayparts[0].slot == Slot(starts=time(18), ends=time(2))
        assert program.shows[0].starts == datetime(2026, 12, 31, 23, 30)  # noqa: DTZ001 - local on purpose
        assert program.shows[0].ends == datetime(2027, 1, 1, 1, 0, 30)  # noqa: DTZ001 - local on purpose

    def test_a_byte_order_mark_is_passed_over(self) -> None:
        """Some editors put one in front."""
        assert decode(b"\xef\xbb\xbf" + json.dumps(good()).encode()) == read(good())

    def test_a_whole_number_may_have_a_point(self) -> None:
        """Some tools write 40.0; it means the same."""
        raw = good()
        raw["volume"]["curve"][0]["volume"] = 40.0
        assert read(raw).volume.curve[0].volume == 40

    def test_what_may_be_left_open_may_be_null(self) -> None:
        """Which says the same as leaving it out."""
        raw = good()
        put("items.0.cue_in_ms", None)(raw)
        assert read(raw) == read(good())


class TestFaults:
    """What is wrong is told with its place and the way out."""

    def test_all_are_told_at_once(self) -> None:
        """In the order in which a reader comes to them, those within one value before those between two."""
        assert faults(
            put("nam", "Bar"),
            put("items.0.gain_db", 99),
            put("dayparts.0.slot.ends", "25:00"),
            put("playlists.0.entries.1.item", "dask"),
            put("fallback", "brunch"),
        ) == [
            "nam: there is no such field; did you mean 'name'?",
            'items[0] "dawn" → gain_db: 99 cannot be used; write a number from -60 to 20',
            'dayparts[0] "evening" → slot → ends: '
            "'25:00' cannot be used; write a time of day from 00:00 to 23:59",
            "fallback: there is no playlist 'brunch'; there are calm, lively",
            "playlists[0] \"calm\" → entries[1] → item: there is no item 'dask'; did you mean 'dusk'?",
        ]

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            ("format", 0, "format: 0 cannot be used; write a whole number from 1 on"),
            ("name", 5, "name: 5 cannot be used; write a text"),
            ("name", "a\0", r"'a\x00' cannot be used; write a text"),
            ("seed", 2**63, "seed: 9223372036854775808 cannot be used; write a whole number"),
            ("seed", True, "seed: true cannot be used; write a whole number"),
            ("seed", 0.5, "seed: 0.5 cannot be used; write a whole number"),
            ("items", {}, "items: an object cannot be used; write a list; each entry is an object of the"),
            ("items.1", None, "items[1]: null cannot be used; write an object of the kind Item"),
            ("items.1", [1], "items[1]: a list cannot be used"),
            ("items.0.id", "", "items[0] → id: '' cannot be used; write a text that is not empty"),
            ("items.0.kind", "fil", "kind: 'fil' is none of them; did you mean 'file'?"),
            ("items.0.kind", 1, "kind: 1 cannot be used; write one of file, local"),
            (
                "items.0.media",
                {"sha256": "AB", "size": 1},
                "media → sha256: 'AB' cannot be used; write 64 hexa",
            ),
            ("dayparts.0.slot", "always", "slot: 'always' cannot be used; write an object of the kind Slot"),
            ("dayparts.0.slot.starts", "18h", "starts: '18h' cannot be used; write a time of day"),
            ("dayparts.0.slot.starts", "18:00Z", "starts: '18:00Z' cannot be used; write a time of day"),
            ("dayparts.0.slot.days", ["Mon"], "days[0]: 'Mon' is none of them; did you mean 'mon'?"),
            ("dayparts.0.slot.first", "2026-02-29", "first: '2026-02-29' cannot be used; write a date"),
            ("dayparts.0.slot.last", "9999-12-31", "last: '9999-12-31' cannot be used; write a date"),
            ("dayparts.0.colour", "red", "colour: 'red' cannot be used; write a colour, such as #d08020"),
            ("shows.0.starts", "2026-12-31T23:30+01:00", "cannot be used; write a local date and time"),
            ("shows.0.starts", "2026-12-31", "cannot be used; write a local date and time"),
            ("spots.0.items", [], "items: an empty list cannot be used; write a list that is not empty"),
            (
                "spots.0.when",
                "noon",
                "when: 'noon' cannot be used; write an object with a type: sharp, songs",
            ),
            (
                "spots.0.when",
                {"at": ["12:00"]},
                "when → type: is missing; there are minutes, past-hour, sharp",
            ),
            ("spots.0.when.type", "shap", "when → type: 'shap' is none of them; did you mean 'sharp'?"),
            (
                "spots.0.when.tolerance_s",
                1e9,
                "tolerance_s: 1000000000.0 cannot be used; write a whole number",
            ),
            ("playlists.1.entries.0.weight", 0, "weight: 0 cannot be used; write a number above 0 to 1000"),
            ("hours.0.open", "no", "hours[0] → open: 'no' cannot be used; write true or false"),
            ("name", "x" * 99, ""),
        ],
    )
    def test_a_value_that_cannot_be_used(self, path: str, value: object, told: str) -> None:
        """Type, form and limits of every field are looked at."""
        if told:
            (fault,) = faults(put(path, value))
            assert told in fault
        else:
            read(good() | {path: value})

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            ("zone", "Paris", "zone: there is no time zone 'Paris'; did you mean 'Europe/Paris'?"),
            ("zone", "../etc/passwd", "there is no time zone '../etc/passwd'"),
            ("zone", "Europe", "there is no time zone 'Europe'"),
            ("zone", "Factory", "there is no time zone 'Factory'"),
            ("spots.1.id", "advert ", 'spots[1] "advert " → id: begins or ends with a blank; take it out'),
            ("items.0.location", "", "location: is empty; name a file, or the URL of a stream"),
            ("items.2.location", "radio.example", "'radio.example' is no URL; write one such as https://"),
            ("items.2.kind", "live-session", ""),
            ("items.2.kind", "file", 'is a URL; write "kind": "stream", or name a file'),
            ("items.0.kind", "live-cast", "'/music/dawn.flac' is no URL; write one such as"),
            ("items.0.kind", "stream", ""),
            ("items.3.kind", "local", "'bell.wav' may lie anywhere; write its whole path, from / on"),
            ("items.1.cue_out_ms", 500, "cue_out_ms: 500 is not behind cue_in_ms, 500; nothing lies between"),
            ("items.0.cue_out_ms", 0, "cue_out_ms: 0 is not behind cue_in_ms, 0; nothing lies between them"),
            ("items.1.duration_ms", 500, "cue_in_ms: 500 is not before the end, duration_ms 500"),
            ("playlists.0.entries", [], "entries: is empty; list an item, or leave the playlist out"),
            (
                "playlists.1.order",
                "shuffle",
                'entries[0] → weight: counts for nothing here; write "order": "wei',
            ),
            ("playlists.0.order", "sequential", ""),
            ("dayparts.0.playlist", "Calm", "playlist: there is no playlist 'Calm'; did you mean 'calm'?"),
            ("shows.0.playlist", "", "playlist: is empty, and so is screen: name one to be heard, or to be"),
            (
                "shows.0.ends",
                "2026-12-31T23:30",
                "ends: 2026-12-31T23:30 is not after 2026-12-31T23:30, when",
            ),
            ("dayparts.0.slot.days", ["mon", "mon"], "days: mon is there twice; write it once"),
            ("dayparts.0.slot.dates", ["2026-05-01"] * 2, "dates: 2026-05-01 is there twice; write it once"),
            ("spots.0.items.0", "bel", "items[0]: there is no item 'bel'; did you mean 'bell'?"),
            ("spots.0.items.0", "radio", "items[0]: 'radio' is no sound that ends; a spot is a file"),
            ("spots.0.when.at", ["12:00", "12:00:00"], "when → at: 12:00:00 is there twice; write it once"),
            ("volume.curve.1.at", "8:00", "volume → curve[1] → at: another point has 08:00, too"),
        ],
    )
    def test_a_part_that_does_not_go_with_another(self, path: str, value: object, told: str) -> None:
        """What no field shows by itself is looked at, too; what is odd but has a meaning is none."""
        if told:
            (fault,) = faults(put(path, value))
            assert told in fault
        else:
            raw = good()
            put(path, value)(raw)
            read(raw)

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            ("dayparts.0.screen", "wal", "screen: there is no playlist 'wal'; did you mean 'wall'?"),
            (
                "screen.fallback",
                "walls",
                "screen → fallback: there is no playlist 'walls'; did you mean 'wall'?",
            ),
            ("screen.still_s", 0, "screen → still_s: 0 cannot be used; write a whole number from 1 to 86400"),
            (
                "screen.overlay.corner",
                "top",
                "screen → overlay → corner: 'top' is none of them; there are bottom",
            ),
            ("screen.overlay.qr", "x" * 501, "cannot be used; write a text of 500 letters at the most"),
            ("screen.overlay.message", "x" * 500, ""),
            (
                "playlists.2.entries.0.item",
                "dawn",
                'playlists[2] "wall" → entries[0] → item: \'dawn\' is a sound, and shows[0] "eve" has the '
                'screens show this playlist; write "kind": "still" or "clip", or list it elsewhere',
            ),
            ("playlists.2.entries.0.item", "radio", ""),
            ("playlists.0.entries.0.item", "poster", ""),
            ("spots.0.pictures", ["poser"], "pictures[0]: there is no item 'poser'; did you mean 'poster'?"),
            ("spots.0.pictures", ["bell"], "pictures[0]: 'bell' is a file; a spot shows stills and clips"),
            (
                "spots.0.pictures",
                ["radio"],
                "pictures[0]: 'radio' is a stream; a spot shows stills and clips",
            ),
            ("spots.0.pictures", ["poster", "film", "poster"], ""),
            ("spots.0.items.0", "film", "items[0]: 'film' is no sound that ends; a spot is a file"),
            (
                "items.4.clip_sound",
                "mix",
                "clip_sound: counts for nothing: a still brings no sound to the screen",
            ),
            ("items.0.clip_sound", "replace", "clip_sound: counts for nothing: a file brings no sound"),
            ("items.5.clip_sound", "replace", ""),
            ("items.2.clip_sound", "mix", ""),
            ("shows.0.playlist", "", ""),
        ],
    )
    def test_what_the_screens_cannot_show(self, path: str, value: object, told: str) -> None:
        """It is told where it stands, and what to write; what can be shown is no fault."""
        raw = with_screens()
        put(path, value)(raw)
        if told:
            (fault,) = problems(json.dumps(raw).encode())
            assert told in fault
        else:
            read(raw)

    def test_a_daypart_without_sound_and_screen_is_told(self) -> None:
        """It is for nothing."""
        raw = with_screens()
        del raw["dayparts"][0]["playlist"]
        (fault,) = problems(json.dumps(raw).encode())
        assert 'dayparts[0] "evening" → playlist: is empty, and so is screen' in fault
        assert "there are calm, lively, wall" in fault

    def test_a_name_that_is_there_twice_is_told_with_both_places(self) -> None:
        """Within one kind; an item and a playlist may share one."""
        assert faults(put("items.1.id", "dawn"), put("playlists.0.entries.1.item", "dawn")) == [
            'items[1] "dawn" → id: items[0] has it already; give one of them another'
        ]
        raw = good()
        put("shows.0.id", "evening")(raw)
        read(raw)

    def test_separation_is_for_chance_only(self) -> None:
        """A list that is played as it stands keeps nothing apart."""
        (fault,) = faults(
            put("playlists.0.order", "sequential"), put("playlists.0.separation", {"artist_songs": 2})
        )
        assert 'playlists[0] "calm" → separation: counts for nothing' in fault

    @pytest.mark.parametrize(
        "slot",
        [
            {"first": "2026-05-02", "last": "2026-05-01"},
            {"dates": ["2026-05-01"], "exceptions": ["2026-05-01"]},
            {"dates": ["2026-05-01"], "days": ["mon"]},
            {"dates": ["2026-05-01"], "first": "2026-05-02"},
            {"first": "2026-05-01", "last": "2026-05-03", "days": ["mon"]},
        ],
    )
    def test_a_slot_that_never_starts(self, slot: Raw) -> None:
        """A daypart that nobody will ever hear is a mistake, told once."""
        (fault,) = faults(put("dayparts.0.slot", slot))
        assert 'dayparts[0] "evening" → slot' in fault
        assert "it never starts" in fault or "is before" in fault

    def test_a_spot_whose_second_lies_outside_of_its_slot(self) -> None:
        """It would never come; a slot that goes over midnight is understood."""
        (fault,) = faults(put("spots.0.slot", {"starts": "18:00", "ends": "02:00"}))
        assert "when → at[0]: 12:00:00 is not within the slot, 18:00 to 02:00" in fault
        raw = good()
        put("spots.0.slot", {"starts": "11:00", "ends": "02:00"})(raw)
        read(raw)

    def test_a_fault_is_not_told_again_by_what_depends_on_it(self) -> None:
        """A cue that cannot be read is not compared, and a playlist with a fault is there nevertheless."""
        assert len(faults(put("items.1.cue_in_ms", "x"), put("items.1.cue_out_ms", 1))) == 1
        assert len(faults(put("playlists.0.order", "random"))) == 1
        assert len(faults(put("playlists", "calm"))) == 1
        assert len(faults(put("items.0", "dawn.flac"), put("playlists.0.id", ""))) == 2

    def test_a_field_that_is_written_twice(self) -> None:
        """JSON would lose the first one without a word."""
        twice = b'{"name": "Bar", "zone": "UTC", "dayparts": [], "dayparts": []}'
        assert problems(twice) == ["dayparts: is written twice; leave one of them"]

    def test_no_password_is_told(self) -> None:
        """A fault may be sent to anybody."""
        (fault,) = faults(put("items.0.location", "https://dj:secret@radio.example/"))
        assert "https://dj:***@radio.example/" in fault

    def test_a_newer_format_is_refused_by_itself(self) -> None:
        """What it means is not known, so nothing else is told of it."""
        (fault,) = faults(put("format", FORMAT + 1), put("novelty", 1))
        assert fault.endswith("update the software")


class TestForm:
    """Bytes that are no JSON, or not what a program is made of."""

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"", "line 1, column 1: this is not JSON"),
            (b'{\n "name": "Bar"\n "zone": "UTC"}', "line 3, column 2: this is not JSON"),
            (b'\n"\xff"', "line 2: this is not UTF-8"),
            (b"[]", "the file: an empty list cannot be used; write an object of the kind Program"),
            (b'"\\ud800"', r"the file: '\ud800' cannot be used"),
            (b'{"\\ud800": 1, "name": "", "zone": "UTC"}', r"'\ud800': there is no such field"),
            (b'{"name": NaN}', "NaN"),
            (b'{"seed": ' + b"9" * 5000 + b"}", "thousands of digits"),
            (b'{"seed": 1e400, "name": "", "zone": "UTC"}', "seed: inf cannot be used"),
            (b"[" * 200_000, "lists within lists"),
        ],
    )
    def test_what_is_no_program_is_told(self, data: bytes, told: str) -> None:
        """With the place where that shows."""
        (fault,) = problems(data)
        assert told in fault

    @given(st.binary() | st.text().map(str.encode))
    def test_no_bytes_make_it_raise_anything_else(self, data: bytes) -> None:
        """Whatever is in the file, it is a program or a list of faults."""
        problems(data)

    @fewer
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.sampled_from([*good(), "id", "slot", "when", "type"]) | st.text(), inner)
            ),
        )
    )
    def test_no_json_makes_it_raise_anything_else(self, raw: object) -> None:
        """Also where some of the names are right; and all that is told can be written down."""
        for fault in problems(json.dumps(raw).encode()):
            fault.encode()

    @fewer
    @given(st.data())
    def test_a_good_program_that_is_spoilt_is_refused_or_means_something(self, data: st.DataObject) -> None:
        """What is taken holds every limit of its types."""
        raw: Any = json.loads(encode(data.draw(programs())))
        spoilt = st.sampled_from([None, "", "x", 0, -1, 1e300, True, [], {}, [{}], "12:00", "calm"])
        part = raw
        while isinstance(part, dict | list) and part:
            key = data.draw(st.sampled_from(list(part) if isinstance(part, dict) else range(len(part))))
            inner = part[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
                part[key] = data.draw(spoilt)
                break
            part = inner
        with suppress(ProgramError):
            taken = read(raw)
            assert msgspec.convert(msgspec.to_builtins(taken), Program) == taken


class TestWriting:
    """Programs written."""

    @fewer
    @given(programs())
    def test_what_is_written_reads_the_same(self, program: Program) -> None:
        """And is written the same again."""
        written = encode(program)
        assert decode(written) == program
        assert encode(decode(written)) == written

    def test_only_what_is_not_as_always_is_written(self) -> None:
        """A reader sees what somebody decided; the format always stands at the top."""
        assert encode(Program(name="Bar", zone="UTC")) == (
            b'{\n  "format": 1,\n  "name": "Bar",\n  "zone": "UTC"\n}\n'
        )

    def test_each_part_has_a_line_of_its_own(self) -> None:
        """So that two versions can be compared line by line, and nothing is wider than a screen."""
        lines = encode(read(good())).decode().splitlines()
        assert '        {"item": "dawn"},' in lines
        assert '    {"id": "noon", "items": ["bell"], "when": {"type": "sharp", "at": ["12:00"]}},' in lines
        assert max(map(len, lines)) <= 110

    def test_letters_are_written_as_they_are(self) -> None:
        """A title can be read in the file."""
        assert "Café 日本".encode() in encode(Program(name="Café 日本", zone="UTC"))


class TestRemarks:
    """What is odd, but no fault."""

    def test_a_program_without_oddities_has_none(self) -> None:
        """Nobody is bothered."""
        assert remarks(read(good())) == ()

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            ("fallback", "", "fallback: there is none"),
            ("dayparts", [], 'playlists[1] "lively": nothing ever plays it'),
            ("playlists.0.entries", [{"item": "dawn"}], "items: 1 of them are in no playlist and no spot"),
            ("tzdata", "1999a", f"made with the time zones of 1999a, it is played by those of {TZDATA}"),
            ("volume.ceiling", 60, "volume → curve[1] → volume: is above the ceiling, 60"),
            (
                "spots.1",
                {**good()["spots"][1], "per_hour": 3, "per_day": 2},
                "per_hour: is more than per_day",
            ),
        ],
    )
    def test_an_oddity_is_told(self, path: str, value: object, told: str) -> None:
        """With its place; the program is played nevertheless."""
        raw = good()
        put(path, value)(raw)
        (remark,) = remarks(read(raw))
        assert told in remark

    def test_a_program_with_screens_has_none_by_itself(self) -> None:
        """Its pictures are seen."""
        assert remarks(read(with_screens())) == ()

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            (
                "screen.fallback",
                "",
                "screen → fallback: there is none; when nothing else is due, the screens show nothing",
            ),
            (
                "playlists.0.entries",
                [{"item": "dawn"}, {"item": "dusk"}, {"item": "lost"}],
                "items: 1 pictures are only in playlists that no screen shows, such as 'lost'; nobody",
            ),
            ("items.7", {"id": "idle", "location": "i.png", "kind": "still"}, "such as 'idle'"),
        ],
    )
    def test_what_nobody_will_see(self, path: str, value: object, told: str) -> None:
        """It is told once."""
        raw = with_screens()
        raw["items"].append({"id": "lost", "location": "lost.png", "kind": "still"})
        raw["spots"][0]["pictures"] = [] if "entries" in path else ["lost"]
        if path == "items.7":
            raw["items"].append(value)
        else:
            put(path, value)(raw)
        (remark,) = remarks(read(raw))
        assert told in remark

    def test_a_program_that_nobody_hears(self) -> None:
        """It is silent, and says so; where a playlist is to be heard, and has nothing to hear, it plays."""
        silent = {
            "items": [{"id": "poster", "location": "poster.png", "kind": "still"}],
            "playlists": [{"id": "wall", "entries": [{"item": "poster"}]}],
            "screen": {"fallback": "wall"},
        }
        (remark,) = remarks(read({"name": "Wall", "zone": "UTC", **silent}))
        assert remark.startswith("playlists: none is to be heard")
        remark, *_ = remarks(read({"name": "Wall", "zone": "UTC", "fallback": "wall", **silent}))
        assert remark.startswith(
            "items: nothing of it can be heard, so that the box plays what it brings along"
        )

    def test_the_zones_it_was_made_with_are_ours(self) -> None:
        """Then there is nothing to say of them."""
        raw = good()
        put("tzdata", TZDATA)(raw)
        assert remarks(read(raw)) == ()


class TestNeverStarts:
    """Slots without a single date."""

    def test_a_long_season_always_has_a_date(self) -> None:
        """It is not looked through."""
        assert not never_starts(Slot(first=date(2026, 1, 1), last=date(2099, 1, 1)))
        assert not never_starts(Slot(first=date(2026, 1, 1)))


class TestNames:
    """Names that were nearly right."""

    @pytest.mark.parametrize(
        "written", ["Late Night", "late_night", "LATE-NIGHT", "late-nigth", " late-night"]
    )
    def test_what_was_meant_is_found(self, written: str) -> None:
        """Whatever people do with capital letters and blanks."""
        assert Names(["late-night", "noon"]).instead_of(written) == "did you mean 'late-night'?"

    def test_a_long_choice_is_cut(self) -> None:
        """Nobody reads a thousand names, nor one of a thousand letters."""
        told = Names(f"{number:04}{'x' * LONGEST}" for number in range(100)).instead_of("?")
        assert told.endswith(f", and {100 - MOST_LISTED} more")
        assert len(told) < 2 * MOST_LISTED * LONGEST

    def test_where_there_is_nothing_that_is_said(self) -> None:
        """A list of nothing would look like a mistake of ours."""
        assert Names([]).instead_of("x") == "there is none yet"

    def test_a_file_full_of_slips_does_not_take_for_ever(self) -> None:
        """After so many comparisons only what is nearly the same is found."""
        names = Names(f"song {number}" for number in range(MOST_COMPARED // 2))
        told = [names.instead_of(f"sung {number}") for number in range(3)]
        assert ["did you mean" in one for one in told] == [True, True, False]
        assert names.instead_of("SONG 5") == "did you mean 'song 5'?"


class TestSchema:
    """The JSON Schema."""

    def test_every_field_is_described(self) -> None:
        """Editors show what a field means while it is written."""
        made = schema()["$defs"]
        for kind in kinds():
            properties = made[kind.__name__]["properties"]
            assert all(described["description"] for described in properties.values())
            assert {field.name for field in fields_of(kind)} == set(properties) - {"type"}
            assert made[kind.__name__]["additionalProperties"] is False

    def test_words_are_for_people(self) -> None:
        """No mark of the documentation's tools is left in them."""
        told = [meaning for kind in kinds() for meaning in meanings(kind).values()]
        assert not [meaning for meaning in told if re.search(r"``|:\w+:|`|\n", meaning)]

    def test_times_have_the_form_that_is_read(self) -> None:
        """What the schema takes for a time is one here, with seconds or without."""
        slot = schema()["$defs"]["Slot"]["properties"]
        assert re.match(slot["starts"]["pattern"], "18:00")
        show = schema()["$defs"]["Show"]["properties"]
        assert re.match(show["starts"]["pattern"], "2026-12-31T23:30")
        sharp = schema()["$defs"]["Sharp"]["properties"]
        assert re.match(sharp["at"]["items"]["pattern"], "8:00:00")

    def test_it_can_be_written_down(self) -> None:
        """It is published as a file."""
        assert json.loads(json.dumps(schema()))["$ref"] == "#/$defs/Program"
