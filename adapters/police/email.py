"""E-mails from police: a notice attached, a form in the text, or words that a person must read.

A PPN XML attached is read as police.ppn reads it. Else the text is read as a form by its labels (``Label: value``, or
HTML table rows). A document that nobody can read by machine makes a concern that a person looks at; nothing is
unpacked.

Source: docs/formats/police-email.md; RFC 5322, RFC 2045 to 2047.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from adapters import natives
from adapters.kinds import Rule, judge
from adapters.natives import ABSENT, Native
from adapters.nesting import left_within, mapped_within
from adapters.police import email_contents as contents
from adapters.police import email_form, email_people, ppn
from adapters.police.email_labels import Form, fill
from adapters.police.email_parts import Mail, Part, address, decoded, take_apart
from adapters.police.email_reply import reply
from adapters.port import Answer, FeedContext, Receipt
from adapters.provenance import Recorder
from schemas.errors import MashError
from schemas.notification import Normalised, Notification, Reading, Referrer
from schemas.persons import Contact
from schemas.vocabulary import ItemKind, Sector

NAME = "police.email"
FORMAT = "police.email/1.0"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at."""

    documents: bool
    form: bool
    automatic: bool


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.documents,
        because="a document is attached that a person must read",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.form,
        because="the e-mail holds a form of a police notice",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.automatic,
        because="the e-mail says that it is an automatic reply or a delivery report, and holds no form",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: not facts.automatic,
        because="somebody wrote to the hub: a person reads it",
    ),
)


class PoliceEmail:
    """Reads e-mails and answers with one."""

    name = NAME
    version = "1.0.0"
    sector = Sector.POLICE
    summary = "Police e-mail (RFC 5322): a PPN attached, or a form in its text"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise one e-mail: an item for each notice attached, else one for the e-mail itself.

        Raises:
            Rejected: ``police.email.malformed``, ``.tnef``, ``.archive``, ``.encrypted`` or ``.partial``; and
                ``police.email.ppn`` with the rest of that adapter's code, where a notice attached can't be read.
            TooLarge: ``police.email.size``, ``.lines``, ``.headers``, ``.parts``, ``.depth``, ``.html``, ``.rows``,
                or a limit of police.ppn.
        """
        mail = take_apart(payload, code=NAME)
        message_id = _native(mail, "Message-ID")
        notices = [part for part in mail.parts if _is_notice(part)]
        if notices:
            items = _attached(mail, notices, context)
            first = items[0].notification.native_id
        else:
            made = _written(mail, context, hashlib.sha256(payload).hexdigest())
            items, first = [made], made.notification.native_id
        return Reading(native_id=message_id.text or first, format=FORMAT, items=tuple(items))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        """An RFC 5322 message in reply, from the feed's option ``reply_from``."""
        return reply(payload, receipt, sent_from=context.options.get("reply_from"))


ADAPTER = PoliceEmail()


def _native(mail: Mail, name: str) -> Native:
    """A header of the message itself."""
    found = next(((place, text) for place, text in mail.headers if place.lower() == name.lower() and text), None)
    return Native(found[1], found[0]) if found is not None else ABSENT


# --- a notice attached ---


def _is_notice(part: Part) -> bool:
    bare = part.content.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return bare.startswith(b"<") and part.media_type != "text/html" and ppn.NAMESPACE.encode() in bare


def _attached(mail: Mail, notices: Sequence[Part], context: FeedContext) -> list[Normalised]:
    """The notices' items; what the e-mail says beside goes with the first."""
    items: list[Normalised] = []
    for part in notices:
        try:
            read = ppn.ADAPTER.read(part.content, context).items
        except MashError as error:
            code = f"{NAME}.{error.code.removeprefix('police.')}"
            raise type(error)(code, error.detail, at=f"{part.place}{error.at}") from error
        items += [
            Normalised(
                notification=item.notification,
                provenance=mapped_within(part.place, item.provenance),
                unmapped=left_within(part.place, item.unmapped),
            )
            for item in read
        ]
    recorder = Recorder()
    others = [part for part in mail.parts if part not in notices]
    texts = contents.texts(others, recorder, code=NAME)
    documents = contents.documents(others, recorder)
    # What protects is said of all that the e-mail brings, and its words are listed with the first item.
    forms = [fill(text.rows, code=NAME) for text in texts]
    for place, item in enumerate(items):
        handling = email_form.warned_beside(
            item.notification.handling, forms, contents.sensitivities(mail), marks := Recorder().within("handling")
        )
        items[place] = item.model_copy(
            update={
                "notification": item.notification.model_copy(update={"handling": handling}),
                "provenance": (*item.provenance, *marks.provenance),
            }
        )
    contents.sweep(mail, texts, recorder)
    # A document beside a notice may say what the notice does not.
    worries = {"kind": ItemKind.CONCERN, "kind_reason": RULES[0].because} if documents else {}
    first = items[0].notification
    items[0] = Normalised(
        notification=first.model_copy(
            update={
                "quality": (*first.quality, *recorder.quality, *contents.defects(mail)),
                **worries,
            }
        ),
        provenance=(*items[0].provenance, *recorder.provenance),
        unmapped=(*items[0].unmapped, *recorder.unmapped),
    )
    return items


