//! What members write and what bodies answer: written for the demo, in the manner of a county's 社情民意.
//!
//! `{town}`, `{village}`, `{road}`, `{school}` are of the township it is about; `{firm}` is a firm of some
//! name, so that there are rare words to search for; `{n}` is a number of tens, `{m}` one of units.

use super::dice::Dice;
use super::names::Township;

/// One matter that a member could raise.
#[derive(Clone, Copy, Debug)]
pub struct Matter {
    pub category: &'static str,
    pub title: &'static str,
    pub situation: &'static str,
    pub analysis: &'static str,
    pub suggestions: &'static str,
    /// What a department or the meeting says to it.
    pub answer: &'static str,
}

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

/// 社情民意: what people of the county need from leaders and departments (arts. 6, 9, 16).
pub const SOCIAL: &[Matter] = &[
    Matter {
        category: "transport",
        title: "关于在{school}门口增设斑马线和减速设施的建议",
        situation: "{school}位于{road}旁，上下学时段有{n}余名学生横穿马路。现场没有斑马线和信号灯，大货车与接送车辆混行，今年以来已发生剐蹭事故{m}起，家长意见很大。",
        analysis: "道路改造后交通标线没有同步恢复；学校出入口与公交站相距过近；高峰时段没有固定的护学岗。",
        suggestions: "一是在校门两侧补划斑马线，设置减速带和警示灯；二是上下学时段限制货车通行；三是由交警、学校和家长志愿者共同设立护学岗。",
        answer: "县公安局交警大队已会同住建部门现场踏勘，斑马线和爆闪警示灯列入本季度道路标线整治计划，护学岗已于本月起实行。",
    },
    Matter {
        category: "transport",
        title: "关于优化灵溪至{town}公交班次的建议",
        situation: "灵溪至{town}的公交末班车为傍晚五点半，{village}等地在县城务工的群众和住校学生周末返家困难，只能搭乘非法营运车辆，单程费用高出{m}倍，安全也没有保障。",
        analysis: "城乡公交一体化改造后按平峰客流排班，没有考虑周五、周日的集中出行；部分路段道路等级低，大车难以会车。",
        suggestions: "建议周五、周日及节假日增开夜班车，末班延至晚上八点；客流少的时段改用小型车；在手机上公布车辆实时位置。",
        answer: "县交通运输局表示，自下月起该线周五、周日各加开两班，末班时间调整为十九时四十分，并试行预约响应式小巴。",
    },
    Matter {
        category: "transport",
        title: "关于尽快修复{road}破损路面的建议",
        situation: "{road}{village}段约{n}米路面坑洼严重，雨天积水成塘，夜间没有路灯。沿线有企业{m}家、住户{n}户，电动车摔倒的事情时有发生。",
        analysis: "该路段超限货车多，基层已经损坏；权属在镇村之间几经变动，养护责任没有落实；排水边沟被堵。",
        suggestions: "明确养护主体，纳入年度大中修计划；先行填补坑槽、疏通边沟；加强货车超限治理；补齐路灯。",
        answer: "已由县公路与运输管理中心列入本年度农村公路大中修项目，坑槽先行修补完毕，路灯由属地镇负责安装。",
    },
    Matter {
        category: "transport",
        title: "关于缓解灵溪城区停车难的若干建议",
        situation: "灵溪城区私家车保有量每年增加近一成，{road}一带夜间停车位缺口在{n}个以上，占用人行道、消防通道停车的情况普遍，曾发生消防车进不了小区的险情。",
        analysis: "老旧小区配建车位少；机关单位内部车位夜间闲置；商业综合体停车收费偏高，周转率低。",
        suggestions: "推动机关事业单位车位错时开放；利用边角地块建设立体车库；整治占用消防通道的行为；建立全县统一的停车诱导平台。",
        answer: "县综合行政执法局已牵头制定公共停车资源共享方案，首批十二家单位夜间向社会开放车位四百余个。",
    },
    Matter {
        category: "education",
        title: "关于加强农村小规模学校师资配备的建议",
        situation: "{town}有村小和教学点{m}所，在校学生合计{n}人，音乐、体育、美术、科学课多由语文数学教师兼任，近三年调离的骨干教师有{m}名，家长因此把孩子送往县城就读。",
        analysis: "编制按生师比核定，学生少的学校教师总量不足；职称评聘与城区学校同台竞争，没有优势；交通和住宿条件差。",
        suggestions: "小规模学校按班师比核编；推行学区内教师走教，发放交通补贴；职称评审向长期任教的乡村教师倾斜；建设教师周转房。",
        answer: "县教育局明确自新学年起在三个学区试行艺体教师走教，走教补贴按月发放，周转宿舍改造列入民生实事项目。",
    },
    Matter {
        category: "education",
        title: "关于规范中小学课后服务收费与质量的建议",
        situation: "走访中不少家长反映，课后服务以写作业为主，特色课程少；个别学校把课程外包给机构，收费每学期相差{n}元，家长心里没底。",
        analysis: "经费标准多年未变，校内教师报酬偏低；第三方机构准入和评价办法不健全；学生需求调查流于形式。",
        suggestions: "公布全县统一的第三方机构白名单和收费上限；每学期开展家长满意度测评，结果与购买服务挂钩；鼓励退休教师、非遗传承人进校园。",
        answer: "县教育局已会同发改、财政部门修订课后服务管理办法，白名单与收费标准在局网站公布，本学期起实行满意度测评。",
    },
    Matter {
        category: "education",
        title: "关于增加{town}普惠性托育服务供给的建议",
        situation: "{town}三岁以下婴幼儿约{n}名，现有托育机构{m}家，每月费用在两千元以上，双职工家庭普遍靠老人带，“生了没人带”是年轻父母最担心的事。",
        analysis: "场地、消防手续办理难，幼儿园办托班积极性不高；普惠补贴标准低；保育人员流动大。",
        suggestions: "支持公办幼儿园下延举办托班；社区配套用房优先用于托育；对普惠机构按实际收托人数给予运营补助；开展保育员免费培训。",
        answer: "县卫生健康局与教育局已确定今年新增托位三百个，其中公办园托班八个，普惠补助标准的调整方案正在会签。",
    },
    Matter {
        category: "health",
        title: "关于提升{town}卫生院急诊急救能力的建议",
        situation: "{town}距县人民医院四十多公里，山路弯多。{village}一位村民突发心梗，救护车往返用了近两个小时。卫生院夜间只有一名值班医生，没有独立的急诊室。",
        analysis: "急救站点集中在县城及周边；卫生院急救设备配备不齐，医护人员缺少规范化培训；转诊绿色通道没有真正打通。",
        suggestions: "在片区中心卫生院设立急救站，配备救护车和除颤仪；县级医院急诊骨干定期下沉；在学校、车站等场所布设自动体外除颤器并培训使用。",
        answer: "县卫生健康局答复，片区急救站已列入明年建设计划，首批二十台自动体外除颤器近期安装到位，急救培训已开展三期。",
    },
    Matter {
        category: "health",
        title: "关于方便慢性病老人在村开药的建议",
        situation: "{village}有高血压、糖尿病患者{n}余人，村卫生室药品不全，老人每月要坐车到镇卫生院排队配药，往返大半天，行动不便的只能托人代配。",
        analysis: "村卫生室没有纳入医保联网结算；基本药物配送次数少；乡村医生年龄偏大，电子处方操作有困难。",
        suggestions: "加快村卫生室医保联网；推行长处方和送药上门；卫生院组织巡回医疗车定期到村；培养大学生乡村医生。",
        answer: "县医保局已将六十二家村卫生室纳入联网结算，长处方病种扩大到十二种，巡回医疗车每月到村不少于两次。",
    },
    Matter {
        category: "social_security",
        title: "关于完善农村居家养老服务照料中心运行机制的建议",
        situation: "{village}照料中心建成三年，目前只剩棋牌活动，助餐停了。村里八十岁以上老人有{n}位，多数子女在外，一日三餐成问题。",
        analysis: "建设补助一次到位，运营经费没有着落；就餐人数少、成本高；缺少专业人员，村里有顾虑不敢多做。",
        suggestions: "按实际就餐人次给予运营补贴；以镇为单位委托社会组织连片运营，实行中央厨房配送；鼓励低龄老人互助；建立意外保险。",
        answer: "县民政局已在三个乡镇试点中央厨房加助餐点模式，老人用餐每餐补助五元，运营补助与服务人次挂钩。",
    },
    Matter {
        category: "social_security",
        title: "关于推进老旧小区加装电梯的建议",
        situation: "{road}一带的老旧小区多为六层楼房，没有电梯，居住的六十岁以上老人超过{n}人。去年以来只成功加装{m}台，多数卡在低层住户不同意。",
        analysis: "业主协商缺少规则和第三方；管线迁移费用高且要跑多个部门；补助发放慢。",
        suggestions: "建立社区协调机制，引入律师、规划师参与协商；管线迁移实行一窗受理、费用打包；补助资金竣工后一个月内拨付；探索成片加装。",
        answer: "县住房和城乡建设局已出台加装电梯实施细则，管线迁改费用由财政与管线单位分担，今年计划加装四十台。",
    },
    Matter {
        category: "social_security",
        title: "关于关爱农村留守儿童心理健康的建议",
        situation: "{town}学校摸排，父母双方外出的留守儿童有{n}人，部分孩子沉迷手机、情绪低落，学校专职心理教师只有{m}名。",
        analysis: "隔代抚养重吃饱轻沟通；心理教师编制少，村社缺少活动场所；寒暑假是管理的空档。",
        suggestions: "建设假日小候鸟驿站；由县心理服务中心每月送课到校；组织大学生志愿者结对；对重点对象一人一档。",
        answer: "团县委与县教育局联合开办暑期爱心托管班三十六个，重点学生已建立档案，心理服务中心每月巡回到校。",
    },
    Matter {
        category: "marine",
        title: "关于修缮{town}渔港防波堤和避风锚地的建议",
        situation: "{town}渔港在册渔船{n}余艘，防波堤在去年台风中损坏{m}处，港池淤积，低潮时大船进不了港，避风只能开往外地，渔民损失大、风险高。",
        analysis: "渔港建成时间早，设计标准低；清淤资金没有固定来源；港区管理涉及农业农村、交通、海事多家。",
        suggestions: "争取上级渔港经济区项目，按五十年一遇标准加固防波堤；建立清淤长效机制；明确港长职责；完善渔船避风调度预案。",
        answer: "县农业农村局已编制渔港升级改造可行性报告并上报省厅，应急修复资金一百二十万元已安排，汛前完成损坏段加固。",
    },
    Matter {
        category: "marine",
        title: "关于规范海上紫菜养殖用海秩序的建议",
        situation: "{village}近海紫菜养殖面积逐年扩大，插杆占用航道，今年已发生渔船绞缆{m}起；养殖户之间因界址不清发生纠纷，收获季节尤其突出。",
        analysis: "养殖用海规划滞后，部分海域没有发证；海上标识缺失；执法力量有限，退养补偿标准不明。",
        suggestions: "尽快完成养殖用海普查和确权发证；设置航道标识，限期清理占航养殖；由镇村成立养殖协会自律管理；推广生态养殖设施。",
        answer: "县自然资源和规划局正在开展用海普查，占用航道的插杆已清理两千余米，首批养殖证年底前发放。",
    },
    Matter {
        category: "marine",
        title: "关于落实休渔期渔民转产培训的建议",
        situation: "伏季休渔三个半月，{town}近{n}名雇工渔民没有收入来源，培训多为一天的讲座，实际转产的很少，年轻人不愿上船，船东反映招工越来越难。",
        analysis: "培训内容与用工需求脱节；补贴按船发放，雇工难以受益；海上作业保险保障低。",
        suggestions: "与县内企业签订休渔期用工对接；培训改为菜单式，考证有补贴；将雇工渔民纳入意外保险补助范围；支持渔家民宿和休闲渔业。",
        answer: "县人力资源和社会保障局休渔期举办专场招聘会四场，提供岗位六百余个，渔业互助保险雇工补助标准提高三成。",
    },
    Matter {
        category: "agriculture",
        title: "关于扶持马站四季柚产业提质增效的建议",
        situation: "四季柚种植面积稳定，但近两年黄龙病零星发生，{village}一带减产约两成；果农各卖各的，电商平台上以次充好，影响了地理标志的牌子。",
        analysis: "苗木检疫把关不严；分选、冷藏设施不足；商标使用管理松散；种植户平均年龄接近六十岁。",
        suggestions: "建立无病苗木繁育基地，统防统治；建设产地仓和分选线；规范地理标志使用并实行溯源码；培育年轻的新农人。",
        answer: "县农业农村局已建成无病苗木圃一处，统防统治面积六千亩，地标用标主体重新核准，溯源码今年采收季启用。",
    },
    Matter {
        category: "agriculture",
        title: "关于解决{village}农田灌溉“最后一公里”问题的建议",
        situation: "{village}有水田{n}余亩，渠道多为土渠，渗漏严重，上游放水流不到田头。今年夏旱时，{m}个村民小组靠水泵抽水，亩均增加成本一百多元。",
        analysis: "高标准农田建设只改了主干渠，支渠毛渠没有配套；小型水利设施产权不清，管护没人负责。",
        suggestions: "把支渠毛渠纳入下一批高标准农田项目；落实管护经费和管水员；推广节水灌溉；旱情期间统一调度水库放水。",
        answer: "县水利局已将该村列入小型农田水利维修养护项目，渠道衬砌一千八百米年内完工，管水员已落实。",
    },
    Matter {
        category: "agriculture",
        title: "关于盘活农村闲置宅基地发展民宿的建议",
        situation: "{village}空置老屋{m}处以上，有返乡青年想租来办民宿，但手续要跑{m}个部门，消防验收通不过，前期投入得不到保障。",
        analysis: "闲置农房流转没有统一的合同和平台；民宿消防标准照搬旅馆；污水、停车等配套不足。",
        suggestions: "建立县级农房流转交易平台；出台民宿联合审批办法，实行消防告知承诺；配套补助水电路；支持村集体统一收储、整体招商。",
        answer: "县农业农村局会同消防、文旅等部门出台民宿联合核验办法，审批由四十个工作日压缩到十五个，首批流转农房已上线。",
    },
    Matter {
        category: "agriculture",
        title: "关于防治松材线虫病、保护山林的建议",
        situation: "从{village}到莒溪沿线山上枯死松树连片，粗略估计有{n}亩，既影响景观，也增加了森林火险。",
        analysis: "除治队伍专业性不够，枯木清理不彻底；改种树种的补助低于成本；林权分散，难以整片施工。",
        suggestions: "委托专业公司连片除治并第三方验收；补植阔叶彩色树种；提高补助标准；与护林员考核挂钩。",
        answer: "县自然资源和规划局完成枯死松树清理一万二千亩，改种枫香、木荷等树种，委托第三方逐小班验收。",
    },
    Matter {
        category: "urban_construction",
        title: "关于整治{road}背街小巷环境的建议",
        situation: "{road}两侧背街小巷管线乱拉、雨污混流，垃圾房紧挨居民窗口，夏天气味难闻。社区登记的投诉近半年有{n}件。",
        analysis: "改造重主街轻小巷；弱电线缆分属多家，谁都不愿先动；垃圾清运一天一次，不够用。",
        suggestions: "连片实施雨污分流和弱电上改下；垃圾房改为定时定点投放；划定摊位疏导点；整治后由社区自治管理。",
        answer: "县综合行政执法局已将该片区纳入背街小巷改造计划，线缆整治由三家运营商同步进场，垃圾清运增为每日三次。",
    },
    Matter {
        category: "urban_construction",
        title: "关于加快{town}污水管网建设的建议",
        situation: "{village}等村污水直排河道，夏季河水发黑。污水处理厂建成后进水浓度低，设计能力只用了不到六成，而村里管网还没有接通。",
        analysis: "主管与支管分期实施，中间断头；部分管道错接漏接；运维单位按水量而不是按水质考核。",
        suggestions: "开展管网普查，先通断头管；新建小区严格验收接管；运维考核加入进水浓度指标；公开整改进度接受监督。",
        answer: "县住房和城乡建设局已完成管网普查八十公里，打通断头管四处，进水浓度纳入运维考核。",
    },
    Matter {
        category: "urban_construction",
        title: "关于增加城区公共充电设施的建议",
        situation: "{road}片区新能源汽车增长快，公共充电桩不足{n}个，且有一成以上长期故障；电动自行车飞线充电屡禁不止。",
        analysis: "老小区变压器容量不足；充电桩由多家企业建设，维护没有统一要求；车棚用地难落实。",
        suggestions: "编制充电设施布局规划；老小区改造同步增容；故障桩限期修复并公示；每个社区至少建一处电动自行车集中充电棚。",
        answer: "县发展和改革局已将公共充电桩建设列入民生实事，年内新增三百个，故障桩修复情况按月公布。",
    },
    Matter {
        category: "environment",
        title: "关于治理印刷包装企业废气扰民的建议",
        situation: "{town}工业区周边居民反映，晚上能闻到油墨气味，{village}居民关窗睡觉。附近有印刷企业{m}家，部分活性炭设施形同虚设。",
        analysis: "小微企业治理设施标准低，活性炭更换不及时；夜间执法覆盖不到；园区与住宅缓冲距离不足。",
        suggestions: "建设活性炭集中再生中心；推广水性油墨并给予技改补助；安装在线监测与用电监控；夜间开展飞行检查。",
        answer: "市生态环境局苍南分局夜查企业二十三家、立案五起，活性炭集中更换服务已覆盖一百一十家企业。",
    },
    Matter {
        category: "environment",
        title: "关于加强海漂垃圾治理的建议",
        situation: "台风过后{village}海滩泡沫浮球和塑料垃圾堆积，志愿者一天清理{m}吨，隔几天又漂上来，影响游客也影响养殖。",
        analysis: "泡沫浮球替换进度慢；上游河道垃圾拦截不到位；清理经费靠村里自筹。",
        suggestions: "全面替换塑胶浮球，以旧换新；入海河口设拦截设施；建立海上环卫队伍，经费列入财政；发动渔民带回垃圾兑换日用品。",
        answer: "县农业农村局已完成浮球替换六成，两处入海河口拦截网建成，海上环卫按年度政府购买服务。",
    },
    Matter {
        category: "environment",
        title: "关于规范建筑垃圾处置的建议",
        situation: "装修垃圾在{road}路口随意堆放，{village}附近的废弃矿坑有人夜间倾倒，群众反映了{m}次没有根本解决。",
        analysis: "全县只有一处消纳场，运距远、费用高；渣土车监管平台没有联网；违法成本低。",
        suggestions: "建设装修垃圾中转点和资源化利用厂；渣土车安装定位并联网监管；设有奖举报；工程款与合规处置挂钩。",
        answer: "县综合行政执法局新设装修垃圾中转点六处，渣土车全部接入监管平台，查处偷倒案件十四起。",
    },
    Matter {
        category: "economy",
        title: "关于帮助小微印刷企业应对订单下滑的建议",
        situation: "调研{m}家小微印刷包装企业，上半年订单平均减少两成，应收账款周期拉长到一百天以上，有{n}名工人轮岗放假。",
        analysis: "纸价波动大，议价能力弱；产品同质化，设计附加值低；银行续贷仍看重抵押物。",
        suggestions: "建立原纸集中采购平台；设立县级印刷设计中心，提供打样服务；推广应收账款融资；组团参加境内外展会并给予展位补助。",
        answer: "县经济和信息化局已组织三家纸企对接集中采购，金融机构发放应收账款融资八千万元，参展补助比例提高到七成。",
    },
    Matter {
        category: "economy",
        title: "关于优化企业用工招聘服务的建议",
        situation: "春节后{town}企业缺工{n}人以上，普工日薪涨了两成仍招不满，有的企业靠中介，每人要付上千元介绍费，工人干几天就走。",
        analysis: "产业配套与外来务工人员的住房、子女就学需求不匹配；招聘信息分散；技能培训与岗位脱节。",
        suggestions: "建设蓝领公寓；务工人员子女入学按积分公开排序；县里组织专车到劳务输出地接人；规范零工市场和中介收费。",
        answer: "县人力资源和社会保障局包车接回务工人员一千二百人，零工市场免费开放，蓝领公寓一期四百套年底交付。",
    },
    Matter {
        category: "economy",
        title: "关于进一步压减涉企检查频次的建议",
        situation: "多家企业反映，一个月内接待了{m}批检查，内容有重复，整改要求前后不一致，企业负责人疲于应付。",
        analysis: "部门间检查计划没有统筹；综合查一次推进不够；第三方隐患排查与执法检查混同。",
        suggestions: "推行扫码入企、检查计划公示；同类事项综合查一次；对信用好的企业减少频次；由政协委员担任营商环境监督员。",
        answer: "县司法局牵头实行涉企检查扫码备案，第三季度检查批次同比下降四成，聘请营商环境监督员三十名。",
    },
    Matter {
        category: "industry",
        title: "关于支持仪表产业数字化改造的建议",
        situation: "我县仪表企业多数仍是单机自动化，{m}家受访企业中只有少数实现了生产数据联网，老板普遍怕投入大、见效慢、找不到懂行的人。",
        analysis: "缺少本地的数字化服务商；通用软件不贴合工艺；一次性投入补助比例低。",
        suggestions: "培育本地服务商，形成行业样本；改造费用分年补助；与高校共建实训基地；组织企业互相参观打分。",
        answer: "县经济和信息化局已认定数字化服务商九家，仪表行业样本企业五家建成，改造补助最高可达投入的三成。",
    },
    Matter {
        category: "commerce",
        title: "关于改造提升{town}农贸市场的建议",
        situation: "{town}农贸市场建于九十年代，棚顶漏雨、地面湿滑，活禽交易区与蔬菜区相邻；摊位{n}个，车位只有{m}个，周边道路常年拥堵。",
        analysis: "市场产权属村集体，无力投入；流动摊贩分流了生意；改造期间经营户没有过渡场地。",
        suggestions: "按星级标准改造，财政与村集体共同出资；先建过渡市场；取消活禽交易；配建停车楼。",
        answer: "县市场监督管理局将该市场列入年度改造名单，过渡市场选址已定，改造后设停车位一百二十个。",
    },
    Matter {
        category: "culture_tourism",
        title: "关于保护利用矾山矾矿工业遗产的建议",
        situation: "矾矿遗址保存完整，但厂房渗漏、设备锈蚀，老矿工口述史无人系统整理；旅游旺季{road}堵车，游客停留时间平均不到半天。",
        analysis: "文保、矿山、旅游多头管理；讲解和体验项目少；交通和住宿配套跟不上。",
        suggestions: "成立统一的保护利用机构；抢救性整理口述史；开发矿洞研学；打通矾山至马站的环线。",
        answer: "县文化和广电旅游体育局启动矾矿遗址抢险加固，口述史已采集八十人，矿洞研学线路暑期开放。",
    },
    Matter {
        category: "culture_tourism",
        title: "关于传承蓝夹缬、单档布袋戏等非遗项目的建议",
        situation: "我县单档布袋戏能上台演出的艺人只剩{m}位，平均年龄六十八岁；蓝夹缬作坊订单不足，徒弟学成后改行。",
        analysis: "传承补助标准低，收徒没有保障；演出市场小；学校课程零散。",
        suggestions: "提高代表性传承人补助，收徒给予生活津贴；公益演出政府采购；编写乡土教材；支持文创开发。",
        answer: "县文化和广电旅游体育局今年采购非遗公益演出一百二十场，传承人补助提高到每年一万元，乡土教材进入八所学校。",
    },
    Matter {
        category: "employment",
        title: "关于保障快递外卖从业人员权益的建议",
        situation: "与{n}名骑手座谈了解到，多数没有签订劳动合同，受伤后只有商业意外险，赔付难；找不到休息喝水的地方，夏天中暑的不少。",
        analysis: "用工关系认定不清；平台算法压缩配送时间；公共服务没有覆盖到流动人群。",
        suggestions: "推动平台企业参加职业伤害保障试点；沿街单位共建骑手驿站；建立工会联合会；交通安全培训与接单挂钩。",
        answer: "县总工会建成骑手驿站五十八处，成立快递外卖行业工会联合会，职业伤害保障参保一千四百人。",
    },
    Matter {
        category: "law_order",
        title: "关于防范农村老年人电信诈骗和养老骗局的建议",
        situation: "{village}近一年有{m}位老人买了高价保健品或被骗转账，合计损失{n}多万元，老人怕子女责怪多不报案。",
        analysis: "宣传多在网上，老人看不到；会销讲座租用村里场所，管理有空档；银行网点劝阻缺少统一流程。",
        suggestions: "用方言大喇叭、木偶戏宣传；村级场所不得出租办会销；银行对老人大额转账延时到账并联系子女；建立村级反诈联络员。",
        answer: "县公安局拍摄方言反诈短剧二十集，村社反诈联络员实现全覆盖，银行劝阻拦截资金三百六十万元。",
    },
    Matter {
        category: "law_order",
        title: "关于加强农村自建房安全管理的建议",
        situation: "{town}排查自建房中用作出租、作坊的有{n}栋，部分加层没有手续，一楼仓储、楼上住人，电线老化，隐患大。",
        analysis: "历史遗留多，鉴定费用房主不愿出；镇里专业人员少；分类处置标准不清。",
        suggestions: "政府购买服务统一鉴定；经营性自建房先整改后经营；推广自建房带图报建和工匠持证；建立巡查抄告制度。",
        answer: "县住房和城乡建设局完成经营性自建房鉴定一千三百栋，危险房屋全部停用，乡村工匠培训持证四百人。",
    },
    Matter {
        category: "governance",
        title: "关于减轻村社报表负担的建议",
        situation: "{village}干部反映，手机上有{m}个工作平台要每天打卡，同一份人口数据一个月报了{m}次，入户走访的时间反而少了。",
        analysis: "部门各建系统、数据不通；考核看留痕；基层没有拒绝的底气。",
        suggestions: "清理合并政务应用，一表通报；村社事项准入要把关；考核减少台账比重；基层评价部门的结果要公开。",
        answer: "县委办公室清理合并政务应用二十七个，村社一表通在五个乡镇试点，报表减少四成以上。",
    },
    Matter {
        category: "governance",
        title: "关于完善小区物业管理的建议",
        situation: "{road}多个小区业委会到期没有换届，物业费收缴率不到六成，电梯故障、监控失灵没人管，业主和物业互相埋怨。",
        analysis: "业委会成员履职没有约束和报酬；维修资金使用程序复杂；物业服务没有分级定价。",
        suggestions: "社区党组织牵头换届；简化维修资金应急使用；物业服务质价相符、按年公示；设立物业纠纷调解室。",
        answer: "县住房和城乡建设局出台维修资金应急使用办法，完成业委会换届三十八个，物业纠纷调解室进驻六个社区。",
    },
    Matter {
        category: "united_front",
        title: "关于支持畲族乡特色村寨发展的建议",
        situation: "凤阳、岱岭两个畲族乡保留了三月三、畲歌、彩带等民俗，但村里会唱畲歌的年轻人只有{m}个，民族小学学生{n}余名，产业以茶叶番薯为主，收入不高。",
        analysis: "节庆活动一年一次，平时游客少；交通条件差；民俗技艺没有变成产品。",
        suggestions: "打造畲乡风情旅游线；民族学校开设畲语畲歌课；扶持彩带、乌米饭等伴手礼；加快进乡道路拓宽。",
        answer: "县委统战部协调落实民族乡发展资金五百万元，进乡道路拓宽工程开工，畲歌课程在两所民族学校开设。",
    },
    Matter {
        category: "united_front",
        title: "关于做好侨胞台胞返乡创业服务的建议",
        situation: "座谈的{m}位侨胞台胞反映，返乡投资咨询要跑多个部门，子女就学、社保接续没有人说得清楚，有的项目因此搁置。",
        analysis: "涉侨涉台政策分散；没有专门的服务窗口；信息宣传少。",
        suggestions: "行政服务中心设侨台专窗；编印办事手册；落实子女就学照顾；发挥台商小镇的示范作用。",
        answer: "县政务服务中心侨台专窗已启用，编印办事手册三千册，七名侨胞子女入学问题已解决。",
    },
    Matter {
        category: "health",
        title: "关于加强中小学生近视防控的建议",
        situation: "{school}体检数据显示，五年级学生视力不良率超过一半，教室灯光有{m}间不达标，大课间户外活动时间不足。",
        analysis: "课业负担和电子产品使用多；改造资金不足；家长重配镜轻预防。",
        suggestions: "教室照明全面达标改造；保证每天两小时户外活动；建立屈光档案；规范验光配镜机构。",
        answer: "县教育局两年内完成教室照明改造，今年已改造四百二十间，学生屈光档案建档率达到九成六。",
    },
    Matter {
        category: "commerce",
        title: "关于规范直播带货、保护消费者权益的建议",
        situation: "受理的投诉中，本地直播间虚标产地、赠品不兑现的有{n}多件，退货要求被拉黑，群众维权难。",
        analysis: "主播更换频繁，主体难追溯；平台在外地，协查慢；农产品缺少分级标准。",
        suggestions: "建立直播企业备案和信用分；制定本地特产分级标准；设立小额先行赔付；行业协会开展培训。",
        answer: "县市场监督管理局备案直播企业九十家，处理投诉一百余件，先行赔付基金已设立。",
    },
    Matter {
        category: "party_building",
        title: "关于发挥驻外流动党员作用的建议",
        situation: "{town}在外经商党员有{n}人，多数两三年才回来一次，组织生活靠微信群，党员教育和作用发挥都不够。",
        analysis: "流入地与流出地联系少；流动党支部活动经费不足；缺少能发挥专长的平台。",
        suggestions: "依托商会建立流动党支部；线上线下结合开展组织生活；开展“回乡一件事”活动；建立双向联系卡。",
        answer: "县委组织部依托异地商会成立流动党支部十八个，开展“回乡一件事”项目九十余个。",
    },
    Matter {
        category: "other",
        title: "关于完善灾害性天气预警信息传递的建议",
        situation: "去年台风期间，{village}停电断网，预警信息传不下去，{m}户沿山群众是村干部打着手电一家家敲门转移的。",
        analysis: "预警依赖手机；应急广播覆盖不全；山洪危险区名单多年未更新。",
        suggestions: "配备卫星电话和手摇警报器；应急广播延伸到自然村；每年汛前更新转移名单并演练；组建邻里互助小组。",
        answer: "县应急管理局为山区村配备卫星电话六十部，应急广播新增点位三百个，汛前演练实现全覆盖。",
    },
];

