// The main walk with a client made from the contract: types come from openapi-typescript, requests from openapi-fetch.
//   node walk.js http://127.0.0.1:8080
import createClient from "openapi-fetch";
import type { paths } from "./contract.js";

const base = process.argv[2] ?? "http://127.0.0.1:8080";
const password = "Lianxi-Demo-2026";

function good<T>(what: string, answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

async function login(account: string) {
  const open = createClient<paths>({ baseUrl: base });
  const tokens = good("login", await open.POST("/v1/auth/login", { body: { account, password } }));
  return createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${tokens.access_token}` } });
}

const member = await login("member-1");
const office = await login("office");
const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

const event = good(
  "visit",
  await member.POST("/v1/contact-events", { body: { occurred_on: today, form: "visit", others_count: 3, summary: "走访，听取意见" } }),
);
const draft = good(
  "opinion",
  await member.POST("/v1/opinions", {
    body: {
      track: "cppcc_work", title: "会议材料宜提前发出", situation: "会前两天才收到材料，来不及调研。", category: "cppcc",
      content_kinds: ["cppcc_work"], owner_choice: "office", no_state_secrets: true, event_id: event.id,
    },
  }),
);
const path = { id: draft.id };
const seen = (etag: string) => ({ path, header: { "If-Match": etag } });
const submitted = good("submit", await member.POST("/v1/opinions/{id}/submit", { params: seen(draft.etag) }));
const accepted = good("accept", await office.POST("/v1/opinions/{id}/accept", { params: seen(submitted.etag) }));
const meeting = good("meeting", await office.POST("/v1/meetings", { body: { name: "主席会议", held_on: today } }));
const reported = good(
  "report",
  await office.POST("/v1/opinions/{id}/report", { params: seen(accepted.etag), body: { meeting_id: meeting.id } }),
);
const resolution = good(
  "resolution",
  await office.POST("/v1/meetings/{id}/resolutions", {
    params: { path: { id: meeting.id } },
    body: { number: `走查〔${today.slice(0, 4)}〕${Date.now()}号`, text: "同意。" },
  }),
);
const decided = good(
  "decide",
  await office.POST("/v1/opinions/{id}/decide", { params: seen(reported.etag), body: { outcome: "adopted", resolution_id: resolution.id } }),
);
good("feedback", await office.POST("/v1/opinions/{id}/feedback", { params: seen(decided.etag), body: { text: "已采纳。" } }));
const receipts = good("receipts", await member.GET("/v1/adoption-feedback", { params: { query: { opinion: [draft.id] } } }));
const receipt = receipts.items[0];
if (receipt === undefined) throw new Error("no receipt");
good(
  "acknowledge",
  await member.POST("/v1/adoption-feedback/{id}/acknowledge", {
    params: { path: { id: receipt.id }, header: { "If-Match": receipt.etag } },
    body: { satisfaction: "satisfied" },
  }),
);
const closed = good("opinion", await member.GET("/v1/opinions/{id}", { params: { path } }));
if (closed.state !== "closed") throw new Error(`the walk ended ${closed.state}`);
const stale = await member.POST("/v1/opinions/{id}/withdraw", { params: seen(draft.etag), body: {} });
if (stale.response.status !== 412 && stale.response.status !== 409) throw new Error(`a stale etag met ${stale.response.status}`);
console.log("the walk of a TypeScript client: closed");
