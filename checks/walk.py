"""The main walk with a client that openapi-python-client made from the contract; mypy holds it against the client's types.

    python walk.py http://127.0.0.1:8080        against `lianxi demo`
"""

import sys
import time
import uuid
from typing import TypeVar

from lianxi_client import AuthenticatedClient, Client
from lianxi_client.api.adoption_feedback import feedback_acknowledge, feedback_list
from lianxi_client.api.auth import auth_login
from lianxi_client.api.constituents import constituent_create
from lianxi_client.api.contact_events import contact_event_create
from lianxi_client.api.me import me_read
from lianxi_client.api.meetings import agenda_item_list, meeting_create, resolution_create
from lianxi_client.api.opinions import (
    opinion_accept,
    opinion_create,
    opinion_decide,
    opinion_feedback,
    opinion_read,
    opinion_report,
    opinion_submit,
)
from lianxi_client.api.reports import report_compliance
from lianxi_client.models.basis import Basis
from lianxi_client.models.constituent_create import ConstituentCreate
from lianxi_client.models.contact_event_create import ContactEventCreate
from lianxi_client.models.content_kind import ContentKind
from lianxi_client.models.decision import Decision
from lianxi_client.models.feedback_acknowledge import FeedbackAcknowledge
from lianxi_client.models.login import Login
from lianxi_client.models.meeting_create import MeetingCreate
from lianxi_client.models.opinion_create import OpinionCreate
from lianxi_client.models.opinion_decide import OpinionDecide
from lianxi_client.models.opinion_feedback import OpinionFeedback
from lianxi_client.models.opinion_report import OpinionReport
from lianxi_client.models.owner_choice import OwnerChoice
from lianxi_client.models.problem import Problem
from lianxi_client.models.resolution_create import ResolutionCreate
from lianxi_client.models.satisfaction import Satisfaction
from lianxi_client.models.state import State
from lianxi_client.models.track import Track

T = TypeVar("T")


def good(answer: T | Problem | None) -> T:
    """What came back, or the problem as an error."""
    if isinstance(answer, Problem):
        raise SystemExit(f"{answer.status} {answer.instance}: {answer.code}, {answer.detail}")
    if answer is None:
        raise SystemExit("an answer that the contract does not know")
    return answer


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(what)


def login(base: str, account: str) -> AuthenticatedClient:
    tokens = good(auth_login.sync(client=Client(base), body=Login(account=account, password="Lianxi-Demo-2026")))
    return AuthenticatedClient(base, token=tokens.access_token)


def main(base: str) -> None:
    member = login(base, "member-1")
    me = good(me_read.sync(client=member))
    expect("opinion_create" in me.may, "a member may write opinions")

    # Another one each time, since the same name and telephone are the same person.
    phone = f"138{time.time_ns() // 1000 % 10**8:08}"
    person = good(
        constituent_create.sync(
            client=member,
            body=ConstituentCreate(name="王小明", phone=phone, bases=[Basis.RESIDENCE], consent_on=me.today, consent_way="oral"),
        )
    )
    expect(phone not in str(person.to_dict()), "a telephone number is shown masked")
    visit = ContactEventCreate(occurred_on=me.today, form="visit", constituent_ids=[person.id], summary="走访，了解会议通知情况")
    event = good(contact_event_create.sync(client=member, body=visit, idempotency_key=str(uuid.uuid4())))

    written = OpinionCreate(
        track=Track.CPPCC_WORK,
        title="会议通知宜提前一周发出",
        situation="临时通知较多，委员难以安排调研。",
        category="cppcc",
        content_kinds=[ContentKind.CPPCC_WORK],
        owner_choice=OwnerChoice.OFFICE,
        no_state_secrets=True,
        event_id=event.id,
        constituent_ids=[person.id],
    )
    draft = good(opinion_create.sync(client=member, body=written))
    good(opinion_submit.sync(draft.id, client=member, if_match=draft.etag))
    stale = opinion_submit.sync(draft.id, client=member, if_match=draft.etag)
    expect(isinstance(stale, Problem) and stale.code == "version_mismatch", "an action on what was seen before is refused")

    office = login(base, "office")
    opinion = good(opinion_read.sync(draft.id, client=office))
    opinion = good(opinion_accept.sync(opinion.id, client=office, if_match=opinion.etag))
    meeting = good(meeting_create.sync(client=office, body=MeetingCreate(name="主席会议", held_on=me.today)))
    opinion = good(
        opinion_report.sync(opinion.id, client=office, if_match=opinion.etag, body=OpinionReport(meeting_id=meeting.id))
    )
    agenda = good(agenda_item_list.sync(meeting.id, client=office))
    expect(any(item.opinion.id == opinion.id for item in agenda.items), "it is on the agenda")
    decision = ResolutionCreate(number=f"苍政协主〔{me.today.year}〕{time.time_ns()}号", text="同意提前一周通知。")
    resolution = good(resolution_create.sync(meeting.id, client=office, body=decision))
    decided = OpinionDecide(outcome=Decision.ADOPTED, resolution_id=resolution.id)
    opinion = good(opinion_decide.sync(opinion.id, client=office, if_match=opinion.etag, body=decided))
    told = OpinionFeedback(text="已采纳：自下月起提前一周通知。")
    good(opinion_feedback.sync(opinion.id, client=office, if_match=opinion.etag, body=told))

    receipts = good(feedback_list.sync(client=member, opinion=[opinion.id]))
    expect(bool(receipts.items), "the author got no feedback")
    receipt = receipts.items[0]
    satisfied = FeedbackAcknowledge(satisfaction=Satisfaction.SATISFIED)
    good(feedback_acknowledge.sync(receipt.id, client=member, if_match=receipt.etag, body=satisfied))
    opinion = good(opinion_read.sync(opinion.id, client=member))
    expect(opinion.state == State.CLOSED, f"the walk ends at {opinion.state}")

    report = good(report_compliance.sync(client=login(base, "member-affairs"), year=me.today.year, limit=5))
    expect(bool(report.items), "somebody has duties")
    print("Python: the walk is done, state", opinion.state)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080")
