"""The composition root: every part of a gateway, made once and handed to whoever needs it, closed when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from adapters import registry
from adapters.completing import completing
from adapters.port import FeedContext
from crypto.canonical import JsonInput
from gateway.admission import Admission
from gateway.agencies import Agencies
from gateway.alarms import Alarms
from gateway.bulk_opening import BulkOpenings
from gateway.casework.answers import AnswerDesk
from gateway.casework.asking import AskingDesk
from gateway.casework.board import BoardDesk
from gateway.casework.deciding import DecidingDesk
from gateway.casework.dossier import Dossier
from gateway.casework.explaining import PolicyDesk
from gateway.casework.glass import GlassDesk
from gateway.casework.hiding import Hiding
from gateway.casework.involving import InvolvingDesk
from gateway.casework.looking import LookingDesk
from gateway.casework.office import Office
from gateway.casework.paperwork import Paperwork
from gateway.casework.previewing import PreviewDesk
from gateway.casework.products import ProductDesk
from gateway.casework.rating import RatingDesk
from gateway.casework.reasking import Reasking
from gateway.casework.revoking import RevokingDesk
from gateway.casework.separating import SeparatingDesk
from gateway.casework.telling import Telling
from gateway.casework.viewing import ViewingDesk
from gateway.chasing import Chasing
from gateway.configuration import Configuration
from gateway.configuration.versions import Versions
from gateway.console import parts
from gateway.console.parts import Console
from gateway.delivery.mailbox import MailboxDesk
from gateway.delivery.notices import Notices
from gateway.delivery.opening import Opening
from gateway.delivery.progress import Progress
from gateway.delivery.readers import Readers
from gateway.delivery.sealing import Sealer
from gateway.erasure.bulk import BulkErasure
from gateway.erasure.due import Due
from gateway.erasure.erasing import Erasing
from gateway.erasure.keks import Keks
from gateway.erasure.ledger import Ledger
from gateway.erasure.proof import Proofs
from gateway.escalating import Escalating
from gateway.evaluation.desk import EvaluationDesk
from gateway.evaluation.gathering import Gathering
from gateway.intake.bulk_replay import BulkReplay
from gateway.intake.front_door import FrontDoor
from gateway.intake.intake import Feed, Intake
from gateway.intake.merging import Merging
from gateway.intake.persons import Persons
from gateway.intake.refusals import Refusals
from gateway.intake.replay import Replay
from gateway.intake.research import Research
from gateway.keys import Keys
from gateway.lateness import Lateness
from gateway.log import Event, Log, origin_of
from gateway.log.witnessing import Witnessing, sending
from gateway.people import People, PersonCaller
from gateway.rehash import Rehash
from gateway.research.desk import ResearchDesk
from gateway.research.reidentifying import ReidentificationDesk
from gateway.research.searching import Searching
from gateway.settings import Settings
from gateway.store import Store
from gateway.strongbox import Strongbox
from gateway.subjects.access import AccessDesk
from gateway.subjects.rectifying import RectifyingDesk
from gateway.succession import Succession
from gateway.trust import Trust
from gateway.vault import Vault
from gateway.watch import Watch
from gateway.world import World
from schemas.errors import Rejected
from schemas.hub import FeedSection, Hub
from schemas.vocabulary import Sector


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A gateway, put together. Its parts share one store, one ring of keys and one log."""

    settings: Settings
    configuration: Configuration
    versions: Versions
    world: World
    store: Store
    keys: Keys
    vault: Vault
    log: Log
    agencies: Agencies
    succession: Succession
    trust: Trust
    admission: Admission
    people: People
    refusals: Refusals
    feeds: dict[str, Feed]
    intake: Intake
    replay: Replay
    bulk_replay: BulkReplay
    viewing: ViewingDesk
    board: BoardDesk
    looking: LookingDesk
    rating: RatingDesk
    asking: AskingDesk
    answers: AnswerDesk
    deciding: DecidingDesk
    products: ProductDesk
    previewing: PreviewDesk
    policy: PolicyDesk
    involving: InvolvingDesk
    revoking: RevokingDesk
    separating: SeparatingDesk
    glass: GlassDesk
    bulk_opening: BulkOpenings
    opening: Opening
    mailbox: MailboxDesk
    progress: Progress
    notices: Notices
    rehash: Rehash
    searching: Searching
    evaluation: EvaluationDesk
    research: ResearchDesk
    reidentifying: ReidentificationDesk
    watch: Watch
    witnessing: Witnessing
    erasing: Erasing
    keks: Keks
    proofs: Proofs
    due: Due
    bulk_erasure: BulkErasure
    console: Console | None
    access: AccessDesk
    rectifying: RectifyingDesk

    @property
    def hub(self) -> Hub:
        """The hub's configuration as it is in force."""
        return self.configuration.hub

    @property
    def hub_id(self) -> str:
        """The issuer of what this hub signs."""
        return self.hub.hub.id

    @property
    def public_url(self) -> str:
        """Where others reach this hub, without a slash at the end."""
        return self.hub.hub.public_url.rstrip("/")

    def sector_of(self, agency: str) -> Sector | None:
        """The sector of an agency of this hub."""
        return next((one.sector for one in self.hub.agencies if one.id == agency), None)

    def feeds_of(self, caller: PersonCaller) -> frozenset[str] | None:
        """The feeds that are this engineer's to look at, and to mend what waits of them; None: every one."""
        of = self.hub.people.engineers
        agencies = of.get(caller.agency, (caller.agency,))
        return frozenset(name for name, feed in self.feeds.items() if feed.section.agency in agencies) if of else None

    @property
    def skew(self) -> timedelta:
        """How far others' clocks may be off."""
        return timedelta(seconds=self.hub.clocks.skew_seconds)


