"""Pages for people, in HTML: what is put into one is escaped, and what a browser may do for it is said.

A page has no script, no picture, and nothing from anywhere else.
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b646d; --paper: #f5f6f7; --card: #fff;
  --line: #8b949c; --accent: #0b5cad; --on-accent: #fff; --bad: #a3161d; --bad-paper: #fdecec; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceff1; --soft: #a9b3bb; --paper: #14171a; --card: #1f2428;
    --line: #77818a; --accent: #7cb8ff; --on-accent: #0a1826; --bad: #ffb3b3; --bad-paper: #3b1a1c; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 28rem; margin: 1rem auto; padding: 1.5rem; background: var(--card); border-radius: .75rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
label { display: block; margin: 1.25rem 0 .375rem; font-weight: 600; }
input, select, button { width: 100%; min-height: 3.25rem; padding: .5rem .875rem; border-radius: .5rem;
  border: 1px solid var(--line); background: var(--card); color: var(--ink); font: inherit; }
button { margin-top: 1.75rem; border-color: var(--accent); background: var(--accent);
  color: var(--on-accent); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.code { letter-spacing: .12em; text-transform: uppercase; font: 600 1.375rem/1.5 ui-monospace, monospace; }
.soft { margin: .375rem 0 0; color: var(--soft); font-size: .9375rem; }
.wrong { padding: .75rem .875rem; border-left: .25rem solid var(--bad); border-radius: .25rem;
  background: var(--bad-paper); color: var(--bad); }
.wrong::first-letter { text-transform: uppercase; }
"""
POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
}
"""Beside what every answer carries.

No other site is told of a page, only the hub itself.  With ``no-referrer`` a browser would say of a form that
it comes from nowhere (``Origin: null``); and without TLS it says nothing else to know the hub's own pages by.
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - easyplayer</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


class Html(str):
    """Text that is HTML, and safe."""

    __slots__ = ()


def html(template: str, /, **values: str) -> Html:
    """Fill a template of this program's own; what is no HTML yet is escaped.

    >>> html("<b>{name}</b>", name="Q & A")
    '<b>Q &amp; A</b>'
    >>> html("<p>{words}</p>", words=html("<i>so</i>"))
    '<p><i>so</i></p>'
    """
    safe = {name: value if isinstance(value, Html) else escape(value) for name, value in values.items()}
    return Html(template.format_map(safe))


def joined(*pieces: Html) -> Html:
    """Put pieces one below the other; those that are empty are left out."""
    return Html("\n".join(filter(None, pieces)))


def page(
    title: str, *content: Html, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Answer with a page.

    :param title: what it is for: its heading, too.
    :param headers: beside its own.
    """
    written = html(PAGE, title=title, style=Html(STYLE), content=joined(*content))
    return HTMLResponse(written, status, {**HEADERS, **(headers or {})})
