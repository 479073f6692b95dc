"""Who scans the code on a box's screen with a phone has the box a minute later; and nobody else has."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.app import build_application
from easyplayer.hub.hub import Hub
from easyplayer.hub.proofs import COOKIE
from easyplayer.hub.services import accounts
from easyplayer.hub.services.accounts import Grants
from easyplayer.hub.web.claim_page import MOST_FORM_BYTES
from tests.hub.boxes import API, ABox, place
from tests.hub.conftest import PUBLIC_URL, HeldClock, HubFactory
from tests.hub.web.phone import Page, Phone, behind_proxy

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
HOSTILE = "\"><script>alert(1)</script>{user}'&"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OWN = {"Origin": PUBLIC_URL}


@pytest.fixture(name="phone")
def _phone(client: TestClient) -> Phone:
    """Give a phone on which nobody has logged in."""
    return Phone(client.app, client, PUBLIC_URL)


@pytest.fixture(name="box")
def _box(client: TestClient, admin: TestClient) -> ABox:
    """Give a box that waits, and a venue for it."""
    place(admin)
    return ABox(client)


@pytest.fixture(name="user")
def _user(hub: Hub) -> Callable[[str, Grants], None]:
    """Make users that can log in by a password."""

    def make(name: str, held: Grants) -> None:
        with hub.database.write() as connection:
            accounts.add(connection, name, hub.passwords.hash(PASSWORD), held, hub.now())

    return make


@pytest.fixture(name="olga")
def _olga(box: ABox, user: Callable[[str, Grants], None]) -> None:
    """Have an operator of the bars."""
    user("olga", {"bars": "operator"})


def url(code: str) -> str:
    """Give what the box's QR code says."""
    return f"{PUBLIC_URL}/claim?code={code}"


def log_in(phone: Phone, name: str = "olga", password: str = PASSWORD) -> None:
    """Log in on the page that is shown."""
    phone.fill(name=name, password=password)
    phone.send()


def claims(admin: TestClient) -> list[dict[str, Any]]:
    """Give what the audit log tells of claims."""
    rows = admin.get(f"{API}/audit").json()["items"]
    return [row for row in rows if row["action"] == "box.claim"]


