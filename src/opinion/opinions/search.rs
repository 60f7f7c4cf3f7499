//! `q`: every hit contains it, none is missed (2-character words too), and no character has a meaning of its own.
//!
//! A rare word is found by the index and the few hits are the filter; for a common one the list is walked in its own order
//! and each text looked at, since a page of twenty is then filled after a few rows. A token says whose text it stands in, so that
//! other jurisdictions' texts neither cost anything nor decide which way is taken.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::base::text;
use crate::db::schema::opinions;
use crate::db::{Engine, Tx, dialect};

/// A word with more hits than this in the jurisdiction is common.
const RARE: usize = 1000;

/// Tokens as those of one jurisdiction. The end of its id is random; should two share it, each only reads what the other's
/// texts bring into the index, since every hit is looked up within the jurisdiction.
pub fn tokens_of(jurisdiction: Id, mut tokens: Vec<String>) -> Vec<String> {
    let id = jurisdiction.0.simple().to_string();
    let own = id.get(26..).unwrap_or_default();
    tokens.iter_mut().for_each(|token| token.insert_str(0, own));
    tokens
}

/// The fields that are searched as one, as they stand in the index: the search form, and the jurisdiction's tokens.
pub fn indexed(
    jurisdiction: Id,
    title: &str,
    situation: &str,
    analysis: Option<&str>,
    suggestions: Option<&str>,
) -> (String, Vec<String>) {
    let whole = [Some(title), Some(situation), analysis, suggestions].into_iter().flatten().collect::<Vec<_>>().join("\n");
    (text::search_form(&whole), tokens_of(jurisdiction, text::tokens(&whole)))
}

/// What a word was found to be, once for a request.
#[derive(Clone, Debug)]
pub enum Sought {
    /// No word was asked for.
    Everything,
    /// It holds neither letter nor digit, or nothing holds it.
    Nothing,
    /// These opinions hold it; the list's own filters go on from there.
    Rare(Vec<Id>),
    /// Its search form, to be looked for in each text.
    Common(String),
}

type Query = opinions::BoxedQuery<'static, Engine>;

impl Sought {
    pub fn of(tx: &mut Tx<'_>, q: Option<&str>) -> Maybe<Self> {
        let Some(q) = q else { return Ok(Self::Everything) };
        let (form, tokens) = (text::search_form(q), tokens_of(tx.jurisdiction(), text::query_tokens(q)));
        if tokens.is_empty() {
            return Ok(Self::Nothing);
        }
        let found = dialect::find_texts(tx.conn, &tokens, &form, RARE + 1)?;
        Ok(match found.len() {
            0 => Self::Nothing,
            few if few <= RARE => Self::Rare(found),
            _ => Self::Common(form),
        })
    }

    pub fn narrow(&self, tx: &Tx<'_>, query: Query) -> Query {
        let sql = diesel::dsl::sql::<Bool>;
        match self {
            Self::Everything => query,
            Self::Nothing => query.filter(opinions::id.ne(opinions::id)),
            Self::Rare(ids) => {
                let (before, list, after) = dialect::among(tx.conn, ids);
                query.filter(sql(before).bind::<Text, _>(list).sql(after))
            }
            Self::Common(form) => {
                let (before, after) = dialect::holds(tx.conn);
                query.filter(sql(before).bind::<Text, _>(form.clone()).sql(after))
            }
        }
    }
}
