"""A publish as AMQP 0-9-1 frames, encoded once and whole, so that many go to the transport in one write.

Source: AMQP 0-9-1, 2.3.5 (frames), 4.2.6 (content header), 1.8.3.3 (basic.publish); tables as RabbitMQ reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_METHOD, _HEADER, _BODY = b"\x01", b"\x02", b"\x03"
_END = b"\xce"
_OVERHEAD = 8
"""Bytes of a frame around its payload."""
_BASIC = b"\x00\x3c"
_PUBLISH = _BASIC + b"\x00\x28\x00\x00"  # method 40, and the reserved ticket
_MANDATORY = b"\x01"
_CONTENT_TYPE, _HEADERS, _DELIVERY_MODE, _MESSAGE_ID, _USER_ID = 1 << 15, 1 << 13, 1 << 12, 1 << 7, 1 << 4
_PERSISTENT = b"\x02"


def publish(
    channel: int,
    exchange: str,
    key: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    message_id: str,
    user_id: str,
    content_type: str,
    frame_max: int,
) -> bytes:
    """The frames of one mandatory, persistent publish; ``content_type`` is left out where it is empty.

    Raises:
        ValueError: a name, the key or an id is longer than 255 bytes.
    """
    flags = _HEADERS | _DELIVERY_MODE | _MESSAGE_ID | _USER_ID | (_CONTENT_TYPE if content_type else 0)
    table = b"".join([_short(name) + b"S" + _long(value) for name, value in headers.items()])
    content = b"".join(
        [
            _BASIC + b"\x00\x00",
            len(body).to_bytes(8, "big"),
            flags.to_bytes(2, "big"),
            _short(content_type) if content_type else b"",
            len(table).to_bytes(4, "big"),
            table,
            _PERSISTENT,
            _short(message_id),
            _short(user_id),
        ]
    )
    frames = [_method(channel, exchange, key), _frame(_HEADER, channel, content)]
    most = frame_max - _OVERHEAD
    frames += [_frame(_BODY, channel, body[start : start + most]) for start in range(0, len(body), most)]
    return b"".join(frames)


@lru_cache(maxsize=1024)
def _method(channel: int, exchange: str, key: str) -> bytes:
    return _frame(_METHOD, channel, _PUBLISH + _short(exchange) + _short(key) + _MANDATORY)


def _frame(kind: bytes, channel: int, payload: bytes) -> bytes:
    return kind + channel.to_bytes(2, "big") + len(payload).to_bytes(4, "big") + payload + _END


def _short(text: str) -> bytes:
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded


def _long(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(4, "big") + encoded