@pytest.mark.usefixtures("olga")
class TestOnePhone:
    """What an operator does, with the box before him or her."""

    def test_from_the_qr_code_to_the_box_that_is_claimed(
        self, phone: Phone, box: ABox, admin: TestClient
    ) -> None:
        """Scan, log in, choose, done; the box hears of it at its next question."""
        code = box.pairing().claim_code
        phone.scan(url(code))
        assert (phone.page.heading, phone.answer.status_code) == ("Claim a box", 200)
        log_in(phone)
        assert phone.form.values["code"] == code
        assert phone.page.text.endswith("You are logged in as olga.\n")
        phone.fill(call="Counter")
        phone.send()

        assert (phone.page.heading, phone.answer.status_code) == ("The box is claimed", 200)
        assert "Counter\nis now a box of\nBar\n, in the zone main." in phone.page.text
        assert box.pairing().claimed
        told = admin.get(f"{API}/boxes/{box.id}").json()
        assert (told["name"], told["venue"], told["zone"]) == ("Counter", "bar", "main")
        (row,) = claims(admin)
        assert (row["user"], row["address"]) == ("olga", "testclient")

    def test_who_is_logged_in_already_says_only_where(self, phone: Phone, box: ABox) -> None:
        """For the next box, too."""
        phone.scan(url(box.pairing().claim_code))
        log_in(phone)
        phone.send()
        phone.follow()
        assert phone.form.values["code"] == ""
        other = ABox(box.client, number=2)
        phone.scan(url(other.pairing().claim_code))
        phone.send()
        assert other.pairing().claimed

    def test_the_hubs_own_address_leads_there_too(self, phone: Phone, box: ABox) -> None:
        """A box without a screen says a code, and that address."""
        phone.scan(f"{PUBLIC_URL}/")
        log_in(phone)
        phone.fill(code=box.pairing().claim_code)
        phone.send()
        assert phone.page.heading == "The box is claimed"

    def test_looking_claims_nothing(self, phone: Phone, box: ABox) -> None:
        """However often."""
        code = box.pairing().claim_code
        phone.scan(url(code))
        log_in(phone)
        phone.scan(url(code))
        phone.client.head(url(code))
        assert not box.pairing().claimed

    @pytest.mark.parametrize("typed", [" {} ", "{lower}", "{spaced}", "{plain}"])
    def test_a_code_may_be_typed_as_people_type(self, phone: Phone, box: ABox, typed: str) -> None:
        """In small letters, with spaces, without the hyphen."""
        code = box.pairing().claim_code
        phone.scan(f"{PUBLIC_URL}/claim")
        log_in(phone)
        text = typed.format(
            code, lower=code.lower(), spaced=code.replace("-", " - "), plain=code.replace("-", "")
        )
        phone.fill(code=text)
        phone.send()
        assert box.pairing().claimed

    def test_a_name_may_begin_with_a_capital(self, phone: Phone, box: ABox) -> None:
        """As phones write it by themselves."""
        phone.scan(url(box.pairing().claim_code))
        log_in(phone, "Olga ")
        assert "You are logged in as olga." in phone.page.text

    def test_where_there_are_several_places_one_has_to_be_chosen(
        self, phone: Phone, box: ABox, admin: TestClient
    ) -> None:
        """Among the operator's own; what was typed beside stays."""
        admin.post(f"{API}/venues/bar/zones", json={"id": "terrace", "name": "Terrace"})
        place(admin, "pub")
        place(admin, "hotel", "hotels")
        phone.scan(url(box.pairing().claim_code))
        log_in(phone)
        assert phone.form.groups == ["bars"]
        assert phone.form.options == {
            "Choose …": "",
            "Bar (bar), main": "bar/main",
            "Bar (bar), Terrace": "bar/terrace",
            "Bar (pub)": "pub/main",
        }
        phone.fill(call="Counter")
        phone.send()
        assert (phone.page.alerts, phone.answer.status_code) == (["choose where the box is"], 400)
        assert phone.form.values["name"] == "Counter"
        phone.choose("Bar (bar), Terrace")
        phone.send()
        assert ", in the zone terrace." in phone.page.text
        assert box.pairing().claimed

    def test_a_session_that_is_over_begins_anew(self, phone: Phone, box: ABox, clock: HeldClock) -> None:
        """With the code that was scanned; a cookie that holds no more is no error."""
        phone.scan(url(box.pairing().claim_code))
        log_in(phone)
        clock.pass_s(13 * 3600)
        code = box.pairing().claim_code
        phone.fill(code=code)
        phone.send()
        assert phone.answer.status_code == 401
        assert phone.page.alerts == ["you are not logged in any more: log in once again"]
        assert not box.pairing().claimed
        phone.scan(url(code))
        assert (phone.answer.status_code, phone.page.alerts) == (200, [])
        log_in(phone)
        phone.send()
        assert box.pairing().claimed

    def test_any_nonsense_of_a_cookie_leads_to_the_form(self, phone: Phone) -> None:
        """Also where somebody asks how it went."""
        phone.client.cookies.set(COOKIE, "nonsense" * 500)
        for path in ("claim?code=7K2M-Q9XD", "claim/done?box=0123456789abcdef", "claim/login"):
            phone.scan(f"{PUBLIC_URL}/{path}")
            assert phone.answer.status_code == 200
            assert "Your password" in phone.form.labels

    def test_a_wrong_password_may_be_typed_again(self, phone: Phone, box: ABox) -> None:
        """The name and the code stay; nobody is told what was wrong."""
        code = box.pairing().claim_code
        phone.scan(url(code))
        log_in(phone, password="wrong")
        assert phone.answer.status_code == 401
        assert phone.page.alerts == ["the name or the password is wrong"]
        assert phone.form.values == {"code": code, "name": "olga", "password": ""}
        log_in(phone)
        phone.send()
        assert box.pairing().claimed

    def test_wrong_passwords_are_counted_with_those_of_the_api(
        self, phone: Phone, client: TestClient
    ) -> None:
        """Five in all."""
        for _ in range(4):
            client.post(f"{API}/login", json={"name": "olga", "password": "wrong"})
        phone.scan(url("7K2M-Q9XD"))
        log_in(phone, password="wrong")
        log_in(phone)
        assert (phone.answer.status_code, phone.answer.headers["retry-after"]) == (429, "600")
        assert phone.page.alerts == ["to log in was tried too often: try again in 10 minutes"]

    def test_a_wrong_code_may_be_typed_again_a_few_times(
        self, phone: Phone, box: ABox, admin: TestClient
    ) -> None:
        """Five, with those of the API; then even the right one has to wait."""
        right = box.pairing().claim_code
        phone.scan(url("7K2M-Q9XD"))
        log_in(phone)
        phone.send()
        assert phone.answer.status_code == 404
        assert phone.page.alerts[0].startswith("no box shows the code 7K2M-Q9XD")
        for _ in range(4):
            admin.post(f"{API}/claims", json={"code": "7K2M-Q9XD", "venue": "bar"})
        phone.fill(code=right)
        phone.send()
        assert (phone.answer.status_code, phone.answer.headers["retry-after"]) == (429, "600")
        assert phone.form.values["code"] == right
        assert not box.pairing().claimed

    @pytest.mark.parametrize("code", ["", "1234", "x" * 50])
    def test_what_can_be_no_code_is_told(self, phone: Phone, code: str) -> None:
        """With what one looks like."""
        phone.scan(url(code))
        log_in(phone)
        phone.send()
        assert (phone.answer.status_code, len(phone.page.alerts)) == (400, 1)
        assert "such as 7K2M-Q9XD" in phone.page.alerts[0]


