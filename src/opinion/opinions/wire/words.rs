//! The closed sets that opinions are written and shown with.

use crate::words;

words! {
    /// 来件方式
    pub enum Intake {
        Online = "online", "网上";
        Letter = "letter", "信函";
        Telephone = "telephone", "电话";
        AppointmentMeeting = "appointment_meeting", "委员约谈会";
        InPerson = "in_person", "当面";
        Campaign = "campaign", "集中联系、约稿";
    }
}

words! {
    /// 拟用的渠道
    pub enum Outlet {
        Information = "information", "社情民意信息";
        Proposal = "proposal", "提案";
        PlenarySpeech = "plenary_speech", "大会发言";
        ThematicResearch = "thematic_research", "专题调研";
    }
}

words! {
    /// 作者选择的受理机构
    pub enum OwnerChoice {
        Office = "office", "办公室";
        CorrespondingCommittee = "corresponding_committee", "所在界别的对口专委会";
        OwnCommittee = "own_committee", "作者所属的专委会";
    }
}

words! {
    /// 采纳情况
    pub enum Outcome {
        Adopted = "adopted", "采纳";
        PartiallyAdopted = "partially_adopted", "部分采纳";
        NotAdopted = "not_adopted", "未采纳";
        Retained = "retained", "留存参考";
        Declined = "declined", "不予受理";
    }
}

words! {
    /// 时限所据的工作日历：known 为已公布或已录入，assumed 为尚无日历而按周一至周五推算
    pub enum DueCalendar {
        Known = "known", "已有日历";
        Assumed = "assumed", "推算";
    }
}
