"""The console's door: who is signed in, and what becomes of forms that come twice, late, forged or from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from markupsafe import Markup
from pytest_aiohttp.plugin import AiohttpClient

from gateway.bootstrap import Gateway
from gateway.console.door import acted, shown
from gateway.console.form import TOKEN_FIELD
from gateway.console.page import Invalid, Page, Visit, Wrong, html
from gateway.console.parts import Console
from gateway.console.routes import add_console
from gateway.console.submissions import Done
from routing.permissions import Action
from schemas.errors import Conflict, Unknown
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.console.conftest import Visitor
from tests.unit.gateway.whole import entries

PATH = "/console/trying"
TEXT = "What I <i>typed</i>"


class Trying:
    """A page with a form of one field; ``effects`` are what it did."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.seconds = 0.0
        self.fails: Exception | None = None

    async def show(self, visit: Visit) -> web.StreamResponse:
        said = Markup("<p>{}</p>").format(" ".join(one.text for one in visit.wrongs))
        form = Markup('<form action="{}" method="post">{}<textarea>{}</textarea></form>').format(
            PATH, visit.token(), visit.form.text("why")
        )
        return html(visit.console, said + form, visit.status)

    async def act(self, visit: Visit) -> Done:
        await asyncio.sleep(self.seconds)
        if self.fails is not None:
            raise self.fails
        self.effects.append(visit.form.text("why"))
        return Done(location="/console/help", notice="It was done.")


@pytest.fixture
def trying() -> Trying:
    return Trying()


@pytest.fixture
async def visitor(
    aiohttp_client: AiohttpClient, gateway: Gateway, console: Console, trying: Trying
) -> Callable[[], Visitor]:
    app = web.Application()
    page = Page(path=PATH, show=trying.show, act=trying.act, actions=frozenset({Action.RATE}))
    app.router.add_get(PATH, shown(page, gateway, console))
    app.router.add_post(PATH, acted(page, gateway, console))
    add_console(app, gateway, console)
    client: TestClient[web.Request, web.Application] = await aiohttp_client(app)
    return lambda: Visitor(client=client, console=console)


@pytest.fixture
async def manager(visitor: Callable[[], Visitor]) -> Visitor:
    made = visitor()
    await made.sign_in("manager")
    return made


async def test_whoever_is_not_signed_in_is_led_to_sign_in_and_from_there_back(visitor: Callable[[], Visitor]) -> None:
    response = await visitor().get("/console/help?a=1")
    assert (response.status, response.headers["Location"]) == (303, "/console/sign-in?to=/console/help?a%3D1")
    text = await (await visitor().get(response.headers["Location"])).text()
    assert 'href="/console/sign-in/start?to=/console/help%3Fa%3D1"' in text


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/console//evil", "/v1", "/console/\\e"])
async def test_nobody_is_led_anywhere_else_after_signing_in(visitor: Callable[[], Visitor], to: str) -> None:
    text = await (await visitor().get("/console/sign-in", params={"to": to})).text()
    assert 'href="/console/sign-in/start?to=/console"' in text


async def test_pages_go_under_a_strict_policy_and_into_no_cache(manager: Visitor) -> None:
    headers = (await manager.get("/console")).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert policy.startswith("default-src 'none'")
    assert policy.count("'sha256-") == 1
    assert headers["Cache-Control"] == "no-store"


async def test_a_form_has_its_effect_and_says_so_where_it_leads_to_its_sender_alone(
    manager: Visitor, visitor: Callable[[], Visitor], trying: Trying
) -> None:
    token = await manager.token(PATH)
    response = await manager.post(PATH, {"why": TEXT, TOKEN_FIELD: token})
    assert response.status == 303
    assert trying.effects == [TEXT]
    there = response.headers["Location"]
    assert "It was done." in await (await manager.get(there)).text()
    other = visitor()
    await other.sign_in("other_manager")
    assert "It was done." not in await (await other.get(there)).text()


