"""Two instances on one database: the walk with requests going to each in turn, and what must happen once however it is asked for.

    python3 checks/two_instances.py DATABASE_URL
"""

import argparse
import datetime

from api import Client, Server, fail, fresh_key, login, several
from county import PASSWORD, County


def at_once(ports, asks):
    """The same request to all ports at the same time."""
    return several(len(asks), lambda numbered: numbered[1](ports[numbered[0] % len(ports)]), list(enumerate(asks)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    chosen = parser.parse_args()
    one, two = Server(chosen.database).start(), Server(chosen.database).start()
    ports = [one.port, two.port]
    county = County(one, 3, ports)
    member, today = county.members[0], datetime.date.today().isoformat()

    # The walk, every request to the other instance than the last.
    person = member.make("/v1/constituents", {"name": "王小明", "bases": ["residence"], "consent_on": today, "consent_way": "oral"})
    event = member.make("/v1/contact-events", {"occurred_on": today, "form": "visit", "constituent_ids": [person["id"]], "summary": "走访"})
    opinion = member.make(
        "/v1/opinions",
        {
            "track": "cppcc_work", "title": "会议通知宜提前", "situation": "临时通知多。", "category": "cppcc", "content_kinds": ["cppcc_work"],
            "no_state_secrets": True, "event_id": event["id"],
        },
    )
    path = f"/v1/opinions/{opinion['id']}"
    opinion = member.act(f"{path}/submit", opinion)
    opinion = county.committee.act(f"{path}/accept", county.committee.get(path))
    meeting = county.office.make("/v1/meetings", {"name": "主席会议", "held_on": today})
    county.committee.act(f"{path}/report", opinion, {"meeting_id": meeting["id"]})
    resolution = county.office.make(f"/v1/meetings/{meeting['id']}/resolutions", {"number": "1号", "text": "同意。"})
    county.office.act(f"/v1/meetings/{meeting['id']}/close", county.office.get(f"/v1/meetings/{meeting['id']}"))
    opinion = county.office.act(f"{path}/decide", county.office.get(path), {"outcome": "adopted", "resolution_id": resolution["id"]})
    county.office.act(f"{path}/feedback", opinion, {"text": "采纳。"})
    receipt = next(member.all("/v1/adoption-feedback", state="open"))
    member.act(f"/v1/adoption-feedback/{receipt['id']}/acknowledge", receipt, {"satisfaction": "satisfied"})
    if member.get(path)["state"] != "closed":
        fail("the walk did not come to its end")
    print("the walk, requests alternating: closed")

    # One refresh token, twice at once.
    tokens = Client(ports).must(200, "POST", "/v1/auth/login", {"account": "member-2", "password": PASSWORD})
    body = {"refresh_token": tokens["refresh_token"]}
    answers = at_once(ports, [lambda port: Client(port).ask("POST", "/v1/auth/refresh", body)] * 2)
    successors = {answer["refresh_token"] for status, _, answer in answers if status == 200}
    if len(successors) != 1:
        fail(f"one refresh token gave {len(successors)} successors: {[status for status, *_ in answers]}")
    print("one refresh token twice at once: one successor")

    # One key, at once on both.
    third = login(ports, "member-3", PASSWORD)
    for _ in range(20):
        body = {"occurred_on": today, "form": "visit", "others_count": 1, "summary": "走访"}
        headers = {"Idempotency-Key": fresh_key()}
        answers = at_once(ports, [lambda port: third.ask("POST", "/v1/contact-events", body, headers, port)] * 4)
        made = {answer["id"] for status, _, answer in answers if status == 201}
        if len(made) != 1 or any(status not in (201, 409) for status, *_ in answers):
            fail(f"one key gave {[status for status, *_ in answers]}")
    if len(list(third.all("/v1/contact-events"))) != 20:
        fail("a key did more than one deed")
    print("one key at once on both, 20 rounds: one deed each")

    for server in (one, two):
        server.stop()
    verified = one.command("audit", "verify")
    if verified.returncode != 0:
        fail(verified.stderr)
    print(verified.stdout.strip())


if __name__ == "__main__":
    main()
