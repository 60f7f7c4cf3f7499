//! Who sees what of a constituent's personal data (PIPL).
//!
//! The name stands in clear for the one member who contacts them, and as a surname for everybody else; a phone is masked for
//! all. Whoever may reveal a record is whoever sees its name, so that both rest on one row of the policy table.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem};
use crate::base::seal::Seal;
use crate::base::text;
use crate::db::Tx;
use crate::db::schema::constituents::dsl;
use crate::policy::{Belongs, Caller, Op};

/// The columns' names, bound into what is sealed in them.
pub const NAME: &str = "constituents.name";
pub const PHONE: &str = "constituents.phone";
pub const NOTE: &str = "constituents.note";
pub const REASON: &str = "constituent_handlings.reason";

/// 对一名群众的引用；姓名只对联系他的委员显示
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConstituentRef {
    /// 标识
    pub id: Id,
    /// 姓名；对其委员以外的人只有姓，已隐去或删除的为 *
    #[schema(max_length = 60, examples("王*"))]
    pub name: String,
    /// 姓名是否已隐去
    pub masked: bool,
}

/// References to many constituents, each masked for the caller as it must be.
#[derive(Clone, Debug, Default)]
pub struct ConstituentRefs(HashMap<Id, ConstituentRef>);

impl ConstituentRefs {
    /// One query, whatever the count; ids of other jurisdictions are not found.
    pub fn load(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id>) -> Maybe<Self> {
        let ids: BTreeSet<Id> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let rows: Vec<(Id, Id, Option<Vec<u8>>)> = dsl::constituents
            .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(dsl::id.eq_any(ids))
            .select((dsl::id, dsl::member_id, dsl::name))
            .load(tx.conn)?;
        let mut refs = HashMap::with_capacity(rows.len());
        for (id, member, name) in rows {
            let clear = sees_name(tx.caller, member);
            let name = shown_name(open(tx.seal, NAME, name.as_deref())?, clear).unwrap_or_else(|| "*".to_owned());
            refs.insert(id, ConstituentRef { id, name, masked: !clear });
        }
        Ok(Self(refs))
    }

    pub fn of(&self, id: Id) -> ConstituentRef {
        self.0.get(&id).cloned().unwrap_or_else(|| ConstituentRef { id, name: "*".to_owned(), masked: true })
    }

    pub fn maybe(&self, id: Option<Id>) -> Option<ConstituentRef> {
        id.map(|id| self.of(id))
    }
}

/// Whether the caller sees the names of this member's people.
pub fn sees_name(caller: &Caller, member: Id) -> bool {
    let belongs = Belongs { persons: vec![member], ..Belongs::default() };
    caller.may(Op::constituent_reveal, &belongs).is_some()
}

/// A name as it is shown: in clear or only the surname.
pub fn shown_name(name: Option<String>, clear: bool) -> Option<String> {
    if clear { name } else { name.map(|name| text::mask_name(&name)) }
}

/// A sealed column in clear.
pub fn open(seal: &Seal, column: &str, sealed: Option<&[u8]>) -> Maybe<Option<String>> {
    let broken = |_| Problem::internal(format!("a sealed value of {column} does not open: was LIANXI_SECRET changed?"));
    sealed.map(|sealed| seal.open(column, sealed).map_err(broken)).transpose()
}
