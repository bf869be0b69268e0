from __future__ import annotations

import pytest

from routing.permissions import PERMISSIONS, Action, allowed_roles, permit
from schemas.errors import Refused
from schemas.vocabulary import Role

A, R = Action, Role
CONTENTS = {A.READ_NARRATIVES, A.VIEW_DISCLOSURES, A.READ_PRODUCT, A.READ_OWN_DISCLOSURES, A.OPEN_ENVELOPE}


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_a_row_with_a_reason(action: Action) -> None:
    assert allowed_roles(action)
    assert all(row.because for row in PERMISSIONS if action in row.actions)


@pytest.mark.parametrize("action", list(Action))
def test_whoever_is_not_named_is_refused(action: Action) -> None:
    for role in Role:
        if role in allowed_roles(action):
            permit(action, role)
        else:
            with pytest.raises(Refused) as caught:
                permit(action, role)
            assert (caught.value.code, caught.value.at) == ("permission.denied", action)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_without_a_role_gets_in_anywhere(action: Action) -> None:
    with pytest.raises(Refused):
        permit(action, ())


@pytest.mark.parametrize("action", [A.RATE, A.DECIDE])
def test_rating_and_deciding_are_for_a_social_work_manager_alone(action: Action) -> None:
    assert allowed_roles(action) == {R.SOCIAL_WORK_MANAGER}


@pytest.mark.parametrize(
    "role", [R.SECURITY_OFFICER, R.ADMINISTRATOR, R.AUDITOR, R.INTEGRATION_ENGINEER, R.ANALYST, R.COORDINATOR]
)
def test_these_roles_read_no_contents(role: Role) -> None:
    assert not any(role in allowed_roles(action) for action in CONTENTS)


def test_a_referrer_has_its_own_submission_and_the_outcome() -> None:
    readable = {action for action in Action if action.value.startswith("read") and R.REFERRER in allowed_roles(action)}
    assert readable == {A.READ_OWN_SUBMISSION, A.READ_OWN_OUTCOME, A.READ_MESSAGE_FATE, A.READ_MAILBOX}


def test_only_owners_answer_and_release() -> None:
    assert allowed_roles(A.ANSWER) == allowed_roles(A.RELEASE) == {R.PROFESSIONAL_LEAD}


def test_one_of_several_roles_is_enough() -> None:
    permit(A.RATE, [R.ANALYST, R.SOCIAL_WORK_MANAGER])
    with pytest.raises(Refused):
        permit(A.RATE, [R.ANALYST, R.AUDITOR])
