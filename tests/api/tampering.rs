//! The audit log changed behind the service's back: whatever was done, `lianxi audit verify` finds it and names the entry.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::base::problem::Problem;
use lianxi::db::Conn;
use lianxi::db::schema::audit_entries;
use lianxi::record;
use serde_json::json;

use crate::process::{program, url};
use crate::town::{SECRET, Town};
use crate::walk::{accepted, clock_strikes, submitted};

/// Deeds of many kinds: the directory's, an opinion's, the clock's, an access to personal data.
async fn deeds(town: &Town) {
    let (affairs, member) = (town.affairs(), town.member("教育界"));
    let sector = affairs.post("/v1/sectors").json(json!({"name": "科技界", "from": "2024-01-01"})).await.is(201);
    let path = format!("/v1/sectors/{}", sector["id"].as_str().expect("an id"));
    affairs.patch(&path).if_match(&sector).json(json!({"position": 9})).await.is(200);
    let person = json!({"name": "王小明", "phone": "13800000000", "bases": ["residence"], "consent_on": "2026-03-01", "consent_way": "oral"});
    let person = member.post("/v1/constituents").json(person).await.is(201);
    let reveal = format!("/v1/constituents/{}/reveal", person["id"].as_str().expect("an id"));
    assert_eq!(member.post(&reveal).json(json!({"reason": "回访"})).await.status.as_u16(), 200);
    accepted(town, "已受理").await;
    submitted(&member, "待受理", json!({})).await;
    town.at("2026-03-06T02:00:00Z");
    clock_strikes(town).await;
    affairs.post("/v1/sectors").json(json!({"name": "体育界", "from": "2024-01-01"})).await.is(201);
}

/// An identifier as the engine writes it.
fn literal(conn: &Conn, id: Id) -> String {
    match conn {
        Conn::Postgresql(_) => format!("'{id}'"),
        Conn::Sqlite(_) => format!("x'{}'", id.0.simple()),
    }
}

/// What is found after `tamper`, which is then undone. `None`: the engine itself refused it.
fn found(town: &Town, tamper: impl Fn(&mut Conn) -> QueryResult<()>) -> Option<Result<i64, Vec<String>>> {
    let seen = std::cell::RefCell::new(None);
    let undone: Result<(), Problem> = town.db.write(|conn| {
        if tamper(conn).is_ok() {
            *seen.borrow_mut() = Some(record::verify_all(conn, town.db.seal()).expect("a verification"));
        }
        Err(Problem::not_found())
    });
    assert!(undone.is_err());
    seen.into_inner()
}

/// It was found, at one of these places.
#[track_caller]
fn is_named(found: Option<Result<i64, Vec<String>>>, town: &Town, words: &[String], what: &str) {
    let faults = found.unwrap_or_else(|| panic!("{what}: refused")).expect_err(what);
    let ours: Vec<_> = faults.iter().filter(|fault| fault.contains(&town.county.id.to_string())).collect();
    assert!(ours.iter().any(|fault| words.iter().any(|word| fault.contains(word))), "{what}: {words:?} not in {faults:?}");
}

/// Every column with a value that it may hold and did not hold.
fn forgeries(conn: &Conn, elsewhere: Id) -> Vec<(&'static str, String)> {
    let elsewhere = literal(conn, elsewhere);
    let (id, at, details, hash) = match conn {
        Conn::Postgresql(_) => {
            ("gen_random_uuid()", "at + interval '1 microsecond'", "details || '{\"more\": 1}'", "decode(repeat('00', 32), 'hex')")
        }
        Conn::Sqlite(_) => ("randomblob(16)", "replace(at, '2026', '2027')", "json_set(details, '$.more', 1)", "zeroblob(32)"),
    };
    let mut all: Vec<_> = ["id", "account_id", "person_id", "thing_id"].into_iter().map(|column| (column, id.to_owned())).collect();
    all.extend(["role", "op", "kind", "request_id"].into_iter().map(|column| (column, format!("coalesce({column}, '') || 'x'"))));
    all.extend([("at", at.to_owned()), ("details", details.to_owned()), ("hash", hash.to_owned())]);
    all.extend([("seq", "seq + 1000".to_owned()), ("jurisdiction_id", elsewhere)]);
    all
}

