//! What a record must not hold, and what it must: all faults at once.

use chrono::NaiveDate;

use super::mask::{self, NAME};
use super::store::{self, ConstituentRow};
use super::wire::{ConstituentCreate, ConstituentErase, ConstituentPatch};
use crate::base::id::Id;
use crate::base::problem::{Code, Fault, Maybe, Problem, gather, say};
use crate::base::text::{FindingKind, personal_data};
use crate::db::Tx;
use crate::directory::refs::{self, Kind};
use crate::directory::{dictionaries, in_force};

/// Judges a new record; answers its phone in its one form.
pub fn create(tx: &mut Tx<'_>, member: Id, new: &ConstituentCreate) -> Maybe<Option<String>> {
    let mut faults = Vec::new();
    without_numbers(&mut faults, "/name", Some(&new.name));
    without_numbers(&mut faults, "/township", new.township.as_deref());
    without_identity_number(&mut faults, "/note", new.note.as_deref());
    not_future(&mut faults, tx, "/consent_on", Some(new.consent_on));
    not_future(&mut faults, tx, "/assigned_from", new.assigned_from);
    let phone = phone(&mut faults, new.phone.as_deref())?;
    gather(&mut faults, dictionaries::must_have(tx, "consent_ways", &new.consent_way, "/consent_way"))?;
    if let Some(sector) = new.sector_id {
        gather(&mut faults, refs::must_exist(tx, Kind::Sector, sector, "/sector_id"))?;
    }
    if let Some(from) = new.assigned_from
        && !in_force::posts_of(tx, member, from)?.iter().any(|post| post == "member")
    {
        faults.push(Fault::new("/assigned_from", "no_member", say("这一天还不是委员", "you were no member on that day")));
    }
    Problem::unless_none(faults)?;
    Ok(phone)
}

/// Judges a patch; answers the phone in its one form where it gives one.
pub fn patch(tx: &mut Tx<'_>, patch: &ConstituentPatch) -> Maybe<Option<Option<String>>> {
    let mut faults = Vec::new();
    without_numbers(&mut faults, "/name", patch.name.as_deref());
    without_numbers(&mut faults, "/township", patch.township.as_ref().and_then(Option::as_deref));
    without_identity_number(&mut faults, "/note", patch.note.as_ref().and_then(Option::as_deref));
    not_future(&mut faults, tx, "/consent_on", patch.consent_on);
    let phone = match &patch.phone {
        Some(raw) => Some(phone(&mut faults, raw.as_deref())?),
        None => None,
    };
    if let Some(way) = &patch.consent_way {
        gather(&mut faults, dictionaries::must_have(tx, "consent_ways", way, "/consent_way"))?;
    }
    if let Some(Some(sector)) = patch.sector_id {
        gather(&mut faults, refs::must_exist(tx, Kind::Sector, sector, "/sector_id"))?;
    }
    Problem::unless_none(faults)?;
    Ok(phone)
}

/// Whether the caller knows whom the record is about, or could show it by the phone.
pub fn may_identify(tx: &Tx<'_>, row: &ConstituentRow) -> bool {
    mask::sees_name(tx.caller, row.member_id) || row.phone_hash.is_some()
}

/// Whoever does not see the name finds a person by the full phone only, which the person gives: another record is as good as
/// none.
pub fn identified(tx: &Tx<'_>, row: &ConstituentRow, phone: Option<&str>) -> Maybe<()> {
    if mask::sees_name(tx.caller, row.member_id) {
        return Ok(());
    }
    let Some(known) = &row.phone_hash else {
        let detail = say("没有登记电话的，只由其委员办理", "without a phone on record only the member may do this");
        return Err(Problem::new(Code::Forbidden, detail));
    };
    let Some(phone) = phone else {
        return Err(Problem::rule("/phone", "required", say("须给出本人的完整电话", "the person's full phone is needed")));
    };
    let given = store::phone_hash(tx.seal, &store::normal_phone(phone)?);
    if given == *known { Ok(()) } else { Err(Problem::not_found()) }
}

/// The reason stays when everything else is gone, so it must not name the person, whoever writes it.
pub fn erase(tx: &Tx<'_>, row: &ConstituentRow, wish: &ConstituentErase) -> Maybe<()> {
    let mut faults = Vec::new();
    without_numbers(&mut faults, "/reason", Some(&wish.reason));
    not_future(&mut faults, tx, "/requested_on", Some(wish.requested_on));
    let close = |text: &str| text.split_whitespace().collect::<String>();
    let name = mask::open(tx.seal, NAME, row.name.as_deref())?;
    let named = name.is_some_and(|name| close(&wish.reason).contains(&close(&name)));
    if named {
        faults.push(Fault::new(
            "/reason",
            "name",
            say("理由长期保存，不得含有本人姓名", "the reason is kept and must not name the person"),
        ));
    }
    Problem::unless_none(faults)
}

fn phone(faults: &mut Vec<Fault>, raw: Option<&str>) -> Maybe<Option<String>> {
    match raw.map(store::normal_phone).transpose() {
        Ok(phone) => Ok(phone),
        Err(problem) => gather(faults, Err(problem)).map(|()| None),
    }
}

/// What is never wiped, or shown where phones are masked, holds neither phone nor identity number.
fn without_numbers(faults: &mut Vec<Fault>, pointer: &str, text: Option<&str>) {
    refuse(faults, pointer, text, &[FindingKind::Phone, FindingKind::IdentityNumber]);
}

fn without_identity_number(faults: &mut Vec<Fault>, pointer: &str, text: Option<&str>) {
    refuse(faults, pointer, text, &[FindingKind::IdentityNumber]);
}

fn refuse(faults: &mut Vec<Fault>, pointer: &str, text: Option<&str>, kinds: &[FindingKind]) {
    let found = personal_data(text.unwrap_or_default());
    for kind in kinds.iter().filter(|kind| found.iter().any(|finding| finding.kind == **kind)) {
        let detail = match kind {
            FindingKind::Phone => say("此处不得含有电话", "must hold no phone number here"),
            FindingKind::IdentityNumber => say("不得保存身份证号码", "identity numbers are not kept"),
        };
        faults.push(Fault::new(pointer, kind.code(), detail));
    }
}

fn not_future(faults: &mut Vec<Fault>, tx: &Tx<'_>, pointer: &str, day: Option<NaiveDate>) {
    if day.is_some_and(|day| day > tx.today) {
        faults.push(Fault::new(pointer, "in_the_future", say("不得晚于今天", "must not be after today")));
    }
}
