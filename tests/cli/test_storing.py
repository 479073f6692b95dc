"""``easyplayer storage``: what lies on the disks of the hub's, told and looked after without a box."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from easyplayer.cli import storage_care, storage_import, storage_status, storing
from easyplayer.cli.hub_store import store_of
from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.media_disk import MediaDisk
from easyplayer.drivers.media_library import MediaLibrary, Space
from easyplayer.drivers.quiet_reading import QuietReading
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.errors import DeviceError, DiskFullError, DiskReadOnlyError, StateError
from easyplayer.main import main
from easyplayer.playout.program_file import encode
from easyplayer.program_store import Store, store_in
from easyplayer.protocol.bundle import BUNDLE_FILE, Bundle, medium_path, program_path
from easyplayer.protocol.codec import encode as encoded
from easyplayer.protocol.heartbeat import Download, Storage
from easyplayer.protocol.identity import box_id
from easyplayer.protocol.signing import Purpose, public_key, sign
from easyplayer.settings import HubSettings, Settings, StorageSettings
from easyplayer.storage_view import StorageView
from easyplayer.units import Instant
from tests.cli.test_status import status
from tests.cli.venues import at
from tests.docs.pages import sections
from tests.fakes.hub_link import HUB_SEED
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.test_stocktaking import bring, play, stage

LONG_AGO = Instant(at("2027-01-01T12:00"))
NOW = Instant(at("2027-03-05T12:00"))
ROOM = Space(free=10**12, total=10**12)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the state directory of a box that has a hub."""
    monkeypatch.setenv("EASYPLAYER_HUB__URL", "http://hub.example")
    for module in (storage_care, storage_status, storage_import):
        monkeypatch.setattr(module, "wall", lambda: NOW)
    made = tmp_path / "state"
    made.mkdir()
    return made


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    """Give what the box keeps: a program with its media, one that comes next, and what nobody needs."""
    made = store_in(state)
    play(made, program_of("one", "a", "b"))
    stage(made, program_of("two", "b", "c"), 2)
    bring(made, "a", "b", "x", at=LONG_AGO)
    yield made
    made.media.close()


