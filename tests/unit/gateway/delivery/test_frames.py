"""The frames of a publish are, byte for byte, those that pamqp makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from gateway.delivery import frames

names = st.text(max_size=60)
FRAME_MAX = 4096


@given(
    channel=st.integers(1, 65535),
    exchange=st.text("abc.-", max_size=40),
    key=names,
    body=st.binary(max_size=200) | st.integers(0, 20_000).map(lambda size: b"x" * size),
    headers=st.dictionaries(names, st.text(max_size=400), max_size=8),
    message_id=names,
    user_id=names,
    content_type=st.sampled_from(["", "application/jose"]),
)
def test_they_are_those_of_pamqp(  # noqa: PLR0917 - the fields of a message
    channel: int,
    exchange: str,
    key: str,
    body: bytes,
    headers: dict[str, str],
    message_id: str,
    user_id: str,
    content_type: str,
) -> None:
    made = frames.publish(
        channel,
        exchange,
        key,
        body,
        headers=headers,
        message_id=message_id,
        user_id=user_id,
        content_type=content_type,
        frame_max=FRAME_MAX,
    )
    rest, found = made, []
    while rest:
        used, number, one = frame.unmarshal(rest)
        assert number == channel
        found.append(one)
        rest = rest[used:]
    method, header, *bodies = found
    assert isinstance(method, commands.Basic.Publish)
    assert (method.exchange, method.routing_key, method.mandatory) == (exchange, key, True)
    assert isinstance(header, ContentHeader)
    properties = header.properties
    assert (header.body_size, properties.delivery_mode) == (len(body), 2)
    assert (properties.message_id or "", properties.user_id or "") == (message_id, user_id)
    assert (properties.content_type or "", properties.headers or {}) == (content_type, headers)
    assert all(isinstance(one, ContentBody) and 0 < len(one.value) <= FRAME_MAX - 8 for one in bodies)
    assert b"".join(one.value for one in bodies if isinstance(one, ContentBody)) == body


def test_the_bytes_are_pamqps_own() -> None:
    properties = commands.Basic.Properties(
        content_type="application/jose",
        headers={"cloudEvents_id": "env_1", "mash-reason": "é"},
        delivery_mode=2,
        message_id="env_1",
        user_id="guest",
    )
    theirs = (
        frame.marshal(commands.Basic.Publish(exchange="mash.out", routing_key="a.b", mandatory=True), 7),
        frame.marshal(ContentHeader(properties=properties, body_size=3), 7),
        frame.marshal(ContentBody(b"abc"), 7),
    )
    ours = frames.publish(
        7,
        "mash.out",
        "a.b",
        b"abc",
        headers={"cloudEvents_id": "env_1", "mash-reason": "é"},
        message_id="env_1",
        user_id="guest",
        content_type="application/jose",
        frame_max=131072,
    )
    assert ours == b"".join(theirs)


@pytest.mark.parametrize("field", ["exchange", "key", "message_id", "user_id", "name"])
def test_what_is_too_long_for_its_field_is_refused(field: str) -> None:
    given_fields = {"exchange": "e", "key": "k", "message_id": "m", "user_id": "u", "name": "n", field: "é" * 128}
    with pytest.raises(ValueError, match="bytes must be in range"):
        frames.publish(
            1,
            given_fields["exchange"],
            given_fields["key"],
            b"",
            headers={given_fields["name"]: ""},
            message_id=given_fields["message_id"],
            user_id=given_fields["user_id"],
            content_type="",
            frame_max=4096,
        )
