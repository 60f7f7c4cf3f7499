//! What a notification says, in Chinese and English: a sentence a kind, completed with the days and numbers that came with it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::opinion::opinions::wire::Outcome;
use crate::opinion::way::{DueKind, Track};
use crate::policy::Role;

/// 中文与英文
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Bilingual {
    /// 中文
    #[schema(max_length = 500, examples("您的社情民意已退回"))]
    pub zh: String,
    /// 英文
    #[schema(max_length = 500, examples("Your opinion was returned"))]
    pub en: String,
}

/// Kind, Chinese, English. `{name}` is a parameter; what stands in brackets is left out when a parameter in it is missing.
const TEXTS: &[(&str, &str, &str)] = &[
    ("account_disabled", "账号[ {account}][（{person}）]已被停用", "The account[ {account}][ ({person})] was disabled"),
    ("account_enabled", "账号[ {account}][（{person}）]已重新启用", "The account[ {account}][ ({person})] was enabled again"),
    (
        "account_granted",
        "账号[ {account}][（{person}）]被授予了角色[：{roles}]",
        "The account[ {account}][ ({person})] was granted roles[: {roles}]",
    ),
    (
        "account_reset",
        "账号[ {account}][（{person}）]的密码已由管理员重置",
        "The password of the account[ {account}][ ({person})] was reset by an admin",
    ),
    (
        "constituent_anonymised",
        "一位界别群众的个人信息已按规定隐去",
        "A constituent's personal data was anonymised as the rules ask",
    ),
    ("constituent_erased", "一位界别群众的个人信息已按本人意愿删除", "A constituent's personal data was erased on their wish"),
    (
        "contact_assignment_created",
        "有与您有关的新的联系安排[，自 {from} 起]",
        "There is a new contact assignment that concerns you[, from {from}]",
    ),
    (
        "contact_assignment_ended",
        "与您有关的联系安排已结束[，最后一日 {to}]",
        "A contact assignment that concerns you has ended[, last day {to}]",
    ),
    (
        "contact_event_recorded",
        "有人记录了您参加的[ {occurred_on} 的]联系，请确认或提出异议",
        "Somebody recorded a contact[ of {occurred_on}] in which you took part: confirm or dispute it",
    ),
    (
        "contact_event_updated",
        "您参加的[ {occurred_on} 的]联系的记录已修改，请重新确认",
        "The record of a contact[ of {occurred_on}] in which you took part was changed: confirm it again",
    ),
    ("contact_event_confirmed", "[{occurred_on} 的]联系记录得到了确认", "The record of a contact[ of {occurred_on}] was confirmed"),
    ("contact_event_disputed", "[{occurred_on} 的]联系记录有异议", "The record of a contact[ of {occurred_on}] is disputed"),
    (
        "contact_event_settled",
        "[{occurred_on} 的]联系记录的异议已裁定",
        "The dispute about the record of a contact[ of {occurred_on}] was settled",
    ),
    (
        "contact_event_linked",
        "您记录的[ {occurred_on} 的]联系与另一条记录关联为同一次联系，统计时合为一次；不是同一次的，请更正日期、形式或双方",
        "Your record of a contact[ of {occurred_on}] was linked to another one: they count once; correct day, form or sides if they differ",
    ),
    ("contact_event_voided", "[{occurred_on} 的]联系记录已作废", "The record of a contact[ of {occurred_on}] was voided"),
    (
        "exemption_created",
        "您获准免除或请假[，自 {from} 起][，至 {to} 止]",
        "You were granted an exemption or leave[, from {from}][, to {to}]",
    ),
    (
        "exemption_updated",
        "您的免除或请假已更改[，自 {from} 起][，至 {to} 止]",
        "Your exemption or leave was changed[, from {from}][, to {to}]",
    ),
    ("opinion_accepted", "您的社情民意已受理", "Your opinion was accepted"),
    (
        "opinion_answered",
        "您的社情民意有了反馈[：{outcome}][，请于 {due_on} 前确认]",
        "There is feedback on your opinion[: {outcome}][; acknowledge it by {due_on}]",
    ),
    ("opinion_carried_over", "一件社情民意转到下一次主席会议", "An opinion goes on to the next chairpersons' meeting"),
    ("opinion_closed", "一件社情民意已办结", "An opinion was closed"),
    ("opinion_decided", "一件社情民意有了结果[：{outcome}]", "There is a decision on an opinion[: {outcome}]"),
    (
        "opinion_declined",
        "您的社情民意不予受理，理由见反馈[；如有异议，请于 {due_on} 前提出]",
        "Your opinion was declined, see the feedback for the reason[; you may object by {due_on}]",
    ),
    ("opinion_deferred", "一件社情民意推迟到下一次主席会议", "An opinion was deferred to the next chairpersons' meeting"),
    (
        "opinion_dissatisfied",
        "作者对反馈不满意，请重新办理[，时限 {due_on}]",
        "An author is dissatisfied with the feedback: deal with it again[ by {due_on}]",
    ),
    ("opinion_due_soon", "社情民意的时限将到[：{due_kind}][，{due_on}]", "An opinion's deadline is near[: {due_kind}][, {due_on}]"),
    (
        "opinion_due_today",
        "社情民意的时限已到[：{due_kind}][，{due_on}]",
        "An opinion's deadline has come[: {due_kind}][, {due_on}]",
    ),
    ("opinion_lapsed", "您的社情民意退回后未重新提交，已作撤回", "Your opinion was not submitted again and has lapsed"),
    (
        "opinion_long_overdue",
        "社情民意逾期已久[：{due_kind}][，时限 {due_on}]",
        "An opinion is long overdue[: {due_kind}][, due {due_on}]",
    ),
    (
        "opinion_objected",
        "作者对不予受理提出了异议[，请于 {due_on} 前审查]",
        "An author objects to a decline[; triage it by {due_on}]",
    ),
    ("opinion_overdue", "社情民意已逾期[：{due_kind}][，时限 {due_on}]", "An opinion is overdue[: {due_kind}][, due {due_on}]"),
    ("opinion_reclassified", "一件社情民意改变了渠道[：{track}]", "An opinion was put on another track[: {track}]"),
    ("opinion_registered", "代您登记了一件社情民意，请核对", "An opinion was registered on your behalf: please check it"),
    ("opinion_reminded", "催办：一件社情民意等待办理[，时限 {due_on}]", "Reminder: an opinion is waiting for you[, due {due_on}]"),
    ("opinion_reopened", "一件社情民意重新办理", "An opinion was reopened"),
    (
        "opinion_reported",
        "您的社情民意已提请主席会议[，会期 {held_on}]",
        "Your opinion goes before the chairpersons' meeting[ of {held_on}]",
    ),
    (
        "opinion_returned",
        "您的社情民意已退回[，请于 {due_on} 前修改后重新提交]",
        "Your opinion was returned[; correct and submit it again by {due_on}]",
    ),
    ("opinion_submitted", "收到一件社情民意[，请于 {due_on} 前审查]", "An opinion came in[; triage it by {due_on}]"),
    ("opinion_taken_off", "一件社情民意撤出了主席会议议题", "An opinion was taken off the agenda"),
    (
        "opinion_to_report",
        "一件社情民意已受理，等待报送[，时限 {due_on}]",
        "An opinion was accepted and is to be reported[ by {due_on}]",
    ),
    ("opinion_transferred", "一件社情民意移交了承办机构", "An opinion was transferred to another body"),
    ("opinion_withdrawn", "作者撤回了一件社情民意", "An author withdrew an opinion"),
];

