"""One transaction as its users see it: the repositories, and the commit."""

from __future__ import annotations

from gateway.store.direct.driver import Statements
from gateway.store.records import ReasonRecord, ScreeningRecord, SuggestionRecord
from gateway.store.repositories.agencies import Agencies
from gateway.store.repositories.alarms import Alarms
from gateway.store.repositories.alerts import Alerts
from gateway.store.repositories.break_glasses import BreakGlasses
from gateway.store.repositories.case_notes import CaseNotes
from gateway.store.repositories.configurations import Configurations
from gateway.store.repositories.console import Console
from gateway.store.repositories.details import Details
from gateway.store.repositories.disclosures import Disclosures
from gateway.store.repositories.envelopes import Envelopes
from gateway.store.repositories.erasures import Erasures
from gateway.store.repositories.handling import HandlingMarks
from gateway.store.repositories.hashes import Hashes
from gateway.store.repositories.keys import HubKeys
from gateway.store.repositories.links import Links
from gateway.store.repositories.listing import Listings
from gateway.store.repositories.log import LogEntries
from gateway.store.repositories.made_under import MadeUnder
from gateway.store.repositories.mailbox import Mailbox
from gateway.store.repositories.merges import Merges
from gateway.store.repositories.messages import Messages
from gateway.store.repositories.notices import Notices
from gateway.store.repositories.outbox import Outbox
from gateway.store.repositories.outcomes import DECISIONS, FEEDBACKS, RATINGS, Outcomes
from gateway.store.repositories.persons import Persons
from gateway.store.repositories.products import Products
from gateway.store.repositories.referrals import Referrals
from gateway.store.repositories.refusals import Refusals
from gateway.store.repositories.reidentifications import Reidentifications
from gateway.store.repositories.releases import Releases
from gateway.store.repositories.replays import Replays
from gateway.store.repositories.requests import Requests
from gateway.store.repositories.rounds import Rounds
from gateway.store.repositories.scopes import Scopes
from gateway.store.repositories.seen import Seen
from gateway.store.repositories.settings import Settings
from gateway.store.repositories.stock import Stock
from gateway.store.repositories.subjects import Subjects
from gateway.store.repositories.timing import Timing
from gateway.store.repositories.traces import Traces
from gateway.store.repositories.trust_lists import TrustLists
from gateway.store.shape import Shape
from gateway.store.tables import casework
from gateway.store.transaction import Transaction

SCREENINGS = Shape(casework.screenings, ScreeningRecord)
SUGGESTIONS = Shape(casework.suggestions, SuggestionRecord)
REASONS = Shape(casework.reasons, ReasonRecord)


class Reading:
    """Everything that the store keeps, as one transaction sees it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.messages = Messages(transaction)
        self.handling = HandlingMarks(transaction)
        self.details = Details(transaction)
        self.refusals = Refusals(transaction)
        self.replays = Replays(transaction)
        self.persons = Persons(transaction)
        self.merges = Merges(transaction)
        self.links = Links(transaction)
        self.referrals = Referrals(transaction)
        self.listings = Listings(transaction)
        self.screenings = CaseNotes(transaction, SCREENINGS, "screening")
        self.suggestions = CaseNotes(transaction, SUGGESTIONS, "suggestion")
        self.ratings = CaseNotes(transaction, RATINGS, "rating")
        self.decisions = CaseNotes(transaction, DECISIONS, "decision")
        self.feedbacks = CaseNotes(transaction, FEEDBACKS, "feedback")
        self.reasons = CaseNotes(transaction, REASONS, "reason")
        self.outcomes = Outcomes(transaction)
        self.alerts = Alerts(transaction)
        self.alarms = Alarms(transaction)
        self.traces = Traces(transaction)
        self.reidentifications = Reidentifications(transaction)
        self.break_glasses = BreakGlasses(transaction)
        self.console = Console(transaction)
        self.subjects = Subjects(transaction)
        self.requests = Requests(transaction)
        self.disclosures = Disclosures(transaction)
        self.releases = Releases(transaction)
        self.products = Products(transaction)
        self.envelopes = Envelopes(transaction)
        self.outbox = Outbox(transaction)
        self.notices = Notices(transaction)
        self.mailbox = Mailbox(transaction)
        self.log = LogEntries(transaction)
        self.erasures = Erasures(transaction)
        self.scopes = Scopes(transaction)
        self.keys = HubKeys(transaction)
        self.hashes = Hashes(transaction)
        self.made_under = MadeUnder(transaction)
        self.stock = Stock(transaction)
        self.agencies = Agencies(transaction)
        self.trust_lists = TrustLists(transaction)
        self.seen = Seen(transaction)
        self.rounds = Rounds(transaction)
        self.settings = Settings(transaction)
        self.configurations = Configurations(transaction)
        self.timing = Timing(transaction)

    @property
    def sets(self) -> Statements:
        """The same transaction, to read and write in sets."""
        return self._transaction.sets


class Work(Reading):
    """A transaction that may be committed: once, as the last thing that is done with it."""

    async def commit(self) -> None:
        """Make all that was done through this work durable together.

        Raises:
            Unavailable: it could not be made durable.
        """
        await self._transaction.commit()
