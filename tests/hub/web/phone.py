"""A phone with a browser, as far as the hub's pages need one: it reads them, and fills and sends their forms.

It does as browsers do without TLS: they do not say by ``Sec-Fetch-Site`` where a form comes from, but by
``Origin`` alone, and that only where the page's ``Referrer-Policy`` lets them.
"""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from httpx import Response
from msgspec import Struct
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

TYPED = {"input", "select"}


class Form(Struct):
    """A form of a page.

    :ivar values: by the name of a field.
    :ivar labels: name of a field, by the words beside it.
    :ivar options: what can be chosen, by what is shown of it, in the order of the page.
    """

    action: str
    method: str
    values: dict[str, str] = {}
    labels: dict[str, str] = {}
    options: dict[str, str] = {}
    groups: list[str] = []


class Page(HTMLParser):
    """Reads a page.

    :ivar text: all that is shown, one piece a line.
    :ivar alerts: what is told at once to who does not see it.
    :ivar tags: of all kinds that there are.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.alerts: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.style = ""
        self.heading = ""
        self.language = ""
        self._inside: list[str] = []
        self._given: dict[str, str] = {}
        self._label = ""
        self._select = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self._inside.append(tag)
        self._given = given
        match tag:
            case "html":
                self.language = given.get("lang", "")
            case "a":
                self.links.append(given["href"])
            case "form":
                self.forms.append(Form(given["action"], given["method"]))
            case "input":
                self.forms[-1].values[given["name"]] = given.get("value", "")
            case "select":
                self._select = given["name"]
                self.forms[-1].values[self._select] = ""
            case "optgroup":
                self.forms[-1].groups.append(given["label"])
            case "label":
                self._label = given["for"]

    def handle_data(self, data: str) -> None:
        tag = self._inside[-1] if self._inside else ""
        if tag == "style":
            self.style = data
            return
        if data.strip():
            self.text += f"{data.strip()}\n"
        match tag:
            case "h1":
                self.heading = data
            case "label":
                self.forms[-1].labels[data] = self._label
            case "option":
                self._take_option(data)
            case "p" if self._given.get("role") == "alert":
                self.alerts.append(data)

    def _take_option(self, words: str) -> None:
        form, value = self.forms[-1], self._given["value"]
        if not form.options or "selected" in self._given:
            form.values[self._select] = value
        form.options[words] = value

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass


class Phone:
    """A phone.

    :param origin: how the hub is called on it.
    :ivar page: what it shows.
    :ivar answer: what the hub has sent for that.
    """

    def __init__(self, app: ASGIApp, like: TestClient, origin: str) -> None:
        self.client = TestClient(app, base_url=origin, raise_server_exceptions=False)
        self.client.portal = like.portal  # one loop for all
        self.page: Page
        self.answer: Response

    @property
    def form(self) -> Form:
        """Give the form that is shown."""
        (form,) = self.page.forms
        return form

    def scan(self, url: str) -> None:
        """Go where a QR code leads."""
        self._show(self.client.get(url))

    def fill(self, **by_label: str) -> None:
        """Type something beside the label that has this word in it."""
        for word, value in by_label.items():
            (name,) = [name for label, name in self.form.labels.items() if word in label]
            self.form.values[name] = value

    def choose(self, option: str) -> None:
        """Choose an option by what is shown of it."""
        (name,) = [name for label, name in self.form.labels.items() if "Where" in label]
        self.form.values[name] = self.form.options[option]

    def send(self) -> None:
        """Press the button."""
        assert self.form.method == "post"
        self._show(self.client.post(self._url(self.form.action), data=self.form.values, headers=self._from()))

    def follow(self) -> None:
        """Press the only link."""
        (link,) = self.page.links
        self._show(self.client.get(self._url(link)))

    def _show(self, answer: Response) -> None:
        assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text
        self.answer, self.page = answer, Page(answer.text)

    def _url(self, link: str) -> str:
        return urljoin(str(self.answer.url), link)

    def _from(self) -> dict[str, str]:
        """Say where a form comes from: Fetch standard, "append a request `Origin` header"."""
        page = urlsplit(str(self.answer.url))
        silent = self.answer.headers["referrer-policy"] == "no-referrer"
        return {"Origin": "null" if silent else f"{page.scheme}://{page.netloc}"}


def behind_proxy(app: ASGIApp, prefix: str) -> ASGIApp:
    """Put an application behind a proxy that ends TLS, and has it under a path of its own."""

    async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["path"].startswith(f"{prefix}/"), scope["path"]
        path = scope["path"].removeprefix(prefix)
        await app({**scope, "scheme": "http", "path": path, "raw_path": path.encode()}, receive, send)

    return proxy
