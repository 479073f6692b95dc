"""What the screen of a box shows, gathered from everywhere, and the words for it.

A box that hangs, is away, or speaks of what this does not know is shown as far as it goes.
"""

import math

from msgspec import Struct

from easyplayer.appliance.setup_report import SetupReport

STALE_AFTER_S = 10.0
STARTING_MAY_TAKE_S = 120.0
MOST_PROBLEMS = 5
CLOCKS = {
    "trusted": "is right",
    "estimated": "has not been compared with anybody's",
    "unknown": "is wrong: a time server or the hub will set it",
}


class PlayingView(Struct, frozen=True):
    """What plays, of all that the status says of it."""

    title: str = ""
    artist: str = ""
    location: str = ""


class ProblemView(Struct, frozen=True):
    """What went wrong lately."""

    text: str = ""


class HubSide(Struct, frozen=True):
    """How it stands with the hub, of all that the status says of it."""

    url: str = ""
    trouble: str = ""
    claim_code: str = ""
    place: str = ""
    support: str = ""
    fetching: str = ""


class GuardSide(Struct, frozen=True):
    """What the WatchDog has seen, of all that the status says of it."""

    safe: int = 0
    safe_left_s: float = 0.0
    last: str = ""


class BoxView(Struct, frozen=True):
    """What the box says of itself, as far as the screen shows it.

    See :class:`easyplayer.status_view.Status`.
    """

    at: float = 0.0
    version: str = ""
    state: str = ""
    reason: str = ""
    allowed: bool = True
    verdict: str = ""
    item: PlayingView | None = None
    volume: int = 0
    sink: str = ""
    silent_sink: bool = False
    audible_ago_s: float | None = None
    problems: tuple[ProblemView, ...] = ()
    hub: HubSide = HubSide()
    clock: str = ""
    guard: GuardSide = GuardSide()


class Adapter(Struct, frozen=True):
    """One network adapter.

    :ivar carrier: whether there is a cable in it, and somebody at its other end.
    """

    name: str
    carrier: bool
    addresses: tuple[str, ...] = ()


class Surroundings(Struct, frozen=True, kw_only=True):
    """All that is known.

    :ivar box: what the box says; ``None`` where it does not answer.
    :ivar age_s: how old that is, or for how long the box has not answered, in seconds.
    :ivar hub_url: the hub that the settings name; empty where they name none.
    :ivar data_trouble: why nothing that the box keeps will be there after a restart; empty where all will.
    :ivar settings_trouble: what is wrong with the settings that are in force.
    :ivar time: the time of day, as it is to be shown.
    """

    box: BoxView | None
    age_s: float = 0.0
    name: str = ""
    hub_url: str = ""
    adapters: tuple[Adapter, ...] = ()
    report: SetupReport = SetupReport()
    data_trouble: str = ""
    settings_trouble: tuple[str, ...] = ()
    time: str = ""


class Row(Struct, frozen=True):
    """One thing that is shown.

    :ivar urgent: whether somebody should do something about it.
    :ivar news: by which a change of it is known; empty where that is its text.
    """

    label: str
    text: str
    urgent: bool = False
    news: str = ""


def title(all_known: Surroundings) -> str:
    """Name the box, by its place where it has one."""
    place = all_known.box.hub.place if all_known.box else ""
    return place or all_known.name or "easyplayer"


def claim(all_known: Surroundings) -> tuple[str, str]:
    """Give the claim code and where to type it; both are empty where nobody waits for that."""
    if all_known.box is None or not all_known.box.hub.claim_code:
        return "", ""
    return all_known.box.hub.claim_code, all_known.box.hub.url or all_known.hub_url


