"""The main walk with a client that openapi-python-client made from the contract; mypy holds this file against its types.

python3 walk.py http://127.0.0.1:8080
"""

import datetime
import sys
import time
from typing import TypeVar

from lianxi_client import AuthenticatedClient, Client
from lianxi_client.api.主席会议 import meeting_create, resolution_create
from lianxi_client.api.登录 import auth_login
from lianxi_client.api.社情民意 import (
    opinion_accept,
    opinion_create,
    opinion_decide,
    opinion_feedback,
    opinion_read,
    opinion_report,
    opinion_submit,
)
from lianxi_client.api.联系活动 import contact_event_create
from lianxi_client.api.采纳情况反馈 import feedback_acknowledge, feedback_list
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
from lianxi_client.models.track import Track

Thing = TypeVar("Thing")


def good(answer: Thing | Problem | None) -> Thing:
    """The thing that was asked for; a problem ends the walk."""
    if answer is None or isinstance(answer, Problem):
        raise SystemExit(f"{answer}")
    return answer


def login(base: str, account: str) -> AuthenticatedClient:
    tokens = good(auth_login.sync(client=Client(base), body=Login(account=account, password="Lianxi-Demo-2026")))
    return AuthenticatedClient(base, token=tokens.access_token, raise_on_unexpected_status=True)


def main(base: str) -> None:
    member, office = login(base, "member-1"), login(base, "office")
    today = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=8)).date()
    visit = ContactEventCreate(occurred_on=today, form="visit", others_count=3, summary="走访，听取意见")
    event = good(contact_event_create.sync(client=member, body=visit))
    text = OpinionCreate(
        track=Track.CPPCC_WORK,
        title="会议材料宜提前发出",
        situation="会前两天才收到材料，来不及调研。",
        category="cppcc",
        content_kinds=[ContentKind.CPPCC_WORK],
        owner_choice=OwnerChoice.OFFICE,
        no_state_secrets=True,
        event_id=event.id,
    )
    opinion = good(opinion_create.sync(client=member, body=text))
    opinion = good(opinion_submit.sync(opinion.id, client=member, if_match=opinion.etag))
    opinion = good(opinion_accept.sync(opinion.id, client=office, if_match=opinion.etag))
    meeting = good(meeting_create.sync(client=office, body=MeetingCreate(name="主席会议", held_on=today)))
    report = OpinionReport(meeting_id=meeting.id)
    opinion = good(opinion_report.sync(opinion.id, client=office, if_match=opinion.etag, body=report))
    number = f"走查〔{today.year}〕{time.time_ns()}号"
    resolution = good(resolution_create.sync(meeting.id, client=office, body=ResolutionCreate(number=number, text="同意。")))
    decision = OpinionDecide(outcome=Decision.ADOPTED, resolution_id=resolution.id)
    opinion = good(opinion_decide.sync(opinion.id, client=office, if_match=opinion.etag, body=decision))
    good(opinion_feedback.sync(opinion.id, client=office, if_match=opinion.etag, body=OpinionFeedback(text="已采纳。")))
    receipt = good(feedback_list.sync(client=member, opinion=[opinion.id])).items[0]
    satisfied = FeedbackAcknowledge(satisfaction=Satisfaction.SATISFIED)
    good(feedback_acknowledge.sync(receipt.id, client=member, if_match=receipt.etag, body=satisfied))
    state = good(opinion_read.sync(opinion.id, client=member)).state
    if state != "closed":
        raise SystemExit(f"the walk ended {state}")
    print("the walk of a Python client: closed")


if __name__ == "__main__":
    main(sys.argv[1])
