"""The box itself in the root: its wheel and its libraries, compiled, and what it has to play at once."""

import configparser
import hashlib
import shutil
import sys
from pathlib import Path

from image.profile import Profile
from image.shell import run, run_inside

PLACE = "opt/easyplayer"
LAUNCHER = """#!/{place}/.venv/bin/python
import sys
from {module} import {function}
sys.exit({function}())
"""
GLIBC = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34")
"""The releases of glibc that wheels are built for; the root's own is newer than all of them."""
SHIPPED = ("easyplayer", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
"""What the wheel is made of."""
SCORES = ("demo", "fallback", "instruments", "jingles", "synth", "demo_pictures", "painting", "views")
"""The modules that decide how the music sounds, and how the pictures look."""
NAMES = "from easyplayer.fallback import PIECES; print(*(piece.name for piece in PIECES))"
COMMANDS = ("easyplayer", "circusd", "circusctl")
"""What of the libraries' commands is there to be started."""
TRACES = ("direct_url.json", "RECORD", "REQUESTED", "INSTALLER")
"""What nobody reads who does not install or remove packages."""
BESIDE = ("circus.ini", "run.py")
"""What lies beside the virtual environment."""
LINES = {
    "tcp://127.0.0.1:5555": "ipc:///run/easyplayer/circusd",
    "tcp://127.0.0.1:5556": "ipc:///run/easyplayer/circusd-news",
}
"""Where circusd is talked to, elsewhere and on the appliance.  Whoever reaches it can have it start anything:
there it is no port, to which a tunnel or another service might lead, but the box's own."""


def build_wheels(project: Path, profile: Profile, folder: Path) -> Path:
    """Make the box's wheel, and those of libraries that are published as sources only.

    It is made of a copy, so that the build leaves nothing behind in the project.

    :returns: the box's own wheel.
    """
    shutil.rmtree(folder, ignore_errors=True)
    copy = folder / "source"
    copy.mkdir(parents=True)
    for name in SHIPPED:
        source = project / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy)
    made = folder / "made"
    _pip("wheel", "--no-deps", "-w", made, copy, *profile.from_source)
    return next(made.glob("easyplayer-*.whl"))


def install(project: Path, profile: Profile, wheel: Path, root: Path) -> None:
    """Put the box into the root: its virtual environment, and what starts it.

    Wheels are unpacked from outside, for the root's Python and processor, whatever this machine has.

    :param wheel: the box's; the others that were built lie beside it.
    """
    place = root / PLACE
    site = place / f".venv/lib/python{profile.python}/site-packages"
    site.mkdir(parents=True)
    platforms = [f"--platform=manylinux_{glibc}_{profile.wheels}" for glibc in GLIBC]
    _pip(
        *("install", "--no-compile", "--target", site, "--only-binary=:all:", "--implementation=cp"),
        *(f"--python-version={profile.python}", *platforms, f"--platform=manylinux2014_{profile.wheels}"),
        *("--find-links", wheel.parent, wheel),
    )
    _make_environment(place / ".venv", profile)
    for name in ("bin", "share"):
        shutil.rmtree(site / name, ignore_errors=True)
    for name in ("tests", "test"):
        for folder in sorted(site.glob(f"*/{name}")):
            shutil.rmtree(folder)
    forget_installer(site)
    for name in BESIDE:
        shutil.copy2(project / name, place)
    (place / "circus.ini").write_text(with_own_lines((project / "circus.ini").read_text()))


def forget_installer(site: Path) -> None:
    """Take away what pip writes down for itself: it tells of this machine, and of files that have gone."""
    for name in TRACES:
        for path in sorted(site.glob(f"*.dist-info/{name}")):
            path.unlink()


def with_own_lines(ini: str) -> str:
    """Have circusd talked to by sockets of the box's own, in place of the ports that it has elsewhere."""
    for port, own in LINES.items():
        ini = ini.replace(port, own)
    return ini


def _make_environment(venv: Path, profile: Profile) -> None:
    """Make what ``python -m venv`` would, without running the root's Python."""
    site = venv / f"lib/python{profile.python}/site-packages"
    (venv / "bin").mkdir()
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    for name in ("python", "python3"):
        (venv / "bin" / name).symlink_to("/usr/bin/python3")
    for name, (module, function) in _entry_points(site).items():
        if name in COMMANDS:
            script = venv / "bin" / name
            script.write_text(LAUNCHER.format(place=PLACE, module=module, function=function))
            script.chmod(0o755)


def _entry_points(site: Path) -> dict[str, tuple[str, str]]:
    """Tell the module and the function of each command that the packages there have."""
    found = {}
    for path in sorted(site.glob("*.dist-info/entry_points.txt")):
        parser = configparser.ConfigParser(delimiters=("=",))
        parser.read(path)
        for name, target in dict(parser).get("console_scripts", {}).items():
            module, _, function = target.partition(":")
            found[name] = (module, function)
    return found


def compose(project: Path, cache: Path) -> Path:
    """Make music and pictures of the firmware: at its first start they would cost each box 30 seconds.

    :param cache: where it is kept for the next build, by the scores and instruments that it is made of.
    :returns: its folder.
    """
    sources = [project / "easyplayer" / f"{name}.py" for name in SCORES]
    made_of = b"".join(path.read_bytes() for path in sources)
    kept = cache / f"music-{hashlib.sha256(made_of).hexdigest()[:12]}"
    if not kept.is_dir():
        unfinished = kept.with_suffix(".part")
        names = run(sys.executable, "-c", NAMES, within=project).split()
        run(sys.executable, "-m", "easyplayer.fallback", unfinished, *names, within=project)
        run(sys.executable, "-m", "easyplayer.demo_pictures", unfinished, within=project)
        unfinished.rename(kept)
    return kept


def bring_music(music: Path, root: Path) -> None:
    """Put the music and the pictures of the firmware where the box looks first."""
    shutil.copytree(music, root / PLACE / ".venv/share/easyplayer/music")


def compile_all(root: Path, profile: Profile) -> None:
    """Compile every module, so that Python trusts what it finds without a look at the source.

    Debian's own are compiled anew: their times are those of the packages, and the root has one for all.
    All are, by force: those that Python loads to compile the others would seem to be compiled already.
    """
    for stale in sorted((root / "usr").glob("**/__pycache__")):
        shutil.rmtree(stale)
    places = (f"/usr/lib/python{profile.python}", "/usr/lib/python3/dist-packages", f"/{PLACE}")
    run_inside(
        root,
        *("python3", "-B", "-m", "compileall", "-f", "-qq", "--invalidation-mode=unchecked-hash", *places),
    )


def installed(root: Path, profile: Profile) -> dict[str, str]:
    """Name the Python packages there, each with its version."""
    site = root / PLACE / f".venv/lib/python{profile.python}/site-packages"
    found = (path.name.removesuffix(".dist-info").rsplit("-", 1) for path in site.glob("*.dist-info"))
    return dict(sorted((name, version) for name, version in found))


def _pip(command: str, *words: str | Path) -> None:
    run(sys.executable, "-m", "pip", command, "-q", "--disable-pip-version-check", "--no-input", *words)