def rows(all_known: Surroundings) -> list[Row]:
    """Put all that is known into words, what is urgent first."""
    box = all_known.box
    if box is None or all_known.age_s > STALE_AFTER_S:
        found = [_silent_box(all_known)]
    else:
        found = [_safe_mode(box), _plays(box), _sound(box), _hub(box, all_known.hub_url)]
        found.extend([_support(box), _fetches(box), _clock(box, all_known.time)])
    found.append(_network(all_known.adapters))
    if all_known.data_trouble:
        found.append(Row("data", f"nothing is kept: {all_known.data_trouble}", urgent=True))
    found.extend(_settings(all_known))
    if box is not None and box.problems:
        found.append(Row("lately", box.problems[-1].text))
    return sorted((row for row in found if row.text), key=lambda row: not row.urgent)


def _silent_box(all_known: Surroundings) -> Row:
    if all_known.age_s < STARTING_MAY_TAKE_S and all_known.box is None:
        return Row("box", "is starting")
    return Row("box", "does not answer: it is started again by itself", urgent=True)


def _safe_mode(box: BoxView) -> Row:
    if not box.guard.safe:
        return Row("safe mode", "")
    text = f"{box.guard.last}; all of it is tried again in {math.ceil(box.guard.safe_left_s / 60)} min"
    return Row("safe mode", text, urgent=True, news=f"{box.guard.safe}: {box.guard.last}")


def _plays(box: BoxView) -> Row:
    if not box.allowed:
        return Row("plays", f"nothing, on purpose: {box.verdict}")
    if box.item is None:
        return Row("plays", f"nothing: {box.reason}", urgent=box.state not in {"stopped", "waiting"})
    name = box.item.title or box.item.location.rpartition("/")[2]
    return Row("plays", f"{box.item.artist} - {name}" if box.item.artist else name)


def _sound(box: BoxView) -> Row:
    if box.silent_sink or not box.sink:
        return Row("sound", "nobody hears it: connect a sound card or a loudspeaker", urgent=True)
    if box.allowed and box.volume == 0:
        return Row("sound", "is turned down to nothing", urgent=True)
    return Row("sound", f"{box.sink}, volume {box.volume}")


def _hub(box: BoxView, wanted: str) -> Row:
    url = box.hub.url or wanted
    if box.hub.trouble:
        return Row("hub", f"{url} does not answer: {box.hub.trouble}".strip(), urgent=True)
    if box.hub.claim_code:
        return Row("hub", "answers, and waits for the claim code")
    if not url:
        return Row("hub", "none is set: give [hub] url in easyplayer.toml")
    return Row("hub", f"{url} answers" if box.hub.url else f"{url} is asked")


def _support(box: BoxView) -> Row:
    return Row("support", f"has a way in: {box.hub.support}" if box.hub.support else "")


def _fetches(box: BoxView) -> Row:
    return Row("fetches", box.hub.fetching, news="something")


def _clock(box: BoxView, time: str) -> Row:
    words = CLOCKS.get(box.clock, "")
    return Row("clock", f"{time} {words}".strip(), urgent=box.clock == "unknown", news=box.clock)


def _network(adapters: tuple[Adapter, ...]) -> Row:
    if not adapters:
        return Row("network", "there is no network adapter", urgent=True)
    addressed = [f"{', '.join(one.addresses)} ({one.name})" for one in adapters if one.addresses]
    if addressed:
        return Row("network", "; ".join(addressed))
    if any(one.carrier for one in adapters):
        return Row("network", "a cable is in, but nobody gives an address", urgent=True)
    return Row("network", "there is no cable in it", urgent=True)


def _settings(all_known: Surroundings) -> list[Row]:
    report = all_known.report
    wrong = (*report.problems, *all_known.settings_trouble)
    told = [Row("settings", problem, urgent=True) for problem in wrong[:MOST_PROBLEMS]]
    if len(wrong) > MOST_PROBLEMS:
        told.append(Row("settings", f"and {len(wrong) - MOST_PROBLEMS} more problems", urgent=True))
    if report.problems:
        before = f"those from {report.source} stay in force" if report.source else "none are in force"
        told.append(Row("settings", before, urgent=True))
    elif report.source and not wrong:
        told.append(Row("settings", f"from {report.source}"))
    return told + [Row("settings", note) for note in report.notes]
