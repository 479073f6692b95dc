"""Pages: what is put into one is text there, and what a browser may do for it is said with it."""

from base64 import b64encode
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.hub.web.html_page import STYLE, html, joined, page
from tests.hub.web.phone import Page


@given(st.text())
def test_whatever_is_put_into_a_template_is_text(words: str) -> None:
    """Between tags as within an attribute, braces too."""
    read = Page(html('<a href="{words}"><b>{words}</b></a>', words=words))
    assert read.tags == {"a", "b"}
    assert read.links == [words]
    assert read.text == (f"{words.strip()}\n" if words.strip() else "")


def test_what_is_html_already_stays_so() -> None:
    """Whole pages are made of pieces; those that are empty leave no line."""
    piece = html("<i>{words}</i>", words="Q & A")
    assert html("<p>{piece}</p>", piece=piece) == "<p><i>Q &amp; A</i></p>"
    assert joined(piece, html(""), piece) == f"{piece}\n{piece}"


def test_a_page_says_what_a_browser_may_do_for_it() -> None:
    """Its own style counts, by its digest, and nothing else."""
    answer = page("A & B", html("<p>so</p>"), status=404, headers={"Retry-After": "5"})
    read = Page(bytes(answer.body).decode())
    assert (answer.status_code, answer.headers["retry-after"]) == (404, "5")
    assert (read.heading, read.style) == ("A & B", STYLE)
    digest = b64encode(sha256(read.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["content-security-policy"]
