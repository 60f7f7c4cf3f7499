//! The closed sets that contacts are recorded and shown with.

use crate::words;

words! {
    /// 联系的一方：联系方是领导、专委会、委员，被联系方是常委、委员、群众
    pub enum ContactSide {
        Contacting = "contacting", "联系方";
        Contacted = "contacted", "被联系方";
    }
}

words! {
    /// 联系活动的状态
    pub enum ContactEventState {
        Recorded = "recorded", "已记录";
        Confirmed = "confirmed", "已确认";
        Disputed = "disputed", "有异议";
        Voided = "voided", "已作废";
    }
}

words! {
    /// 一位参加者对记录的答复
    pub enum Confirmation {
        Recorded = "recorded", "由其记录";
        Pending = "pending", "未答复";
        Confirmed = "confirmed", "确认";
        Disputed = "disputed", "有异议";
        Overruled = "overruled", "有异议，已裁定记录属实";
    }
}

words! {
    /// 联系内容（第五条至第九条）
    pub enum ContentKind {
        PolicyAndLaw = "policy_and_law", "方针政策与法律法规的贯彻实施";
        CountyAffairs = "county_affairs", "经济、政治、文化、社会、生态文明建设";
        CppccWork = "cppcc_work", "政协工作";
        DutyPerformance = "duty_performance", "履行职责与工作学习中的困难";
        ConstituentNeeds = "constituent_needs", "群众的呼声、诉求与意见建议";
    }
}

words! {
    /// 所宣传政策的层级
    pub enum PublicityLevel {
        Nation = "nation", "国家";
        Province = "province", "省";
        City = "city", "市";
        County = "county", "县";
    }
}

words! {
    /// 对有异议的记录的裁定
    pub enum SettleOutcome {
        Confirmed = "confirmed", "记录属实";
        Voided = "voided", "记录作废";
    }
}
