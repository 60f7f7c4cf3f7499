//! Names of people, places and bodies, as a county in the south of Zhejiang has them.

use super::dice::Dice;

/// Surnames, the frequent ones more than once.
const SURNAMES: &[&str] = &[
    "陈", "陈", "陈", "陈", "林", "林", "林", "黄", "黄", "黄", "李", "李", "王", "王", "王", "张", "张", "杨", "杨", "吴", "吴",
    "郑", "郑", "周", "周", "蔡", "蔡", "苏", "谢", "谢", "章", "温", "徐", "金", "金", "叶", "叶", "朱", "曾", "许", "董", "方",
    "缪", "潘", "庄", "卢", "余", "蓝", "雷", "钟", "倪", "夏", "项", "洪", "施", "颜", "孔", "易", "华", "殷", "赖", "范", "肖",
    "欧阳", "谢", "刘", "刘", "何", "高", "罗", "梁", "宋", "唐", "邓", "冯", "曹", "彭", "汪", "戴", "魏", "薛", "阮", "丁",
];

const MALE: &[&str] = &[
    "建国", "志强", "国华", "文斌", "伟明", "海波", "晓东", "永康", "光明", "宗良", "作新", "上贤", "成钢", "德顺", "家栋", "克勤",
    "立新", "茂盛", "乃光", "品章", "其昌", "瑞生", "绍平", "天赐", "维新", "祥云", "孝义", "学文", "义平", "云飞", "增荣", "振宇",
    "正东", "智勇", "中亮", "祖德", "敬业", "加平", "孟春", "小龙", "浩然", "子轩", "一鸣", "思源", "景行", "时雨", "尔康", "方舟",
    "伟", "勇", "军", "杰", "涛", "磊", "斌", "鹏", "辉", "刚", "健", "俊", "峰", "亮", "凯", "毅",
];

const FEMALE: &[&str] = &[
    "秀英", "丽华", "晓燕", "美玲", "素芬", "玉兰", "春花", "雪梅", "爱珍", "彩霞", "翠萍", "凤仙", "桂香", "海燕", "红霞", "慧敏",
    "佳佳", "金花", "静怡", "兰芳", "莲妹", "琳琳", "梦瑶", "巧云", "瑞雪", "淑贞", "婷婷", "文静", "小红", "晓芸", "欣怡", "雅琴",
    "艳红", "依诺", "银娇", "月娥", "云霞", "芝兰", "紫薇", "如意", "若水", "思齐", "清越", "知秋", "语桐", "安然", "书瑶", "可欣",
    "芳", "敏", "静", "丽", "娟", "艳", "霞", "燕", "玲", "萍", "洁", "颖", "琼", "蕾", "婧", "倩",
];

/// A name, and whether it is a woman's.
pub fn person(dice: &mut Dice) -> (String, bool) {
    let is_woman = dice.percent(42);
    let given = if is_woman { FEMALE } else { MALE };
    (format!("{}{}", dice.pick(SURNAMES), dice.pick(given)), is_woman)
}

/// The n-th mobile number, made up: no two are the same.
pub fn phone(n: u64) -> String {
    const BLOCKS: [u64; 10] = [136, 137, 138, 139, 150, 158, 159, 177, 187, 189];
    // 61,803,399 has no factor in common with ten to the eighth, so that a block is passed through once.
    let (round, within) = (n / 100_000_000, n % 100_000_000);
    let block = BLOCKS[usize::try_from((within + round) % 10).unwrap_or(0)];
    format!("{block}{:08}", within * 61_803_399 % 100_000_000)
}

/// A place of contact: a township with villages and what people there speak of.
#[derive(Clone, Copy, Debug)]
pub struct Township {
    pub name: &'static str,
    pub villages: &'static [&'static str],
    pub roads: &'static [&'static str],
    pub school: &'static str,
}

