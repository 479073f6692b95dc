"""Settings come from three places, and whatever is wrong in them is told all at once."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import FieldInfo

from easyplayer import settings
from easyplayer.errors import SettingsError
from easyplayer.hub_wishes import transports
from easyplayer.layers import description
from easyplayer.settings import PREFIX, HubSettings, Settings, load

SECTIONS = msgspec.structs.fields(Settings)
CHOICE = "box, devices, downloads, hub, music, program, rules, screen, sound, storage, support, watchdog"
FIELDS = [(section, field) for section in SECTIONS for field in msgspec.structs.fields(section.type)]


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    """Give the path of a settings file that a test may write."""
    return tmp_path / "settings.toml"


@pytest.fixture(autouse=True)
def _no_file_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    monkeypatch.setattr(settings, "PLACES", ())


def read(
    toml: str = "",
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    command_line: Mapping[str, Any] | None = None,
) -> Settings:
    """Load settings; nothing but what is given here has a say in them."""
    if file is not None:
        file.write_text(toml, encoding="utf-8")
    return load(file, environment or {}, command_line)


def problems(*layers: Any, **places: Any) -> list[str]:
    """Give what is told about settings that cannot be used."""
    with pytest.raises(SettingsError) as caught:
        read(*layers, **places)
    return caught.value.problems


class TestDefaults:
    """A box that nobody has set up."""

    def test_nothing_at_all_is_a_good_setting(self, file: Path) -> None:
        """No file, an empty file and the bare defaults are the same box."""
        assert load(None, {}) == read("", file=file) == Settings()

    def test_the_state_directory_is_a_real_path(self) -> None:
        """The tilde stands for the home of whoever runs the box."""
        assert Settings().state == Path.home() / ".local" / "state" / "easyplayer"

    @pytest.mark.parametrize(("section", "field"), FIELDS, ids=lambda part: part.name)
    def test_every_default_is_allowed(self, section: FieldInfo, field: FieldInfo) -> None:
        """Whoever writes a default into the file gets the default."""
        given = {section.name: {field.name: field.default}}
        assert read(command_line=given) == Settings()


class TestLayers:
    """File, environment and command line."""

    def test_a_file_is_read(self, file: Path) -> None:
        """What the file says goes over the defaults, and the rest stays."""
        found = read('[sound]\nvolume = 60\n[box]\nopening = "08:00-02:00"\n', file=file)
        assert (found.sound.volume, found.box.opening) == (60, "08:00-02:00")
        assert found.rules == Settings().rules

    def test_the_environment_goes_over_the_file(self, file: Path) -> None:
        """A unit file may change one setting and leaves the others of its section alone."""
        toml = '[sound]\nvolume = 60\nsink = "bar"\n'
        found = read(toml, file=file, environment={"EASYPLAYER_SOUND__VOLUME": "70"})
        assert (found.sound.volume, found.sound.sink) == (70, "bar")

    def test_the_command_line_goes_over_both(self, file: Path) -> None:
        """Who types it means it now."""
        found = read(
            "[sound]\nvolume = 60\n",
            file=file,
            environment={"EASYPLAYER_SOUND__VOLUME": "70"},
            command_line={"sound": {"volume": 80}},
        )
        assert found.sound.volume == 80

    def test_other_variables_are_none_of_our_business(self) -> None:
        """An environment is full of things."""
        assert read(environment={"PATH": "/bin", "EASY": "1", "XEASYPLAYER_SOUND__VOLUME": "1"}) == Settings()

    def test_the_process_has_an_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Unless told otherwise, the real one counts."""
        monkeypatch.setenv("EASYPLAYER_SOUND__SINK", "bar")
        assert load().sound.sink == "bar"

    @pytest.mark.parametrize(
        ("name", "text", "expected"),
        [
            ("SOUND__VOLUME", "0", 0),
            ("SOUND__SINK_VOLUME", "-1", -1),
            ("RULES__TARGET_LUFS", "-14.5", -14.5),
            ("RULES__TARGET_LUFS", "-14", -14.0),
            ("BOX__STATE", "/var/lib/easyplayer", "/var/lib/easyplayer"),
            ("MUSIC__PLACES", "/music", ("/music",)),
        ],
    )
    def test_text_becomes_what_the_setting_is(self, name: str, text: str, expected: object) -> None:
        """The environment knows only text, and a setting knows what it is."""
        section, _, key = name.lower().partition("__")
        assert getattr(getattr(read(environment={PREFIX + name: text}), section), key) == expected


