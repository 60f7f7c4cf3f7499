// The main walk as a front end would do it, with types made from the contract: what it forgets or misspells does not compile.
//
//     node walk.js http://127.0.0.1:8080      against `lianxi demo`

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Problem = components["schemas"]["Problem"];
type Opinion = components["schemas"]["Opinion"];

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8080";

/** What came back, or the problem as an error. */
function good<T>(answer: { data?: T; error?: Problem; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.status} ${answer.response.url} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function login(account: string): Promise<Client<paths>> {
  const tokens = good(await createClient<paths>({ baseUrl }).POST("/v1/auth/login", { body: { account, password: "Lianxi-Demo-2026" } }));
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${tokens.access_token}` } });
}

/** The path and the version of a thing, as its actions want them. */
function seen(thing: { id: string; etag: string }) {
  return { path: { id: thing.id }, header: { "If-Match": thing.etag } };
}

async function read(client: Client<paths>, id: string): Promise<Opinion> {
  return good(await client.GET("/v1/opinions/{id}", { params: { path: { id } } }));
}

const member = await login("member-1");
const me = good(await member.GET("/v1/me"));
expect(me.may.includes("opinion_create"), "a member may write opinions");
const today = me.today;

// Another one each time, since the same name and telephone are the same person.
const phone = `138${String(Date.now() % 1e8).padStart(8, "0")}`;
const person = good(
  await member.POST("/v1/constituents", {
    body: { name: "王小明", phone, bases: ["residence"], consent_on: today, consent_way: "oral" },
  }),
);
expect(!JSON.stringify(person).includes(phone), "a telephone number is shown masked");

const event = good(
  await member.POST("/v1/contact-events", {
    body: { occurred_on: today, form: "visit", constituent_ids: [person.id], summary: "走访，了解会议通知情况" },
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  }),
);

let opinion = good(
  await member.POST("/v1/opinions", {
    body: {
      track: "cppcc_work",
      title: "会议通知宜提前一周发出",
      situation: "临时通知较多，委员难以安排调研。",
      category: "cppcc",
      content_kinds: ["cppcc_work"],
      owner_choice: "office",
      no_state_secrets: true,
      event_id: event.id,
      constituent_ids: [person.id],
    },
  }),
);
const draft = opinion;
opinion = good(await member.POST("/v1/opinions/{id}/submit", { params: seen(opinion) }));
const stale = await member.POST("/v1/opinions/{id}/submit", { params: seen(draft) });
expect(stale.error?.code === "version_mismatch", "an action on what was seen before is refused");

const office = await login("office");
opinion = good(await office.POST("/v1/opinions/{id}/accept", { params: seen(await read(office, opinion.id)) }));
const meeting = good(await office.POST("/v1/meetings", { body: { name: "主席会议", held_on: today } }));
opinion = good(await office.POST("/v1/opinions/{id}/report", { params: seen(opinion), body: { meeting_id: meeting.id } }));
const agenda = good(await office.GET("/v1/meetings/{id}/agenda-items", { params: { path: { id: meeting.id } } }));
expect(agenda.items.some((item) => item.opinion.id === opinion.id), "it is on the agenda");
const resolution = good(
  await office.POST("/v1/meetings/{id}/resolutions", {
    params: { path: { id: meeting.id } },
    body: { number: `苍政协主〔${today.slice(0, 4)}〕${Date.now()}号`, text: "同意提前一周通知。" },
  }),
);
opinion = good(
  await office.POST("/v1/opinions/{id}/decide", { params: seen(opinion), body: { outcome: "adopted", resolution_id: resolution.id } }),
);
good(await office.POST("/v1/opinions/{id}/feedback", { params: seen(opinion), body: { text: "已采纳：自下月起提前一周通知。" } }));

const receipts = good(await member.GET("/v1/adoption-feedback", { params: { query: { opinion: [opinion.id] } } }));
const receipt = receipts.items[0];
if (receipt === undefined) throw new Error("the author got no feedback");
good(await member.POST("/v1/adoption-feedback/{id}/acknowledge", { params: seen(receipt), body: { satisfaction: "satisfied" } }));
opinion = await read(member, opinion.id);
expect(opinion.state === "closed", `the walk ends at ${opinion.state}`);

const affairs = await login("member-affairs");
const report = good(await affairs.GET("/v1/reports/compliance", { params: { query: { year: Number(today.slice(0, 4)), limit: 5 } } }));
expect(report.items.length > 0, "somebody has duties");
console.log("TypeScript: the walk is done, state", opinion.state);
