"""Real letters through the whole walk: written, submitted, accepted, on an agenda, decided, answered with the real reply, acknowledged.

    LIANXI_MESSAGES=messages.xlsx python3 checks/messages.py [--count 200] [--members 100] DATABASE_URL

LIANXI_MESSAGES names a workbook with the columns 留言主题, 留言详情, 答复意见. Without it texts of the same lengths are made up, and it says so. Every text
must come back as it went in (NFC, trimming and line ends aside); those over 1,500 characters get their 422; none is lost or doubled; and a search for any of
200 two-character words finds exactly what a plain scan finds. Prints the time and the service's CPU per walk.
"""

import argparse
import datetime
import os
import random
import re
import time
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile

from api import Refused, Server, fail, several
from county import County

LIMIT = 1500


def clean(text):
    """The form in which a text is kept: NFC, LF, no white space around."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def workbook(path):
    """The rows of the first sheet, by column title."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", space):
                shared.append("".join(part.text or "" for part in item.iter(f"{{{space['m']}}}t")))
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{{{space['m']}}}row"):
        cells = {}
        for cell in row.findall("m:c", space):
            column = re.match(r"[A-Z]+", cell.get("r")).group()
            value = cell.find("m:v", space)
            if cell.get("t") == "s":
                cells[column] = shared[int(value.text)]
            elif cell.get("t") == "inlineStr":
                cells[column] = "".join(part.text or "" for part in cell.iter(f"{{{space['m']}}}t"))
            else:
                cells[column] = value.text if value is not None else ""
        rows.append(cells)
    titles = rows[0]
    return [{titles[column]: text for column, text in row.items() if column in titles} for row in rows[1:]]


def letters(count):
    path = os.environ.get("LIANXI_MESSAGES")
    if path:
        rows = workbook(path)
        found = [(row.get("留言主题", ""), row.get("留言详情", ""), row.get("答复意见", "")) for row in rows]
        print(f"letters: {len(found)} real ones")
    else:
        chance = random.Random(2026)
        words = "学校门口道路灯光河道排水菜场停车公园老人就医社保孩子入学渔港码头台风农田灌溉公交站点垃圾分类噪音扰民物业收费电梯加装"

        def text(length):
            return "".join(chance.choice(words) + ("，" if chance.random() < 0.08 else "") for _ in range(length))

        lengths = [max(10, int(chance.lognormvariate(5.25, 0.8))) for _ in range(2816)]
        found = [(text(12), text(min(length, 3000)), text(200)) for length in lengths]
        print("letters: LIANXI_MESSAGES is not set; 2816 made-up ones of the same lengths")
    return found[:count] if count else found


def length(text):
    return sum(1 for letter in text if not letter.isspace())