/// 对政协工作的意见建议 (art. 19).
pub const CPPCC: &[Matter] = &[
    Matter {
        category: "cppcc",
        title: "建议常委会会议材料提前一周送达",
        situation: "近几次常委会会议的协商材料在会前一两天才收到，{m}位常委反映来不及到界别群众中听取意见，发言多停留在面上。",
        analysis: "部门定稿晚；材料审核环节多；纸质印发占用时间。",
        suggestions: "协商议题年初排定；材料会前七天通过履职平台推送，定稿可后补；会前安排半天分组调研。",
        answer: "主席会议研究同意：常委会会议材料原则上会前五个工作日送达，征求意见稿先行推送，由办公室负责督促。",
    },
    Matter {
        category: "cppcc",
        title: "建议改进委员履职量化考核办法",
        situation: "现行考核按次数计分，提案、社情民意以篇数论，有委员为凑分把一件事拆成{m}件写；走访群众、参与调解却难以体现。",
        analysis: "指标重数量轻质量；群众评价没有纳入；结果运用不够公开。",
        suggestions: "采纳和批示加分，重复拆分不计；把联系群众的实效纳入；每半年公示一次，委员可以申诉。",
        answer: "部分采纳：走访群众与服务活动纳入计分，采纳情况加权；公示周期仍为一年，申诉程序另行制定。",
    },
    Matter {
        category: "cppcc",
        title: "建议增加委员视察的随机性",
        situation: "委员视察多为提前安排好的点，座谈发言有稿子，看到的“亮点”多，问题少。{m}位委员希望能自己选点。",
        analysis: "接待习惯使然；时间紧凑；担心影响部门关系。",
        suggestions: "每次视察安排三分之一的随机点；不预先通知线路；允许委员单独走访服务对象；报告先写问题。",
        answer: "采纳：自下半年起委员视察设随机点位，比例不低于三成，由各专委会在方案中写明。",
    },
    Matter {
        category: "cppcc",
        title: "建议在{town}设立委员会客厅并固定接待日",
        situation: "{town}群众想找委员反映问题不知道去哪里，委员工作室设在镇政府三楼，一个季度接待不到{m}人。",
        analysis: "场所选址不便民；接待时间不固定；问题转办没有下文。",
        suggestions: "会客厅设在社区服务中心一楼；每月十五日为接待日并公布委员名单；建立登记、转办、回告制度。",
        answer: "采纳：主席会议同意在六个乡镇设立委员会客厅，每月固定接待日，登记事项纳入联系群众平台办理。",
    },
    Matter {
        category: "cppcc",
        title: "建议提案办理面商改为现场办理",
        situation: "有委员反映提案面商时承办单位只派科员上门签字，{m}件提案答复雷同，委员碍于情面签了满意。",
        analysis: "满意率考核导致重签字轻办理；委员缺少评价办理过程的渠道。",
        suggestions: "重点提案到现场面商，分管领导参加；委员评价实行背靠背；答复雷同的退回重办；办理结果向社会公开。",
        answer: "采纳：提案委制定背靠背评价办法，重点提案现场面商不少于两次，答复质量由专委会抽评。",
    },
    Matter {
        category: "cppcc",
        title: "建议为委员开展社情民意写作培训",
        situation: "新任委员中有{m}位从未写过社情民意，提交的材料被退回较多，积极性受影响；有的委员只会讲不会写。",
        analysis: "培训集中在任期初；缺少范例和一对一指导。",
        suggestions: "每季度举办一次专题培训；汇编优秀信息；各专委会设联络员帮助整理；开通语音提交。",
        answer: "采纳：由委员工委每季度组织一次培训，办公室编印范例，各专委会明确一名信息联络员。",
    },
    Matter {
        category: "cppcc",
        title: "建议专委会定期通报界别委员意见办理情况",
        situation: "委员提交意见后常常不知道走到哪一步，界别群众问起来无法回答。去年本界别提出的{m}条意见，只收到两条书面反馈。",
        analysis: "办理环节不透明；反馈责任不清；平台通知不及时。",
        suggestions: "专委会每季度向界别委员通报一次；平台显示办理进度；超过时限的自动提醒承办机构负责人。",
        answer: "采纳：各专委会每季度通报，办理进度在平台向作者公开，超时事项由秘书长督办。",
    },
    Matter {
        category: "cppcc",
        title: "建议规范领导联系常委的联系内容",
        situation: "领导联系常委多以会议碰面代替，{m}位常委全年没有被专门走访；联系时谈履职少、谈困难更少。",
        analysis: "没有明确每年的联系清单；联系情况没有记录。",
        suggestions: "年初确定联系计划，每年至少一次面对面了解工作；记录要点并由双方确认；困难事项限期回复。",
        answer: "采纳：列入年度工作要点，联系情况由双方确认并在主席会议上通报。",
    },
    Matter {
        category: "cppcc",
        title: "建议拓宽界别协商的参与面",
        situation: "界别协商会多由界别召集人和相关部门参加，普通委员和群众代表名额少，{n}人的会议发言不到{m}人。",
        analysis: "会议规模受场地限制；发言提前指定；线上参与渠道没有打通。",
        suggestions: "开通网络协商；每次安排三分之一自由发言；邀请群众代表列席；协商成果一个月内反馈。",
        answer: "部分采纳：自由发言时间不少于三分之一，群众代表列席由各专委会试行，网络协商待平台完善后开通。",
    },
    Matter {
        category: "cppcc",
        title: "建议完善委员请假和补课制度",
        situation: "企业界委员出差多，一年三次全体活动请假{m}次以上的有{n}人次，请假后没有补课，履职情况参差不齐。",
        analysis: "活动通知时间短；请假审批松；没有替代性任务。",
        suggestions: "活动计划按季度公布；请假须说明理由并完成一次调研或走访；连续缺席由委员工委约谈。",
        answer: "采纳：委员工委修订考勤办法，季度计划提前公布，缺席委员须补交一次走访记录。",
    },
    Matter {
        category: "cppcc",
        title: "建议政协文史工作走进乡村",
        situation: "{town}不少老人对矾矿、海防、畲乡迁徙的往事记得很清楚，却没有人记录，去年已有{m}位老人过世。",
        analysis: "文史征集靠约稿；经费和人员有限；没有影像设备。",
        suggestions: "设立乡村文史联络员；与学校合作口述史社团；建立影像档案；文史资料上网。",
        answer: "采纳：文化文史和学习委员会聘请乡村文史联络员三十名，口述史采集列入年度计划。",
    },
    Matter {
        category: "cppcc",
        title: "建议公开社情民意采纳情况",
        situation: "群众把意见告诉委员后，最关心有没有用。目前采纳情况只反馈给作者本人，{village}有群众连着问了{m}次，委员也说不清楚。",
        analysis: "担心公开后引发攀比；涉及部门较多，口径不一。",
        suggestions: "作者同意公开的，每季度在政协网站公布标题、承办单位和采纳情况；公布前征求部门意见。",
        answer: "采纳：自下季度起按季公布，公布范围限于作者同意公开的事项，由办公室统一发布。",
    },
    Matter {
        category: "cppcc",
        title: "建议主席会议邀请委员列席",
        situation: "主席会议研究委员意见时，提意见的委员不在场，有的情况讲不透，{m}件意见因此退回补充材料。",
        analysis: "会议规模有限；列席没有制度。",
        suggestions: "研究重要意见时请作者列席说明五分钟；不便到场的可用视频；列席情况记入履职档案。",
        answer: "采纳：每次会议安排不超过三位委员列席说明，由秘书长提前一周通知。",
    },
    Matter {
        category: "cppcc",
        title: "建议调整对口联系界别较多的专委会力量",
        situation: "有的专委会对口联系四个界别、{n}多位委员，只有两名干部，走访一遍要大半年；有的只联系一个界别。",
        analysis: "对口关系沿用上届；干部编制按委室平均。",
        suggestions: "按委员人数重新平衡对口界别；聘请退下来的委员担任联络员；界别活动组承担部分联系工作。",
        answer: "部分采纳：科协和科技界调整由经济科技委员会对口联系，聘请联络员的办法由委员工委提出方案。",
    },
    Matter {
        category: "cppcc",
        title: "建议为履职平台增加离线记录功能",
        situation: "{town}山区信号差，走访时打不开平台，{m}位委员回来凭记忆补录，时间地点常有出入。",
        analysis: "平台开发时没有考虑离线；补录没有期限提示。",
        suggestions: "手机端可离线记录，回到有网处自动上传；补录超过七天的提示说明原因。",
        answer: "采纳：平台已支持离线记录与去重，补录提示在下次升级时加入。",
    },
    Matter {
        category: "cppcc",
        title: "建议规范委员走访群众的公务保障",
        situation: "委员走访{village}等偏远村多用私家车，来回七八十公里，没有补贴也没有保险，{m}位女委员反映夜间返程不安全。",
        analysis: "走访不属于会议活动，没有经费科目。",
        suggestions: "为委员统一购买意外保险；集中走访由机关安排车辆；单独走访的按次给予交通补助。",
        answer: "部分采纳：统一购买意外保险，集中走访安排车辆；交通补助因财务规定暂不实行。",
    },
    Matter {
        category: "cppcc",
        title: "建议把委员联系群众情况纳入界别组考核",
        situation: "联系群众做得好不好全凭委员自觉，本组{m}位委员一年只走访一次，组长也不好意思提醒。",
        analysis: "考核到个人，没有到组；数据公布晚。",
        suggestions: "每季度公布各组完成率；完成率列入先进界别组评选；对未完成的由组长约谈。",
        answer: "采纳：委员工委按季通报各界别完成情况，年度评选时作为依据。",
    },
    Matter {
        category: "cppcc",
        title: "建议加强与{town}联络组的工作衔接",
        situation: "{town}联络组和界别活动组都组织委员活动，时间常常冲突，今年重复走访同一个村{m}次，群众说“来的人多，办的事少”。",
        analysis: "两类小组分属不同委室指导；计划没有共享。",
        suggestions: "建立全县委员活动日历；同一村一个季度内不重复集中走访；走访中反映的事项合并交办。",
        answer: "采纳：由委员工委建立活动日历，各组计划提前十天登记。",
    },
    Matter {
        category: "cppcc",
        title: "建议大会发言向基层委员倾斜",
        situation: "近三年大会发言以部门和民主党派为主，来自乡镇和企业一线的委员只有{m}位，讲的多是宏观问题。",
        analysis: "发言稿征集时间短；基层委员不熟悉格式。",
        suggestions: "大会发言中一线委员不少于四成；安排专人帮助修改；口头发言限五分钟，直奔问题。",
        answer: "采纳：下次全会口头发言中一线委员不少于四成，由提案委负责征集与辅导。",
    },
    Matter {
        category: "cppcc",
        title: "建议健全委员困难帮扶机制",
        situation: "走访中了解到{m}位委员所在企业资金链紧张，还有委员患重病住院，机关得知时已过去两个月。",
        analysis: "联系多谈工作，少问困难；没有报告渠道。",
        suggestions: "联系领导每半年了解一次困难；委员工委建立台账，三十个工作日内回复；患病住院的及时看望。",
        answer: "采纳：列入领导联系常委、专委会联系委员的内容，由委员工委建立台账。",
    },
    Matter {
        category: "cppcc",
        title: "建议减少会议陪会和重复签到",
        situation: "一次视察从早到晚要签到{m}次，平台扫码一次、纸上签一次、座谈会再签一次，占用时间。",
        analysis: "各环节由不同委室组织；数据没有共用。",
        suggestions: "一次活动只扫一次码；纸质签到取消；无关人员不陪会。",
        answer: "采纳：自本月起一次活动一次扫码，其余签到取消。",
    },
    Matter {
        category: "cppcc",
        title: "建议加强委员小组活动经费保障",
        situation: "界别活动组全年活动经费几千元，外出学习考察、下乡义诊的车辆和材料费常由委员自掏，有的组一年只开{m}次会。",
        analysis: "经费按组平均，没有与活动挂钩；报销手续多。",
        suggestions: "经费随活动计划核定；义诊、送教等服务活动实报实销；公开使用情况。",
        answer: "未采纳：当年预算已经批复，经费总额不作调整；服务活动用车由办公室统筹安排，明年编制预算时研究。",
    },
];

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