class TestOthers:
    """Who may not, does not; and learns nothing."""

    @pytest.mark.parametrize("held", [{}, {"bars": "viewer"}, {"hotels": "admin"}])
    def test_who_is_operator_nowhere_is_told_so(
        self, phone: Phone, box: ABox, admin: TestClient, user: Callable[..., None], held: Grants
    ) -> None:
        """And may log in as somebody else; a form that is sent all the same is refused."""
        admin.post(f"{API}/groups", json={"id": "hotels"})
        user("vera", held)
        code = box.pairing().claim_code
        phone.scan(url(code))
        log_in(phone, "vera")
        assert "There is no venue in which vera may claim boxes" in phone.page.text
        assert phone.form.values["code"] == code
        typed = {"code": code, "place": "bar/main", "name": ""}
        answer = phone.client.post("/claim", data=typed, headers=OWN)
        assert answer.status_code in {403, 404}
        assert not box.pairing().claimed

    @pytest.mark.usefixtures("olga")
    @pytest.mark.parametrize("chosen", ["hotel/main", "bar/cellar", "bar", "../x", "bar/main/more"])
    def test_a_place_that_is_none_of_the_users_is_refused(
        self, phone: Phone, box: ABox, admin: TestClient, chosen: str
    ) -> None:
        """Whatever the form was made to say."""
        place(admin, "hotel", "hotels")
        phone.scan(url(box.pairing().claim_code))
        log_in(phone)
        phone.form.values["place"] = chosen
        phone.send()
        assert phone.answer.status_code in {400, 404}
        assert phone.page.alerts
        assert not box.pairing().claimed

    def test_nobody_is_told_of_boxes_of_others(
        self, phone: Phone, box: ABox, admin: TestClient, user: Callable[..., None]
    ) -> None:
        """They are not there."""
        admin.post(f"{API}/claims", json={"code": box.pairing().claim_code, "venue": "bar"})
        user("hugo", {})
        phone.scan(url(""))
        log_in(phone, "hugo")
        phone.scan(f"{PUBLIC_URL}/claim/done?box={box.id}")
        assert phone.answer.status_code == 404
        assert phone.page.alerts == [f"there is no box {box.id}"]

    @pytest.mark.usefixtures("olga")
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "null"},
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_a_form_of_another_site_does_nothing(
        self, phone: Phone, box: ABox, headers: dict[str, str]
    ) -> None:
        """It neither claims nor logs anybody in."""
        code = box.pairing().claim_code
        stranger = Phone(phone.client.app, box.client, PUBLIC_URL)
        typed = {"name": "olga", "password": PASSWORD, "code": code}
        answer = stranger.client.post("/claim/login", data=typed, headers=headers)
        assert (answer.status_code, answer.cookies.get(COOKIE)) == (403, None)
        phone.scan(url(code))
        log_in(phone)
        answer = phone.client.post("/claim", data={"code": code, "place": "bar/main"}, headers=headers)
        assert answer.status_code == 403
        assert "another site" in answer.text
        assert not box.pairing().claimed

    @pytest.mark.usefixtures("olga")
    @pytest.mark.parametrize(
        ("content", "headers", "status"),
        [
            (b"code=" + b"x" * 51, FORM, 400),
            (b'{"code": "x"}', {"Content-Type": "application/json"}, 415),
            (b"x" * (MOST_FORM_BYTES + 1), FORM, 413),
        ],
    )
    def test_what_is_no_such_form_is_refused(
        self, phone: Phone, content: bytes, headers: dict[str, str], status: int
    ) -> None:
        """Whether anybody has logged in or not."""
        for path in ("/claim", "/claim/login"):
            answer = phone.client.post(path, content=content, headers={**OWN, **headers})
            assert answer.status_code == status, answer.text
            assert Page(answer.text).alerts

    @pytest.mark.parametrize(
        "path",
        [
            "/claim?code=" + "x" * 51,
            "/claim?code=a&from=chat",
            "/claim?code=%00",
            "/claim/done",
            "/claim/done?box=bar",
            "/claim/login?code=a",
        ],
    )
    def test_an_address_that_makes_no_sense_is_told_of_on_a_page(self, phone: Phone, path: str) -> None:
        """Which leads back to the form."""
        phone.scan(PUBLIC_URL + path)
        assert (phone.answer.status_code, len(phone.page.alerts)) == (400, 1)
        phone.follow()
        assert (phone.answer.status_code, str(phone.answer.url)) == (200, f"{PUBLIC_URL}/claim")


