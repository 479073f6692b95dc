"""Tells a story as a page that stands alone: one picture of what was heard, and the facts below it.

All pages together have an index, made from the data that lies beside each page.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from html import escape
from pathlib import Path

from tests.venue.machine.keeping import only_one
from tests.venue.picture import clock, draw, draw_small
from tests.venue.story import Quiet, Shot, Story, Verdict, read_story

PAGE_FILE = "report.html"
DATA_FILE = "story.json"
INDEX_FILE = "index.html"
LOCK_FILE = "index.lock"
WAV_FILE = "heard.wav"
STYLE = Path(__file__).with_name("report.css")
SAYS = {
    Verdict.HELD: "The music held",
    Verdict.TOO_QUIET: "Silent for too long",
    Verdict.BROKEN: "Did not come to its end",
}
CLASSES = {Verdict.HELD: "held", Verdict.TOO_QUIET: "failed", Verdict.BROKEN: "failed"}


def page(story: Story) -> str:
    """Tell a story."""
    parts = (
        f'<p class="up"><a href="../{INDEX_FILE}">All stories</a></p>',
        f"<h1>{escape(story.sentence)}</h1>",
        f'<p class="verdict {CLASSES[story.verdict]}">{SAYS[story.verdict]}</p>',
        f'<pre class="reason">{escape(story.reason)}</pre>' if story.reason else "",
        _figures(story),
        f"<figure>{draw(story)}{_legend(story)}</figure>",
        _faults(story),
        _shots(story),
        _machine(story),
        f"<details><summary>What the machine said last</summary><pre>{escape(story.console)}</pre></details>"
        if story.console
        else "",
    )
    return _html(story.name, "".join(parts))


def index(stories: Iterable[Story]) -> str:
    """List all stories, those that failed first."""
    order = sorted(stories, key=lambda one: (one.verdict is Verdict.HELD, one.name))
    held = sum(one.verdict is Verdict.HELD for one in order)
    rows = "".join(
        f'<tr><td><span class="dot {CLASSES[one.verdict]}" title="{SAYS[one.verdict]}"></span></td>'
        f'<td><a href="{escape(one.name)}/{PAGE_FILE}">{escape(one.sentence)}</a></td>'
        f"<td>{draw_small(one)}</td><td>{_of(one.longest)}</td><td>{clock(round(one.length_s))}</td>"
        f"<td>{escape(one.began)}</td></tr>"
        for one in order
    )
    columns = ("", "Story", "What was heard", "Longest silence", "Length", "Began")
    head = f"<tr>{''.join(f'<th>{column}</th>' for column in columns)}</tr>"
    return _html(
        "Virtual venue",
        f"<h1>Virtual venue</h1><p>{held} of {len(order)} stories held.</p>"
        f'<table class="stories">{head}{rows}</table>',
    )


def write_report(story: Story, folder: Path) -> Path:
    """Write a story's page and data into a folder of its own, and the index of all that are there.

    Stories that end at the same time write one after the other.  What was heard in an earlier run of the same
    story is taken away.

    :param folder: the folder of all reports.
    """
    own = folder / story.name
    own.mkdir(parents=True, exist_ok=True)
    (own / WAV_FILE).unlink(missing_ok=True)
    with only_one(folder / LOCK_FILE):
        story.save(own / DATA_FILE)
        (own / PAGE_FILE).write_text(page(story), encoding="utf-8")
        (folder / INDEX_FILE).write_text(index(_told(folder)), encoding="utf-8")
    return own / PAGE_FILE


def _told(folder: Path) -> Iterator[Story]:
    """Read all stories of a folder, but not those that another version of ours has written."""
    for path in sorted(folder.glob(f"*/{DATA_FILE}")):
        with suppress(ValueError, LookupError, TypeError):
            yield read_story(path)


def _figures(story: Story) -> str:
    figures = [
        ("Longest silence", _of(story.longest)),
        ("Faults", str(len(story.faults))),
        ("Length", clock(round(story.length_s))),
        ("Began", story.began),
    ]
    return (
        '<dl class="figures">'
        + "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in figures)
        + "</dl>"
    )


def _of(quiet: Quiet | None) -> str:
    return f"{quiet.length_s:.2f} s of {quiet.limit_s:g} s" if quiet else "none"


def _legend(story: Story) -> str:
    kinds = {
        "wave": "level, -60 to 0 dBFS" if story.level else "",
        "short": "silent, within the limit" if any(map(_is_short, story.silences)) else "",
        "too-long": "silent for too long" if any(quiet.is_too_long for quiet in story.silences) else "",
        "quiet": "silent, no limit" if any(quiet.limit_s is None for quiet in story.silences) else "",
        "limit": "how long it may be silent from there on" if story.limits else "",
    }
    shown = "".join(
        f'<span><i class="key {kind}"></i>{words}</span>' for kind, words in kinds.items() if words
    )
    return f"<figcaption>{shown}</figcaption>"


def _is_short(quiet: Quiet) -> bool:
    return quiet.limit_s is not None and not quiet.is_too_long


def _faults(story: Story) -> str:
    if not story.faults:
        return ""
    rows = "".join(
        f"<tr><td>{clock(round(fault.at_s, 1))}</td><td>{escape(fault.label)}</td>"
        f"<td>{story.silence_after(fault):.2f} s</td></tr>"
        for fault in story.faults
    )
    head = "<tr><th>At</th><th>What</th><th>Silence until the next</th></tr>"
    return f"<h2>What happened</h2><table>{head}{rows}</table>"


def _shots(story: Story) -> str:
    if not story.shots:
        return ""
    return '<h2>The screen</h2><div class="shots">' + "".join(map(_shot, story.shots)) + "</div>"


def _shot(shot: Shot) -> str:
    label = escape(shot.label)
    return (
        f'<figure><img alt="{label}" src="data:image/png;base64,{shot.png}">'
        f"<figcaption>{clock(round(shot.at_s, 1))}: {label}</figcaption></figure>"
    )


def _machine(story: Story) -> str:
    if not story.machine:
        return ""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in story.machine
    )
    return f"<h2>The machine</h2><table>{rows}</table>"


def _html(title: str, body: str) -> str:
    return "".join(_lines(title, body))


def _lines(title: str, body: str) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield f"<title>{escape(title)}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n"
    yield f"<main>{body}</main>\n</html>\n"
