//! Where the two engines differ: the only room that asks which one it is.

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::engine::Conn;
use super::words::Uuid;
use crate::base::id::Id;
use crate::base::problem::Maybe;

pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// One text of code, checked and run for each engine: for what `MultiConnection` cannot say (upserts, many rows at once).
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match &mut *$conn {
            $crate::db::Conn::Postgresql($c) => $body,
            $crate::db::Conn::Sqlite($c) => $body,
        }
    };
}

/// Many rows of one table, each `Insertable`: by COPY on PostgreSQL, in statements of many rows on SQLite.
#[macro_export]
macro_rules! bulk {
    ($conn:expr, $table:expr, $rows:expr) => {
        match &mut *$conn {
            $crate::db::Conn::Postgresql(c) => diesel::copy_from($table).from_insertable($rows).execute(c),
            $crate::db::Conn::Sqlite(c) => $rows
                .chunks($crate::db::dialect::ROWS_AT_ONCE)
                .try_fold(0, |before, some| Ok(before + diesel::insert_into($table).values(some).execute(c)?)),
        }
    };
}

/// SQLite binds at most 32,766 values, and no table has more than 32 columns.
pub const ROWS_AT_ONCE: usize = 500;

/// Brings the schema up to date; instances that start at once take turns. Returns how many migrations ran.
pub fn migrate(conn: &mut Conn) -> Result<usize, String> {
    match conn {
        Conn::Postgresql(c) => {
            diesel::sql_query("SELECT pg_advisory_lock(727274)").execute(c).map_err(|e| e.to_string())?;
            let ran = c.run_pending_migrations(POSTGRESQL).map(|ran| ran.len()).map_err(|e| e.to_string());
            diesel::sql_query("SELECT pg_advisory_unlock(727274)").execute(c).map_err(|e| e.to_string())?;
            ran
        }
        Conn::Sqlite(c) => c
            .immediate_transaction(|c| {
                c.run_pending_migrations(SQLITE).map(|ran| ran.len()).map_err(diesel::result::Error::QueryBuilderError)
            })
            .map_err(|e| e.to_string()),
    }
}

/// Whether the schema is at least as new as this program.
pub fn is_migrated(conn: &mut Conn) -> bool {
    let pending = match conn {
        Conn::Postgresql(c) => c.has_pending_migration(POSTGRESQL),
        Conn::Sqlite(c) => c.has_pending_migration(SQLITE),
    };
    matches!(pending, Ok(false))
}

/// How many migrations this program knows for each engine.
pub fn known_migrations() -> (usize, usize) {
    let count = |found: Result<usize, ()>| found.unwrap_or(0);
    (
        count(MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRESQL).map(|all| all.len()).map_err(drop)),
        count(MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map(|all| all.len()).map_err(drop)),
    )
}

/// Refuses an engine that was told to lose commits.
pub fn refuse_unsafe(conn: &mut Conn) -> Result<(), String> {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        setting: String,
    }
    let Conn::Postgresql(c) = conn else { return Ok(()) };
    let off = diesel::sql_query(
        "SELECT name::text, setting::text FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'",
    )
    .load::<Setting>(c)
    .map_err(|e| e.to_string())?;
    match off.first() {
        None => Ok(()),
        Some(of) => Err(format!("PostgreSQL runs with {} = {}: acknowledged work could be lost", of.name, of.setting)),
    }
}

