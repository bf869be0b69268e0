"""Both acceptance scenarios over the wire, on the embedded defaults and on PostgreSQL and RabbitMQ.

One run of the sandbox serves all tests of a default. The sandbox imports nothing of the gateway, and neither do these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from sandbox.demo import Outcome, Wanted, run_demo

STORIES = ("drugs warrant", "unborn baby")
SENTENCES: Mapping[str, tuple[str, ...]] = {
    "drugs warrant": (
        "the subject is the 17-year-old",
        "the manager rates amber, and the clock runs from receipt",
        "requests go to the leads of police, health, local authority, education and probation",
        "police: the child is well known for gang involvement, the stepfather for drugs",
        "health: earlier hospital admissions",
        "local authority: younger children in the household",
        "the siblings become subjects of the referral",
        "the siblings have checks of their own",
        "the manager re-rates red, citing the siblings",
        "the due time moves earlier",
        "the time of receipt does not move",
        "the open request is re-dated, and the answered ones are not",
        "the history of ratings stays",
        "the assessment team alone receives it, and once",
        "the same search finds the health text where it may be: with the manager",
        "the referrer gets the outcome",
        "and no contents: nothing that any agency disclosed",
    ),
    "unborn baby": (
        "the GP's words arrived: the mother is 13 weeks pregnant and had children placed in care before",
        "the subject is one unborn child",
        "with an expected date of delivery",
        "and no birth date, no sex and no NHS number",
        "linked to the mother",
        "rated amber, and the clock runs from receipt",
        "local authority: care history, and the physical abuse of the earlier children",
        "police: ongoing criminal behaviour",
        "health replies",
        "re-rated red",
        "outcomes: section 47 enquiry and pre-birth assessment",
        "the product holds the history for care planning",
    ),
}
"""What the domain asks of each story, as the story says it: a sentence that is no longer checked is missed here."""


@pytest.fixture(scope="module")
def embedded() -> Outcome:
    return asyncio.run(run_demo(Wanted()))


@pytest.fixture(scope="module")
def servers(postgres_url: str, amqp_url: str) -> Outcome:
    return asyncio.run(run_demo(Wanted(database=postgres_url, broker=amqp_url)))


def check_story(outcome: Outcome, story: str) -> None:
    (record,) = [record for record in outcome.records if record.name == story]
    assert [each.text for each in record.expectations if not each.held] == []
    assert [text for text in SENTENCES[story] if text not in {each.text for each in record.expectations}] == []


def check_run(outcome: Outcome) -> None:
    assert [each.text for each in outcome.traffic.expectations if not each.held] == []
    assert outcome.log_verified
    assert outcome.log_entries > 100
    assert outcome.held


@pytest.mark.sqlite
@pytest.mark.mailbox
@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES)
def test_a_story_holds_on_the_embedded_defaults(embedded: Outcome, story: str) -> None:
    check_story(embedded, story)


@pytest.mark.sqlite
@pytest.mark.mailbox
@pytest.mark.slow
def test_a_run_on_the_embedded_defaults_reconciles_and_its_log_verifies(embedded: Outcome) -> None:
    check_run(embedded)
    assert (embedded.database, embedded.broker) == ("sqlite", "mailbox")


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES)
def test_a_story_holds_on_postgresql_and_rabbitmq(servers: Outcome, story: str) -> None:
    check_story(servers, story)


@pytest.mark.slow
def test_a_run_on_postgresql_and_rabbitmq_reconciles_and_its_log_verifies(servers: Outcome) -> None:
    check_run(servers)
    assert (servers.database, servers.broker) == ("postgresql", "rabbitmq")
