"""The MESH client takes every answer for hostile: it asks nobody else, believes no id, and ends within its bounds."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.intake.mesh_mailbox import MeshMailbox, Taken
from gateway.world import World
from schemas.errors import MashError, Rejected, TooLarge, Unauthenticated, Unavailable, Unknown

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEAD = {"Mex-From": "A1B", "Mex-To": "MB1", "Mex-WorkflowID": "W_1", "Mex-MessageType": "DATA"}
LIMIT = 4_096


def says(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=HEAD | named)

    return answer


@asynccontextmanager
async def mailbox(answer: Answer, seconds: float = 5) -> AsyncIterator[tuple[MeshMailbox, list[web.Request]]]:
    asked: list[web.Request] = []

    async def every(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", every)
    async with TestServer(app) as server, aiohttp.ClientSession(auto_decompress=False) as session:
        yield (
            MeshMailbox(
                url=f"http://127.0.0.1:{server.port}",
                mailbox="MB1",
                password="p",
                shared_key="k",
                session=session,
                world=World(),
                seconds=seconds,
            ),
            asked,
        )


async def taken(answer: Answer, **more: float) -> Taken:
    async with mailbox(answer, **more) as (client, _), client.message("M1") as waiting:
        return await waiting.content(LIMIT)


async def listed(answer: Answer) -> list[str]:
    async with mailbox(answer) as (client, _):
        return [name async for page in client.inbox() for name in page]


def inbox(*ids: object, more: str = "") -> bytes:
    return json.dumps({"messages": ids, "links": {"self": "/x"} | ({"next": more} if more else {})}).encode()


@pytest.mark.parametrize(
    "status,error",
    [
        (301, Rejected),
        (302, Rejected),
        (401, Unauthenticated),
        (403, Unauthenticated),
        (404, Unknown),
        (410, Unknown),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
        (418, Rejected),
    ],
)
async def test_each_status_asks_for_its_reaction_and_no_redirect_is_followed(
    status: int, error: type[MashError]
) -> None:
    async with mailbox(says(status, Location="/elsewhere")) as (client, asked):
        with pytest.raises(error):
            await client.handshake()
        assert [one.path for one in asked] == ["/messageexchange/MB1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"messages": 1}',
        inbox(1),
        inbox("../../MB2/inbox/M1"),
        inbox("M1/status/acknowledged"),
        inbox("M1?x=1"),
        inbox("M" * 101),
        b'{"messages":' + b"[" * 100_000,
    ],
)
async def test_an_inbox_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected):
        await listed(says(body=body))


async def test_a_listing_without_end_is_cut_off() -> None:
    with pytest.raises(TooLarge):
        await listed(says(body=inbox(*["M" * 90] * 9_000)))


async def test_of_a_link_to_a_next_page_only_its_cursor_is_followed() -> None:
    async def pages(request: web.Request) -> web.Response:
        last = "continue_from" in request.query
        more = "" if last else "https://elsewhere.example/other?continue_from=abc&max_results=1"
        return web.Response(body=inbox("M2" if last else "M1", more=more))

    async with mailbox(pages) as (client, asked):
        assert [page async for page in client.inbox()] == [["M1"], ["M2"]]
        assert [one.path for one in asked] == ["/messageexchange/MB1/inbox"] * 2
        assert asked[1].query["continue_from"] == "abc"


async def test_a_listing_may_be_pressed() -> None:
    assert await listed(says(body=gzip.compress(inbox("M1")), Content_Encoding="gzip")) == ["M1"]


@pytest.mark.parametrize("head", ["2:3", "x", "1", "1:9999999", "0:1", "1:2:3"])
async def test_a_first_chunk_that_is_none_is_refused(head: str) -> None:
    with pytest.raises(Rejected):
        await taken(says(Mex_Chunk_Range=head))


async def test_chunks_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(Rejected):
        await taken(says(206, b"a", Mex_Chunk_Range="1:2"))  # the second says again that it is the first


async def test_more_chunks_than_there_may_be_are_not_asked_for() -> None:
    async with mailbox(says(206, b"a", Mex_Chunk_Range="1:1001")) as (client, asked):
        async with client.message("M1") as waiting:
            with pytest.raises(TooLarge):
                await waiting.content(LIMIT)
        assert len(asked) == 1


async def test_a_body_over_the_limit_is_cut_off_while_it_comes() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=HEAD)
        await response.prepare(request)
        while True:
            await response.write(bytes(65_536))

    with pytest.raises(TooLarge):
        await asyncio.wait_for(taken(endless), 10)


async def test_a_server_that_never_answers_is_away() -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    with pytest.raises(Unavailable):
        await taken(slow, seconds=0.2)


async def test_another_encoding_is_refused() -> None:
    with pytest.raises(Rejected):
        await taken(says(body=b"x", Content_Encoding="br"))


async def test_what_is_no_gzip_although_it_says_so_is_handed_on_as_it_came() -> None:
    found = await taken(says(body=b"plain", Content_Encoding="gzip"))
    assert (found.payload, found.problem and found.problem.code) == (b"plain", "message.gzip")


async def test_a_file_that_the_senders_client_pressed_is_undone_too() -> None:
    pressed = gzip.compress(b"words")
    assert (await taken(says(body=pressed, Mex_Content_Compressed="Y"))).payload == b"words"
    assert (await taken(says(body=pressed))).payload == pressed  # nobody said so: it is the message


async def test_the_control_file_is_read_and_its_private_entries_are_not_shown() -> None:
    answer = says(
        Mex_LocalID="velvet", Mex_Subject="lighthouse", Mex_Content_Type="text/xml", Mex_Content_Encrypted="y"
    )
    async with mailbox(answer) as (client, _), client.message("M1") as waiting:
        control = waiting.control
    assert (control.sender, control.recipient, control.workflow, control.chunks) == ("A1B", "MB1", "W_1", 1)
    assert (control.local_id, control.subject, control.content_type) == ("velvet", "lighthouse", "text/xml")
    assert (control.encrypted, control.compressed, control.report) == (True, False, False)
    assert "velvet" not in repr(control)
    assert "lighthouse" not in repr(control)