#[actix_web::test]
async fn every_change_of_every_column_is_found_and_named() {
    for town in Town::on_each_engine().await {
        deeds(&town).await;
        let entries: Vec<(i64, String)> = town.rows(|conn| {
            let ours = audit_entries::table.filter(audit_entries::jurisdiction_id.eq(town.county.id)).order(audit_entries::seq);
            ours.select((audit_entries::seq, audit_entries::op)).load(conn).expect("entries")
        });
        let last = entries.len() as i64;
        let forgeries = town.rows(|conn| forgeries(conn, town.elsewhere.id));
        let columns = town.rows(|conn| {
            let of: Vec<String> = match conn {
                Conn::Postgresql(conn) => diesel::sql_query(
                    "SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = 'audit_entries'",
                )
                .load::<Column>(conn),
                Conn::Sqlite(conn) => diesel::sql_query("SELECT name FROM pragma_table_info('audit_entries')").load::<Column>(conn),
            }
            .expect("columns")
            .into_iter()
            .map(|column| column.name)
            .collect();
            of
        });
        assert_eq!(columns.len(), forgeries.len(), "a column without a forgery: {columns:?}");
        let mut kinds = std::collections::HashSet::new();
        for (seq, op) in &entries {
            // One of each kind, and the last, whose hash no other entry holds.
            if !kinds.insert(op) && *seq != last {
                continue;
            }
            for (column, value) in &forgeries {
                let found = found(&town, |conn| {
                    let ours = literal(conn, town.county.id);
                    conn.batch_execute(&format!(
                        "UPDATE audit_entries SET {column} = {value} WHERE jurisdiction_id = {ours} AND seq = {seq}"
                    ))
                });
                let mut words = vec![format!("entry {seq} ")];
                if *seq == last {
                    words.push(format!("entries {seq} to {seq} "));
                }
                // An entry that was moved into another chain does not fit there either; where its number is taken it cannot be.
                is_named(found, &town, &words, &format!("{op} {seq} {column}"));
            }
        }
        assert!(kinds.len() >= 8, "{kinds:?}");
    }
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

#[actix_web::test]
async fn what_is_cut_out_cut_off_or_swapped_is_found_and_named() {
    for town in Town::on_each_engine().await {
        deeds(&town).await;
        let ours = town.rows(|conn| literal(conn, town.county.id));
        let last: i64 = town.rows(|conn| {
            let of = audit_entries::table.filter(audit_entries::jurisdiction_id.eq(town.county.id));
            of.select(diesel::dsl::max(audit_entries::seq)).first::<Option<i64>>(conn).expect("a number").expect("entries")
        });
        let run = |text: String| found(&town, move |conn| conn.batch_execute(&text));
        let at = |condition: &str| format!("jurisdiction_id = {ours} AND {condition}");
        for seq in 1..last {
            is_named(
                run(format!("DELETE FROM audit_entries WHERE {}", at(&format!("seq = {seq}")))),
                &town,
                &[format!("entry {seq} is missing")],
                "cut out",
            );
        }
        for from in [1, 2, last - 1, last] {
            let words = [format!("entries {from} to {last} were cut off")];
            is_named(run(format!("DELETE FROM audit_entries WHERE {}", at(&format!("seq >= {from}")))), &town, &words, "cut off");
        }
        // Who cuts the tail off and takes the head back with it cannot sign it.
        let head = format!(
            "DELETE FROM audit_entries WHERE {}; UPDATE heads SET audit_seq = {before}, audit_hash = \
             (SELECT hash FROM audit_entries WHERE {}) WHERE jurisdiction_id = {ours}",
            at(&format!("seq = {last}")),
            at(&format!("seq = {}", last - 1)),
            before = last - 1
        );
        is_named(run(head), &town, &["signature".to_owned()], "the head taken back");
        is_named(
            run(format!("DELETE FROM heads WHERE jurisdiction_id = {ours}")),
            &town,
            &["head is missing".to_owned()],
            "no head",
        );
        is_named(
            run(format!("UPDATE heads SET audit_seq = audit_seq + 1 WHERE jurisdiction_id = {ours}")),
            &town,
            &["signature".to_owned()],
            "a head ahead",
        );
        let extra = format!(
            "INSERT INTO audit_entries SELECT jurisdiction_id, {next}, id, at, account_id, person_id, role, op, kind, thing_id, details, request_id, hash \
             FROM audit_entries WHERE {}",
            at(&format!("seq = {last}")),
            next = last + 1
        );
        is_named(run(extra), &town, &[format!("entry {} ", last + 1)], "one more");
        for (one, other) in [(1, 2), (2, last), (last - 1, last)] {
            let swap = format!(
                "UPDATE audit_entries SET seq = -1 WHERE {}; UPDATE audit_entries SET seq = {one} WHERE {}; UPDATE audit_entries SET seq = {other} WHERE {}",
                at(&format!("seq = {one}")),
                at(&format!("seq = {other}")),
                at("seq = -1")
            );
            is_named(run(swap), &town, &[format!("entry {one} ")], "swapped");
        }
        let unreadable = found(&town, |conn| match conn {
            Conn::Sqlite(conn) => conn.batch_execute(&format!("UPDATE audit_entries SET details = '{{' WHERE {}", at("seq = 3"))),
            Conn::Postgresql(conn) => {
                conn.batch_execute(&format!("UPDATE audit_entries SET details = '0' WHERE {}", at("seq = 3")))
            }
        });
        is_named(unreadable, &town, &["entry 3 ".to_owned()], "no JSON");

        // The command says so, too, and its exit code.
        let url = url(town.db.place());
        let environment = [("LIANXI_SECRET", SECRET), ("DATABASE_URL", url.as_str())];
        let verify = || program(&["audit", "verify"], &environment).output().expect("the program");
        assert!(verify().status.success());
        town.rows(|conn| conn.batch_execute(&format!("DELETE FROM audit_entries WHERE {}", at("seq = 2"))).expect("one less"));
        let said = verify();
        assert_eq!(said.status.code(), Some(1));
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains(&format!("jurisdiction {}: entry 2 is missing", town.county.id)), "{said}");
    }
}