/// What a member met the people for: form, words.
pub const VISITS: &[(&str, &str)] = &[
    ("visit", "走访{village}，了解春耕备耕和灌溉用水情况"),
    ("visit", "到{village}看望独居老人，了解助餐点用餐情况"),
    ("visit", "走访养殖户，了解台风后的恢复生产情况"),
    ("visit", "走访{road}沿街商户，听取停车和环境卫生方面的意见"),
    ("visit", "走访困难家庭，送去慰问品，了解医疗费用报销情况"),
    ("visit", "到{school}走访，听取家长对课后服务的意见"),
    ("visit", "走访企业一线职工，了解工资、社保和住宿情况"),
    ("visit", "走访茶农，了解采茶季用工和销路"),
    ("visit", "走访渔民家庭，了解休渔期生活和转产培训情况"),
    ("visit", "宣传社保新政策，帮助{m}位老人办理手机认证"),
    ("visit", "入户走访，征求对小区加装电梯的意见"),
    ("visit", "走访村卫生室，了解慢性病患者配药情况"),
    ("reciprocal_visit", "群众代表到单位回访，交流上次反映事项的进展"),
    ("reciprocal_visit", "邀请界别群众到委员会客厅互访，谈乡村民宿发展"),
    ("symposium", "在{village}文化礼堂召开座谈会，听取对村庄整治的意见"),
    ("symposium", "与小微企业主座谈，了解订单和融资情况"),
    ("symposium", "与青年教师座谈，了解乡村任教的困难"),
    ("telephone", "电话联系，了解孩子入学手续办理情况"),
    ("telephone", "电话回访，告知反映事项已列入计划"),
    ("online", "在界别群众微信群征求对停车管理办法的意见"),
    ("online", "线上答复群众咨询的医保报销问题"),
    ("interview", "约谈反映噪声扰民的住户，了解具体时段"),
    ("letter", "收到群众来信，反映路灯损坏，已书面回复"),
];

