from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.envelope import (
    DisclosureContent,
    DisclosureView,
    EnvelopeClaims,
    FeedbackContent,
    ProductContent,
    RequestContent,
)
from schemas.vocabulary import Marking, Outcome

VIEW = DisclosureView(id="dis_1", agency="health", disclosure="a.b.c", groups=("g",))
CONTENTS = [
    RequestContent(request="a.b.c"),
    DisclosureContent(request="req_1", view=VIEW),
    ProductContent(
        product="prd_1",
        version=1,
        outcomes=(Outcome.SECTION_47,),
        summary="x",
        persons=("p1",),
        evidence=(VIEW,),
    ),
    FeedbackContent(message="msg_1", outcomes=(Outcome.EARLY_HELP,), text="x"),
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.kind.value)
def test_each_content_is_read_back_as_what_it_was(
    content: RequestContent | DisclosureContent | ProductContent | FeedbackContent,
) -> None:
    made = EnvelopeClaims(iss="hub", aud="lead", jti="env_1", iat=1, reference="r", content=content)
    assert EnvelopeClaims.model_validate_json(made.model_dump_json()) == made


def test_a_product_is_marked() -> None:
    product = CONTENTS[2]
    assert isinstance(product, ProductContent)
    assert product.marking is Marking.OFFICIAL_SENSITIVE


def test_feedback_has_no_place_for_contents() -> None:
    with pytest.raises(ValidationError):
        FeedbackContent.model_validate({"message": "msg_1", "outcomes": (), "text": "x", "evidence": (VIEW,)})
