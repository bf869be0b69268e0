"""A page of the console as a row, and one visit to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from gateway.bootstrap import Gateway
from gateway.console import form as forms
from gateway.console.form import TOKEN_FIELD, Form
from gateway.console.parts import Console
from gateway.console.sittings import Sitting
from gateway.console.submissions import Done
from gateway.console.tasks import Task, tasks_of
from gateway.people import PersonCaller
from routing.permissions import Action, allowed_roles

DONE = "done"
"""The parameter of an address that says which form led there."""


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong with a form, at which field (its element's id), and what to do."""

    at: str
    text: str


class Invalid(Exception):
    """A form that can't be taken as it is: it is shown again, with what was typed."""

    def __init__(self, *wrongs: Wrong) -> None:
        super().__init__(len(wrongs))
        self.wrongs = wrongs


@dataclass(frozen=True, kw_only=True)
class Go:
    """Where a step that has no effect leads."""

    location: str


@dataclass(kw_only=True)
class Visit:
    """One call of a page, by somebody who is signed in and may. ``form`` is what they typed: now, or before."""

    request: web.Request
    gateway: Gateway
    console: Console
    sitting: Sitting
    until: str
    form: Form = field(default_factory=Form)
    draft: str = ""
    kept_at: str = ""
    wrongs: Sequence[Wrong] = ()
    status: int = 200

    @property
    def person(self) -> PersonCaller:
        """Who visits."""
        return self.sitting.caller

    @property
    def path(self) -> str:
        """The page's path: what its form's token and its draft hang on."""
        return self.request.path

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the person comes here for."""
        return tasks_of(self.person.roles)

    def name(self, key: str = "id") -> str:
        """A part of the path."""
        return self.request.match_info[key]

    def may(self, action: Action) -> bool:
        """Whether the person's roles do this."""
        return bool(self.person.roles & allowed_roles(action))

    def wrong(self, at: str) -> str:
        """What is wrong at this field; nothing where nothing is."""
        return next((one.text for one in self.wrongs if one.at == at), "")

    def token(self, path: str = "") -> Markup:
        """The hidden field that a form to this path needs; to the page itself, where none is named."""
        value = forms.mint(self.sitting.secret, path or self.path, self.console.world.random(forms.NAME_BYTES))
        return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, value)

    async def page(self, template: str, *, title: str, status: int = 0, **context: object) -> web.Response:
        """The page in the person's own frame. ``title`` names things by their references alone."""
        notice = ""
        done = self.request.query.get(DONE, "")
        if done:
            notice = await self.console.submissions.notice(done, self.sitting.id)
        text = self.console.rendering.page(
            template,
            now=self.console.world.now(),
            visit=self,
            title=("Error: " if self.wrongs else "") + title,
            notice=notice,
            Action=Action,
            status=status or self.status,
            **context,
        )
        return html(self.console, text, status or self.status)

    async def drop(self, *paths: str) -> None:
        """Forget what was typed into these forms: it was sent, or given up."""
        await self.console.drafts.drop(self.person.subject, *paths)


Show = Callable[[Visit], Awaitable[web.StreamResponse]]
Act = Callable[[Visit], Awaitable[Done | Go]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A row: a path, who may visit it, what it shows, and what its form does.

    ``actions``: one of them is enough; what is shown is cut to the role again by the desk. ``step``: the form has no
    effect but to go on, and what was typed is kept until a later page sends it.
    """

    path: str
    show: Show
    actions: frozenset[Action] = frozenset()
    act: Act | None = None
    step: bool = False


def html(console: Console, text: str, status: int = 200) -> web.Response:
    """HTML under the headers of every page."""
    response = web.Response(status=status, text=text, content_type="text/html", charset="utf-8")
    response.headers.update(console.rendering.headers)
    response.enable_compression()
    return response


def see_other(location: str, **query: str) -> NoReturn:
    """Lead the browser to another page, which it gets.

    Raises:
        HTTPSeeOther: always.
    """
    raise web.HTTPSeeOther(located(location, query))


def located(location: str, query: Mapping[str, str]) -> str:
    """The address with these parameters besides its own."""
    asked = {name: value for name, value in query.items() if value}
    joint = "&" if "?" in location else "?"
    return f"{location}{joint}{urlencode(asked)}" if asked else location