/// What leaders and standing members, committees and members met for.
pub const REVIEWS: &[(&str, &str)] = &[
    ("visit", "走访了解一年来的履职情况，交流下一步打算"),
    ("interview", "约谈了解年度工作，听取对政协工作的意见"),
    ("symposium", "召开界别委员座谈会，了解一年来履职情况，收集社情民意"),
    ("reciprocal_visit", "到机关互访，汇报本年度履职和所在单位工作情况"),
    ("visit", "到委员企业走访，了解履职情况和经营困难"),
];

pub const TALKS: &[(&str, &str)] = &[
    ("telephone", "电话沟通，商量界别协商议题"),
    ("interview", "交流所联系群众反映的热点问题"),
    ("symposium", "座谈学习全会精神，讨论年度协商计划"),
    ("visit", "走访委员，了解工作和生活中的困难"),
    ("online", "网上交流社情民意选题"),
];

/// 宣传的政策 (art. 18): name, level.
pub const POLICIES: &[(&str, &str)] = &[
    ("乡村振兴促进法", "nation"),
    ("民营经济促进法", "nation"),
    ("浙江省优化营商环境条例", "province"),
    ("城乡居民医保新政策", "city"),
    ("县委共同富裕重大部署", "county"),
    ("海域使用管理规定", "province"),
];

