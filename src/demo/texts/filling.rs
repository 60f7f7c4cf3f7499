//! How a text comes by what is peculiar to its place, and by its length.

use super::matter::Matter;
use crate::demo::dice::Dice;
use crate::demo::names::Township;

/// Puts what is peculiar to the place into a text.
pub fn fill(text: &str, place: &Township, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, slot)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = slot.split_once('}') else { break };
        match name {
            "town" => out.push_str(place.name),
            "village" => out.push_str(dice.pick(place.villages)),
            "road" => out.push_str(dice.pick(place.roads)),
            "school" => out.push_str(place.school),
            "firm" => {
                out.push_str(dice.pick(FIRMS));
                out.push_str(dice.pick(FIRMS));
                out.push_str(dice.pick(TRADE));
            }
            "n" => out.push_str(&(dice.within(3, 39) * 10).to_string()),
            _ => out.push_str(&dice.within(2, 9).to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Two of these name a firm.
const FIRMS: &[&str] = &[
    "瑞", "丰", "宏", "泰", "鑫", "盛", "恒", "嘉", "祥", "源", "华", "腾", "凯", "隆", "顺", "昌", "诚", "博", "达", "晟", "锦",
    "裕", "森", "朗", "帆", "澜", "岚", "屿", "鹤", "松", "柏", "枫", "榕", "竹", "荷", "菱", "鲲", "鹏", "骏", "驰", "铭", "钧",
    "铂", "璟", "琛", "珑", "绮", "缤",
];
const TRADE: &[&str] = &["塑业", "印业", "水产", "食品", "服饰", "仪表", "农业"];

/// Sentences that make a text longer without making it another matter.
pub const DETAILS: &[&str] = &[
    "走访{village}时，有群众说，这件事反映过多次，每次都说在研究，大家更想知道什么时候能办。",
    "据镇里统计，涉及农户{n}户，其中低收入家庭{m}户，受影响的主要是老人和孩子。",
    "对比邻近的瑞安、平阳等地，做法已经比较成熟，投入并不大，关键是有人牵头。",
    "村干部表示，村集体经济年收入不足{n}万元，靠村里自己解决有困难。",
    "座谈中，企业代表、教师、退休干部都谈到了同一问题，看法比较一致。",
    "现场看到，相关设施建成不到{m}年已经闲置，附近居民觉得可惜。",
    "界别委员分三个小组走访了{m}个村、{m}家单位，发放问卷{n}份，回收率较高。",
    "有关部门曾经答复列入计划，但项目资金和用地指标一直没有落实。",
    "每逢台风、春节、开学等时段，矛盾更为集中，容易引发投诉。",
    "一位在{road}经营多年的店主算了一笔账，仅此一项每年多支出{n}余元。",
    "年轻人多通过网络留言反映，老人多到委员会客厅当面说，诉求大体相同。",
    "建议先选{town}做试点，取得经验后在全县推开，并由委员参与监督。",
    "此事涉及多个部门，宜由县里明确一位负责人统筹，按季度公布进展。",
    "如能在明年汛期之前完成，群众的获得感会更强。",
    "相关法规去年已作修订，基层干部和群众对新规定了解不多，宣传解读应当跟上。",
    "考虑到财力有限，可分轻重缓急，先解决安全问题，再逐步提升。",
    "从长远看，应当建立长效管护机制，避免边建边坏。",
    "希望办理过程中多听取使用者的意见，方案公示后再实施。",
];

const WITNESS: &str = "{firm}等单位的职工也谈到了类似情况。";

/// A text of some 600 characters: the matter, made longer by details.
pub fn long(matter: &Matter, place: &Township, dice: &mut Dice, least: usize) -> (String, String, String) {
    let mut situation = fill(matter.situation, place, dice);
    let mut analysis = fill(matter.analysis, place, dice);
    let suggestions = fill(matter.suggestions, place, dice);
    situation.push_str(&fill(WITNESS, place, dice));
    let details = dice.some(DETAILS, DETAILS.len());
    for (at, detail) in details.into_iter().enumerate() {
        let length = [&situation, &analysis, &suggestions].iter().map(|text| text.chars().count()).sum::<usize>();
        if length >= least {
            break;
        }
        let part = if at % 3 == 2 { &mut analysis } else { &mut situation };
        part.push_str(&fill(detail, place, dice));
    }
    (situation, analysis, suggestions)
}
