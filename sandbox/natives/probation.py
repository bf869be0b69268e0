"""HMPPS domain events, bare and as a notification service wraps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

MEDIA_TYPE = "application/json"
TOPIC = "arn:aws:sns:eu-west-2:000000000000:synthetic-domain-events"


def registration_added(crn: str, occurred: datetime, *, type_code: str, description: str) -> dict[str, Any]:
    """``probation-case.registration.added``: a register entry, such as RCCO (child concerns), was made for a case."""
    return _event(
        "probation-case.registration.added",
        crn,
        occurred,
        "A registration has been added to the probation case",
        {"registerTypeCode": type_code, "registerTypeDescription": description, "registrationId": "2500000001"},
    )


def address_changed(crn: str, occurred: datetime) -> dict[str, Any]:
    """``probation-case.address.updated``: somebody on probation has moved. Thin: the address is to be asked for."""
    return _event(
        "probation-case.address.updated",
        crn,
        occurred,
        "An address on the probation case has been updated",
        {"addressStatus": "M"},
    )


def bare(event: Mapping[str, Any]) -> bytes:
    """The event by itself."""
    return json.dumps(event).encode()


def wrapped(event: Mapping[str, Any], *, message_id: str, sent: datetime) -> bytes:
    """The event inside a notification: ``Message`` is JSON in JSON."""
    attributes = {"eventType": {"Type": "String", "Value": event["eventType"]}}
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": TOPIC,
        "Message": json.dumps(event),
        "Timestamp": sent.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "MessageAttributes": attributes,
    }
    return json.dumps(notification).encode()


def _event(
    kind: str, crn: str, occurred: datetime, description: str, additional: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    # Nanoseconds, as the source writes them.
    stamp = occurred.strftime("%Y-%m-%dT%H:%M:%S.%f") + "321Z"
    return {
        "eventType": kind,
        "version": 1,
        "description": description,
        "detailUrl": f"https://domain-events.invalid/probation-case.event/{crn}",
        "occurredAt": stamp,
        "additionalInformation": dict(additional),
        "personReference": {"identifiers": [{"type": "CRN", "value": crn}]},
    }
