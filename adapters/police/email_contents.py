"""What an e-mail holds beside a notice or a form: its texts, its documents, and what nobody claimed."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.natives import Native
from adapters.police import email_text
from adapters.police.email_parts import Mail, Part
from adapters.police.email_text import Text
from adapters.provenance import Recorder
from schemas.errors import TooLarge
from schemas.notification import QualityFlag

TEXTS = frozenset({"text/plain", "text/html"})
_NO_DOCUMENTS = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "text/calendar",
)


def automatic(mail: Mail) -> bool:
    """Whether it says that a machine answered, or that it reports a delivery.

    What a machine wrote of its own accord (``auto-generated``) may be a case system's notice.
    """
    submitted = mail.header("Auto-Submitted").lower()
    return submitted.startswith("auto-replied") or mail.header("Content-Type").lower().startswith("multipart/report")


def sensitivities(mail: Mail) -> list[Native]:
    """Every ``Sensitivity`` header, those of the parts and of messages inside included."""
    return [
        Native(text, place)
        for place, text in mail.headers
        if place.lower().rpartition("/")[2].partition("[")[0] == "sensitivity"
    ]


def texts(parts: Sequence[Part], recorder: Recorder, *, code: str) -> list[Text]:
    """The texts among the parts, in order."""
    made: list[Text] = []
    length = 0
    for part in parts:
        if part.media_type not in TEXTS or not part.content:
            continue
        said, right = part.text()
        if not right:
            recorder.flag("charset.wrong")
        if part.media_type == "text/html":
            length += len(said)
            if length > email_text.LONGEST_HTML:
                detail = f"send at most {email_text.LONGEST_HTML} characters of HTML in one message"
                raise TooLarge(f"{code}.html", detail, at=part.place)
        made.append((email_text.html if part.media_type == "text/html" else email_text.plain)(said, part.place))
    return made


def documents(parts: Sequence[Part], recorder: Recorder) -> bool:
    """List every part that is no text by its name and digest; whether one is a document that a person must read."""
    unread = False
    for part in parts:
        if part.media_type in TEXTS:
            continue
        about = (part.filename, part.media_type, f"{len(part.content)} bytes", f"sha256:{part.digest}")
        recorder.leave(part.place, " ".join(text for text in about if text))
        decorates = part.media_type.startswith("image/") and not part.attached
        if part.content and not decorates and part.media_type not in _NO_DOCUMENTS:
            unread = True
            recorder.flag("document.unread")
    return unread


def defects(mail: Mail) -> tuple[QualityFlag, ...]:
    """A flag where the structure of the e-mail is broken."""
    return (QualityFlag(code="mime.defect"),) if mail.defective else ()


def sweep(mail: Mail, found: Sequence[Text], recorder: Recorder) -> None:
    """List whatever nobody took: headers, rows and what stood beside them."""
    rows = [(row.pointer, row.whole) for text in found for row in text.rows]
    beside = [each for text in found for each in text.beside]
    recorder.sweep([*mail.headers, *mail.beside, *rows, *beside])
