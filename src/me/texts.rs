//! What a notification says, in Chinese and English: a sentence a kind, completed with the days and numbers that came with it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

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
const TEXTS: &[(&str, &str, &str)] = &[];

/// The sentence of a kind. One that is not known yet says that something happened: its thing tells the rest.
pub fn of(kind: &str, params: &Value) -> Bilingual {
    let known = TEXTS.iter().find(|(of, ..)| *of == kind);
    let (zh, en) = known
        .map_or(("有一项与您有关的事项有了变化", "Something that concerns you has changed"), |(_, zh, en)| {
            (*zh, *en)
        });
    Bilingual { zh: filled(zh, params), en: filled(en, params) }
}

fn filled(text: &str, params: &Value) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let (part, after) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(&put(before, params).unwrap_or_default());
        out.push_str(&put(part, params).unwrap_or_default());
        rest = after;
    }
    out.push_str(&put(rest, params).unwrap_or_default());
    out
}

/// The text with its parameters; `None` when one is missing.
fn put(text: &str, params: &Value) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        out.push_str(before);
        match &params[name] {
            Value::String(value) => out.push_str(value),
            Value::Number(value) => out.push_str(&value.to_string()),
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
        assert_eq!(filled(text, &json!({"due_on": "2026-04-01", "n": 2})), "已退回，请于 2026-04-01 前重新提交（第 2 次）。");
        assert_eq!(filled(text, &json!({"due_on": null})), "已退回。");
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
}
