"""The hub's configuration: one TOML file, validated at start. Keys, status and grants live elsewhere.

What the five core components of a MASH fix can't be set here: a file that tries is refused with the component's
number (see ``routing.components``).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.asking import AskingRow
from schemas.product import ProductFormat
from schemas.retention import Retention
from schemas.section import Days, Section, Slug
from schemas.timing import Chase, ClockKind, Clocks, Escalation, Post, RatingRule, StepClock, WorkingHours
from schemas.vocabulary import DataCategory, Datum, HandlingMark, Rating, Role, Sector

MailboxId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,40}$")]
WorkflowId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,100}$")]


class HubSection(Section):
    """``public_url`` is where agencies reach the hub: the ``aud`` of tokens and the ``htu`` of proofs hang on it.

    ``trusted_proxies`` are addresses whose header ``Client-Cert`` (RFC 9440) is believed: proxies that end TLS, check
    clients' certificates themselves, and take that header out of what they are sent.
    """

    id: Slug
    name: str
    public_url: str
    timezone: str = "Europe/London"
    adults: bool = False
    trusted_proxies: tuple[str, ...] = ()


class Listen(Section):
    """An address to listen on. Certificate and key are PEM files beside the configuration; without them, no TLS."""

    host: str = "127.0.0.1"
    port: int
    certificate: str = ""
    private_key: str = ""
    client_ca: str = ""


class PeopleSection(Section):
    """Where people sign in (OpenID Connect) and what a claim's values make them.

    ``engineers`` maps an engineer's agency to the agencies whose feeds are theirs to look at and to mend; once there is
    any row, an agency without one has its own feeds. Without a row every feed is every engineer's, as in a hub that has
    one team for all.
    """

    issuer: str
    audience: str
    roles_claim: str = "roles"
    agency_claim: str = "agency"
    algorithms: tuple[Literal["ES256", "RS256"], ...] = ("ES256",)
    roles: dict[str, Role]
    engineers: dict[Slug, tuple[Slug, ...]] = Field(default_factory=dict)


class ConsoleSection(Section):
    """The console for people in browsers; without this table the hub has none.

    ``client_id`` is the hub's own at the provider, whose redirect address is ``{public_url}/console/signed-in``; its
    secret, where it has one, stands in the environment. Somebody who does nothing for ``idle_minutes``, and everybody
    after ``longest_hours``, signs in anew.
    """

    client_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    scope: str = "openid profile"
    idle_minutes: Annotated[int, Field(ge=2, le=120)] = 20
    longest_hours: Annotated[int, Field(ge=1, le=24)] = 10


class BrokerSection(Section):
    """``prefix`` goes before every exchange and queue, so that several hubs can share one broker.

    ``queue_hours`` is how long a message may wait in a recipient's queue; it is shorter than a token's life.
    ``arrivals`` announces every message that the hub kept to the hub's own systems, by opaque ids alone.
    """

    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]{0,40}$")] = ""
    queue_hours: Annotated[int, Field(ge=1)] = 48
    arrivals: bool = False


class Tokens(Section):
    """Lives of what the hub mints."""

    access_seconds: Annotated[int, Field(ge=30, le=3600)] = 300
    open_hours: Annotated[int, Field(ge=1)] = 72
    retry_minutes: Annotated[int, Field(ge=1)] = 10


class Limits(Section):
    """What one sender may ask of the hub at once."""

    message_bytes: Annotated[int, Field(ge=1024)] = 5 * 1024 * 1024
    answer_bytes: Annotated[int, Field(ge=1024)] = 512 * 1024
    json_bytes: Annotated[int, Field(ge=1024)] = 256 * 1024


class RepeatRule(Section):
    """Core component 5: how many notifications in which window must be looked at. It can't be switched off.

    ``greens`` within ``greens_months`` are notifications that their senders graded green: so many suggest escalation.
    """

    count: Annotated[int, Field(ge=2)] = 3
    window_months: Annotated[int, Field(ge=1)] = 12
    lifetime: Annotated[int, Field(ge=2)] = 5
    greens: Annotated[int, Field(ge=2)] = 3
    greens_months: Annotated[int, Field(ge=1)] = 3


class ResearchRule(Section):
    """Core component 5: the numbers of the patterns that lie across concerns (``routing.patterns``), months each.

    ``weight`` is what a family's concerns come to, a low one counting ``low``, a moderate one ``moderate``, a high one
    ``high``. ``agencies``: that speak of one child. ``masked``: low concerns of one family, from ``masked_agencies`` or
    more. ``rising``: concerns of one family of which none is lower than the one before. ``adult_families`` and
    ``alleged_families``: families around one adult, and around one who is alleged to cause the harm.
    ``place_families``: families at one place, ``place_most`` at most: more live in a hostel. ``family``: concerns of
    one family, whatever they are; ``moving``: where its addresses have ``moving_postcodes`` or more.
    """

    low: Annotated[int, Field(ge=1, le=10)] = 1
    moderate: Annotated[int, Field(ge=1, le=20)] = 2
    high: Annotated[int, Field(ge=1, le=50)] = 4
    weight: Annotated[int, Field(ge=2, le=50)] = 9
    weight_months: Annotated[int, Field(ge=3)] = 6
    agencies: Annotated[int, Field(ge=2, le=6)] = 3
    agencies_months: Annotated[int, Field(ge=1)] = 3
    masked: Annotated[int, Field(ge=2, le=10)] = 4
    masked_agencies: Annotated[int, Field(ge=1, le=4)] = 2
    masked_months: Annotated[int, Field(ge=3)] = 6
    moving: Annotated[int, Field(ge=2, le=10)] = 4
    moving_postcodes: Annotated[int, Field(ge=2, le=6)] = 2
    moving_months: Annotated[int, Field(ge=3)] = 12
    family: Annotated[int, Field(ge=3, le=20)] = 6
    family_months: Annotated[int, Field(ge=3)] = 12
    rising: Annotated[int, Field(ge=2, le=6)] = 3
    rising_months: Annotated[int, Field(ge=3)] = 12
    adult_families: Annotated[int, Field(ge=2, le=6)] = 3
    alleged_families: Annotated[int, Field(ge=2, le=6)] = 2
    adult_months: Annotated[int, Field(ge=3)] = 24
    place_families: Annotated[int, Field(ge=2, le=6)] = 3
    place_most: Annotated[int, Field(ge=6)] = 12
    place_months: Annotated[int, Field(ge=3)] = 6


class RecipientSection(Section):
    """Somebody or something at an agency that messages go to; its keys are enrolled, not configured.

    ``formats`` are the documents that its products bring beside the signed parts, for a receiving team alone.
    """

    name: Slug
    role: Role
    channel: Literal["amqp", "mailbox"] = "amqp"
    formats: tuple[ProductFormat, ...] = ()

    @model_validator(mode="after")
    def _formats_of_a_team(self) -> RecipientSection:
        if self.formats and self.role is not Role.RECEIVING_TEAM:
            raise ValueError("formats are for a recipient of role receiving_team: nobody else is sent products")
        if len(set(self.formats)) != len(self.formats):
            raise ValueError("name each format once")
        return self


class AgencySection(Section):
    """A participating agency. ``escalation`` names whom to reach, by post and not by person, the nearest first.

    A post that is the name of one of its recipients, a professional lead, is sent the late request, too.
    ``out_of_hours`` is the post to reach while the agency is closed. ``reply_hours`` go before those of the hub's
    ratings, ``reply_clock`` before their clock, and ``working_hours`` before the hub's own.
    ``la_code`` is a local authority's number with the Department for Education, which its CIN records bear.
    """

    id: Slug
    name: str
    sector: Sector
    ask: str = ""
    recipients: tuple[RecipientSection, ...] = ()
    escalation: Annotated[tuple[Post, ...], Field(max_length=10)] = ()
    out_of_hours: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    reply_hours: dict[Rating, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    reply_clock: ClockKind | None = None
    working_hours: WorkingHours | None = None
    la_code: Annotated[str, StringConstraints(pattern=r"^([0-9]{3})?$")] = ""


class MeshSection(Section):
    """The hub's mailbox at NHS MESH. Its password and the shared key stand in the environment.

    ``certificate`` and ``private_key`` are the hub's own, ``ca`` those whom the server's must come from (without it the
    system's): PEM files beside the configuration. ``seconds`` is how long one call may take.
    """

    url: str
    mailbox: MailboxId
    certificate: str = ""
    private_key: str = ""
    ca: str = ""
    poll_seconds: Annotated[float, Field(gt=0)] = 300
    seconds: Annotated[float, Field(gt=0, le=600)] = 60


class DetailSection(Section):
    """Where a feed's thin messages may point to, and how the hub proves there who it is.

    ``url`` pins scheme, host, port and the beginning of the path. ``network`` says what the host's name may lead to: an
    address of the internet, of a private network too, or of this host alone. ``authentication`` is a token that stands
    in the environment, or one that ``token_url`` gives ``client`` for the secret that stands there (RFC 6749, 4.4).
    ``seconds`` and ``bytes`` bound one call.
    """

    url: str
    authentication: Literal["bearer", "client-credentials"] = "bearer"
    token_url: str = ""
    client: str = ""
    network: Literal["public", "private", "loopback"] = "public"
    seconds: Annotated[float, Field(gt=0, le=120)] = 10
    bytes: Annotated[int, Field(ge=1024)] = 1024 * 1024


class FeedSection(Section):
    """A feed binds an agency, an adapter and its options, and says how its sender is known.

    ``workflows`` are the MESH workflow ids that a feed of authentication ``mesh`` takes, ``senders`` the mailboxes that
    it takes them from (all, where none is named). ``detail`` has its thin messages completed. A feed of authentication
    ``console`` takes what this agency's people fill in there, and what is taken down from a call for it.
    """

    name: Slug
    agency: Slug
    adapter: str
    authentication: Literal["dpop", "mtls", "amqp", "mllp-tls", "loopback", "mesh", "console"] = "dpop"
    client: str = ""
    options: dict[str, object] = Field(default_factory=dict)
    workflows: tuple[WorkflowId, ...] = ()
    senders: tuple[MailboxId, ...] = ()
    detail: DetailSection | None = None


class BreakGlass(Section):
    """For how long a manager may look into a case that is not theirs, once they said why."""

    minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60


class BulkOpening(Section):
    """So many different things opened or viewed by one reader within ``minutes`` raise an alarm.

    ``who`` is a person who looks, or an agency's system that opens.
    """

    who: Literal["person", "system"]
    count: Annotated[int, Field(ge=2)]
    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]


BULK_OPENINGS = (
    BulkOpening(who="person", count=40, minutes=60),
    BulkOpening(who="person", count=150, minutes=24 * 60),
    BulkOpening(who="system", count=300, minutes=60),
)
"""What raises the alarm unless the hub's file says otherwise: a day's work and more, done in an hour."""


class Withhold(Section):
    """A row of the hub's own: so much less than the rows of need to know allow is shown to readers of this role.

    ``agency`` and ``ratings`` narrow it to readers of one agency and to cases rated so, ``handling`` to what is marked.
    It takes away and never gives. The manager of a case decides on the fullest picture, so no row speaks of managers;
    and no row takes from an owner what is its own.
    """

    role: Literal[Role.COORDINATOR, Role.SCREENING_OFFICER, Role.PROFESSIONAL_LEAD, Role.RECEIVING_TEAM]
    data: Annotated[tuple[Datum | DataCategory, ...], Field(min_length=1)]
    agency: str = ""
    ratings: tuple[Rating, ...] = ()
    handling: HandlingMark | None = None
    because: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class WitnessSection(Section):
    """Somebody outside the hub who cosigns the log's checkpoints: where, and the verifier key (``name+id+key``).

    A witness that has cosigned nothing for ``alarm_minutes`` raises an alarm. Nothing waits for it.
    """

    url: str
    key: str
    alarm_minutes: Annotated[int, Field(ge=1)] = 15


RotatedPurpose = Literal["checkpoint", "signing", "sealing", "at_rest", "lookup", "policy"]


class KeysSection(Section):
    """How long keys serve, in days. What is not named is neither rotated by itself nor warned about.

    ``rotate_days``: after so long a successor is published, and promoted once every cache holds it. ``life_days``: how
    long a key of the hub, ``agency_life_days`` how long one of an agency may serve at most; ``warn_days`` before that
    end an alarm stands. ``destroy_days``: the material of a revoked key is wiped after so long; no shorter than backups
    are kept.
    """

    rotate_days: dict[RotatedPurpose, Days] = Field(default_factory=dict)
    life_days: dict[RotatedPurpose, Days] = Field(default_factory=dict)
    agency_life_days: Days | None = None
    warn_days: Days = 14
    destroy_days: Days = 35

    @model_validator(mode="after")
    def _rotated_in_its_life(self) -> KeysSection:
        if any(self.rotate_days.get(purpose, 0) >= days for purpose, days in self.life_days.items()):
            raise ValueError("rotate a key before the end of its life: rotate_days below life_days")
        return self


class OfficerSection(Section):
    """An officer by post, and the public key (JWK) that signs for it; `mash trust key` makes one."""

    id: Slug
    key: dict[str, str]


class OfficersSection(Section):
    """Who signs the first trust list, and how many it takes. From then on the list in force says who signs the next."""

    threshold: Annotated[int, Field(ge=1, le=20)]
    officers: Annotated[tuple[OfficerSection, ...], Field(min_length=1, max_length=20)]


class Hub(Section):
    """The whole file."""

    hub: HubSection
    http: Listen
    mllp: Listen | None = None
    mesh: MeshSection | None = None
    people: PeopleSection
    console: ConsoleSection | None = None
    trust: OfficersSection | None = None
    broker: BrokerSection = BrokerSection()
    tokens: Tokens = Tokens()
    limits: Limits = Limits()
    working_hours: WorkingHours = WorkingHours()
    ratings: tuple[RatingRule, ...]
    steps: tuple[StepClock, ...] = ()
    chase: Chase = Chase()
    escalation: Escalation = Escalation()
    asking: tuple[AskingRow, ...] = ()
    repeats: RepeatRule = RepeatRule()
    research: ResearchRule = ResearchRule()
    clocks: Clocks = Clocks()
    break_glass: BreakGlass = BreakGlass()
    withholds: tuple[Withhold, ...] = ()
    witnesses: tuple[WitnessSection, ...] = ()
    bulk_openings: tuple[BulkOpening, ...] = BULK_OPENINGS
    keys: KeysSection = KeysSection()
    retention: Retention = Retention()
    agencies: tuple[AgencySection, ...]
    feeds: tuple[FeedSection, ...]

    @model_validator(mode="after")
    def _keys_outlive_backups(self) -> Hub:
        if self.keys.destroy_days < self.retention.backup_days:
            raise ValueError(
                "a backup would hold what no key opens: keys.destroy_days of retention.backup_days or more"
            )
        return self