const fn township(
    name: &'static str,
    villages: &'static [&'static str],
    roads: &'static [&'static str],
    school: &'static str,
) -> Township {
    Township { name, villages, roads, school }
}

/// 苍南县
pub const CANGNAN: &[Township] = &[
    township(
        "灵溪镇",
        &["渎浦村", "繁枝村", "沪山社区", "凤池社区", "南水头村", "建兴社区", "江滨社区"],
        &["人民大道", "玉苍路", "站前大道", "江湾路"],
        "县实验小学",
    ),
    township("宜山镇", &["珠山村", "甲底村", "球山社区"], &["宜兴路", "龙金大道宜山段"], "宜山小学"),
    township("钱库镇", &["项东村", "仙居村", "金处村"], &["钱东路", "振兴街"], "钱库第一小学"),
    township("金乡镇", &["鲤鱼山村", "坊下村", "河头村"], &["卫前大街", "环城北路"], "金乡小学"),
    township("藻溪镇", &["银湖村", "盛陶村", "流水村"], &["繁荣街", "104国道藻溪段"], "藻溪小学"),
    township("桥墩镇", &["碗窑村", "五凤村", "腾垟村"], &["松山路", "古树路"], "桥墩小学"),
    township("矾山镇", &["福德湾村", "新街社区", "埔坪村"], &["繁荣路", "矾马公路"], "矾山小学"),
    township("赤溪镇", &["流岐岙村", "中墩村", "信智村"], &["海滨路", "228国道赤溪段"], "赤溪小学"),
    township("马站镇", &["中魁村", "雾城村", "魁里村"], &["蒲城路", "渔寮大道"], "马站小学"),
    township("望里镇", &["新丰村", "护法寺村"], &["望鹤路", "兴望街"], "望里小学"),
    township("炎亭镇", &["西沙村", "海口村"], &["金沙路", "滨海路"], "炎亭小学"),
    township("大渔镇", &["小渔村", "大岙心村"], &["渔港路", "大渔湾路"], "大渔小学"),
    township("莒溪镇", &["桥南村", "大石村"], &["莒光路", "龙港山路"], "莒溪小学"),
    township("南宋镇", &["溪南村", "北山村"], &["南宋街", "灵南路"], "南宋小学"),
    township("霞关镇", &["三澳村", "老街社区"], &["霞光路", "渔民街"], "霞关小学"),
    township("沿浦镇", &["下在村", "官南村"], &["沿浦湾路", "台商路"], "沿浦小学"),
    township("凤阳畲族乡", &["鹤山村", "顶堡村"], &["凤阳路", "畲乡路"], "凤阳民族小学"),
    township("岱岭畲族乡", &["坑门岭村", "云遮村"], &["岱岭路", "福掌路"], "岱岭民族小学"),
];

/// 平阳县
pub const PINGYANG: &[Township] = &[
    township("昆阳镇", &["西城社区", "坡南社区", "临区村"], &["解放街", "平瑞公路"], "昆阳第一小学"),
    township("鳌江镇", &["钱仓村", "塘川社区", "西塘社区"], &["兴鳌路", "古鳌路"], "鳌江小学"),
    township("水头镇", &["中后社区", "金山村"], &["人民路", "蒲尖路"], "水头第一小学"),
    township("万全镇", &["宋埠社区", "郑楼社区"], &["万盛路", "宋郑路"], "万全小学"),
    township("腾蛟镇", &["联源村", "带溪村"], &["腾飞路", "苏步青路"], "苏步青学校"),
    township("山门镇", &["大屯村", "晓坑村"], &["红军路", "凤岭路"], "山门小学"),
];

/// 界别 of the county: its name, how many of 240 members stand in it, where they work.
#[derive(Clone, Copy, Debug)]
pub struct Sector {
    pub name: &'static str,
    pub share: usize,
    /// Which of [`COMMITTEES`] corresponds to it.
    pub committee: usize,
    /// Which of [`GROUPS`] it acts in.
    pub group: usize,
    pub units: &'static [&'static str],
}