def fold(text):
    """Letters and digits after NFKC and lower-casing, everything else one separator: what a search looks at."""
    folded = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in folded)
    return " ".join(kept.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("--count", type=int, default=0, help="how many letters; 0: all")
    parser.add_argument("--members", type=int, default=100, help="how many members write at once")
    chosen = parser.parse_args()

    server = Server(chosen.database).start()
    county = County(server, chosen.members)
    texts = letters(chosen.count)
    started, cpu = time.monotonic(), server.cpu_seconds()

    def write(numbered):
        number, (title, situation, _) = numbered
        member = county.members[number % len(county.members)]
        body = {
            "track": "cppcc_work",
            "title": " ".join(title.split())[:100] or "无题",
            "situation": situation,
            "category": "other",
            "content_kinds": ["cppcc_work"],
            "no_state_secrets": True,
            "client_ref": f"letter-{number}",
        }
        status, _, made = member.ask("POST", "/v1/opinions", body)
        if status == 422:
            codes = {(fault["pointer"], fault["code"]) for fault in made["errors"]}
            if ("/situation", "too_long") in codes and length(situation) > LIMIT:
                return None
        if status != 201:
            raise Refused("POST /v1/opinions", status, made)
        if length(situation) > LIMIT:
            fail(f"letter {number} of {length(situation)} characters was taken")
        again = member.make("/v1/opinions", body)
        if again["id"] != made["id"]:
            fail(f"letter {number} was doubled")
        return member.act(f"/v1/opinions/{made['id']}/submit", made)

    opinions = several(chosen.members, write, list(enumerate(texts)))
    written = [(number, opinion) for number, opinion in enumerate(opinions) if opinion]
    refused = len(opinions) - len(written)

    # The committee owns what concerns the CPPCC's own work; the office puts it on an agenda.
    today = datetime.date.today().isoformat()
    meeting = county.office.make("/v1/meetings", {"name": "十届县政协主席会议", "held_on": today})
    resolution = county.office.make(f"/v1/meetings/{meeting['id']}/resolutions", {"number": "苍政协主〔2026〕1号", "text": "同意。"})

    def accept(numbered):
        number, opinion = numbered
        path = f"/v1/opinions/{opinion['id']}"
        opinion = county.committee.act(f"{path}/accept", county.committee.get(path))
        return number, county.committee.act(f"{path}/report", opinion, {"meeting_id": meeting["id"]})

    reported = several(8, accept, written)
    county.office.act(f"/v1/meetings/{meeting['id']}/close", county.office.get(f"/v1/meetings/{meeting['id']}"))

    def answer(numbered):
        number, opinion = numbered
        path = f"/v1/opinions/{opinion['id']}"
        opinion = county.office.act(f"{path}/decide", county.office.get(path), {"outcome": "adopted", "resolution_id": resolution["id"]})
        reply = clean(texts[number][2])[:10000] or "已办理。"
        county.office.act(f"{path}/feedback", opinion, {"text": reply})
        return number, reply

    several(8, answer, reported)

    def acknowledge(member):
        receipts = list(member.all("/v1/adoption-feedback", state="open"))
        for receipt in receipts:
            member.act(f"/v1/adoption-feedback/{receipt['id']}/acknowledge", receipt, {"satisfaction": "satisfied"})
        return len(receipts)

    acknowledged = sum(several(16, acknowledge, county.members))
    walks = len(written)
    wall, spent = time.monotonic() - started, server.cpu_seconds() - cpu
    if acknowledged != walks:
        fail(f"{walks} walks, but {acknowledged} receipts acknowledged")

    # Everything is there once, as it was written.
    listed = [item["id"] for item in county.office.all("/v1/opinions")]
    if len(listed) != len(set(listed)) or set(listed) != {opinion["id"] for _, opinion in written}:
        fail("the list is not what was written")

    def compare(numbered):
        number, opinion = numbered
        kept = county.office.get(f"/v1/opinions/{opinion['id']}")
        if kept["situation"] != clean(texts[number][1]) or kept["state"] != "closed":
            fail(f"letter {number} came back different: {kept['state']}")
        return kept["id"], fold("\n".join(kept[field] or "" for field in ("title", "situation", "analysis", "suggestions")))

    folded = several(8, compare, written)
    chance = random.Random(7)
    words = set()
    while len(words) < 200:
        _, text = chance.choice(folded)
        at = chance.randrange(max(1, len(text) - 1))
        word = text[at : at + 2]
        if len(word) == 2 and " " not in word:
            words.add(word)

    def search(word):
        found = {item["id"] for item in county.office.all("/v1/opinions", q=word)}
        expected = {identifier for identifier, text in folded if word in text}
        if found != expected:
            fail(f"a search for {word!r} finds {len(found)}, a scan {len(expected)}")

    several(4, search, sorted(words))
    server.stop()
    print(f"walks: {walks}, refused as too long: {refused}, nothing lost, nothing doubled, 200 searches as a scan")
    print(f"{wall:.1f} s, {wall / walks * 1000:.1f} ms and {spent / walks * 1000:.1f} ms CPU of the service a walk")


if __name__ == "__main__":
    main()
