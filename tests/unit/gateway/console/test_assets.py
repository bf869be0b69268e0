"""What pages bring beside themselves."""

from __future__ import annotations

import gzip

from gateway.console.assets import BASE, Assets, assets
from tests.unit.gateway.console.conftest import Visitor


def test_the_typeface_of_gov_uk_is_neither_served_nor_named() -> None:
    styles = assets().find(assets().version, "govuk-frontend.css")
    assert styles is not None
    assert b"Transport" not in styles.plain
    assert b"@font-face" not in styles.plain
    assert b"arial" in styles.plain


def test_the_same_content_has_the_same_address_in_every_process() -> None:
    assert Assets().url("console.css") == Assets().url("console.css")


async def test_assets_are_served_for_ever_and_under_their_present_address_alone(visitor: object) -> None:
    assert callable(visitor)
    anybody: Visitor = visitor()
    response = await anybody.get(assets().url("console.js"), headers={"Accept-Encoding": "gzip"})
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Type"].startswith("text/javascript")
    found = assets().find(assets().version, "console.js")
    assert found is not None
    assert await response.read() == found.plain == gzip.decompress(found.gzipped)
    assert (await anybody.get(f"{BASE}/0000000000000000/console.js")).status == 404
    assert (await anybody.get(f"{BASE}/{assets().version}/..%2fform.py")).status == 404