@asynccontextmanager
async def bootstrap(settings: Settings, world: World | None = None) -> AsyncIterator[Gateway]:
    """Put a gateway together on an upgraded store, with its keys made if it is new; everything is closed at the end.

    Raises:
        Rejected: the keys were wrapped under another master key, or a feed names an adapter that is not installed.
        Unavailable: the store is not there.
    """
    world = world or World()
    hub = settings.hub
    async with AsyncExitStack() as stack:
        store = Store.open(settings.database_url)
        stack.push_async_callback(store.close)
        await store.upgrade()
        origin = origin_of(hub.hub.id)
        keys = await Keys.load(store, settings.master_key, origin=origin, random=world.random)
        await keys.ensure(world.now())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        gateway = _assemble(settings, world, store, keys, session)
        # An older database that was put back serves nothing before it was told what was erased since.
        await gateway.erasing.catch_up()
        await gateway.versions.refresh()
        # What was handed in is at its end before the store is closed.
        stack.push_async_callback(gateway.intake.finish)
        yield gateway


def _assemble(settings: Settings, world: World, store: Store, keys: Keys, session: aiohttp.ClientSession) -> Gateway:
    hub = settings.hub
    configuration = Configuration(hub, settings.digest)
    log = Log(store, keys, origin=keys.origin, random=world.random, clock=world.now)
    vault = Vault(keys, world.random)
    strongbox = Strongbox(vault)
    agencies = Agencies(store, configuration, log)
    persons = Persons(world, keys, vault, strongbox)
    door = FrontDoor(
        configuration=configuration,
        world=world,
        vault=vault,
        strongbox=strongbox,
        persons=persons,
        merging=Merging(world, strongbox, persons, log),
        log=log,
        research=Research(configuration, world, strongbox, log),
    )
    notices = Notices(hub=hub, world=world, store=store, on=hub.broker.arrivals and settings.broker_url is not None)
    intake = Intake(world=world, store=store, keys=keys, vault=vault, log=log, door=door, notices=notices)
    refusals = Refusals(world, store, log)
    dossier = Dossier(strongbox)
    readers = Readers(configuration, dossier)
    progress = Progress(log)
    office = Office(
        configuration=configuration,
        world=world,
        store=store,
        keys=keys,
        vault=vault,
        log=log,
        agencies=agencies,
        strongbox=strongbox,
        dossier=dossier,
        readers=readers,
        sealer=Sealer(hub=hub, world=world, keys=keys, vault=vault, log=log, readers=readers),
        persons=persons,
    )
    telling = Telling(strongbox)
    ledger = Ledger(settings.directory / hub.retention.ledger, keys, origin=keys.origin)
    keks = Keks(store=store, keys=keys, ledger=ledger, section=hub.retention)
    erasing = Erasing(store, vault, log, keks, world.now)
    due = Due(
        world=world,
        store=store,
        log=log,
        strongbox=strongbox,
        dossier=dossier,
        telling=telling,
        classes=hub.retention.classes,
        worker=world.random(8).hex(),
    )
    bulk_opening = BulkOpenings(configuration=configuration, world=world, store=store, log=log)
    reasking = Reasking(office, telling)
    alarms = Alarms(world=world, log=log)
    revoking = RevokingDesk(office)
    deciding = DecidingDesk(office, telling)
    people = People(hub.people, world, session, timedelta(seconds=hub.clocks.skew_seconds))
    feeds = _feeds(hub)
    searching = Searching(rule=hub.research, world=world, store=store, keys=keys, strongbox=strongbox, log=log)
    research = ResearchDesk(office, hub.research)
    rehash = Rehash(store=store, keys=keys, vault=vault, log=log, intake=intake, feeds=feeds, searching=searching)
    replay = Replay(world=world, store=store, vault=vault, log=log, intake=intake, door=door)
    return Gateway(
        settings=settings,
        configuration=configuration,
        versions=Versions(configuration=configuration, text=settings.text, world=world, store=store, log=log),
        world=world,
        store=store,
        keys=keys,
        vault=vault,
        log=log,
        agencies=agencies,
        succession=Succession(store, configuration, log),
        trust=Trust(store, configuration, log),
        admission=Admission(store),
        people=people,
        refusals=refusals,
        feeds=feeds,
        intake=intake,
        replay=replay,
        bulk_replay=BulkReplay(world=world, store=store, log=log, replay=replay, feeds=feeds),
        viewing=ViewingDesk(office, telling),
        board=BoardDesk(office),
        looking=LookingDesk(office),
        rating=RatingDesk(office, reasking),
        asking=AskingDesk(office, reasking, telling),
        answers=AnswerDesk(office),
        deciding=deciding,
        products=ProductDesk(office, deciding, Paperwork(office, telling), telling),
        previewing=PreviewDesk(office, telling),
        policy=PolicyDesk(office, telling),
        involving=InvolvingDesk(office),
        revoking=revoking,
        separating=SeparatingDesk(office, revoking),
        glass=GlassDesk(office),
        bulk_opening=bulk_opening,
        opening=Opening(
            hub=hub,
            world=world,
            store=store,
            keys=keys,
            vault=vault,
            log=log,
            readers=readers,
        ),
        mailbox=MailboxDesk(world, store, progress),
        progress=progress,
        notices=notices,
        witnessing=Witnessing(sections=hub.witnesses, world=world, store=store, log=log, send=sending(session)),
        rehash=rehash,
        watch=Watch(
            configuration=configuration,
            alarms=alarms,
            lateness=Lateness(office=office, alarms=alarms),
            chasing=Chasing(office=office, reasking=reasking),
            escalating=Escalating(office=office, reasking=reasking),
            world=world,
            store=store,
            keys=keys,
            vault=vault,
            log=log,
            refusals=refusals,
            bulk_opening=bulk_opening,
            rehash=rehash,
            due=due,
            keks=keks,
            searching=searching,
            hiding=Hiding(office=office, reasking=reasking),
        ),
        searching=searching,
        evaluation=EvaluationDesk(
            configuration=configuration,
            world=world,
            store=store,
            log=log,
            gathering=Gathering(configuration=configuration, store=store, strongbox=strongbox),
        ),
        research=research,
        reidentifying=ReidentificationDesk(office, research),
        erasing=erasing,
        keks=keks,
        proofs=Proofs(world=world, store=store, log=log, keks=keks, ledger=ledger),
        due=due,
        bulk_erasure=BulkErasure(world=world, store=store, due=due, erasing=erasing),
        console=parts.put_together(
            settings,
            world=world,
            store=store,
            vault=vault,
            strongbox=strongbox,
            log=log,
            people=people,
            session=session,
        ),
        access=AccessDesk(office=office, telling=telling),
        rectifying=RectifyingDesk(office=office),
    )


def _feeds(hub: Hub) -> dict[str, Feed]:
    """Every feed bound to its adapter.

    Raises:
        Unknown: an adapter is not installed.
        Rejected: a feed has details, and its adapter no thin messages.
    """
    return {section.name: _feed(section) for section in hub.feeds}


def _feed(section: FeedSection) -> Feed:
    adapter = registry.get(section.adapter)
    found = completing(adapter) if section.detail is not None else None
    if section.detail is not None and found is None:
        raise Rejected("config.inconsistent", "this adapter has no thin messages", at=f"feeds.{section.name}.detail")
    return Feed(
        section=section,
        adapter=adapter,
        context=FeedContext(feed=section.name, agency=section.agency, options=section.options),
        completing=found,
    )


async def note_start(gateway: Gateway) -> None:
    """Write into the log that a process started, and under which configuration."""
    async with gateway.store.work() as work:
        now = gateway.world.now()
        await gateway.versions.started(work)
        detail: dict[str, JsonInput] = {"digest": gateway.configuration.digest, "file": gateway.settings.digest}
        await gateway.log.append(work, event=Event.HUB_STARTED, actor="hub", now=now, detail=detail)
        await work.commit()
