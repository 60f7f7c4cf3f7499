//! What may be written, and by whom: one matter (一事一议), no more characters than the setting allows, and nothing named
//! that is not the author's own.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::search;
use super::store::{Author, Case, OpinionRow, TextRow};
use super::wire::OpinionRegister;
use crate::base::id::Id;
use crate::base::problem::{Code, Fault, Maybe, Problem, say};
use crate::base::text::length_without_white_space;
use crate::db::schema::{constituents, contact_events, event_participants, opinion_client_refs as refs, organizations};
use crate::db::{Tx, dialect};
use crate::directory::refs::{Kind, Names, must_exist};
use crate::directory::{dictionaries, settings};
use crate::policy::{Grant, Op};
use crate::record::Thing;

/// The author for whom the caller writes: the person, or the organization of a contributor who speaks for one.
pub fn author(tx: &Tx<'_>, op: Op) -> Maybe<(Author, Grant)> {
    let of = |grant: &Grant| {
        let organization = grant.organization.map(Author::Organization);
        organization.or_else(|| grant.person.map(Author::Person)).map(|author| (author, grant.clone()))
    };
    tx.caller.reaches(op).find_map(|(_, grant)| of(grant)).ok_or_else(|| Problem::plain(Code::Forbidden))
}

/// Every fault of what was written, at once.
pub fn check(tx: &mut Tx<'_>, row: &OpinionRow, text: &TextRow, constituents: &[Id]) -> Maybe<()> {
    let mut faults: Vec<Fault> = too_long(tx, text)?.into_iter().collect();
    if let Err(problem) = dictionaries::must_have(tx, "opinion_categories", &row.category, "/category") {
        faults.extend(problem.faults.iter().cloned());
    }
    if let Some(event) = text.event_id
        && !took_part(tx, row.author_person_id, event)?
    {
        faults.push(Fault::unknown_reference("/event_id"));
    }
    if !are_own(tx, row.author_person_id, constituents)? {
        faults.push(Fault::unknown_reference("/constituent_ids"));
    }
    if let Some(person) = text.contact_person_id {
        if row.author_organization_id.is_none() {
            let detail = say("只有作者为机构时才有联系人", "only an organization has a contact person");
            faults.push(Fault::new("/contact_person_id", "not_allowed", detail));
        } else if !Names::load(tx, Kind::Person, [person])?.has(person) {
            faults.push(Fault::unknown_reference("/contact_person_id"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn too_long(tx: &mut Tx<'_>, text: &TextRow) -> Maybe<Option<Fault>> {
    let today = tx.today;
    let most = usize::try_from(settings::on(tx, today)?.opinion_characters).unwrap_or(usize::MAX);
    let parts = [Some(text.situation.as_str()), text.analysis.as_deref(), text.suggestions.as_deref()];
    let length: usize = parts.into_iter().flatten().map(length_without_white_space).sum();
    let detail = say(
        format!("正文共 {length} 字，不得超过 {most} 字（不计空白与标题）"),
        format!("{length} characters; at most {most}, without white space and title"),
    );
    Ok((length > most).then(|| Fault::new("/situation", "too_long", detail)))
}

fn took_part(tx: &mut Tx<'_>, author: Option<Id>, event: Id) -> Maybe<bool> {
    let Some(author) = author else { return Ok(false) };
    let recorded: Option<Id> = contact_events::table
        .filter(contact_events::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(contact_events::id.eq(event))
        .select(contact_events::recorded_by)
        .first(tx.conn)
        .optional()?;
    let Some(recorded) = recorded else { return Ok(false) };
    let took_part: Option<Id> = event_participants::table
        .filter(event_participants::event_id.eq(event))
        .filter(event_participants::person_id.eq(author))
        .select(event_participants::person_id)
        .first(tx.conn)
        .optional()?;
    Ok(recorded == author || took_part.is_some())
}

fn are_own(tx: &mut Tx<'_>, author: Option<Id>, ids: &[Id]) -> Maybe<bool> {
    if ids.is_empty() {
        return Ok(true);
    }
    let Some(author) = author else { return Ok(false) };
    let own: i64 = constituents::table
        .filter(constituents::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(constituents::member_id.eq(author))
        .filter(constituents::id.eq_any(ids))
        .count()
        .get_result(tx.conn)?;
    Ok(usize::try_from(own) == Ok(ids.len()))
}

/// 422 unless the author confirmed it: an opinion is no place for state secrets.
pub fn must_be_free_of_secrets(text: &TextRow) -> Maybe<()> {
    if text.no_state_secrets {
        return Ok(());
    }
    Err(Problem::rule(
        "/no_state_secrets",
        "not_confirmed",
        say("提交前须确认不涉及国家秘密", "confirm that it holds no state secrets before submitting"),
    ))
}

/// Puts what was written into the index.
pub fn index(tx: &mut Tx<'_>, row: &OpinionRow, text: &TextRow) -> Maybe<()> {
    let (form, tokens) =
        search::indexed(row.jurisdiction_id, &row.title, &text.situation, text.analysis.as_deref(), text.suggestions.as_deref());
    dialect::index_texts(tx.conn, &[(row.id, form, tokens)])
}

/// What a `client_ref` that came before stands for.
pub enum Earlier {
    /// It is new: with this hash and fingerprint it is kept.
    None(Option<(Vec<u8>, Vec<u8>)>),
    /// The same came before.
    Same(Id),
}

/// Looks a `client_ref` up, and lets nobody else use it until this transaction ends. 409 for another body.
pub fn earlier(tx: &mut Tx<'_>, author: Author, client_ref: Option<&str>, body: &impl Serialize) -> Maybe<Earlier> {
    let Some(client_ref) = client_ref else { return Ok(Earlier::None(None)) };
    let hash = tx.seal.hash("opinions.client_ref", &format!("{} {author:?} {client_ref}", tx.jurisdiction()));
    let fingerprint = tx.seal.hash("opinions.fingerprint", &json!(body).to_string());
    dialect::lock(tx.conn, &hash)?;
    let known: Option<(Id, Vec<u8>)> =
        refs::table.find(&hash).select((refs::opinion_id, refs::fingerprint)).first(tx.conn).optional()?;
    match known {
        None => Ok(Earlier::None(Some((hash, fingerprint)))),
        Some((opinion, kept)) if kept == fingerprint => Ok(Earlier::Same(opinion)),
        Some((opinion, _)) => Err(Problem::client_ref_taken(Case::KIND, opinion)),
    }
}

/// Keeps a `client_ref` for good.
pub fn keep_ref(tx: &mut Tx<'_>, opinion: Id, key: Option<(Vec<u8>, Vec<u8>)>) -> Maybe<()> {
    if let Some((hash, fingerprint)) = key {
        diesel::insert_into(refs::table)
            .values((refs::hash.eq(hash), refs::opinion_id.eq(opinion), refs::fingerprint.eq(fingerprint)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// An author of a registered opinion, once it is sure that there is exactly one and that it can be.
pub fn author_of(tx: &mut Tx<'_>, new: &OpinionRegister) -> Maybe<Author> {
    match (new.author_person_id, new.author_organization_id) {
        (Some(person), None) => {
            must_exist(tx, Kind::Person, person, "/author_person_id")?;
            Ok(Author::Person(person))
        }
        (None, Some(body)) => {
            let kind: Option<String> = organizations::table
                .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
                .filter(organizations::id.eq(body))
                .select(organizations::kind)
                .first(tx.conn)
                .optional()?;
            match kind.as_deref() {
                Some("party" | "federation" | "people_organization") => Ok(Author::Organization(body)),
                Some(_) => Err(Problem::rule(
                    "/author_organization_id",
                    "not_an_author",
                    say(
                        "只有民主党派、工商联、人民团体可以作为作者",
                        "only a party, a federation or a people's organization can be an author",
                    ),
                )),
                None => Err(Problem::invalid(vec![Fault::unknown_reference("/author_organization_id")])),
            }
        }
        _ => Err(Problem::rule(
            "/author_person_id",
            "one_author",
            say("作者须为一名人员或一个机构", "the author is one person or one organization"),
        )),
    }
}
