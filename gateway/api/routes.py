"""Every route of the API, one row each: the only way in. The OpenAPI document is made from these rows."""

from __future__ import annotations

from gateway.api import (
    answers,
    bodies,
    documents,
    exchange,
    metrics,
    notifications,
    oversight,
    public,
    referrals,
    replays,
)
from gateway.api.callers import Grant
from gateway.api.route import Open, Route
from gateway.casework import shown
from routing.permissions import Action

_NOTIFY, _MAILBOX = frozenset({Grant.NOTIFY}), frozenset({Grant.MAILBOX})
_OPEN, _DISCLOSE = frozenset({Grant.OPEN}), frozenset({Grant.DISCLOSE})
_PROBLEM = "application/problem+json"


def _may(*actions: Action) -> frozenset[Action]:
    return frozenset(actions)


# fmt: off
ROUTES: tuple[Route, ...] = (
    # Anybody
    Route(method="GET", path="/healthz", handler=public.healthz, open=Open.PUBLIC, summary="The process answers."),
    Route(method="GET", path="/readyz", handler=public.readyz, open=Open.PUBLIC, summary="The store answers."),
    Route(method="GET", path="/metrics", handler=metrics.scrape, open=Open.PUBLIC, answer_type="text/plain",
          summary="Prometheus metrics: counts and times, nobody's data."),
    Route(method="GET", path="/openapi.json", handler=documents.openapi, open=Open.PUBLIC, summary="This document."),
    Route(method="GET", path="/asyncapi.json", handler=documents.asyncapi, open=Open.PUBLIC,
          summary="The queues, as AsyncAPI 3."),
    Route(method="GET", path="/schemas/product-1.json", handler=documents.product_schema, open=Open.PUBLIC,
          answer_type=documents.SCHEMA_TYPE, summary="The JSON Schema of a product as JSON."),
    Route(method="GET", path="/.well-known/jwks.json", handler=public.jwks, open=Open.PUBLIC, answer=answers.Jwks,
          summary="The hub's public keys."),
    Route(method="GET", path="/.well-known/oauth-authorization-server", handler=public.metadata, open=Open.PUBLIC,
          summary="Authorization server metadata (RFC 8414)."),
    Route(method="GET", path="/v1/agencies/{id}/jwks.json", handler=public.agency_jwks, open=Open.PUBLIC,
          answer=answers.Jwks, summary="The keys that an agency signs with."),
    Route(method="POST", path="/oauth2/token", handler=public.token, open=Open.CLIENT_ASSERTION,
          body_type="application/x-www-form-urlencoded", summary="An access token for an agency's client."),
    # Agencies' systems
    Route(method="POST", path="/v1/feeds/{feed}/notifications", handler=notifications.notify, open=Open.FEED,
          body_type="*/*", answer_type="*/*", status=202, summary="A native notification in, a native answer out."),
    Route(method="GET", path="/v1/messages/{id}", handler=notifications.fate, grants=_NOTIFY,
          actions=_may(Action.READ_MESSAGE_FATE), answer=answers.MessageFate, summary="What became of a message."),
    Route(method="GET", path="/v1/mailbox", handler=exchange.mailbox, grants=_MAILBOX, answer=answers.MailboxPage,
          summary="What waits, for agencies without a broker."),
    Route(method="POST", path="/v1/mailbox/{id}/ack", handler=exchange.acknowledge, grants=_MAILBOX, status=204,
          summary="Take a message off the mailbox."),
    Route(method="POST", path="/v1/envelopes/{id}/open", handler=exchange.open_envelope, open=Open.MESSAGE_TOKEN,
          answer_type=exchange.JOSE, summary="A message's token in, its sealed content key and log proof out, once."),
    Route(method="POST", path="/v1/requests/{id}/disclosure", handler=exchange.disclose, grants=_DISCLOSE,
          body_type=exchange.JOSE, answer=answers.DisclosureTaken, status=201, summary="An owner's sealed answer."),
    Route(method="POST", path="/v1/disclosures/{id}/releases", handler=exchange.release, grants=_DISCLOSE,
          body_type=exchange.JOSE, status=204, summary="An owner's later release to more readers."),
    Route(method="POST", path="/v1/products/{id}/acceptance", handler=exchange.accept, grants=_OPEN,
          body=bodies.AcceptanceBody, status=204, summary="A person took a product on, or acted on it."),
    # People: a case
    Route(method="GET", path="/v1/referrals", handler=referrals.board, actions=_may(Action.LIST_REFERRALS),
          answer=shown.Board, summary="A page of referrals: metadata and reply status."),
    Route(method="GET", path="/v1/referrals/{id}", handler=referrals.referral, actions=_may(Action.READ_REFERRAL),
          answer=shown.ReferralShown, summary="A referral, cut to the caller's role."),
    Route(method="POST", path="/v1/referrals/{id}/screening", handler=referrals.screen, actions=_may(Action.SCREEN),
          body=bodies.ScreeningBody, status=204, summary="What screening found."),
    Route(method="POST", path="/v1/referrals/{id}/persons", handler=referrals.add_person,
          actions=_may(Action.IDENTIFY), body=bodies.PersonBody, answer=answers.PersonAdded, status=201,
          summary="Somebody whom the notification did not name."),
    Route(method="POST", path="/v1/referrals/{id}/assignment", handler=referrals.take_over,
          actions=_may(Action.RATE), body=bodies.ReasonBody, status=204, summary="Take a case over, with a reason."),
    Route(method="POST", path="/v1/referrals/{id}/ratings", handler=referrals.rate, actions=_may(Action.RATE),
          body=bodies.RatingBody, answer=answers.RatingGiven, status=201, summary="Rate or re-rate."),
    Route(method="GET", path="/v1/referrals/{id}/proposals", handler=referrals.propose,
          actions=_may(Action.REQUEST), answer=answers.Proposals, summary="Whom the rules would ask, and why."),
    Route(method="POST", path="/v1/referrals/{id}/requests", handler=referrals.ask, actions=_may(Action.REQUEST),
          body=bodies.RequestsBody, answer=answers.RequestsMade, status=201, summary="Ask the owners of information."),
    Route(method="POST", path="/v1/requests/{id}/clarification", handler=referrals.clarify,
          actions=_may(Action.REQUEST), body=bodies.ClarificationBody, answer=answers.RequestMade, status=201,
          summary="Answer an owner who asked what is meant."),
    Route(method="POST", path="/v1/requests/{id}/withdrawal", handler=referrals.withdraw,
          actions=_may(Action.WITHDRAW_REQUEST), status=204, summary="Take a request back."),
    Route(method="GET", path="/v1/disclosures/{id}", handler=referrals.disclosure,
          actions=_may(Action.VIEW_DISCLOSURES, Action.READ_OWN_DISCLOSURES), answer=shown.DisclosureShown,
          summary="A disclosure as policy shows it to the caller."),
    Route(method="POST", path="/v1/referrals/{id}/decisions", handler=referrals.decide, actions=_may(Action.DECIDE),
          body=bodies.DecisionBody, answer=answers.DecisionMade, status=201, summary="Decide."),
    Route(method="POST", path="/v1/referrals/{id}/products", handler=referrals.send_product,
          actions=_may(Action.SEND_PRODUCT), body=bodies.ProductBody, answer=answers.ProductMade, status=201,
          summary="Send an information product to a receiving team."),
    Route(method="POST", path="/v1/referrals/{id}/feedback", handler=referrals.feed_back,
          actions=_may(Action.SEND_FEEDBACK), body=bodies.FeedbackBody, answer=answers.FeedbackMade, status=201,
          summary="Tell the referrers the outcome."),
    Route(method="POST", path="/v1/referrals/{id}/close", handler=referrals.close, actions=_may(Action.CLOSE),
          body=bodies.ReasonBody, status=204, summary="Close a decided referral."),
    Route(method="POST", path="/v1/envelopes/{id}/revoke", handler=referrals.revoke,
          actions=_may(Action.REVOKE_ENVELOPE), body=bodies.ReasonBody, status=204,
          summary="Revoke an envelope before it is opened."),
    Route(method="POST", path="/v1/envelopes/{id}/reissue", handler=referrals.reissue,
          actions=_may(Action.REISSUE_ENVELOPE), answer=answers.EnvelopeNamed, status=201,
          summary="Cut an envelope anew that expired or was lost."),
    # People: the hub
    Route(method="GET", path="/v1/feeds", handler=oversight.feeds, actions=_may(Action.READ_FEEDS_STATUS),
          answer=answers.FeedsShown, summary="Every feed with its reconciled counts."),
    Route(method="GET", path="/v1/quarantine", handler=replays.quarantine, actions=_may(Action.READ_QUARANTINE),
          answer=answers.Quarantine, summary="What waits in quarantine, with its reasons."),
    Route(method="POST", path="/v1/messages/{id}/replay", handler=replays.one, actions=_may(Action.REPLAY),
          answer=answers.ReplayShown, summary="Put a quarantined message through again."),
    Route(method="POST", path="/v1/quarantine/previews", handler=replays.preview, actions=_may(Action.REPLAY),
          body=bodies.SelectionBody, answer=answers.ReplayPreview, summary="What a replay of several would do."),
    Route(method="POST", path="/v1/quarantine/replays", handler=replays.propose, actions=_may(Action.REPLAY),
          body=bodies.SelectionBody, answer=answers.BulkReplayShown, status=201,
          summary="Propose to replay several messages; somebody else approves."),
    Route(method="GET", path="/v1/quarantine/replays", handler=replays.latest, actions=_may(Action.READ_QUARANTINE),
          answer=answers.BulkReplays, summary="The replays of several messages, the newest first."),
    Route(method="GET", path="/v1/quarantine/replays/{id}", handler=replays.whole,
          actions=_may(Action.READ_QUARANTINE), answer=answers.BulkReplayWhole,
          summary="A replay with its messages and what became of each."),
    Route(method="POST", path="/v1/quarantine/replays/{id}/approval", handler=replays.approve,
          actions=_may(Action.REPLAY), body=bodies.ApprovalBody, answer=answers.BulkReplayShown,
          summary="Approve what somebody else proposed, by the digest of its list."),
    Route(method="POST", path="/v1/quarantine/replays/{id}/runs", handler=replays.run, actions=_may(Action.REPLAY),
          answer=answers.BulkReplayShown, summary="Put the next messages of an approved replay through."),
    Route(method="GET", path="/v1/agencies", handler=oversight.agencies, actions=_may(Action.LIST_AGENCIES),
          answer=answers.AgenciesShown, summary="Every agency and its standing."),
    Route(method="GET", path="/v1/log/checkpoint", handler=oversight.checkpoint,
          actions=_may(Action.READ_EVENTS, Action.VERIFY_LOG), answer=answers.CheckpointShown,
          summary="The log's latest signed checkpoint."),
    Route(method="GET", path="/v1/log/entries", handler=oversight.entries, actions=_may(Action.READ_EVENTS),
          answer=answers.Entries, summary="Entries of the log: events, no contents."),
)
# fmt: on
