"""What people do with referrals. Each handler hands over to a desk of casework, which decides and records."""

from __future__ import annotations

from aiohttp import web

from gateway.api import answers, bodies
from gateway.api.route import Asked, answer, nothing
from gateway.casework.asking import Wanted, Why
from gateway.casework.notes import ScreeningNote


async def board(asked: Asked) -> web.Response:
    """A page of referrals: metadata and reply status."""
    return answer(await asked.gateway.board.board(asked.request.query.get("after")))


async def referral(asked: Asked) -> web.Response:
    """A referral, cut to the caller's role."""
    return answer(await asked.gateway.viewing.referral(asked.person, asked.name()))


async def looks(asked: Asked) -> web.Response:
    """Who looked at a referral."""
    return answer(await asked.gateway.looking.looks(asked.name()))


async def disclosure(asked: Asked) -> web.Response:
    """A disclosure as policy shows it to the caller."""
    return answer(await asked.gateway.viewing.disclosure(asked.person, asked.name()))


async def screen(asked: Asked) -> web.Response:
    """Record what screening found."""
    body = await asked.json(bodies.ScreeningBody)
    note = ScreeningNote(history=body.history, consent=body.consent, already_open=body.already_open)
    await asked.gateway.involving.screen(asked.person, asked.name(), note)
    return nothing()


async def add_person(asked: Asked) -> web.Response:
    """Add somebody whom the notification did not name."""
    body = await asked.json(bodies.PersonBody)
    person = await asked.gateway.involving.add(
        asked.person,
        asked.name(),
        relation=body.relation,
        given=body.given,
        family=body.family,
        birth_date=body.birth_date,
        identifiers=body.identifiers,
        subject=body.subject,
        because=body.because,
    )
    return answer(answers.PersonAdded(person=person), 201)


async def take_over(asked: Asked) -> web.Response:
    """Make the caller the manager of the case."""
    body = await asked.json(bodies.ReasonBody)
    await asked.gateway.involving.take_over(asked.person, asked.name(), body.reason)
    return nothing()


async def rate(asked: Asked) -> web.Response:
    """Rate or re-rate."""
    body = await asked.json(bodies.RatingBody)
    rated = await asked.gateway.rating.rate(
        asked.person,
        asked.name(),
        rating=body.rating,
        threshold=body.threshold,
        reasons=body.reasons,
        cites=body.cites,
        relax_reason=body.relax_reason,
    )
    redated = tuple(answers.RedatedRequest(request=one.id, due_at=one.due_at) for one in rated.redated)
    return answer(
        answers.RatingGiven(rating=rated.rating, previous=rated.previous, due_at=rated.due_at, redated=redated), 201
    )


async def propose(asked: Asked) -> web.Response:
    """Whom the rules would ask, and why."""
    proposals = await asked.gateway.asking.propose(asked.person, asked.name())
    return answer(
        answers.Proposals(
            proposals=tuple(
                answers.ProposalShown(
                    agency=one.agency,
                    recipient=one.recipient,
                    persons=one.persons,
                    categories=one.categories,
                    because=one.because,
                )
                for one in proposals
            )
        )
    )


async def ask(asked: Asked) -> web.Response:
    """Send requests to the owners of information."""
    body = await asked.json(bodies.RequestsBody)
    made = await asked.gateway.asking.ask(
        asked.person,
        asked.name(),
        [Wanted(agency=one.agency, categories=one.categories, questions=one.questions) for one in body.agencies],
        body.persons,
        Why(purpose=body.purpose, legal_ground=body.legal_ground, necessity=body.necessity),
    )
    requests = tuple(answers.RequestMade(id=one.id, agency=one.agency, due_at=one.due_at) for one in made)
    return answer(answers.RequestsMade(requests=requests), 201)


async def clarify(asked: Asked) -> web.Response:
    """Answer an owner who asked what is meant."""
    body = await asked.json(bodies.ClarificationBody)
    changed = await asked.gateway.asking.clarify(asked.person, asked.name(), body.questions)
    return answer(answers.RequestMade(id=changed.id, agency=changed.agency, due_at=changed.due_at), 201)


async def withdraw(asked: Asked) -> web.Response:
    """Take a request back."""
    await asked.gateway.asking.withdraw(asked.person, asked.name())
    return nothing()


async def decide(asked: Asked) -> web.Response:
    """Decide."""
    body = await asked.json(bodies.DecisionBody)
    decision = await asked.gateway.deciding.decide(
        asked.person,
        asked.name(),
        outcomes=body.outcomes,
        rationale=body.rationale,
        evidence=body.evidence,
        acknowledged=body.missing_acknowledged,
    )
    return answer(answers.DecisionMade(decision=decision), 201)


async def send_product(asked: Asked) -> web.Response:
    """Send an information product to a receiving team."""
    body = await asked.json(bodies.ProductBody)
    made = await asked.gateway.products.send(
        asked.person,
        asked.name(),
        recipient=body.recipient,
        summary=body.summary,
        parts={part.disclosure: part.digests for part in body.parts},
    )
    return answer(answers.ProductMade(product=made.product, version=made.version, envelope=made.envelope), 201)


async def choices(asked: Asked) -> web.Response:
    """What may be put into a product."""
    return answer(await asked.gateway.products.choices(asked.person, asked.name()))


async def feed_back(asked: Asked) -> web.Response:
    """Tell the referrers the outcome."""
    body = await asked.json(bodies.FeedbackBody)
    fed = await asked.gateway.deciding.feed_back(asked.person, asked.name(), body.text)
    sent = tuple(
        answers.FeedbackSent(message=one.message_id, recipient=one.recipient, envelope=one.envelope_id) for one in fed
    )
    return answer(answers.FeedbackMade(feedback=sent), 201)


async def close(asked: Asked) -> web.Response:
    """Close."""
    body = await asked.json(bodies.ReasonBody)
    await asked.gateway.deciding.close(asked.person, asked.name(), body.reason)
    return nothing()


async def revoke(asked: Asked) -> web.Response:
    """Revoke an envelope before it is opened."""
    body = await asked.json(bodies.ReasonBody)
    await asked.gateway.revoking.revoke(asked.person, asked.name(), body.reason)
    return nothing()


async def reissue(asked: Asked) -> web.Response:
    """Cut an envelope anew that expired or was lost."""
    fresh = await asked.gateway.revoking.reissue(asked.person, asked.name())
    return answer(answers.EnvelopeNamed(envelope=fresh), 201)