/// The sentence of a kind. One that is not known yet says that something happened: its thing tells the rest.
pub fn of(kind: &str, params: &Value) -> Bilingual {
    let known = TEXTS.iter().find(|(of, ..)| *of == kind);
    let (zh, en) =
        known.map_or(("与您有关的事项有了变化", "Something that concerns you has changed"), |(_, zh, en)| (*zh, *en));
    Bilingual { zh: filled(zh, params, chinese), en: filled(en, params, english) }
}

fn english(name: &str, code: &str) -> String {
    if matches!(name, "account" | "person") { code.to_owned() } else { code.replace('_', " ") }
}

/// What a code is called; days and what is no code stay as they are.
fn chinese(name: &str, code: &str) -> String {
    let word = match name {
        "outcome" => code.parse::<Outcome>().ok().map(Outcome::zh),
        "due_kind" => code.parse::<DueKind>().ok().map(DueKind::zh),
        "roles" => code.parse::<Role>().ok().map(Role::zh),
        "track" => code.parse::<Track>().ok().map(Track::zh),
        _ => None,
    };
    word.unwrap_or(code).to_owned()
}

fn filled(text: &str, params: &Value, word: fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let (part, after) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(&put(before, params, word).unwrap_or_default());
        out.push_str(&put(part, params, word).unwrap_or_default());
        rest = after;
    }
    out.push_str(&put(rest, params, word).unwrap_or_default());
    out
}

