"""How the page looks on which a box is claimed."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from easyplayer.hub.services.spots import Spot
from easyplayer.hub.web.html_page import Html, html, joined

NOTHING = Html("")
WRONG = '<p class="wrong" role="alert">{words}</p>'
LOG_IN = """\
<p>{reason}</p>
<form method="post" action="{up}claim/login">
<input type="hidden" name="code" value="{code}">
<label for="name">Your name at the hub</label>
<input id="name" name="name" value="{name}" required maxlength="200"
  autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false">
<label for="password">Your password</label>
<input id="password" name="password" type="password" required maxlength="1000"
  autocomplete="current-password">
<button>Log in</button>
</form>"""
CLAIM = """\
<form method="post" action="claim">
<label for="code">The code that the box shows</label>
<input id="code" class="code" name="code" value="{code}" required maxlength="50" placeholder="7K2M-Q9XD"
  autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false">
<label for="place">Where the box is</label>
<select id="place" name="place" required>
{places}
</select>
<label for="name">What to call it</label>
<input id="name" name="name" value="{name}" maxlength="200" autocomplete="off" aria-describedby="unnamed">
<p class="soft" id="unnamed">Left empty, it is called as its machine calls itself.</p>
<button>Claim this box</button>
</form>
<p class="soft">You are logged in as {user}.</p>"""
CHOOSE = Html('<option value="">Choose …</option>')
PLACE = '<option value="{place}"{chosen}>{name}</option>'
GROUP = """\
<optgroup label="{name}">
{places}
</optgroup>"""
DONE = """\
<p><strong>{name}</strong> is now a box of <strong>{venue}</strong>, in the zone {zone}.</p>
<p>It hears of that within seconds: it shows the code no more, and its program comes by itself.</p>
<p><a href="{up}claim">Claim another box</a></p>"""
BACK = '<p><a href="{up}claim">Claim a box</a></p>'


def wrong(words: Iterable[str]) -> Html:
    """Say what stands in the way; nothing where nothing does."""
    return joined(*(html(WRONG, words=one) for one in words))


def log_in_form(up: str, code: str, reason: str, name: str = "") -> Html:
    """Ask who it is.

    :param up: leads from this page to where all pages are.
    :param code: of the box, for the page that follows.
    :param reason: why they have to log in.
    """
    return html(LOG_IN, up=up, code=code, reason=reason, name=name)


def claim_form(places: list[Spot], user: str, code: str, place: str, name: str) -> Html:
    """Ask which box it is, and where.

    :param places: where it may be.
    :param place: the one that was chosen already, as :func:`value_of` writes it.
    """
    return html(CLAIM, user=user, code=code, name=name, places=_options(places, place))


def done(up: str, name: str, venue: str, zone: str) -> Html:
    """Say whose box it is now."""
    return html(DONE, up=up, name=name, venue=venue, zone=zone)


def back(up: str) -> Html:
    """Lead back to the form."""
    return html(BACK, up=up)


def value_of(place: Spot) -> str:
    """Write a place as the form sends it, such as ``bar-lumiere/main``."""
    return f"{place.venue}/{place.zone}"


def _options(places: list[Spot], chosen: str) -> Html:
    """List the places by group; the only one there is needs no choice."""
    names = _names(places)
    written = [] if len(places) == 1 else [CHOOSE]
    for group, inside in groupby(places, lambda place: place.group):
        options = joined(*(_option(value_of(place), names, chosen) for place in inside))
        written.append(html(GROUP, name=group, places=options) if group else options)
    return joined(*written)


def _option(value: str, names: dict[str, str], chosen: str) -> Html:
    mark = Html(" selected") if value == chosen else NOTHING
    return html(PLACE, place=value, chosen=mark, name=names[value])


def _names(places: list[Spot]) -> dict[str, str]:
    """Name each place: the zone where there are several, and the venue's id where two are called the same."""
    zones = Counter(place.venue for place in places)
    alike = Counter(name for _, name in {(place.venue, place.venue_name) for place in places})
    return {
        value_of(place): place.venue_name
        + (f" ({place.venue})" if alike[place.venue_name] > 1 else "")
        + (f", {place.zone_name}" if zones[place.venue] > 1 else "")
        for place in places
    }
