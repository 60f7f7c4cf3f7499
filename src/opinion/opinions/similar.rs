//! Opinions that likely say the same (art. 26), shown to whoever is about to write or submit one.
//!
//! A text's telling words find some candidates by the index, and each is compared as a whole: the cost does not grow with
//! what there is. A member is shown only what a body has taken up and its author agrees to make public, of the rest the
//! number: what was just submitted is nobody else's yet.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::search::tokens_of;
use super::store::{self, Case, TextRow};
use super::wire::{SimilarOpinion, SimilarOpinions};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::base::text::{Outline, query_tokens, search_form};
use crate::db::schema::{opinion_search, opinion_texts, opinions};
use crate::db::{Tx, dialect};
use crate::opinion::way::State;
use crate::policy::Op;

/// From here on two texts likely tell of one matter; see [`crate::base::text::similarity`].
const ALIKE: f64 = 0.2;
/// A body has said that it deals with them.
const TAKEN_UP: [State; 5] = [State::Accepted, State::Reported, State::Decided, State::Answered, State::Closed];
/// How many are shown.
const SHOWN: usize = 5;
/// How many telling words of a text are looked up, and how many candidates compared as a whole.
const WORDS: usize = 12;
const CANDIDATES: usize = 20;
/// How many texts are looked at for one word.
const EACH: usize = 300;

/// Those like a text, but for `except` itself.
pub fn find(tx: &mut Tx<'_>, title: &str, body: &str, except: Option<Id>) -> Maybe<SimilarOpinions> {
    let words = tokens_of(tx.jurisdiction(), telling(title, body));
    let least = (words.len() / 3).clamp(1, 3);
    let mut candidates = dialect::sharing(tx.conn, &words, least, EACH, CANDIDATES)?;
    candidates.retain(|id| Some(*id) != except);
    if candidates.is_empty() {
        return Ok(SimilarOpinions::default());
    }
    type Row = (Id, String, Option<NaiveDate>, bool, String, State);
    let rows: Vec<Row> = opinions::table
        .inner_join(opinion_texts::table.on(opinion_texts::opinion_id.eq(opinions::id)))
        .inner_join(opinion_search::table.on(opinion_search::opinion_id.eq(opinions::id)))
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(opinions::id.eq_any(&candidates))
        .filter(opinions::submitted_on.is_not_null())
        .filter(opinions::state.ne(State::Withdrawn))
        .select((
            opinions::id,
            opinions::title,
            opinions::submitted_on,
            opinion_texts::may_publish,
            opinion_search::text,
            opinions::state,
        ))
        .load(tx.conn)?;
    let own = Outline::of(&format!("{title}\n{body}"));
    let mut alike: Vec<(f64, Row)> = rows.into_iter().map(|row| (own.similarity(&Outline::of(&row.4)), row)).collect();
    alike.retain(|(likeness, _)| *likeness >= ALIKE);
    alike.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(other.0.cmp(&one.0)));
    let seen = within_scope(tx, alike.iter().map(|(_, row)| row.0).collect())?;
    let (shown, hidden): (Vec<_>, Vec<_>) =
        alike.into_iter().partition(|(_, row)| (row.3 && TAKEN_UP.contains(&row.5)) || seen.contains(&row.0));
    let item = |(likeness, (id, title, submitted_on, ..)): (f64, Row)| SimilarOpinion {
        id,
        title,
        submitted_on,
        likeness: percent(likeness),
    };
    let others = i64::try_from(hidden.len()).unwrap_or(0);
    Ok(SimilarOpinions { items: shown.into_iter().take(SHOWN).map(item).collect(), others })
}

/// Those like an opinion, which is none of them.
pub fn to(tx: &mut Tx<'_>, case: &Case, text: &TextRow) -> Maybe<SimilarOpinions> {
    let parts = [Some(text.situation.as_str()), text.analysis.as_deref(), text.suggestions.as_deref()];
    let body = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    find(tx, &case.row.title, &body, Some(case.row.id))
}

fn within_scope(tx: &mut Tx<'_>, ids: Vec<Id>) -> Maybe<BTreeSet<Id>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let seen: Vec<Id> =
        store::visible(tx, Op::opinion_similar).filter(opinions::id.eq_any(ids)).select(opinions::id).load(tx.conn)?;
    Ok(seen.into_iter().collect())
}

#[expect(clippy::cast_possible_truncation, reason = "between 0 and 100")]
fn percent(likeness: f64) -> i64 {
    (likeness * 100.0).round() as i64
}

/// The tokens of the words that a text keeps coming back to, its title's above all; everyday words tell nothing.
pub fn telling(title: &str, body: &str) -> Vec<String> {
    let mut weights: BTreeMap<(char, char), usize> = BTreeMap::new();
    for (text, weight) in [(title, 3), (body, 1)] {
        let form = EVERYDAY_WORDS.iter().fold(search_form(text), |form, word| form.replace(word, " "));
        for word in form.split(' ') {
            for pair in word.chars().zip(word.chars().skip(1)).filter(|pair| !is_everyday(*pair)) {
                *weights.entry(pair).or_default() += weight;
            }
        }
    }
    let mut words: Vec<_> = weights.into_iter().collect();
    words.sort_by_key(|(pair, weight)| (std::cmp::Reverse(*weight), *pair));
    words.into_iter().take(WORDS).flat_map(|((first, second), _)| query_tokens(&format!("{first}{second}"))).collect()
}

/// Characters that make no word of a matter: particles, pronouns, numbers, and the office's own forms of speech.
const EVERYDAY_CHARACTERS: &str = "的一是不了我们有人在这个你他她它也都就和与及或但而且并于为以被把从到对向由让使给着过得地之其此该那些每各再又还已经将会能可要\
    应没无很更最多少大小上下中内外前后里间时候今天年月日号点分次件位名条项种类等请求望希盼谢感您尊敬什么怎样如何因果所";

/// Words that stand in every other letter: taken out first, so that no halves of them remain.
const EVERYDAY_WORDS: [&str; 66] = [
    "书记", "领导", "政府", "部门", "相关", "有关", "关于", "问题", "情况", "建议", "反映", "解决", "处理", "政协", "现在", "咨询",
    "投诉", "工作", "严重", "居民", "百姓", "生活", "要求", "建设", "影响", "进行", "作为", "安全", "人员", "管理", "政策", "国家",
    "需要", "老百", "规定", "自己", "知道", "目前", "通过", "存在", "造成", "导致", "发展", "群众", "回复", "重视", "任何", "得到",
    "非常", "只有", "其他", "开始", "方便", "看到", "恳请", "合理", "社会", "附近", "同时", "周边", "强烈", "考虑", "了解", "带来",
    "实际", "委员",
];

fn is_everyday((first, second): (char, char)) -> bool {
    let tells_nothing = |c: char| c.is_ascii_digit() || EVERYDAY_CHARACTERS.contains(c);
    tells_nothing(first) || tells_nothing(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_title_tell_most() {
        let words = telling("校门口缺一条斑马线", "校门口没有斑马线，学生过街危险。请政府部门解决问题。");
        let has = |word: &str| query_tokens(word).iter().all(|token| words.contains(token));
        assert!(["斑马", "校门", "门口", "学生"].into_iter().all(has), "{words:?}");
        assert!(!["政府", "部门", "解决", "没有"].into_iter().any(has), "{words:?}");
    }

    #[test]
    fn everyday_words_alone_tell_nothing() {
        assert!(telling("关于请政府解决问题的建议", "希望领导重视").is_empty());
        assert!(telling("！！！", "。").is_empty());
    }
}