/// Holds other writers of the same `key` off until this transaction ends; `false`: another has it now.
/// SQLite's writers queue already, so there it is always free.
pub fn try_lock(conn: &mut Conn, key: &[u8]) -> Maybe<bool> {
    match conn {
        Conn::Sqlite(_) => Ok(true),
        Conn::Postgresql(c) => {
            let number = i64::from_be_bytes(std::array::from_fn(|at| key.get(at).copied().unwrap_or(0)));
            Ok(diesel::select(diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(").bind::<BigInt, _>(number).sql(")"))
                .get_result(c)?)
        }
    }
}

/// Waits until no other writer holds `key`, then holds it to the end of the transaction.
pub fn lock(conn: &mut Conn, key: &[u8]) -> Maybe<()> {
    if let Conn::Postgresql(c) = conn {
        let number = i64::from_be_bytes(std::array::from_fn(|at| key.get(at).copied().unwrap_or(0)));
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(number).execute(c)?;
    }
    Ok(())
}

/// An account's password hash and whether it is disabled, its row locked until the transaction ends. Whoever begins, continues
/// or ends a session locks it first: without it a session could begin with a password that was changed a moment ago.
pub fn lock_account(conn: &mut Conn, account: Id) -> Maybe<Option<(String, bool)>> {
    use super::schema::accounts::dsl;
    let of = dsl::accounts.filter(dsl::id.eq(account)).select((dsl::password_hash, dsl::disabled));
    Ok(match conn {
        // Not FOR UPDATE: rows that refer to the account are none of its matter.
        Conn::Postgresql(c) => of.for_no_key_update().first(c).optional()?,
        Conn::Sqlite(c) => of.first(c).optional()?,
    })
}

/// The feed's and the audit chain's head of a jurisdiction, locked until the transaction ends.
pub fn lock_head(conn: &mut Conn, jurisdiction: Id) -> Maybe<(i64, i64, Vec<u8>)> {
    use super::schema::heads::dsl;
    let columns = (dsl::change_seq, dsl::audit_seq, dsl::audit_hash);
    let of = dsl::heads.filter(dsl::jurisdiction_id.eq(jurisdiction)).select(columns);
    Ok(match conn {
        Conn::Postgresql(c) => of.for_update().first(c)?,
        Conn::Sqlite(c) => of.first(c)?,
    })
}

/// Texts and their tokens for the search index, each replacing what was there of its opinion.
pub fn index_texts(conn: &mut Conn, texts: &[(Id, String, Vec<String>)]) -> Maybe<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        row_id: i64,
    }
    match conn {
        Conn::Postgresql(c) => {
            for some in texts.chunks(ROWS_AT_ONCE) {
                let ids: Vec<Id> = some.iter().map(|(id, ..)| *id).collect();
                let (forms, tokens): (Vec<&str>, Vec<String>) =
                    some.iter().map(|(_, form, tokens)| (form.as_str(), tokens.join(" "))).unzip();
                diesel::sql_query(
                    "INSERT INTO opinion_search (opinion_id, text, tokens) \
                     SELECT id, form, array_to_tsvector(string_to_array(joined, ' ')) FROM unnest($1, $2, $3) AS t (id, form, joined) \
                     ON CONFLICT (opinion_id) DO UPDATE SET text = excluded.text, tokens = excluded.tokens",
                )
                .bind::<Array<Uuid>, _>(ids)
                .bind::<Array<Text>, _>(forms)
                .bind::<Array<Text>, _>(tokens)
                .execute(c)?;
            }
        }
        Conn::Sqlite(c) => {
            for (opinion, form, tokens) in texts {
                let row = diesel::sql_query(
                    "INSERT INTO opinion_search (opinion_id, row_id, text) VALUES (?1, (SELECT coalesce(max(row_id), 0) + 1 FROM opinion_search), ?2) \
                     ON CONFLICT (opinion_id) DO UPDATE SET text = excluded.text RETURNING row_id",
                )
                .bind::<Uuid, _>(*opinion)
                .bind::<Text, _>(form)
                .get_result::<Row>(c)?;
                diesel::sql_query("INSERT OR REPLACE INTO opinion_tokens (rowid, tokens) VALUES (?1, ?2)")
                    .bind::<BigInt, _>(row.row_id)
                    .bind::<Text, _>(tokens.join(" "))
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// Takes a text out of the search index.
pub fn forget_text(conn: &mut Conn, opinion: Id) -> Maybe<()> {
    if let Conn::Sqlite(c) = conn {
        diesel::sql_query("DELETE FROM opinion_tokens WHERE rowid = (SELECT row_id FROM opinion_search WHERE opinion_id = ?1)")
            .bind::<Uuid, _>(opinion)
            .execute(c)?;
    }
    diesel::delete(super::schema::opinion_search::table.find(opinion)).execute(conn)?;
    Ok(())
}

/// Opinions whose text holds `form` (a search form), by the index: all that have every one of `tokens`, each checked against
/// its text, up to `limit` of them in no order. A word with more hits than that is better sought row by row, see [`holds`].
pub fn find_texts(conn: &mut Conn, tokens: &[String], form: &str, limit: usize) -> Maybe<Vec<Id>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Uuid)]
        opinion_id: Id,
    }
    let rows: Vec<Row> = match conn {
        // Materialized: under a LIMIT the planner would rather read the whole table than the index.
        Conn::Postgresql(c) => diesel::sql_query(format!(
            "WITH found AS MATERIALIZED (SELECT opinion_id FROM opinion_search WHERE tokens @@ $1::tsquery AND strpos(text, $2) > 0) \
             SELECT opinion_id FROM found LIMIT {limit}"
        ))
        .bind::<Text, _>(tokens.join(" & "))
        .bind::<Text, _>(form)
        .load(c)?,
        Conn::Sqlite(c) => diesel::sql_query(format!(
            "SELECT s.opinion_id FROM opinion_tokens JOIN opinion_search s ON s.row_id = opinion_tokens.rowid \
             WHERE opinion_tokens MATCH ?1 AND instr(s.text, ?2) > 0 LIMIT {limit}"
        ))
        .bind::<Text, _>(tokens.join(" "))
        .bind::<Text, _>(form)
        .load(c)?,
    };
    Ok(rows.into_iter().map(|row| row.opinion_id).collect())
}

