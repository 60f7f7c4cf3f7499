"""The service is killed at random instants while clients write, and nothing that was acknowledged may be lost or done twice.

    python3 checks/crash.py [--kills 200] DATABASE_URL

Clients repeat a request with its Idempotency-Key until they have an answer. At the end every acknowledged thing is there once, nothing is there that
nobody asked for, and every audit chain is whole.
"""

import argparse
import datetime
import random
import threading
import time

from api import Server, fail, fresh_key
from county import County


class Writer(threading.Thread):
    """One member who visits people and writes opinions, whatever happens to the service."""

    def __init__(self, county, member, seed):
        super().__init__()
        self.county, self.member, self.chance = county, member, random.Random(seed)
        self.events, self.opinions, self.going, self.fault = {}, {}, True, None

    def run(self):
        try:
            number = 0
            while self.going:
                number += 1
                (self.visit if self.chance.random() < 0.5 else self.opine)(number)
        except Exception as error:  # told by the main thread
            self.fault = error

    def insist(self, path, body, headers=None):
        """The same request until it is answered. A token that ran out is renewed."""
        headers = {"Idempotency-Key": fresh_key(), **(headers or {})}
        while True:
            try:
                status, _, answer = self.member.ask("POST", path, body, headers)
            except OSError:
                time.sleep(0.02)
                continue
            if status in (200, 201):
                return answer
            if status in (409, 503) and answer["code"] in ("idempotency_in_progress", "unavailable"):
                time.sleep(0.02)
                continue
            raise RuntimeError(f"{path}: {status} {answer}")

    def visit(self, number):
        reference = f"{self.name}-{number}"
        body = {"occurred_on": datetime.date.today().isoformat(), "form": "visit", "others_count": 1, "summary": reference}
        made = self.insist("/v1/contact-events", body)
        self.events[made["id"]] = reference

    def opine(self, number):
        body = {
            "track": "cppcc_work", "title": f"{self.name}-{number}", "situation": "情况", "category": "other", "content_kinds": ["cppcc_work"],
            "no_state_secrets": True, "client_ref": f"{self.name}-{number}",
        }
        made = self.insist("/v1/opinions", body)
        submitted = self.insist(f"/v1/opinions/{made['id']}/submit", None, {"If-Match": made["etag"]})
        self.opinions[made["id"]] = submitted["etag"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--writers", type=int, default=6)
    chosen = parser.parse_args()

    server = Server(chosen.database).start()
    county = County(server, chosen.writers)
    writers = [Writer(county, member, seed) for seed, member in enumerate(county.members)]
    for writer in writers:
        writer.start()
    chance = random.Random(11)
    started = time.monotonic()
    for kill in range(chosen.kills):
        time.sleep(chance.uniform(0.05, 0.6))
        server.kill()
        server.start()
        if time.monotonic() - started > 600:
            started = time.monotonic()
            for number, writer in enumerate(writers):
                writer.member.token = county.again(f"member-{number + 1}").token
        if any(writer.fault for writer in writers):
            break
    for writer in writers:
        writer.going = False
    for writer in writers:
        writer.join()
        if writer.fault:
            fail(f"a writer gave up: {writer.fault}")

    made = 0
    for number, writer in enumerate(writers):
        member = county.again(f"member-{number + 1}")
        events = [event["id"] for event in member.all("/v1/contact-events")]
        opinions = {opinion["id"]: opinion["etag"] for opinion in member.all("/v1/opinions")}
        if sorted(events) != sorted(writer.events):
            fail(f"{len(writer.events)} visits acknowledged, {len(events)} there")
        if opinions != writer.opinions:
            fail(f"{len(writer.opinions)} opinions acknowledged, {len(opinions)} there, or not as acknowledged")
        made += len(events) + 2 * len(opinions)
    server.stop()
    verified = server.command("audit", "verify")
    if verified.returncode != 0:
        fail(verified.stderr)
    print(f"{chosen.kills} kills, {made} deeds acknowledged, each there once; {verified.stdout.strip()}")


if __name__ == "__main__":
    main()
