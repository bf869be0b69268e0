"""Every page by every role and relation: none is shown that its action forbids, none shows more than the API would."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.bootstrap import Gateway
from gateway.console.routes import PAGES
from routing.permissions import allowed_roles
from schemas.errors import MashError
from schemas.vocabulary import Rating
from tests.gateway import borough
from tests.gateway.natives import FAMILY, GIVEN, MOTHER, NARRATIVE, NHS, PNC, POSTCODE, STREET
from tests.unit.gateway import case
from tests.unit.gateway.console.conftest import Visitor
from tests.unit.gateway.whole import person

TOLD = (GIVEN, FAMILY, MOTHER, NARRATIVE, PNC, POSTCODE, STREET)
_CASE = re.compile(r"^/console/referrals/\{id\}")


def paths(referral: str, request: str, envelope: str) -> dict[str, str]:
    """The address of every page for this case, by its row's path. A disclosure's is one that is not there."""
    found = {}
    for page in PAGES:
        if page.path.endswith("/changes"):
            continue  # a stream, of what the board shows
        path = page.path.replace("{request}", request).replace("{envelope}", envelope)
        name = "dis_" + "0" * 26 if page.path.startswith("/console/disclosures") else referral
        found[page.path] = path.replace("{id}", name)
    return found


async def may_be_told(gateway: Gateway, name: str, referral: str) -> str:
    """All that the API would tell this person of the case."""
    try:
        return (await gateway.viewing.referral(person(name), referral)).model_dump_json()
    except MashError:
        return ""


async def test_no_page_is_open_to_a_role_that_its_action_is_not_and_none_tells_more_than_the_api(
    visitor: Callable[[], Visitor], gateway: Gateway
) -> None:
    referral = await case.opened(gateway)
    await case.rated(gateway, referral, Rating.AMBER)
    request = await case.asked(gateway, referral)
    await case.decided(gateway, referral, acknowledged=[request])
    _, envelope = await case.product(gateway, referral)
    tried, wrong = 0, []
    for name, (role, _) in borough.PEOPLE.items():
        who = visitor()
        await who.sign_in(name)
        told = await may_be_told(gateway, name, referral)
        for row in PAGES:
            if row.path not in (addresses := paths(referral, request, envelope)):
                continue
            response = await who.get(addresses[row.path])
            text, tried = await response.text(), tried + 1
            allowed = not row.actions or any(role in allowed_roles(action) for action in row.actions)
            if (response.status == 403) == allowed and not _refused_by_its_desk(row.path, name):
                wrong.append(f"{name} {row.path}: {response.status}")
            shown = [word for word in TOLD if word in text]
            reads = any(role in allowed_roles(action) for action in row.actions) and bool(_CASE.match(row.path))
            if shown and not reads:
                wrong.append(f"{name} {row.path}: shows a case")
            wrong += [f"{name} {row.path}: shows what the API does not" for word in shown if word not in told]
            if NHS in text.replace(" ", "") and NHS not in told:
                wrong.append(f"{name} {row.path}: shows a number that the API does not")
    assert wrong == []
    assert tried > 350


def _refused_by_its_desk(path: str, name: str) -> bool:
    """Pages whose action a role has, and whose desk refuses this person: another manager's case, no feed for forms."""
    others_case = name == "other_manager" and path.partition("{id}")[2] in {"/ask", "/release", "/release/check"}
    return others_case or (path == "/console/notify" and name == "health_lead")