const fn sector(name: &'static str, share: usize, committee: usize, group: usize, units: &'static [&'static str]) -> Sector {
    Sector { name, share, committee, group, units }
}

pub const SECTORS: &[Sector] = &[
    sector("中国共产党界", 12, 0, 5, &["县委组织部", "县委政法委", "县纪委县监委", "灵溪镇党委", "县委党校"]),
    sector("民盟界", 9, 5, 1, &["苍南中学", "县文化馆", "嘉禾中学", "县融媒体中心"]),
    sector("民建界", 9, 1, 0, &["浙江天成印务有限公司", "苍南县税务局", "县国有资产投资集团", "正大会计师事务所"]),
    sector("民进界", 8, 4, 1, &["灵溪第一中学", "县教师发展中心", "县少年艺术学校", "钱库高级中学"]),
    sector("农工党界", 8, 4, 1, &["县人民医院", "县中医院", "县疾病预防控制中心"]),
    sector("无党派人士界", 10, 2, 5, &["县自然资源和规划局", "县水利局", "县气象局", "县规划设计院"]),
    sector("共青团和青联界", 11, 6, 4, &["团县委", "苍南青年电商协会", "县青少年宫", "浙江云途科技有限公司"]),
    sector("工会界", 9, 6, 4, &["县总工会", "苍南仪表集团工会", "县公交公司工会", "灵溪镇总工会"]),
    sector("妇联界", 11, 6, 4, &["县妇联", "马站镇妇联", "灵溪巾帼家政有限公司", "县妇幼保健院"]),
    sector(
        "工商联界",
        18,
        1,
        0,
        &["浙江恒丰塑业有限公司", "温州宏科印刷包装有限公司", "苍南县服装商会", "苍南县水产流通协会", "浙江海力集团"],
    ),
    sector("科协和科技界", 11, 1, 1, &["县科协", "苍南仪表集团研究院", "浙江蓝天环保科技有限公司", "县农业科学研究所"]),
    sector("侨联台联界", 9, 7, 5, &["县侨联", "台商小镇服务中心", "浙江侨鑫食品有限公司"]),
    sector("文化艺术界", 11, 5, 3, &["县文联", "县博物馆", "夹缬非遗工作室", "县木偶剧团", "蓝印文化传播公司"]),
    sector(
        "经济界",
        26,
        1,
        0,
        &["浙江金石包装有限公司", "苍南农商银行", "县工业园区管委会", "浙江华联制药机械厂", "温州兴乐电缆苍南分公司", "县电力公司"],
    ),
    sector(
        "农业界",
        18,
        3,
        2,
        &["马站四季柚专业合作社", "五凤茶叶专业合作社", "霞关海洋捕捞合作社", "县农业技术推广中心", "中墩紫菜养殖场"],
    ),
    sector(
        "教育界",
        16,
        4,
        1,
        &["县实验小学", "苍南中学", "县职业中等专业学校", "马站高级中学", "县特殊教育学校", "灵溪镇中心幼儿园"],
    ),
    sector("医药卫生界", 15, 4, 1, &["县人民医院", "县第三人民医院", "灵溪镇社区卫生服务中心", "矾山镇中心卫生院", "县中医院"]),
    sector("社会福利和社会保障界", 9, 6, 4, &["县社会福利中心", "县残联", "壹加壹公益联盟", "县红十字会"]),
    sector("少数民族和宗教界", 10, 7, 5, &["凤阳畲族乡人民政府", "岱岭畲族乡中心学校", "县佛教协会", "县基督教三自爱国会"]),
    sector("特邀人士界", 10, 0, 5, &["县律师协会", "县公证处", "县老科协", "县慈善总会"]),
];

/// 专委会: name, short name.
pub const COMMITTEES: &[(&str, &str)] = &[
    ("提案委员会", "提案委"),
    ("经济科技委员会", "经科委"),
    ("人口资源环境委员会", "人资环委"),
    ("农业和农村委员会", "农业农村委"),
    ("教科卫体委员会", "教科卫体委"),
    ("文化文史和学习委员会", "文史委"),
    ("社会法制委员会", "社法委"),
    ("民族宗教和港澳台侨委员会", "民宗委"),
];

/// 界别活动组
pub const GROUPS: &[&str] = &[
    "经济工商界别活动组",
    "教育科技卫生界别活动组",
    "农业界别活动组",
    "文化艺术界别活动组",
    "群团社福界别活动组",
    "综合界别活动组",
];

/// 党政部门: name, short name.
pub const DEPARTMENTS: &[(&str, &str)] = &[
    ("县委办公室", "县委办"),
    ("县人大常委会办公室", "县人大办"),
    ("县人民政府办公室", "县府办"),
    ("县委统战部", "统战部"),
    ("县教育局", "教育局"),
    ("县卫生健康局", "卫健局"),
    ("县交通运输局", "交通局"),
    ("县住房和城乡建设局", "住建局"),
    ("县农业农村局", "农业农村局"),
    ("县民政局", "民政局"),
    ("县人力资源和社会保障局", "人社局"),
    ("市生态环境局苍南分局", "生态环境分局"),
    ("县综合行政执法局", "综合执法局"),
    ("县公安局", "公安局"),
    ("县自然资源和规划局", "资规局"),
    ("县文化和广电旅游体育局", "文广旅体局"),
];

/// 民主党派、工商联、人民团体: kind, name, short name.
pub const ALLIES: &[(&str, &str, &str)] = &[
    ("party", "中国民主同盟苍南县委员会", "民盟县委会"),
    ("party", "中国民主建国会苍南县委员会", "民建县委会"),
    ("party", "中国民主促进会苍南县委员会", "民进县委会"),
    ("party", "中国农工民主党苍南县委员会", "农工党县委会"),
    ("federation", "苍南县工商业联合会", "县工商联"),
    ("people_organization", "苍南县总工会", "县总工会"),
    ("people_organization", "共青团苍南县委员会", "团县委"),
    ("people_organization", "苍南县妇女联合会", "县妇联"),
    ("people_organization", "苍南县科学技术协会", "县科协"),
    ("people_organization", "苍南县归国华侨联合会", "县侨联"),
];

/// What constituents do, for the note in a member's list.
pub const TRADES: &[&str] = &[
    "个体工商户",
    "合作社社员",
    "小学教师",
    "外来务工人员",
    "退休职工",
    "渔船船老大",
    "村民小组长",
    "网约车司机",
    "印刷厂工人",
    "乡村医生",
    "返乡创业青年",
    "养殖户",
    "茶农",
    "社区楼道长",
    "快递员",
    "幼儿园教师",
    "民宿业主",
    "农贸市场经营户",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::base::text::normalise_phone;

    #[test]
    fn phones_differ_and_are_valid() {
        let phones: HashSet<String> = (0..20_000).map(phone).collect();
        assert_eq!(phones.len(), 20_000);
        assert!(phones.iter().all(|phone| normalise_phone(phone).as_deref() == Some(phone)));
        assert_ne!(phone(5), phone(100_000_005));
    }

    #[test]
    fn the_sectors_are_those_of_240_members_and_point_at_what_there_is() {
        assert_eq!(SECTORS.len(), 20);
        assert_eq!(SECTORS.iter().map(|sector| sector.share).sum::<usize>(), 240);
        assert!(SECTORS.iter().all(|sector| sector.committee < COMMITTEES.len() && sector.group < GROUPS.len()));
        for (at, committee) in COMMITTEES.iter().enumerate() {
            assert!(SECTORS.iter().any(|sector| sector.committee == at), "{} has no sector", committee.0);
        }
    }
}