class Storing:
    """The command, with its verb first.

    :ivar told: what it wrote beside each heading; the last one of several.
    :ivar warned: what it wrote for the person at last.
    """

    def __init__(self, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._state = state
        self._capsys = capsys
        self._said = self.warned = ""

    def __call__(self, verb: str, *words: str | Path) -> int:
        """Run a verb; give its exit code."""
        parser = argparse.ArgumentParser()
        storing.configure(parser)
        code = storing.run(parser.parse_args([verb, "--state", str(self._state), *map(str, words)]))
        self._said, self.warned = self._capsys.readouterr()
        return code

    @property
    def json(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self._said)

    @property
    def told(self) -> dict[str, str]:
        """What it wrote, by heading."""
        pairs = (line.split("\t") for line in self._said.splitlines())
        return {pair[0]: pair[1] for pair in pairs}


@pytest.fixture
def storage(state: Path, capsys: pytest.CaptureFixture[str]) -> Storing:
    """Give the command."""
    return Storing(state, capsys)


def name_of(sha256: str) -> str:
    """Name a medium by its digest."""
    return {digest_of(content(name)): name for name in "abcx"}[sha256]


def spoil(store: Store, name: str) -> None:
    """Let a medium be another one of the same length."""
    store.media.path(digest_of(content(name))).write_bytes(content("?"))


class TestStatus:
    """How it stands."""

    def test_programs_media_and_disks_are_told(self, store: Store, storage: Storing) -> None:
        """Without a box."""
        assert storage("status") == 0
        told = storage.told
        assert told["box"] == "does not run"
        assert told["current"] == "one, version 1 (revision 1): 2 media, 80 B, complete"
        assert told["staged"] == "two, version 1 (revision 2): 2 media, 80 B, 1 missing (40 B)"
        assert told["previous"] == "none"
        assert told["plays on"] == "for a week at least, without the hub"
        assert told["disk"].startswith(f"{store.media.folder}: well, 3 media, ")
        assert told["not needed"] == "1 media, 40 B"

    def test_script_gets_all_of_it(self, store: Store, storage: Storing) -> None:
        """With what is not covered."""
        store.media.remove(digest_of(content("a")))
        storage("status", "--json")
        told = storage.json
        assert told["current"]["missing"] == 1
        assert told["autonomy"]["uncovered"] != []
        assert (told["garbage"], told["garbage_bytes"], told["download"]) == (1, 40, None)

    def test_disk_that_is_missing_is_told(
        self, store: Store, storage: Storing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is named in the settings, and nobody has plugged it in."""
        monkeypatch.setenv("EASYPLAYER_STORAGE__DISKS", "/nowhere/media")
        storage("status")
        assert storage.told["disk"] == "missing: /nowhere/media is not there: plug the disk in and mount it"

    def test_running_box_tells_what_only_it_knows(self, store: Store, state: Path, storage: Storing) -> None:
        """How fast media come, and what keeps them from coming."""
        view = StorageView(
            storage=Storage(trouble="the disk is full"),
            download=Download(files_left=1, bytes_left=2_000_000, bytes_per_s=1_000_000),
            stick="BAR: 1 of 2 MB are copied",
        )
        socket = StatusSocket(state)
        socket.publish(msgspec.json.encode(status(storage=view)))
        socket.open()
        storage("status")
        told = storage.told
        assert told["box"] == "runs"
        assert told["downloads"] == "1 media (2.0 MB) to come, 1.0 MB/s, about 2 s"
        assert (told["stick"], told["TROUBLE"]) == ("BAR: 1 of 2 MB are copied", "the disk is full")

        socket.publish(b"{}")
        storage("status", "--json")
        assert storage.json["runs"] is True
        socket.close()

    def test_damaged_program_is_told(self, store: Store, state: Path, storage: Storing) -> None:
        """With what the box does about it."""
        head = store.programs.current
        assert head is not None
        (state / "programs" / f"{head.head.digest}.json").write_text("torn")
        storage("status")
        assert storage.told["TROUBLE"].startswith("the current program is damaged")

    def test_directory_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        """It is not made, either."""
        assert main(["storage", "status", "--state", str(tmp_path / "no")]) == StateError.exit_code
        assert not (tmp_path / "no").exists()


class TestVerify:
    """Looking at every medium."""

    def test_all_that_is_right_is_noted(self, store: Store, storage: Storing) -> None:
        """So that the scrubber need not read it again soon."""
        assert storage("verify", "--json") == 0
        assert (storage.json["right"], storage.json["bad"]) == (3, [])
        assert store.media.checked_since(NOW) == 3

    def test_what_is_bad_is_told_and_stays(self, store: Store, storage: Storing) -> None:
        """With the way out, and an exit code for a script."""
        spoil(store, "a")
        assert storage("verify") == 1
        path = store.media.path(digest_of(content("a")))
        assert storage.told["WRONG"] == str(path)
        assert storage.told["bad"] == "1 media"
        assert "--repair" in storage.warned
        assert path.exists()

    def test_quick_look_reads_nothing(self, store: Store, storage: Storing) -> None:
        """Lengths tell what was cut, and not what was changed."""
        spoil(store, "a")
        store.media.path(digest_of(content("b"))).write_bytes(b"cut")
        storage("verify", "--quick", "--json")
        assert [name_of(one["sha256"]) for one in storage.json["bad"]] == ["b"]
        assert store.media.checked_since(Instant(1.0)) == 0

    def test_repair_takes_away_what_is_bad(self, store: Store, storage: Storing) -> None:
        """The exit code still says that there was something."""
        spoil(store, "a")
        assert storage("verify", "--repair") == 1
        assert store.media.size_of(digest_of(content("a"))) is None
        assert "easyplayer fetch" in storage.warned
        assert storage("verify") == 0

    def test_repair_leaves_what_a_running_box_has_brought_anew(
        self, store: Store, storage: Storing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """There may be an hour between the look at it and the end."""
        spoil(store, "a")
        path = store.media.path(digest_of(content("a")))
        look = storage_care.looked_through

        def look_while_it_comes(*about: Any, **named: Any) -> dict[str, storage_care.Found]:
            found = look(*about, **named)
            path.write_bytes(content("a"))
            return found

        monkeypatch.setattr(storage_care, "looked_through", look_while_it_comes)
        assert storage("verify", "--repair", "--json") == 1
        assert storage.json["removed"] == []
        assert path.read_bytes() == content("a")

    def test_medium_that_cannot_be_read_is_told_apart(
        self, store: Store, storage: Storing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It goes as well, where others on that disk can be read."""
        lose(monkeypatch, "a")
        storage("verify", "--repair", "--json")
        (bad,) = storage.json["bad"]
        assert (name_of(bad["sha256"]), bad["found"]) == ("a", "unreadable")
        assert storage.json["removed"] == [bad["sha256"]]

    def test_disk_that_gives_nothing_is_not_emptied(
        self, store: Store, storage: Storing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its plug may be loose."""
        lose(monkeypatch, "a", "b", "x")
        assert storage("verify", "--repair") == 1
        assert len([*store.media.digests()]) == 3

    def test_some_may_stay_on_a_disk_that_gives_nothing(
        self, store: Store, state: Path, storage: Storing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """And what is bad on another one goes."""
        other = tmp_path / "other"
        monkeypatch.setenv("EASYPLAYER_STORAGE__DISKS", str(other))
        moved = digest_of(content("x"))
        (other / moved[:2]).mkdir(parents=True)
        store.media.path(moved).rename(other / moved[:2] / moved)
        lose(monkeypatch, "x")
        spoil(store, "a")
        storage("verify", "--repair")
        assert (other / moved[:2] / moved).exists()
        assert "1 stay, on a disk that gives nothing at all" in storage.warned


def lose(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the disk give an error where some media are read."""
    lost = {digest_of(content(name)) for name in names}
    real = QuietReading.read_on

    def read_on(self: QuietReading, most: int = 1 << 18) -> int:
        if self._path.name in lost:
            raise OSError(5, "Input/output error")
        return real(self, most)

    monkeypatch.setattr(QuietReading, "read_on", read_on)


class TestRebuild:
    """The index, made of the disks alone."""

    def test_what_is_on_the_disks_is_counted(self, store: Store, state: Path, storage: Storing) -> None:
        """Also where the database is gone, or is none."""
        store.media.close()
        (state / "media.sqlite").write_text("no database")
        assert storage("rebuild", "--json") == 0
        assert (storage.json["media"], storage.json["bytes"]) == (3, 120)
        storage("rebuild")
        assert storage.told["in the index"].startswith("3 media, 120 B, in 0.")


class TestCollect:
    """What nobody needs."""

    def test_only_that_goes_which_no_program_names(self, store: Store, storage: Storing) -> None:
        """And what it frees is told."""
        assert storage("gc") == 0
        assert storage.told["taken away"] == "1 media, 40 B"
        assert {name_of(one) for one in store.media.digests()} == {"a", "b"}

    def test_program_to_go_back_to_keeps_its_media(self, store: Store, storage: Storing) -> None:
        """So do the one that plays and the one that comes."""
        bring(store, "c", at=LONG_AGO)
        store.programs.switch()
        storage("gc", "--all")
        assert {name_of(one) for one in store.media.digests()} == {"a", "b", "c"}

    def test_rehearsal_takes_nothing_away(self, store: Store, storage: Storing) -> None:
        """It tells what would be."""
        storage("gc", "--dry-run", "--json")
        assert storage.json == {
            "dry_run": True,
            "media": [{"sha256": digest_of(content("x")), "bytes": 40}],
            "bytes": 40,
        }
        assert len([*store.media.digests()]) == 3

    def test_what_was_of_use_yesterday_stays_unless_all_is_to_go(
        self, store: Store, storage: Storing
    ) -> None:
        """The next program may want it again."""
        store.media.keep_from(digest_of(content("x")), Instant(NOW - 3600))
        storage("gc")
        assert storage.told["taken away"] == "0 media, 0 B"
        storage("gc", "--all")
        assert storage.told["taken away"] == "1 media, 40 B"

    def test_what_a_person_has_asked_for_stays(self, store: Store, storage: Storing) -> None:
        """Until its week is over."""
        store.media.keep_from(digest_of(content("x")), Instant(NOW + 3600))
        storage("gc", "--all")
        assert storage.told["taken away"] == "0 media, 0 B"

    def test_what_a_running_box_comes_to_want_stays(
        self, store: Store, state: Path, storage: Storing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It has staged another program since."""

        def late(wanted: Settings) -> Store:
            stage(store, program_of("three", "x"), 3)
            return store_of(wanted)

        monkeypatch.setattr(storage_care, "store_of", late)
        assert storage("gc") == 1
        assert storage.warned == f"{digest_of(content('x'))} is wanted by now, and stays\n"
        assert len([*store.media.digests()]) == 3

    def test_medium_that_does_not_go_is_told(
        self, store: Store, storage: Storing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The disk may be read-only."""

        def refuse(_library: MediaLibrary, _sha256: str) -> None:
            message = "the disk is read-only"
            raise StateError(message)

        monkeypatch.setattr(MediaLibrary, "remove", refuse)
        assert storage("gc") == 1
        assert storage.warned == "the disk is read-only\n"

    def test_nothing_goes_as_long_as_nobody_knows_what_is_needed(
        self, store: Store, state: Path, storage: Storing
    ) -> None:
        """The current program's file is damaged."""
        current = store.programs.current
        assert current is not None
        (state / "programs" / f"{current.head.digest}.json").write_text("torn")
        storage("gc", "--all")
        assert "all media stay" in storage.warned
        assert len([*store.media.digests()]) == 3


class TestImport:
    """Media from a folder."""

    def test_files_that_the_box_lacks_are_taken_whatever_they_are_called(
        self, store: Store, storage: Storing, tmp_path: Path
    ) -> None:
        """Others are left, and so are links, which may lead anywhere."""
        folder = tmp_path / "usb" / "Music"
        folder.mkdir(parents=True)
        (folder / "Hit.flac").write_bytes(content("c"))
        (folder / "other.flac").write_bytes(content("q"))
        (folder / "link.flac").symlink_to(store.media.path(digest_of(content("a"))))
        assert storage("import", tmp_path / "usb") == 0
        assert storage.told == {"taken": "1 media, 40 B", "missing": "nothing"}
        assert store.media.path(digest_of(content("c"))).read_bytes() == content("c")

    def test_what_is_still_missing_is_told(self, store: Store, storage: Storing, tmp_path: Path) -> None:
        """The exit code says so as well."""
        assert storage("import", tmp_path, "--json") == 1
        assert storage.json == {"program": "", "media": 0, "bytes": 0, "bad": {}, "missing": 1}

    def test_file_that_is_not_what_its_name_says_is_refused(
        self, store: Store, storage: Storing, tmp_path: Path
    ) -> None:
        """It was copied badly."""
        (tmp_path / digest_of(content("c"))).write_bytes(content("q"))
        assert storage("import", tmp_path) == 1
        assert "it is not what its name says: copy it anew" in storage.warned
        assert store.media.size_of(digest_of(content("c"))) is None

    def test_full_disk_is_a_clear_refusal(
        self, store: Store, storage: Storing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It names how much is needed."""
        (tmp_path / "c").write_bytes(content("c"))
        monkeypatch.setattr(MediaDisk, "space", lambda _disk: Space(free=10, total=100, kept=0))
        with pytest.raises(DiskFullError, match="1 MB more are needed"):
            storage("import", tmp_path)

    def test_disk_that_takes_nothing_is_not_called_full(
        self, store: Store, storage: Storing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """To make room would not help."""
        (tmp_path / "c").write_bytes(content("c"))
        refusal = DiskReadOnlyError("make the disk writable, or replace it")
        monkeypatch.setattr(MediaDisk, "refusal", lambda _disk, _size: refusal)
        with pytest.raises(DiskReadOnlyError, match="make the disk writable"):
            storage("import", tmp_path)

    def test_folder_that_is_none_is_an_error(self, store: Store, storage: Storing, tmp_path: Path) -> None:
        """With what to name."""
        with pytest.raises(DeviceError, match="is no folder"):
            storage("import", tmp_path / "no")

    def test_stick_brings_program_and_media(self, state: Path, storage: Storing, stick: Path) -> None:
        """To a box that knows its hub, and does not run."""
        assert storage("import", stick) == 0
        assert storage.told["program"] == "three, version 1: played as soon as it is complete"
        kept = store_in(state)
        assert kept.programs.staged is not None
        assert kept.media.size_of(digest_of(content("a"))) == 40

    def test_program_that_is_here_already_is_no_news(
        self, state: Path, storage: Storing, stick: Path
    ) -> None:
        """It does not come next: it plays."""
        storage("import", stick)
        assert store_in(state).programs.switch() is not None
        storage("import", stick)
        assert "program" not in storage.told

    def test_stick_of_another_hub_brings_no_program(
        self, state: Path, storage: Storing, stick: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it is, is told."""
        monkeypatch.setenv("EASYPLAYER_HUB__KEY", public_key(b"o" * 32))
        storage("import", stick)
        assert str(stick) in storage.warned
        assert store_in(state).programs.staged is None

    def test_running_box_takes_the_program_itself(self, state: Path, storage: Storing, stick: Path) -> None:
        """Two may not change the programs at one time."""
        socket = StatusSocket(state)
        socket.open()
        storage("import", stick)
        socket.close()
        assert "plug it in there" in storage.warned
        assert store_in(state).programs.staged is None


@pytest.fixture
def stick(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a stick for the box, from the hub that it knows."""
    box, top = box_id(public_key(BoxKey(state / "box.key").load_or_make())), tmp_path / "stick"
    monkeypatch.setenv("EASYPLAYER_HUB__KEY", public_key(HUB_SEED))
    data = encode(program_of("three", "a"))
    head = structs.replace(head_of(data, "three", 9), box=box)
    bundle = Bundle(id="0" * 16, made=NOW, heads=(sign(HUB_SEED, Purpose.PROGRAM, head),))
    files = {
        BUNDLE_FILE: encoded(sign(HUB_SEED, Purpose.BUNDLE, bundle)),
        program_path(head.digest): data,
        medium_path(digest_of(content("a"))): content("a"),
    }
    for path, held in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(held)
    return top


def test_all_disks_of_the_settings_are_used(state: Path, tmp_path: Path) -> None:
    """With the room that is left to others."""
    box = structs.replace(Settings().box, state=str(state))
    disks = StorageSettings(disks=(str(tmp_path),), keep_free_mb=7)
    library = store_of(Settings(box=box, hub=HubSettings(url="http://hub.example"), storage=disks)).media
    assert [one.name for one in library.disks()] == [str(state / "media"), str(tmp_path)]
    library.close()


@pytest.mark.parametrize("verb", storing.VERBS, ids=lambda verb: verb.name)
def test_what_a_verb_takes_stands_in_the_guide(verb: storing.Verb) -> None:
    """Each of its options, in the section of the command."""
    parser = argparse.ArgumentParser(add_help=False)
    verb.configure(parser)
    section = sections("guide/commands.md")["storage"]
    assert f"| {verb.name} |" in section
    for action in parser._actions:
        for word in action.option_strings or [str(action.metavar)]:
            assert f"`{word}`" in section


def test_bar_is_drawn_where_a_person_sees_it(
    store: Store, storage: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only there."""
    monkeypatch.setattr("easyplayer.cli.progress.has_bar", lambda: True)
    storage("verify")
    assert storage.warned
