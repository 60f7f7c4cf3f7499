//! 联系活动 over HTTP.

mod answers;
mod cost;
mod links;
mod listing;
mod recording;

use chrono::NaiveDate;
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::*;
use lianxi::policy::Role;
use serde_json::{Value, json};

use crate::plans;
use crate::town::{Actor, Answer, County, Town, at_once};

const PATH: &str = "/v1/contact-events";

/// A visit of half a minute, with what a test cares for laid over it.
fn visit(particulars: Value) -> Value {
    let mut record = json!({"occurred_on": "2026-03-01", "form": "visit", "summary": "走访", "others_count": 1});
    for (field, value) in particulars.as_object().into_iter().flatten() {
        record[field] = value.clone();
    }
    record
}

/// A meeting with persons alone.
fn meeting(persons: &[Id], particulars: Value) -> Value {
    let mut record = visit(json!({"form": "interview", "others_count": 0, "person_ids": persons}));
    for (field, value) in particulars.as_object().into_iter().flatten() {
        record[field] = value.clone();
    }
    record
}

fn at(event: &Value, action: &str) -> String {
    let id = event["id"].as_str().expect("an id");
    if action.is_empty() { format!("{PATH}/{id}") } else { format!("{PATH}/{id}/{action}") }
}

/// A row of the feed: the operation, the state, the version.
type Change = (String, Option<String>, i64);

impl Actor {
    async fn records(&self, record: Value) -> Value {
        self.post(PATH).json(record).await.is(201)
    }

    async fn sees(&self, event: &Value) -> Value {
        self.get(&at(event, "")).send().await.is(200)
    }

    /// Does `action` to the event as this actor sees it now.
    async fn does(&self, action: &str, event: &Value, body: Value) -> Answer {
        let seen = self.sees(event).await;
        let ask = self.post(&at(event, action)).if_match(&seen);
        if body.is_null() { ask.send().await } else { ask.json(body).await }
    }

    async fn lists(&self, query: &str) -> Vec<Value> {
        let page = self.get(&format!("{PATH}{query}")).send().await.is(200);
        page["items"].as_array().expect("items").clone()
    }
}

fn why(reason: &str) -> Value {
    json!({"reason": reason})
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap_or_default()).collect()
}

fn actions(event: &Value) -> Vec<&str> {
    let all = event["allowed_actions"].as_array().expect("actions").iter();
    all.map(|action| action.as_str().unwrap_or_default().trim_start_matches("contact_event_")).collect()
}

/// The words on a record: person's name and confirmation.
fn words(event: &Value) -> Vec<(&str, &str)> {
    let all = event["participants"].as_array().expect("participants").iter();
    all.map(|one| (one["person"]["name"].as_str().unwrap_or_default(), one["confirmation"].as_str().unwrap_or_default())).collect()
}

impl Town {
    fn person(&self, name: &str) -> Id {
        self.county.persons[name]
    }

    /// A constituent of a member, as the other wing keeps them.
    fn constituent(&self, member: &str, name: &str) -> Id {
        let id = Id::fresh();
        let sealed = self.db.seal().close("constituents.name", name);
        self.rows(|conn| {
            diesel::insert_into(constituents::table)
                .values((
                    constituents::id.eq(id),
                    constituents::jurisdiction_id.eq(self.county.id),
                    constituents::member_id.eq(self.person(member)),
                    constituents::name.eq(&sealed),
                    constituents::bases.eq("residence"),
                    constituents::version.eq(1_i64),
                    constituents::created_at.eq(self.clock.now()),
                    constituents::updated_at.eq(self.clock.now()),
                ))
                .execute(conn)
                .expect("a constituent");
        });
        id
    }

    /// What somebody was told of an event: kinds, the oldest first.
    fn told(&self, person: Option<Id>, body: Option<Id>) -> Vec<String> {
        self.rows(|conn| {
            let all: Vec<(String, Option<Id>, Option<Id>)> = notifications::table
                .filter(notifications::thing_kind.eq("contact_event"))
                .order(notifications::id)
                .select((notifications::kind, notifications::person_id, notifications::organization_id))
                .load(conn)
                .expect("notifications");
            let own = all.into_iter().filter(|(_, to, of)| (person.is_some() && *to == person) || (body.is_some() && *of == body));
            own.map(|(kind, ..)| kind.trim_start_matches("contact_event_").to_owned()).collect()
        })
    }

    /// The operations in the audit log and in the feed that concern an event.
    fn deeds(&self, event: &Value) -> (Vec<String>, Vec<Change>) {
        let id: Id = event["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.rows(|conn| {
            let audit = audit_entries::table
                .filter(audit_entries::thing_id.eq(id))
                .order(audit_entries::seq)
                .select(audit_entries::op)
                .load(conn)
                .expect("entries");
            let feed = changes::table
                .filter(changes::thing_id.eq(id))
                .order(changes::seq)
                .select((changes::op, changes::state, changes::version))
                .load(conn)
                .expect("changes");
            (audit, feed)
        })
    }

    /// The county with one more person who speaks for a body.
    fn with_account(&self, label: &str, role: Role, body: &str) -> County {
        self.rows(|conn| {
            let mut county = self.county.clone();
            let (person, organization) = (county.person(conn, label), county.organizations[body]);
            county.membership(conn, person, organization, "staff");
            county.account(conn, label, &[role], Some(person), Some(organization));
            county
        })
    }

    /// Lets the account of this label speak for a body too.
    fn also_speaks_for(&self, label: &str, role: Role, body: &str) -> Actor {
        self.put(|conn, county| {
            county.membership(conn, county.persons[label], county.organizations[body], "staff");
            county.grant(conn, label, role, Some(county.organizations[body]));
        });
        self.actor(label)
    }

    /// The statements that the service sends while `f` runs, on any of its connections.
    pub async fn statements(&self, f: impl AsyncFnOnce()) -> Vec<String> {
        plans::statements(&self.db, f).await
    }
}