/// The text with its parameters; `None` when one is missing.
fn put(text: &str, params: &Value, word: fn(&str, &str) -> String) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        out.push_str(before);
        match &params[name] {
            Value::String(value) => out.push_str(&word(name, value)),
            Value::Number(value) => out.push_str(&value.to_string()),
            Value::Array(values) => {
                let words: Vec<String> = values.iter().filter_map(Value::as_str).map(|code| word(name, code)).collect();
                out.push_str(&words.join(if text.is_ascii() { ", " } else { "、" }));
            }
            _ => return None,
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_takes_its_part_of_the_sentence_along() {
        let text = "已退回[，请于 {due_on} 前重新提交][（第 {n} 次）]。";
        assert_eq!(
            filled(text, &json!({"due_on": "2026-04-01", "n": 2}), chinese),
            "已退回，请于 2026-04-01 前重新提交（第 2 次）。"
        );
        assert_eq!(filled(text, &json!({"due_on": null}), chinese), "已退回。");
    }

    #[test]
    fn an_unknown_kind_says_something_general() {
        assert!(!of("nothing_known", &json!({})).zh.is_empty());
    }

    #[test]
    fn every_kind_stands_once_and_none_needs_a_parameter() {
        let mut seen = std::collections::BTreeSet::new();
        for (kind, ..) in TEXTS {
            assert!(seen.insert(kind), "{kind} stands twice");
            let text = of(kind, &json!({}));
            assert!(!text.zh.is_empty() && !text.en.is_empty() && !text.zh.contains(['{', '[']), "{kind}: {text:?}");
        }
    }

    #[test]
    fn codes_are_called_by_their_names() {
        let text = of("opinion_answered", &json!({"outcome": "partially_adopted", "due_on": "2026-04-01"}));
        assert_eq!(text.zh, "您的社情民意有了反馈：部分采纳，请于 2026-04-01 前确认");
        assert_eq!(text.en, "There is feedback on your opinion: partially adopted; acknowledge it by 2026-04-01");
    }

    #[test]
    fn an_account_is_called_by_its_name_and_its_roles_by_theirs() {
        let text = of("account_granted", &json!({"account": "a_b", "person": "张三", "roles": ["member", "member_affairs"]}));
        assert_eq!(text.zh, "账号 a_b（张三）被授予了角色：委员、委员工委");
        assert_eq!(text.en, "The account a_b (张三) was granted roles: member, member affairs");
    }

    /// Kinds are named for a thing and what was done to it, so they can be told from other words in the sources.
    #[test]
    fn every_kind_that_is_told_has_its_sentence() {
        const THINGS: [&str; 6] = ["opinion", "contact_event", "contact_assignment", "exemption", "constituent", "account"];
        const ENDS: [&str; 7] = ["ed", "_reset", "_soon", "_today", "_overdue", "_over", "_off"];
        let is_kind = |word: &str| {
            THINGS.iter().any(|thing| word.strip_prefix(thing).is_some_and(|rest| rest.starts_with('_')))
                && (ENDS.iter().any(|end| word.ends_with(end)) || word.ends_with("_to_report"))
        };
        let mut missing = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let text = std::fs::read_to_string(entry.path()).expect("a source");
                let words = text.split('"').skip(1).step_by(2).chain(text.split('"').step_by(2));
                missing
                    .extend(words.filter(|word| is_kind(word) && !TEXTS.iter().any(|(kind, ..)| kind == word)).map(str::to_owned));
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }
}
