//! The twin migrations make the same tables, and `schema.rs` describes them.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use lianxi::db::{Conn, dialect};

use crate::town::{Town, engines};

type Columns = BTreeMap<String, BTreeMap<String, (String, bool)>>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    required: i32,
}

/// Every table's columns with their kind in the words of `schema.rs`.
fn columns(conn: &mut Conn) -> Columns {
    let rows: Vec<Column> = match conn {
        Conn::Sqlite(conn) => diesel::sql_query(
            "SELECT m.name AS table_name, p.name AS column_name, p.type AS kind, (p.\"notnull\" OR p.pk > 0) AS required \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND m.name NOT LIKE 'opinion_tokens%'",
        )
        .load(conn),
        Conn::Postgresql(conn) => diesel::sql_query(
            "SELECT table_name::text, column_name::text, data_type::text AS kind, (is_nullable = 'NO')::int AS required \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'",
        )
        .load(conn),
    }
    .expect("columns");
    let mut found = Columns::new();
    for row in rows {
        // What only one engine needs for its search index.
        if row.table_name == "opinion_search" && matches!(row.column_name.as_str(), "row_id" | "tokens") {
            continue;
        }
        let kind = match row.kind.as_str() {
            "uuid" | "bytea" | "BLOB" => "bytes",
            "bigint" | "boolean" | "INTEGER" => "number",
            "text" | "date" | "jsonb" | "timestamp with time zone" | "TEXT" => "text",
            other => other,
        };
        found.entry(row.table_name).or_default().insert(row.column_name, (kind.to_owned(), row.required == 1));
    }
    found
}

/// The same from the text of `schema.rs`.
fn described() -> Columns {
    let text = include_str!("../../src/db/schema.rs");
    let mut found = Columns::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, rest)) = line.split_once(" (")
            && rest.ends_with(") {")
        {
            table = name.to_owned();
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let inner = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            let of = match inner {
                "Uuid" | "Binary" => "bytes",
                "BigInt" | "Bool" => "number",
                "Text" | "Date" | "Jsonb" | "Timestamptz" => "text",
                other => other,
            };
            found.entry(table.clone()).or_default().insert(name.to_owned(), (of.to_owned(), !kind.starts_with("Nullable")));
        }
    }
    found
}

#[actix_web::test]
async fn the_migrations_of_both_engines_make_what_the_schema_describes() {
    for town in Town::on_each_engine().await {
        let made = town.rows(columns);
        let described = described();
        for (table, columns) in &described {
            assert_eq!(Some(columns), made.get(table), "{table}");
        }
        let more: Vec<_> = made.keys().filter(|table| !described.contains_key(*table)).collect();
        assert!(more.is_empty(), "tables that schema.rs does not know: {more:?}");
    }
    assert!(!engines().is_empty());
}

#[test]
fn both_engines_have_the_same_migrations() {
    let (postgresql, sqlite) = dialect::known_migrations();
    assert_eq!(postgresql, sqlite);
    assert!(sqlite > 0);
}