@pytest.mark.parametrize("apart", [0.0, 0.05])
async def test_a_form_that_comes_twice_has_one_effect_and_leads_to_one_place(
    manager: Visitor, trying: Trying, apart: float
) -> None:
    trying.seconds = 0.15
    fields = {"why": TEXT, TOKEN_FIELD: await manager.token(PATH)}

    async def later() -> str:
        await asyncio.sleep(apart)
        return (await manager.post(PATH, fields)).headers["Location"]

    first, second = await asyncio.gather(manager.post(PATH, fields), later())
    assert trying.effects == [TEXT]
    assert first.headers["Location"] == second
    again = await manager.post(PATH, fields)
    assert again.headers["Location"] == second
    assert trying.effects == [TEXT]


@pytest.mark.parametrize(
    "error,status", [(Invalid(Wrong(at="why", text="Say why")), 422), (Conflict("x.y", "rate it first"), 409)]
)
async def test_what_could_not_be_done_is_shown_again_as_it_was_typed_and_may_be_sent_again(
    manager: Visitor, trying: Trying, error: Exception, status: int
) -> None:
    fields = {"why": TEXT, TOKEN_FIELD: await manager.token(PATH)}
    trying.fails = error
    response = await manager.post(PATH, fields)
    assert response.status == status
    assert "What I &lt;i&gt;typed" in await response.text()
    trying.fails = None
    assert (await manager.post(PATH, fields)).status == 303
    assert trying.effects == [TEXT]


@pytest.mark.parametrize("forged", ["", "a" * 22 + "." + "b" * 43])
async def test_a_forged_token_has_no_effect_and_costs_nobody_their_text(
    manager: Visitor, trying: Trying, forged: str
) -> None:
    response = await manager.post(PATH, {"why": TEXT, TOKEN_FIELD: forged})
    assert response.status == 403
    text = await response.text()
    assert "out of date" in text
    assert "What I &lt;i&gt;typed" in text
    assert trying.effects == []


async def test_anothers_token_is_a_forged_one(manager: Visitor, visitor: Callable[[], Visitor], trying: Trying) -> None:
    other = visitor()
    await other.sign_in("other_manager")
    assert (await manager.post(PATH, {"why": TEXT, TOKEN_FIELD: await other.token(PATH)})).status == 403
    assert trying.effects == []


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example"}]
)
async def test_a_form_from_elsewhere_is_refused_whatever_it_bears(
    manager: Visitor, trying: Trying, headers: dict[str, str]
) -> None:
    fields = {"why": TEXT, TOKEN_FIELD: await manager.token(PATH)}
    assert (await manager.post(PATH, fields, headers=headers)).status == 403
    assert trying.effects == []


async def test_what_comes_too_late_is_kept_for_its_person_and_shown_after_sign_in_and_not_sent(
    manager: Visitor, visitor: Callable[[], Visitor], trying: Trying, clock: Clock
) -> None:
    fields = {"why": TEXT, TOKEN_FIELD: await manager.token(PATH)}
    clock.pass_by(timedelta(minutes=21))
    response = await manager.post(PATH, fields)
    assert (response.status, response.headers["Location"]) == (303, "/console/sign-in?to=/console/trying&kept=yes")
    await manager.sign_in("manager")
    assert "What I &lt;i&gt;typed" in await (await manager.get(PATH)).text()
    assert trying.effects == []
    other = visitor()
    await other.sign_in("other_manager")
    assert "typed" not in await (await other.get(PATH)).text()
    fields[TOKEN_FIELD] = await manager.token(PATH)
    await manager.post(PATH, fields)
    assert "typed" not in await (await manager.get(PATH)).text()


async def test_what_comes_too_late_with_a_forged_token_is_not_kept(
    manager: Visitor, clock: Clock, trying: Trying
) -> None:
    clock.pass_by(timedelta(minutes=21))
    response = await manager.post(PATH, {"why": TEXT, TOKEN_FIELD: "a" * 22 + "." + "b" * 43})
    assert response.headers["Location"] == "/console/sign-in?to=/console/trying"
    await manager.sign_in("manager")
    assert "typed" not in await (await manager.get(PATH)).text()
    assert trying.effects == []


