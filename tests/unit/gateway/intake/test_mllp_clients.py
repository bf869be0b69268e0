"""HL7 clients that nobody here wrote send over MLLP and read our acknowledgements."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hl7
import pytest
from hl7.client import MLLPClient
from hl7.mllp import open_hl7_connection
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.core import Message
from hl7apy.parser import parse_message

from crypto import certificates
from gateway.bootstrap import Gateway
from gateway.intake.framing import END, START
from tests.gateway.natives import child, registration
from tests.unit.gateway.intake.lines import SECONDS, fates, listening
from tests.unit.gateway.intake.test_mllp_certificates import Authority, known

REFERRAL = (
    "MSH|^~\\&|GP|Y00002|MASH|HUB|20260304||REF^I12^REF_I12|{control}|P|2.5\r"
    "RF1|P|S||||R-77|20260304\rPRD|RP|Novak^Ines\r"
    "PID|1||9990012032^^^NHS^NH||Dale^Noor||20180717|F\rDG1|1||T74.1^Physical abuse^I10\r"
)


def blocking(port: int, *messages: str | bytes | hl7.Message) -> list[hl7.Message]:
    """What python-hl7's blocking client is answered, message by message on one connection."""
    answers = []
    with MLLPClient("127.0.0.1", port) as client:
        client.socket.settimeout(SECONDS)
        for message in messages:
            framed = client.send_message(message)
            assert framed.startswith(START)
            assert framed.endswith(END)
            answers.append(hl7.parse(framed[1:-2].decode()))
    return answers


def told(answer: Any) -> tuple[str, str]:  # noqa: ANN401 - the library has no types
    """MSA-1 and MSA-2."""
    return str(answer.segment("MSA")[1]), str(answer.segment("MSA")[2])


async def test_python_hl7s_client_sends_and_reads_acceptance_duplicate_conflict_and_refusal(gateway: Gateway) -> None:
    kept = registration(child(), control_id="LIB1")
    other = registration(child(2), control_id="LIB1")
    family = (
        registration(child(), control_id="LIB2").replace(b"ADT^A28^ADT_A05", b"MFN^M02").replace(b"ADT^A28", b"MFN^M02")
    )
    async with listening(gateway) as port:
        answers = await asyncio.to_thread(blocking, port, kept, kept, other, family)
    assert [told(answer) for answer in answers] == [("AA", "LIB1"), ("AA", "LIB1"), ("AE", "LIB1"), ("AE", "LIB2")]
    assert str(answers[0]) == str(answers[1])
    assert answers[3].extract_field("ERR", 1, 2, 1, 1) == "MSH"


async def test_python_hl7s_client_is_answered_a_referral_by_its_response(gateway: Gateway) -> None:
    async with listening(gateway) as port:
        (answer,) = await asyncio.to_thread(blocking, port, hl7.parse(REFERRAL.format(control="REF1")))
    assert str(answer.segment("MSH")[9]) == "RRI^I12^RRI_I12"
    assert told(answer) == ("AA", "REF1")
    assert str(answer.segment("RF1")[6]) == "R-77"
    assert await fates(gateway) == (1, 0, 0)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    issued = certificates.authority("An authority of the tests", now=datetime.now(UTC))
    made = Authority(folder=tmp_path, issued=issued)
    made.write("ca", issued)
    made.write("server", certificates.server(["localhost"], issued, now=datetime.now(UTC)))
    return made


async def test_python_hl7s_streams_send_over_tls_with_a_client_certificate(
    gateway: Gateway, authority: Authority
) -> None:
    feeds = (known(gateway, "first", "health.first"),)
    async with listening(gateway, feeds=feeds, context=authority.listen(client_ca=True)) as port:
        caller = authority.caller("health.first")
        reader, writer = await open_hl7_connection("127.0.0.1", port, ssl=caller, server_hostname="localhost")
        async with asyncio.timeout(SECONDS):
            for number in range(3):  # without waiting
                writer.writemessage(hl7.parse(registration(child(), control_id=f"TLS{number}").decode()))
            await writer.drain()
            answers = [await reader.readmessage() for _ in range(3)]
        writer.close()
    assert [told(answer) for answer in answers] == [("AA", f"TLS{number}") for number in range(3)]


def built(control: str) -> Message:
    """A registration as hl7apy builds it, in its own order of things."""
    made = Message("ADT_A05", version="2.5")
    made.msh.msh_3, made.msh.msh_4, made.msh.msh_7 = "APY", "RXX09", "20260302101500"
    made.msh.msh_9, made.msh.msh_10, made.msh.msh_11 = "ADT^A28^ADT_A05", control, "P"
    made.evn.evn_2 = "20260302101500"
    made.pid.pid_3, made.pid.pid_5 = "9990012008^^^NHS^NH", "Ray^Kit"
    made.pid.pid_7, made.pid.pid_8 = "20150101", "F"
    made.pv1.pv1_2 = "N"
    return made


async def test_what_hl7apy_builds_and_frames_is_taken_and_it_finds_our_answers_valid(gateway: Gateway) -> None:
    def exchange(port: int) -> list[str]:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line, line.makefile("rb") as answers:
            found = []
            for control in ("APY1", "APY2"):
                line.sendall(built(control).to_mllp().encode())
                framed = b""
                while not framed.endswith(END):
                    framed += answers.read(1)
                found.append(framed[1:-2].decode())
        return found

    async with listening(gateway) as port:
        answers = [parse_message(each, VALIDATION_LEVEL.STRICT) for each in await asyncio.to_thread(exchange, port)]
    assert [(each.msa.msa_1.value, each.msa.msa_2.value) for each in answers] == [("AA", "APY1"), ("AA", "APY2")]
    assert all(each.validate() for each in answers)
    assert await fates(gateway) == (2, 0, 0)