/// 为群众办的实事 (art. 9): kind, what.
pub const SERVICES: &[(&str, &str)] = &[
    ("medical", "组织义诊，测量血压血糖"),
    ("legal", "免费法律咨询"),
    ("farming", "农技指导，发放防虫资料"),
    ("teaching", "为留守儿童送课"),
    ("jobs", "介绍就近就业岗位"),
    ("donation", "捐赠图书和文具"),
];

/// Why an opinion came back.
pub const RETURNS: &[&str] = &[
    "缺少具体地点和数据，请补充后再提交。",
    "所反映的包含两件事，请按一事一议分别提交。",
    "建议部分较为原则，请写明希望由哪个部门做什么。",
    "与近期已提交的一件内容相近，请说明有何新的情况。",
];

/// Why an opinion was not taken up; it is the feedback.
pub const DECLINES: &[&str] = &[
    "所反映事项正在诉讼程序中，请依照法定途径解决；如有程序性意见，可另行反映。",
    "该事项属于县级以下单位内部管理，已告知反映渠道，不作为社情民意受理。",
    "经核实，所反映的项目已于上月竣工并投入使用，感谢关注。",
    "该建议与上位法规定不一致，现阶段不具备条件，不予受理。",
];

pub const OBJECTION: &str = "现场走访核实，问题仍然存在，有照片和群众签名为证，请重新审查。";
pub const RETENTION: &str = "情况属实，相关政策正在修订，留存作为明年调研选题参考。";
pub const WITHDRAWAL: &str = "问题已经解决，不再需要反映。";
pub const TRANSFER: &str = "内容属贵委联系界别的工作范围，请研究办理。";
pub const DISSATISFACTION: &str = "答复没有说明完成时间，希望给出具体安排。";

