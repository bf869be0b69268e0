"""Pictures of every page into ``docs/console``: a demo hub of its own, played by a browser (``make screenshots``)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, async_playwright

from sandbox.demo import Outcome, Wanted, run_demo
from sandbox.identity_provider import IdentityProvider, User
from sandbox.scenarios.playing import Playing, family
from sandbox.scenarios.stage import Stage
from tests.services import chromium

FOLDER = Path(__file__).parents[2] / "docs" / "console"
_REPLIES = 5
_SETTLED_MS = 300


@dataclass(kw_only=True)
class Camera:
    """Takes pictures of one person's pages, and keeps what each of them shows."""

    page: Page
    base: str
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def sign_in(self, user: User) -> None:
        """Sign in as this person."""
        await self.page.context.clear_cookies()
        await self.page.goto(f"{self.base}/console")
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.fill("#username", user.name)
        await self.page.fill("#password", user.password)
        await self.page.get_by_role("button", name="Sign in").click()

    async def take(self, name: str, says: str, path: str = "") -> None:
        """A picture of the page that is open, or of the one at this path."""
        if path:
            await self.page.goto(self.base + path)
        # Who is signed in and when is another each time: the pictures would differ for nothing.
        await self.page.wait_for_timeout(_SETTLED_MS)
        await self.page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
        self.taken.append((name, says))

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).click()


async def main() -> int:
    """Play and take; the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)

    async def linger(_: Outcome, stage: Stage, provider: IdentityProvider) -> None:
        playing = Playing(stage=stage, family=family())
        fresh = await playing.begin()
        answering = asyncio.create_task(playing.go_on())
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=chromium.executable(), args=chromium.arguments()
                )
                page = await browser.new_page(viewport={"width": 1280, "height": 800})
                camera = Camera(page=page, base=stage.hub.place.url)
                await _pictures(camera, provider, fresh)
                await browser.close()
        finally:
            answering.cancel()
        _index(camera.taken)

    outcome = await run_demo(Wanted(), linger=linger)
    return 0 if outcome.held else 1


async def _pictures(camera: Camera, provider: IdentityProvider, fresh: str) -> None:
    case = f"/console/referrals/{fresh}"
    await camera.take("sign-in", "Where everybody begins", "/console/sign-in")
    await camera.sign_in(provider.users["m.adeyemi"])
    await camera.take("start", "A manager's first page: tasks, and what is most urgent")
    await camera.take("board", "The board: late first, rating in word, shape and colour", "/console/referrals")
    await camera.take(
        "board-empty", "Nothing waits: the page says so, and since when", "/console/referrals?show=decided"
    )
    await camera.take("referral-new", "A referral that came in: what was notified, what is next", case)
    await _to_the_questions(camera, case)
    await _to_the_decision(camera, case)
    await camera.sign_in(provider.users["s.whitlock"])
    await camera.take("screening", "A screening officer records what the hub's own records say", f"{case}/screening")
    await camera.take("call", "Taking a call down, for whoever has no system", "/console/notify")
    await camera.sign_in(provider.users["t.okafor"])
    page = camera.page
    await page.goto(f"{camera.base}/console/notify")
    await page.fill("#worry", "Came to school hungry and without a coat for the third time this month.")
    await page.get_by_role("checkbox", name="Neglect").check()
    await page.fill("#child1_given", "Rowan")
    await page.fill("#child1_family", "Delacroix")
    await page.fill("#child1_birth_year", "2017")
    await page.fill("#referrer_role", "Designated safeguarding lead")
    await camera.press("Check what you wrote")
    await camera.take("notify-check", "A referrer checks what the hub will be told")
    await camera.sign_in(provider.users["a.lindqvist"])
    await camera.take("refused", "What a role does not do, it is told in a sentence", case)


async def _to_the_questions(camera: Camera, case: str) -> None:
    page = camera.page
    await page.goto(f"{camera.base}{case}/rate")
    await camera.press("Continue")
    await camera.take("rate-errors", "What is missing is said at the top and at its place")
    await page.get_by_role("radio", name="Amber").check()
    await page.get_by_role("radio", name="3: targeted").check()
    await page.fill("#reasons", "He is 17.\n\nLittle is known about the family.")
    await camera.take("rate", "Rating: no rating is chosen for the manager")
    await camera.press("Continue")
    await camera.take("rate-check", "Old and new rating, the due time, which requests are re-dated")
    await camera.press("Rate amber")
    await page.fill("#purpose", "To decide whether the children of this household need protection")
    await page.get_by_role("radio", name="Children Act 2004, section 10").check()
    await page.fill("#necessity", "The referrer knows little, and the decision needs the fullest picture")
    await camera.take("ask", "Whom to ask, as the rules propose it, each with its reason")
    await camera.press("Sign and send the requests")
    for _ in range(200):
        await page.goto(f"{camera.base}{case}/requests")
        if await page.locator("main tbody tr", has_text="Answered").count() == _REPLIES:
            break
        await asyncio.sleep(0.2)


async def _to_the_decision(camera: Camera, case: str) -> None:
    page = camera.page
    await camera.take("requests", "Who was asked, and who has answered")
    await camera.take("disclosures", "Disclosures, sealed until each is opened", f"{case}/disclosures")
    await page.get_by_role("link", name="Northshire Council").click()
    await camera.take("disclosure", "One disclosure, opened: two children nobody had named")
    await camera.press("Add these 2 children to the case")
    await camera.take("people", "Everybody on the case")
    await page.goto(f"{camera.base}{case}/rate")
    await page.get_by_role("radio", name="Red").check()
    await page.fill("#reasons", "Two younger children live in the household.")
    await camera.press("Continue")
    await camera.take("rate-again-check", "Rating again: red, due earlier")
    await camera.press("Rate red")
    await camera.take("referral-red", "The referral, with its next step")
    await camera.press("Decide")
    await page.get_by_role("checkbox", name="Section 47 enquiry").check()
    await page.fill("#rationale", "The younger children are at risk of significant harm.")
    await camera.take("decide", "Deciding: outcomes, why, and what was considered")
    await camera.press("Record the decision")
    await page.fill("#summary", "A 17-year-old involved with a gang, a stepfather known for drugs, two young children.")
    await camera.take("release", "What goes to the team: parts that their owners released")
    await camera.press("See what the team will see")
    await camera.take("release-check", "What the team will see, computed by the policy that cuts it")
    await camera.press("Release it")
    await camera.take("decisions", "Ratings, decisions and products", f"{case}/decisions")
    await camera.take("history", "One line of time across agencies, and who looked", f"{case}/history")
    await camera.take("feedback", "Telling the referrer the outcome, never the contents", f"{case}/feedback")
    await page.set_viewport_size({"width": 390, "height": 800})
    await camera.take("small-screen", "The same on a telephone", f"{case}/requests")
    await page.set_viewport_size({"width": 1280, "height": 800})


def _index(taken: Sequence[tuple[str, str]]) -> None:
    for old in FOLDER.glob("*.png"):
        if old.stem not in {name for name, _ in taken}:
            old.unlink()
    lines = ["# The console in pictures", "", "Made by `make screenshots`, on a demo hub with invented people.", ""]
    for name, says in taken:
        lines += [f"## {says}", "", f"![{says}]({name}.png)", ""]
    (FOLDER / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