/// Opinions that share at least `least` of `tokens`: the `limit` that share most, of those the newest. Of
/// each token at most `each` opinions are looked at, so that one that turns out common costs no more than others.
pub fn sharing(conn: &mut Conn, tokens: &[String], least: usize, each: usize, limit: usize) -> Maybe<Vec<Id>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Uuid)]
        opinion_id: Id,
    }
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    // Tokens are of `[0-9a-fx]` only, so that they can stand in the statement's text.
    let union = |one: &dyn Fn(&String) -> String| tokens.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
    let rows: Vec<Row> = match conn {
        Conn::Postgresql(c) => diesel::sql_query(format!(
            "SELECT opinion_id FROM ({}) shared GROUP BY opinion_id HAVING count(*) >= {least} \
             ORDER BY count(*) DESC, opinion_id DESC LIMIT {limit}",
            union(&|token| format!(
                "(WITH one AS MATERIALIZED (SELECT opinion_id FROM opinion_search WHERE tokens @@ '{token}'::tsquery) \
                 SELECT opinion_id FROM one ORDER BY opinion_id DESC LIMIT {each})"
            ))
        ))
        .load(c)?,
        Conn::Sqlite(c) => diesel::sql_query(format!(
            "SELECT s.opinion_id FROM (SELECT found, count(*) AS times FROM ({}) GROUP BY found HAVING count(*) >= {least} \
             ORDER BY times DESC, found DESC LIMIT {limit}) JOIN opinion_search s ON s.row_id = found ORDER BY times DESC, found DESC",
            union(&|token| format!(
                "SELECT * FROM (SELECT rowid AS found FROM opinion_tokens WHERE opinion_tokens MATCH '{token}' \
                 ORDER BY rowid DESC LIMIT {each})"
            ))
        ))
        .load(c)?,
    };
    Ok(rows.into_iter().map(|row| row.opinion_id).collect())
}

/// The text of a condition on `opinions`, before and after its one bound value: that its text holds a search form.
pub fn holds(conn: &Conn) -> (&'static str, &'static str) {
    match conn {
        Conn::Postgresql(_) => {
            ("EXISTS (SELECT 1 FROM opinion_search s WHERE s.opinion_id = opinions.id AND strpos(s.text, ", ") > 0)")
        }
        Conn::Sqlite(_) => ("EXISTS (SELECT 1 FROM opinion_search s WHERE s.opinion_id = opinions.id AND instr(s.text, ", ") > 0)"),
    }
}

/// The same: that it is one of many. They are one bound value, so that the statement stays the same however many there are.
pub fn among(conn: &Conn, ids: &[Id]) -> (&'static str, String, &'static str) {
    match conn {
        Conn::Postgresql(_) => {
            let list = ids.iter().map(Id::to_string).collect::<Vec<_>>().join(",");
            ("opinions.id = ANY(string_to_array(", list, ", ',')::uuid[])")
        }
        Conn::Sqlite(_) => {
            let list = ids.iter().map(|id| format!("\"{}\"", id.0.simple())).collect::<Vec<_>>().join(",");
            ("opinions.id IN (SELECT unhex(value) FROM json_each(", format!("[{list}]"), "))")
        }
    }
}

/// Tells the planner what the tables have become. SQLite plans by its indexes alone, as it does where nobody ever asked it to.
pub fn refresh_statistics(conn: &mut Conn) -> Maybe<()> {
    if let Conn::Postgresql(c) = conn {
        diesel::sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
        diesel::sql_query("ANALYZE").execute(c)?;
    }
    Ok(())
}

/// What the engine says when it is asked for its name, for the log at start.
pub fn engine_name(conn: &Conn) -> &'static str {
    match conn {
        Conn::Postgresql(_) => "postgresql",
        Conn::Sqlite(_) => "sqlite",
    }
}
