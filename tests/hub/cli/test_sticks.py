"""Sticks as an operator makes them at a real hub, and the reports that come back on them."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from easyplayer.errors import BadRequestError, DeviceError, NotFoundError
from easyplayer.hub.app import build_application
from easyplayer.hub.cli import stick as stick_module
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import tracks
from easyplayer.protocol.bundle import BUNDLE_FILE, MEDIA, REPORTS, Bundle, medium_path, program_path
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, verified
from tests.hub import sticks
from tests.hub.boxes import ABox, chain, paired, part, song
from tests.hub.cli.operator import Operator
from tests.hub.conftest import PUBLIC_URL
from tests.hub.contents import ANNA, DRAFT, NOW, facts
from tests.hub.web.test_program_endpoints import make_program, publish

SONGS = {f"song {number}": bytes([number + 1]) * (10_000 + 1000 * number) for number in range(6)}
DIGESTS = {name: sha256(content).hexdigest() for name, content in SONGS.items()}
FIRST = DIGESTS["song 0"]


@pytest.fixture(name="client")
def _client(hub: Hub) -> TestClient:
    """Give a client of a hub beside which nothing runs, such as an analysis of what is no music."""
    return TestClient(build_application(hub), base_url=PUBLIC_URL, raise_server_exceptions=False)


@pytest.fixture(name="box")
def _box(hub: Hub, client: TestClient, admin: TestClient, tmp_path: Path) -> ABox:
    """Have a box, and a program for it that plays six songs."""
    box = paired(client, admin)
    for name, content in SONGS.items():
        file = tmp_path / "content"
        file.write_bytes(content)
        hub.media.put(tracks.media_key(DIGESTS[name]), file)
        with hub.database.write() as connection:
            tracks.add(
                connection, ANNA, NOW, sha256=DIGESTS[name], size=len(content), file_name=f"{name}.flac"
            )
            tracks.judged(connection, DIGESTS[name][: tracks.ID_DIGITS], facts(DIGESTS[name], title=name))
    play(admin, SONGS)
    return box


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, box: ABox) -> Path:
    """Give a stick that is empty, where there is a box for it."""
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def play(admin: TestClient, names: Any) -> None:
    """Publish a program that plays these songs."""
    entries = [{"item": DIGESTS[name][: tracks.ID_DIGITS]} for name in names]
    admin.put("/api/v1/playlists/songs", json={"playlist": {"entries": entries}}).raise_for_status()
    make_program(admin, draft=DRAFT)
    publish(admin, "venue", "bar")


def medium(folder: Path, digest: str = FIRST) -> Path:
    """Name the file of a medium on a stick."""
    return folder / medium_path(digest)


def heads(hub: Hub, folder: Path) -> list[ProgramHead]:
    """Read a stick as boxes do, and see that all is there and true."""
    signed = msgspec.json.decode((folder / BUNDLE_FILE).read_bytes(), type=Signed)
    bundle = verified(signed, Purpose.BUNDLE, Bundle, hub.keys.public)
    found = [verified(one, Purpose.PROGRAM, ProgramHead, hub.keys.public) for one in bundle.heads]
    for head in found:
        body = (folder / program_path(head.digest)).read_bytes()
        assert (sha256(body).hexdigest(), len(body)) == (head.digest, head.size)
        for item in msgspec.json.decode(body)["items"]:
            digest = item["media"]["sha256"]
            assert sha256(medium(folder, digest).read_bytes()).hexdigest() == digest
    return found


class TestMaking:
    """``program bundle``."""

    def test_a_stick_has_all_that_a_box_plays(
        self, hub: Hub, boss: Operator, box: ABox, folder: Path
    ) -> None:
        """What is told names boxes, programs and bytes, and that it may be pulled."""
        told = boss.reads(f"program bundle --to {folder} --box", "bar box")

        assert [head.box for head in heads(hub, folder)] == [box.id]
        assert "ready for 1 box: 1 program and 6 media, 75.1 KiB in all, 75.1 KiB of it new" in told
        assert told.endswith("it may be pulled\n")
        assert [*folder.rglob("*.part")] == []

    @pytest.mark.slow
    def test_what_is_there_is_not_fetched_again(
        self, hub: Hub, boss: Operator, box: ABox, folder: Path
    ) -> None:
        """But for what is not what it should be, which is read to find that."""
        first = boss.asks(f"program bundle --to {folder} --venue bar --group bars --collect")
        assert first["fetched_bytes"] == first["bytes"]
        medium(folder).write_bytes(bytes(len(SONGS["song 0"])))
        medium(folder, DIGESTS["song 1"]).write_bytes(b"short")

        again = boss.asks(f"program bundle --to {folder} --zone bar/main")

        assert len(heads(hub, folder)) == 1
        assert again["fetched_bytes"] == len(SONGS["song 0"]) + len(SONGS["song 1"])
        assert (first["bytes"], first["boxes"]) == (again["bytes"], 1)

    @pytest.mark.slow
    def test_an_old_stick_stays_one_until_the_new_one_is_whole(
        self, hub: Hub, boss: Operator, admin: TestClient, folder: Path
    ) -> None:
        """Boxes may take it at any time."""
        play(admin, ["song 0"])
        boss.types(f"program bundle --to {folder} --venue bar")
        (before,) = heads(hub, folder)
        play(admin, SONGS)
        hub.media.delete(tracks.media_key(DIGESTS["song 3"]))
        with pytest.raises(NotFoundError):
            boss.types(f"program bundle --to {folder} --venue bar")

        assert heads(hub, folder) == [before]

    def test_what_is_not_played_any_more_goes_when_it_is_said(
        self, hub: Hub, boss: Operator, admin: TestClient, box: ABox, folder: Path
    ) -> None:
        """Nothing else goes: reports of boxes least of all."""
        boss.types(f"program bundle --to {folder} --venue bar")
        others = [folder / "holiday.jpg", folder / REPORTS / f"{box.id}-20261121T120000Z.age"]
        for other in others:
            other.parent.mkdir(exist_ok=True)
            other.write_bytes(b"not ours")
        play(admin, ["song 0", "song 1"])

        kept = boss.asks(f"program bundle --to {folder} --venue bar")
        assert (kept["pruned"], medium(folder, DIGESTS["song 5"]).exists()) == (0, True)
        told = boss.reads(f"program bundle --to {folder} --venue bar --prune")

        assert "taken away: 5 files" in told
        assert "reports of boxes on it: 1" in told
        assert sorted(path.name for path in (folder / MEDIA).rglob("*") if path.is_file()) == sorted(
            DIGESTS[name] for name in ("song 0", "song 1")
        )
        assert all(other.exists() for other in others)
        assert len(heads(hub, folder)) == 1

    @pytest.mark.slow
    def test_who_is_left_out_is_told(self, boss: Operator, folder: Path) -> None:
        """The others have their stick."""
        told = boss.reads(f"program bundle --to {folder} --venue bar --box {'0' * 16}")
        assert f"left out: {'0' * 16}: is not paired with this hub" in told

    @pytest.mark.slow
    def test_it_must_be_said_for_whom_and_where(self, boss: Operator, folder: Path) -> None:
        """Before anything is asked of the hub."""
        with pytest.raises(BadRequestError, match="--box"):
            boss.types(f"program bundle --to {folder}")
        with pytest.raises(DeviceError, match="mount it"):
            boss.types(f"program bundle --to {folder / 'nowhere'} --venue bar")
        with pytest.raises(NotFoundError):
            boss.types(f"program bundle --to {folder} --venue nowhere")
        assert [*folder.iterdir()] == []

    @pytest.mark.slow
    def test_a_stick_that_is_too_small_is_told_in_bytes(
        self, boss: Operator, admin: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is written; what could be taken away is named."""
        boss.types(f"program bundle --to {folder} --venue bar")
        play(admin, ["song 0"])
        medium(folder).unlink()
        usage = type("Usage", (), {"free": 1000})
        monkeypatch.setattr(stick_module.shutil, "disk_usage", lambda _folder: usage)

        with pytest.raises(DeviceError, match=r"1,000 bytes \(1000 B\) are free: free [\d,]+ bytes") as told:
            boss.types(f"program bundle --to {folder} --venue bar")

        prunable = sum(len(content) for name, content in SONGS.items() if name != "song 0")
        (old,) = {path.stat().st_size for path in (folder / "easyplayer/programs").iterdir()}
        assert f"--prune takes away {prunable + old:,} bytes" in str(told.value)
        assert not medium(folder).exists()

    @pytest.mark.slow
    def test_fat_takes_no_file_of_four_gigabytes(
        self, boss: Operator, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told before anything is fetched."""
        monkeypatch.setattr(stick_module, "MOST_ON_FAT", 14_000)
        boss.types(f"program bundle --to {folder} --venue bar")
        medium(folder, DIGESTS["song 5"]).unlink()
        monkeypatch.setattr(stick_module, "file_system", lambda _folder: "vfat")
        with pytest.raises(DeviceError, match=f"1 are, the first {DIGESTS['song 5'][:12]}.*exFAT"):
            boss.types(f"program bundle --to {folder} --venue bar")


class TestReports:
    """``log import`` and ``log report``."""

    def test_a_stick_is_taken_in_as_a_whole(
        self, hub: Hub, boss: Operator, box: ABox, admin: TestClient, folder: Path
    ) -> None:
        """All reports that lie on it; a second time it brings nothing, and does no harm."""
        other = paired(box.client, admin, number=2)
        (folder / REPORTS).mkdir(parents=True)
        for at, one in enumerate((box, other)):
            content = sticks.report(one, hub, chain(song(1), song(2)))
            (folder / REPORTS / f"{one.id}-{at}.age").write_bytes(content)

        told = boss.asks(f"log import {folder}")
        again = [line.split("\t") for line in boss.reads(f"log import {folder}").splitlines()]

        assert [(one["taken"]["stored"], one["error"]) for one in told] == [(2, ""), (2, "")]
        assert [row[-1] for row in again] == ["all of it was there already"] * 2
        assert len(boss.asks("log show")) == 4

    @pytest.mark.slow
    def test_one_that_is_none_does_not_hold_up_the_others(
        self, hub: Hub, boss: Operator, box: ABox, tmp_path: Path
    ) -> None:
        """Each is told, and a script is."""
        whole = chain(song(1), song(2))
        files = {
            "bad.age": b"nonsense",
            "early.age": sticks.report(box, hub, part(whole, 2, 2)),
            "good.age": sticks.report(box, hub, whole),
        }
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        (tmp_path / "unreadable.age").symlink_to("/proc/self/mem")
        names = [*files, "nowhere.age", "unreadable.age"]

        assert boss.types("log import", *(str(tmp_path / name) for name in names)) == 1
        # the same once more, to read what is told
        outcomes = {}
        for name in names:
            boss.types("log import", str(tmp_path / name), "--json")
            (outcomes[name],) = msgspec.json.decode(boss._capsys.readouterr().out)
        assert "damaged" in outcomes["bad.age"]["error"]
        assert "cannot be read" in outcomes["nowhere.age"]["error"]
        assert "cannot be read" in outcomes["unreadable.age"]["error"]
        assert outcomes["good.age"]["taken"]["acknowledged"] == {whole.log: 2}

    @pytest.mark.slow
    def test_what_is_missing_before_it_is_told(
        self, hub: Hub, boss: Operator, box: ABox, tmp_path: Path
    ) -> None:
        """The operator looks for the other stick."""
        late = tmp_path / "late.age"
        late.write_bytes(sticks.report(box, hub, part(chain(song(1), song(2)), 2, 2)))
        assert "entries up to 1 are missing" in boss.reads("log import", str(late))

    @pytest.mark.slow
    def test_how_a_box_was_can_be_read(self, hub: Hub, boss: Operator, box: ABox, tmp_path: Path) -> None:
        """And its last lines of log, as a file."""
        file, lines = tmp_path / "report.age", tmp_path / "lines.txt"
        file.write_bytes(sticks.report(box, hub))
        boss.types("log import", str(file))

        shown = dict(line.split("\t", 1) for line in boss.reads(f"log report {box.id}").splitlines())
        boss.types(f"log report {box.id} -o {lines}")

        assert shown["taken in"].endswith("by admin")
        assert shown["lines of log"] == f"{len(sticks.LINES)} B"
        assert lines.read_bytes() == sticks.LINES