class TestFiles:
    """Where the file is, and whether it can be read."""

    def test_the_first_of_the_usual_places_counts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The machine's own file goes before that of a user, and one that is not there is passed over."""
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setattr(settings, "PLACES", (Path("~/gone.toml"), Path("~/a.toml"), Path("~/b.toml")))
        (tmp_path / "a.toml").write_text("[sound]\nvolume = 10\n")
        (tmp_path / "b.toml").write_text("[sound]\nvolume = 20\n")
        assert load(None, {}).sound.volume == 10

    def test_a_file_that_is_named_must_be_there(self, tmp_path: Path) -> None:
        """Who names a file means it."""
        with pytest.raises(SettingsError, match=r"gone\.toml: cannot be read \(No such file"):
            load(tmp_path / "gone.toml", {})

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        """The system's own word for what is wrong is told, and the way out."""
        with pytest.raises(SettingsError, match=r"Is a directory\): name another file, or leave it out"):
            load(tmp_path, {})

    def test_a_usual_place_that_may_not_be_looked_at_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that this user may not see might be the one that counts: silence would be wrong."""

        def refuse(*_args: object, **_options: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(settings, "PLACES", (Path("/etc/easyplayer/settings.toml"),))
        monkeypatch.setattr(Path, "stat", refuse)
        monkeypatch.setattr(Path, "read_text", refuse)
        with pytest.raises(SettingsError, match=r"/etc/easyplayer/settings\.toml: .*Permission denied"):
            load(None, {})

    @pytest.mark.parametrize("content", [b"[sound\n", b"volume", b"\xff\xfe", b"[a]\n[a]\n"])
    def test_a_file_that_is_not_toml_is_told(self, file: Path, content: bytes) -> None:
        """A typing error does not end in a traceback."""
        file.write_bytes(content)
        with pytest.raises(SettingsError, match=rf"{re.escape(str(file))}: is not TOML: "):
            load(file, {})

    def test_a_syntax_error_names_its_line(self, file: Path) -> None:
        """The technician is led to the place."""
        assert problems("[sound]\nvolume == 3\n", file=file) == [
            f"{file}: is not TOML: Invalid value (at line 2, column 9)"
        ]

    def test_braces_in_a_path_are_only_braces(self, tmp_path: Path) -> None:
        """A place is named as it is called, whatever that is."""
        file = tmp_path / "{odd} {0}.toml"
        assert problems("[sound]\nvolume = 101\n", file=file)[0].startswith(f"{file}: [sound] volume: ")


class TestLists:
    """Settings that take more than one."""

    def test_a_list_in_the_file_is_taken_as_it_is(self, file: Path) -> None:
        """A colon within an entry separates nothing there."""
        found = read('[music]\nplaces = ["/a:b", "http://radio.example:8000/live"]\n', file=file)
        assert found.music.places == ("/a:b", "http://radio.example:8000/live")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", ()),
            ("/music", ("/music",)),
            ("/music:/jingles", ("/music", "/jingles")),
            (":/music::/jingles:", ("/music", "/jingles")),
            ("~/music:./more:list.m3u8", ("~/music", "./more", "list.m3u8")),
            ("https://radio.example/live", ("https://radio.example/live",)),
            ("http://radio.example:8000/live", ("http://radio.example:8000/live",)),
            ("http://radio.example:8000", ("http://radio.example:8000",)),
            ("http://dj:secret@radio.example:8000/", ("http://dj:secret@radio.example:8000/",)),
            ("http://[::1]:8000/live", ("http://[::1]:8000/live",)),
            ("udp://@239.0.0.1:1234", ("udp://@239.0.0.1:1234",)),
            ("icecast+http://a.example:80/x:/music", ("icecast+http://a.example:80/x", "/music")),
            (
                "/music:http://a.example:8000/x:/more:https://b.example/y:http://c.example:80",
                ("/music", "http://a.example:8000/x", "/more", "https://b.example/y", "http://c.example:80"),
            ),
            ("http://a.example/x:~/music", ("http://a.example/x", "~/music")),
            ("http://a.example/x:./music", ("http://a.example/x", "./music")),
        ],
    )
    def test_a_list_in_the_environment_is_separated_by_colons(
        self, text: str, expected: tuple[str, ...]
    ) -> None:
        """The colons that belong to a URL separate nothing."""
        assert read(environment={"EASYPLAYER_MUSIC__PLACES": text}).music.places == expected

    @given(
        st.lists(
            st.sampled_from(
                ["/music", "./more", "~/list.m3u8", "http://a.example:8000/x", "https://b.example"]
            )
        )
    )
    def test_what_is_joined_comes_apart_again(self, places: list[str]) -> None:
        """Any row of paths and URLs reads as it was written."""
        found = read(environment={"EASYPLAYER_MUSIC__PLACES": ":".join(places)})
        assert found.music.places == tuple(places)

    def test_an_entry_that_is_no_text_is_told(self, file: Path) -> None:
        """The number of the entry is told with it."""
        (problem,) = problems('[music]\nplaces = ["/a", 7]\n', file=file)
        assert "Expected `str`, got `int` - at `$[1]`" in problem


class TestProblems:
    """What is told of settings that cannot be used."""

    def test_everything_is_told_at_once(self, file: Path) -> None:
        """One visit to the venue is enough: no mistake hides behind another, whatever its place."""
        assert problems(
            '[sound]\nvolume = 101\nsnik = "bar"\n[muzic]\nplaces = []\n',
            file=file,
            environment={"EASYPLAYER_RULES__CROSSFADE_MS": "long", "EASYPLAYER_VOLUME": "7"},
            command_line={"watchdog": {"port": -1}},
        ) == [
            "environment: EASYPLAYER_VOLUME names no setting: write EASYPLAYER_SECTION__KEY",
            f"{file}: [sound] volume: 101 cannot be used (Expected `int` <= 100): volume to start with",
            f"{file}: [sound] snik: there is no such setting; did you mean 'sink'?",
            "environment: EASYPLAYER_RULES__CROSSFADE_MS: 'long' cannot be used "
            "(Expected `int`, got `str`): length of a crossfade; 0 is none",
            "command line: watchdog.port: -1 cannot be used (Expected `int` >= 0): "
            "UDP port of the WatchDog plugin; 0 tells nobody",
            f"{file}: [muzic] places: there is no section 'muzic'; did you mean 'music'?",
        ]

    def test_a_bad_setting_is_told_for_each_place_it_stands_in(self, file: Path) -> None:
        """A good one over it does not hide it: the file is to be mended all the same."""
        (problem,) = problems(
            "[sound]\nvolume = 300\n", file=file, environment={"EASYPLAYER_SOUND__VOLUME": "30"}
        )
        assert problem.startswith(f"{file}: [sound] volume: 300 cannot be used")

    def test_what_is_wrong_in_the_file_does_not_hide_the_rest(self, file: Path) -> None:
        """A file that cannot be read at all is one problem among others."""
        told = problems("[", file=file, environment={"EASYPLAYER_SOUND__LOUDNESS": "9"})
        assert len(told) == 2

    def test_a_name_that_is_like_no_other_gets_the_whole_choice(self) -> None:
        """Where nothing is near, all that there is is listed."""
        assert problems(command_line={"sound": {"qqq": 1}}) == [
            "command line: sound.qqq: there is no such setting; "
            "there are sink, sink_volume, volume, volume_highest, volume_lowest"
        ]
        assert problems(command_line={"qqq": {"x": 1}}) == [
            "command line: qqq.x: there is no section 'qqq'; there are " + CHOICE
        ]

    @pytest.mark.parametrize(
        ("toml", "told"),
        [
            ("sound = 3\n", "[sound]: is a section: write [sound] on a line of its own"),
            (
                "[[sound]]\nvolume = 3\n",
                "[sound]: is a section: write [sound] on a line of its own",
            ),
            (
                "volume = 3\n",
                "[volume]: there is no section 'volume'; there are " + CHOICE,
            ),
            (
                "[sounds]\n",
                "[sounds]: there is no section 'sounds'; did you mean 'sound'?",
            ),
        ],
    )
    def test_a_section_that_is_none_is_told(self, file: Path, toml: str, told: str) -> None:
        """A setting outside its section, and a section that is a number, are led to their place."""
        assert problems(toml, file=file) == [f"{file}: {told}"]

    @pytest.mark.parametrize(
        ("section", "key", "value"),
        [
            ("sound", "volume", -1),
            ("sound", "volume", 101),
            ("sound", "volume", 50.0),
            ("sound", "volume", True),
            ("sound", "volume", None),
            ("sound", "volume", "loud"),
            ("sound", "sink", 7),
            ("sound", "sink_volume", -2),
            ("rules", "crossfade_ms", 30_001),
            ("rules", "skip_fade_ms", 5_001),
            ("rules", "target_lufs", -4.9),
            ("rules", "target_lufs", float("nan")),
            ("rules", "target_lufs", "nan"),
            ("rules", "headroom_dbtp", 0.1),
            ("watchdog", "port", 65_536),
            ("watchdog", "every_s", 0.5),
            ("watchdog", "every_s", "inf"),
            ("music", "places", 7),
            ("music", "places", {"a": 1}),
        ],
    )
    def test_a_value_outside_its_limits_is_told(self, section: str, key: str, value: object) -> None:
        """The place, the value and what the setting is for stand in one line."""
        (problem,) = problems(command_line={section: {key: value}})
        fields = {field.name: field for one, field in FIELDS if one.name == section}
        assert problem.startswith(f"command line: {section}.{key}: {value!r} cannot be used (")
        assert problem.endswith(f": {description(fields[key])}")


class TestPatterns:
    """Settings that are text of a certain form."""

    @pytest.mark.parametrize("opening", ["", "08:00-02:00", "00:00-24:00", "23:59-00:00", "10:30-22:15"])
    def test_opening_hours(self, opening: str) -> None:
        """Hours and minutes have two digits, and 24:00 is the end of a day."""
        assert read(command_line={"box": {"opening": opening}}).box.opening == opening

    @pytest.mark.parametrize(
        "opening",
        ["8:00-2:00", "08:00", "08:00-25:00", "24:00-02:00", "08:60-09:00", "08:00 - 09:00", "noon"],
    )
    def test_other_opening_hours_are_told(self, opening: str) -> None:
        """A box that would never open, or always, by a typing error is not started."""
        (problem,) = problems(command_line={"box": {"opening": opening}})
        assert "such as 08:00-02:00" in problem

    @pytest.mark.parametrize("day", ["", "2027-12-31", "2028-02-29"])
    def test_the_last_day_of_the_licence(self, day: str) -> None:
        """It is a day, or none."""
        assert read(command_line={"box": {"licence_until": day}}).box.licence_until == day

    @pytest.mark.parametrize("day", ["31.12.2027", "2027-12", "2027-13-01", "2027-02-29", "0000-01-01"])
    def test_a_day_that_no_calendar_has_is_told(self, day: str) -> None:
        """A licence that ends on the thirty-first of February is a typing error."""
        (problem,) = problems(environment={"EASYPLAYER_BOX__LICENCE_UNTIL": day})
        assert "licence_until" in problem.lower()


class TestLive:
    """``[hub] live`` is one of three words."""

    @pytest.mark.parametrize(
        ("live", "ways"),
        [("websocket", ("websocket", "polling")), ("polling", ("polling", "websocket")), ("off", ())],
    )
    def test_it_says_which_way_is_tried_first(self, live: str, ways: tuple[str, ...]) -> None:
        """Or that none is."""
        assert transports(HubSettings(live=live)) == ways

    def test_another_word_is_told(self) -> None:
        """With what it may be."""
        with pytest.raises(SettingsError, match="whichever is to be tried first, or off"):
            load(None, {"EASYPLAYER_HUB__LIVE": "maybe"})


class TestVolumeLimits:
    """Between which volumes people may turn."""

    def test_limits_that_leave_nothing_between_them_are_told(self) -> None:
        """It shows only when both are known, wherever each of them stands."""
        assert problems(
            environment={"EASYPLAYER_SOUND__VOLUME_LOWEST": "60"},
            command_line={"sound": {"volume_highest": 40}},
        ) == ["[sound] volume_lowest is above volume_highest: nothing lies between them"]

    @pytest.mark.parametrize(("lowest", "highest"), [(0, 0), (0, 100), (40, 40), (100, 100)])
    def test_limits_that_meet_leave_one_volume(self, lowest: int, highest: int) -> None:
        """A venue may have its volume nailed down."""
        sound = read(command_line={"sound": {"volume_lowest": lowest, "volume_highest": highest}}).sound
        assert (sound.volume_lowest, sound.volume_highest) == (lowest, highest)


class TestDocumentation:
    """What the technician's manual is made of."""

    @pytest.mark.parametrize(("section", "field"), FIELDS, ids=lambda part: part.name)
    def test_every_setting_says_what_it_is_for(self, section: FieldInfo, field: FieldInfo) -> None:
        """One line that ends without a full stop, for it stands behind a colon."""
        about = description(field)
        assert len(about) > len("port")
        assert not about.endswith(".")
        assert "\n" not in about

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
    def test_every_section_says_how_it_is_written(self, section: FieldInfo) -> None:
        """Its documentation begins with its name in brackets, as it stands in the file."""
        assert (section.type.__doc__ or "").startswith(f"``[{section.name}]``: ")

    def test_numbers_have_limits(self) -> None:
        """No number is taken that would make the box do what nobody can want."""
        unlimited = [
            f"{section.name}.{field.name}"
            for section, field in FIELDS
            for meta in field.type.__metadata__
            if type(field.default) in {int, float} and (meta.ge is None or meta.le is None)
        ]
        assert unlimited == []


def test_settings_of_a_hub_on_the_same_machine_are_none_of_the_boxs() -> None:
    """Its section about the hub is told by two underscores."""
    environment = {"EASYPLAYER_HUB_PORT": "8080", "EASYPLAYER_HUB__URL": "http://127.0.0.1:8080"}
    assert load(None, environment).hub.url == "http://127.0.0.1:8080"
