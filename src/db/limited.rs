//! A page's size as text of the statement: PostgreSQL plans a statement with a bound `LIMIT` anew each time, or for a tenth of
//! the table instead of for one page. Each number makes a text of its own to be prepared and kept, so that there must be few.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// A query and the most rows that it gives.
#[derive(Clone, Copy, Debug)]
pub struct Limited<Q> {
    query: Q,
    most: i64,
}

/// `query`, which has no limit of its own, cut off after `most` rows.
pub fn limited<Q>(query: Q, most: i64) -> Limited<Q> {
    Limited { query, most }
}

impl<Q> QueryId for Limited<Q> {
    type QueryId = ();
    // The number is part of the text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Limited<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Limited<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Limited<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_sql(&self.most.to_string());
        Ok(())
    }
}