/// Comments on a feedback that its author was content with.
pub const THANKS: &[&str] = &[
    "已告知反映问题的群众，大家表示满意。",
    "感谢办理，将继续关注落实情况。",
    "情况了解，同意答复意见。",
    "谢谢，回访时群众说已经看到变化。",
];

/// Why a record of contact was disputed.
pub const DISPUTES: &[&str] = &["当天不在县里，没有参加这次联系", "日期有误，应为前一周", "只是通过电话，没有走访"];

/// Why somebody was exempted, or on leave.
pub const EXEMPTIONS: &[(&str, &str)] = &[
    ("leave", "因病住院治疗"),
    ("leave", "产假"),
    ("leave", "赴境外学习"),
    ("exemption", "援派新疆工作"),
    ("exemption", "长期患病休养"),
];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::personal_data;
    use crate::demo::names::CANGNAN;
    use crate::directory::dictionaries;

    fn texts() -> impl Iterator<Item = &'static str> {
        let matters = SOCIAL.iter().chain(CPPCC);
        let of = matters.flat_map(|matter| [matter.title, matter.situation, matter.analysis, matter.suggestions, matter.answer]);
        let spoken = [VISITS, REVIEWS, TALKS].into_iter().flatten().map(|(_, words)| *words);
        of.chain(DETAILS.iter().copied()).chain(spoken)
    }

    #[test]
    fn every_slot_is_filled_and_no_text_looks_like_personal_data() {
        let mut dice = Dice::new(1);
        for text in texts() {
            for place in CANGNAN {
                let filled = fill(text, place, &mut dice);
                assert!(!filled.contains(['{', '}']), "{filled}");
                assert!(personal_data(&filled).is_empty(), "{filled}");
            }
        }
    }

    #[test]
    fn categories_and_forms_stand_in_the_dictionaries() {
        let knows = |name: &str, code: &str| {
            let entries = dictionaries::built_in(name).expect("a dictionary");
            assert!(entries.iter().any(|entry| entry.code == code), "{code}");
        };
        SOCIAL.iter().chain(CPPCC).for_each(|matter| knows("opinion_categories", matter.category));
        [VISITS, REVIEWS, TALKS].into_iter().flatten().for_each(|(form, _)| knows("contact_forms", form));
        SERVICES.iter().for_each(|(kind, _)| knows("service_kinds", kind));
    }

    #[test]
    fn a_long_text_has_some_six_hundred_characters_and_stays_within_the_limit() {
        let mut dice = Dice::new(3);
        let mut all = 0;
        for at in 0..200 {
            let matter = &SOCIAL[at % SOCIAL.len()];
            let (situation, analysis, suggestions) = long(matter, &CANGNAN[at % CANGNAN.len()], &mut dice, 580);
            let length = [situation, analysis, suggestions].iter().map(|text| text.chars().count()).sum::<usize>();
            assert!(length < 1_000, "{length}");
            all += length;
        }
        assert!((560..660).contains(&(all / 200)), "{}", all / 200);
        assert!(SOCIAL.iter().all(|matter| fill(matter.title, &CANGNAN[0], &mut dice).chars().count() <= 100));
    }
}
