//! What is said of contacts, and back to who wrote.

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