async def test_whose_role_may_not_is_refused_and_recorded(
    visitor: Callable[[], Visitor], gateway: Gateway, trying: Trying
) -> None:
    coordinator = visitor()
    await coordinator.sign_in("coordinator")
    assert (await coordinator.get(PATH)).status == 403
    assert (await coordinator.post(PATH, {"why": TEXT})).status == 403
    refused = await entries(gateway, "action.refused")
    assert sorted(one["detail"]["route"] for one in refused) == ["GET:/console/trying", "POST:/console/trying"]
    assert trying.effects == []


async def test_what_nobody_may_know_of_is_not_found_and_recorded(
    manager: Visitor, trying: Trying, gateway: Gateway
) -> None:
    fields = {"why": TEXT, TOKEN_FIELD: await manager.token(PATH)}
    trying.fails = Unknown("referral.unknown", "there is no such referral")
    response = await manager.post(PATH, fields)
    assert response.status == 404
    assert "no such referral" not in await response.text()
    assert len(await entries(gateway, "view.refused")) == 1


async def test_a_bug_shows_nothing_of_itself(manager: Visitor, trying: Trying) -> None:
    fields = {"why": TEXT, TOKEN_FIELD: await manager.token(PATH)}
    trying.fails = ValueError("a secret")
    response = await manager.post(PATH, fields)
    assert response.status == 500
    assert "a secret" not in await response.text()


async def test_typing_is_kept_and_keeps_the_sitting_alive(manager: Visitor, clock: Clock) -> None:
    fields = {"why": TEXT, "form_path": PATH, TOKEN_FIELD: await manager.token(PATH)}
    for _ in range(3):
        clock.pass_by(timedelta(minutes=15))
        assert (await manager.post("/console/drafts", fields)).status == 200
    assert "What I &lt;i&gt;typed" in await (await manager.get(PATH)).text()
    clock.pass_by(timedelta(minutes=21))
    assert (await manager.post("/console/drafts", fields | {"why": "The last words"})).status == 401
    await manager.sign_in("manager")
    assert "The last words" in await (await manager.get(PATH)).text()


async def test_nothing_is_kept_by_a_token_of_another_form(manager: Visitor) -> None:
    token = await manager.token(PATH)
    fields = {"why": TEXT, "form_path": "/console/other", TOKEN_FIELD: token}
    assert (await manager.post("/console/drafts", fields)).status == 403


async def test_the_longest_day_ends_too(manager: Visitor, clock: Clock) -> None:
    for _ in range(41):
        clock.pass_by(timedelta(minutes=15))
        await manager.get("/console")
    assert (await manager.get("/console")).status == 303


async def test_signing_out_ends_the_sitting_and_a_forged_form_does_not(manager: Visitor, gateway: Gateway) -> None:
    assert (await manager.post("/console/sign-out", {TOKEN_FIELD: "x"})).status == 403
    assert (await manager.get("/console")).status == 200
    token = await manager.token("/console", to="/console/sign-out")
    response = await manager.post("/console/sign-out", {TOKEN_FIELD: token})
    assert (response.status, response.headers["Location"]) == (303, "/console/signed-out")
    assert (await manager.get("/console")).status == 303
    assert [one["actor"] for one in await entries(gateway, "person.signed_out")] == ["person:t.manager"]


async def test_the_browsers_name_is_in_no_table(manager: Visitor, gateway: Gateway) -> None:
    async with gateway.store.reading() as work:
        assert await work.console.session(manager.held) is None


async def test_what_expired_is_forgotten_with_its_key(manager: Visitor, console: Console, clock: Clock) -> None:
    fields = {"why": TEXT, "form_path": PATH, TOKEN_FIELD: await manager.token(PATH)}
    await manager.post("/console/drafts", fields)
    begun = clock()
    clock.pass_by(timedelta(days=8))
    await console.sweep()
    assert await console.drafts.find("t.manager", PATH) is None
    assert await console.sittings.find(manager.held) is None
    clock.pass_by(timedelta(days=1))
    await console.sweep()
    async with console.store.reading() as work:
        assert (await work.scopes.get(f"console-{begun.date().isoformat()}")).wrapped is None