# --- words and forms ---


def _written(mail: Mail, context: FeedContext, digest: str) -> Normalised:
    """The e-mail itself, read as the form that its texts hold, or as words."""
    recorder = Recorder()
    texts = contents.texts(mail.parts, recorder, code=NAME)
    documents = contents.documents(mail.parts, recorder)
    forms = [fill(text.rows, code=NAME) for text in texts]
    form = max(forms, key=lambda one: (len(one.rows) + len(one.people), bool(one.lines)), default=Form())
    if sum(one.filled for one in forms) > 1:
        recorder.flag("form.beside")  # such as plain text and HTML of the same form; the other is listed as unmapped
    facts = Facts(documents=documents, form=form.filled, automatic=contents.automatic(mail))
    kind, because = judge(RULES, facts)
    incident = email_form.incident(form, recorder.within("incident"), _native(mail, "Date"))
    at = incident.occurred_at or incident.reported_at
    if at is not None:
        sources = form.first("occurred") if incident.occurred_at else form.first("reported"), _native(mail, "Date")
        recorder.take("event_at", next(source.pointer for source in sources if source.text))
    marks = Recorder()
    notification = Notification(
        native_id=_identity(mail, form, recorder, digest),
        format=FORMAT,
        kind=kind,
        kind_reason=because,
        event_at=at,
        children=email_people.children(form, recorder),
        adults=email_people.adults(form, recorder),
        concern=email_form.concern(
            form, recorder.within("concern"), _subject(mail, recorder), context.options.get("categories")
        )
        if kind is ItemKind.CONCERN
        else None,
        incident=incident,
        immediate_danger=natives.carry_unless_no(recorder, "immediate_danger", form.first("danger")),
        actions_taken=natives.carry_each(recorder, "actions_taken", form.rows.get("action", ())),
        referrer=_referrer(mail, form, recorder.within("referrer")),
        consent=email_form.consent(form, recorder.within("consent")),
        orders=email_form.orders(form, recorder),
        handling=email_form.warned_beside(
            email_form.handling(form, recorder.within("handling"), _native(mail, "Sensitivity")),
            [one for one in forms if one is not form],
            [one for one in contents.sensitivities(mail) if one.pointer.lower() != "sensitivity"],
            marks.within("handling"),
        ),
        supersedes=natives.carry(recorder, "supersedes", form.first("supersedes")),
        quality=(*recorder.quality, *contents.defects(mail)),
    )
    contents.sweep(mail, texts, recorder)
    provenance = (*recorder.provenance, *marks.provenance)
    return Normalised(notification=notification, provenance=provenance, unmapped=recorder.unmapped)


def _identity(mail: Mail, form: Form, recorder: Recorder, digest: str) -> str:
    """The form's reference, else the Message-ID, else the digest of the bytes."""
    for native in (form.first("reference"), _native(mail, "Message-ID")):
        if native.text:
            return natives.carry(recorder, "native_id", native)
    return f"sha256:{digest}"


def _subject(mail: Mail, recorder: Recorder) -> Native:
    sent = _native(mail, "Subject")
    said = decoded("Subject", sent.text)
    if said != sent.text:
        recorder.leave(sent.pointer, sent.text)
    return Native(said, sent.pointer)


def _referrer(mail: Mail, form: Form, recorder: Recorder) -> Referrer:
    """Who speaks, as the form says; the e-mail's sender is one of the ways to reach them."""
    sent = _native(mail, "From")
    shown, reached = address(sent.text)
    contacts = list(email_people.contacts(form, recorder))
    if "@" in reached and reached not in {one.value for one in contacts}:
        recorder.take(f"contacts[{len(contacts)}].value", sent.pointer)
        contacts.append(Contact(system="email", value=reached))
    name = natives.carry(recorder, "name", form.first("officer"))
    if not name and (name := decoded("Subject", shown)):
        recorder.take("name", sent.pointer)
    if sent.text:
        recorder.leave(sent.pointer, sent.text)
    return Referrer(
        agency=natives.carry(recorder, "agency", form.first("force")),
        role=natives.carry(recorder, "role", form.first("role")),
        name=name,
        contacts=tuple(contacts),
    )