class TestSafety:
    """What a page lets a browser do."""

    @pytest.mark.usefixtures("olga")
    def test_a_page_lets_nothing_run_and_nothing_be_loaded(self, phone: Phone, box: ABox) -> None:
        """Its style is named by its digest; it is kept nowhere, shown in no frame, and told to no other."""
        pages = [url(box.pairing().claim_code)]
        phone.scan(pages[0])
        seen = [phone.page]
        log_in(phone)
        seen.append(phone.page)
        phone.send()
        seen.append(phone.page)
        headers = phone.answer.headers
        digest = b64encode(sha256(seen[0].style.encode()).digest()).decode()
        assert headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        for page in seen:
            assert page.style == seen[0].style
            assert not {"script", "img", "link", "iframe", "base"} & page.tags
            assert page.language == "en"

    @pytest.mark.usefixtures("olga")
    def test_every_field_that_is_shown_has_a_label(self, phone: Phone, box: ABox) -> None:
        """Who does not see the page is told what to type where."""
        phone.scan(url(box.pairing().claim_code))
        assert set(phone.form.labels.values()) == {"name", "password"}
        log_in(phone)
        assert set(phone.form.labels.values()) == {"code", "place", "name"}

    def test_whatever_is_put_into_a_page_is_text_there(
        self, phone: Phone, box: ABox, admin: TestClient, user: Callable[..., None]
    ) -> None:
        """Codes, names of venues, groups and zones, and what was typed."""
        assert len(HOSTILE) < 50
        admin.patch(f"{API}/groups/bars", json={"name": HOSTILE})
        admin.patch(f"{API}/venues/bar", json={"name": HOSTILE})
        admin.post(f"{API}/venues/bar/zones", json={"id": "b", "name": HOSTILE})
        user("olga", {"bars": "operator"})
        phone.scan(url(quote(HOSTILE)))
        log_in(phone, HOSTILE)
        assert phone.form.values == {"code": HOSTILE, "name": HOSTILE, "password": ""}
        assert "<script" not in phone.answer.text
        log_in(phone)
        assert (phone.form.values["code"], phone.form.groups) == (HOSTILE, [HOSTILE])
        phone.fill(call=HOSTILE)
        phone.choose(f"{HOSTILE}, {HOSTILE}")
        phone.send()
        assert phone.form.values == {"code": HOSTILE, "place": "bar/b", "name": HOSTILE}
        assert "<script" not in phone.answer.text
        phone.fill(code=box.pairing().claim_code)
        phone.send()
        assert phone.page.text.count(HOSTILE) == 2
        assert "<script" not in phone.answer.text

    @pytest.mark.usefixtures("olga")
    def test_a_page_leads_to_this_hub_only(self, phone: Phone) -> None:
        """Whatever the code is."""
        typed = {"name": "olga", "password": PASSWORD, "code": "//evil.example/\r\nX: y"}
        answer = phone.client.post("/claim/login", data=typed, headers=OWN, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == "../claim?code=%2F%2Fevil.example%2F%0D%0AX%3A+y"


@pytest.fixture(name="proxied")
def _proxied(hub_factory: HubFactory) -> Iterator[tuple[Hub, TestClient]]:
    hub = hub_factory(public_url="https://hub.test/music")
    with TestClient(build_application(hub)) as client:
        yield hub, client


def test_all_goes_through_a_proxy_with_tls_and_a_path_of_its_own(proxied: tuple[Hub, TestClient]) -> None:
    """From the QR code to the end, wrong password and wrong code included."""
    hub, client = proxied
    with hub.database.write() as connection:
        accounts.add(connection, "root", hub.passwords.hash(PASSWORD), {"*": "admin"}, hub.now())
    token = client.post(f"{API}/login", json={"name": "root", "password": PASSWORD}).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    admin = TestClient(client.app, headers=bearer)
    admin.portal = client.portal
    place(admin)
    box = ABox(client)
    asked = box.ask("https://hub.test/music").json()

    phone = Phone(behind_proxy(client.app, "/music"), client, "https://hub.test")
    phone.scan("https://hub.test/music/claim?code=7K2M-Q9XD")
    log_in(phone, "root", "wrong")
    log_in(phone, "root")
    phone.send()
    assert phone.answer.status_code == 404
    phone.fill(code=asked["claim_code"])
    phone.send()
    assert phone.page.heading == "The box is claimed"
    phone.follow()
    assert str(phone.answer.url) == "https://hub.test/music/claim"
