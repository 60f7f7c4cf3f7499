//! Every way to say no: RFC 9457 problems with stable codes. The table below is also the page `/problems/{code}` and `docs/errors.md`.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use super::id::Id;
use super::text::{FindingKind, personal_data};

/// One text in the two languages that the API speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    pub zh: Cow<'static, str>,
    pub en: Cow<'static, str>,
}

/// A text in Chinese and English.
pub fn say(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Say {
    Say { zh: zh.into(), en: en.into() }
}

impl Say {
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// The language of titles and details, by `Accept-Language`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Zh,
    En,
}

impl Language {
    /// Chinese unless English is asked for with a higher weight (RFC 9110, 12.5.4).
    pub fn accepted(header: Option<&str>) -> Self {
        let weight = |wanted: &str| {
            header
                .unwrap_or_default()
                .split(',')
                .filter_map(|range| {
                    let mut parts = range.split(';');
                    let tag = parts.next()?.trim().to_ascii_lowercase();
                    let q = parts
                        .find_map(|part| part.trim().strip_prefix("q=").map(str::to_owned))
                        .map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
                    (tag == wanted || tag.starts_with(&format!("{wanted}-"))).then_some(q)
                })
                .fold(0.0_f32, f32::max)
        };
        if weight("en") > weight("zh") { Self::En } else { Self::Zh }
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:literal, $zh:literal, $en:literal, $meaning:literal, $remedy:literal, $do:literal;)+) => {
        /// The stable code of a problem; never renamed, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($variant),+ }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As it stands in `code` and at the end of `type`.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// The HTTP status it is answered with.
            pub fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }
            pub fn title(self) -> Say { match self { $(Self::$variant => say($zh, $en)),+ } }
            /// What it means and how it comes about, for its page.
            pub fn meaning(self) -> &'static str { match self { $(Self::$variant => $meaning),+ } }
            /// What the caller can do about it.
            pub fn remedy(self) -> Say { match self { $(Self::$variant => say($remedy, $do)),+ } }
        }
    };
}

codes! {
    MalformedRequest = "malformed_request", 400, "请求无法读取", "Unreadable request",
        "请求行、查询串或正文的编码不合 HTTP 规定，或者地址过长。", "检查地址与编码（UTF-8、百分号编码），缩短地址。",
        "Check the address and its encoding (UTF-8, percent-encoded), or shorten it.";
    MalformedJson = "malformed_json", 400, "JSON 无法读取", "Unreadable JSON",
        "正文不是 RFC 8259 的 JSON，或者嵌套过深、键重复。", "按 detail 给出的行列修正正文。",
        "Correct the body at the line and column that detail names.";
    MalformedHeader = "malformed_header", 400, "请求头无法读取", "Unreadable header",
        "某个请求头的值不合规定，例如 If-Match 用了 *，或 Idempotency-Key 过长。", "按 detail 所指的请求头修正。",
        "Correct the header that detail names.";
    Unauthenticated = "unauthenticated", 401, "需要登录", "Authentication required",
        "没有令牌，或令牌过期、签名不符、已随会话结束。", "登录或用刷新令牌换取新令牌后重试。",
        "Log in, or get a new token with the refresh token, and try again.";
    InvalidCredentials = "invalid_credentials", 401, "账号或密码不正确", "Wrong account or password",
        "账号不存在、密码不对、账号被停用或暂时锁定，答复相同。", "核对后重试；15 分钟内多次失败会暂时锁定，请联系管理员。",
        "Check both and try again; failures in a row lock for fifteen minutes, and an administrator can help.";
    RefreshTokenInvalid = "refresh_token_invalid", 401, "刷新令牌无效", "Invalid refresh token",
        "刷新令牌过期、已用过或已撤销；用过的令牌再次出现会结束整个会话。", "重新登录。",
        "Log in again.";
    Forbidden = "forbidden", 403, "没有权限", "Not allowed",
        "账号的角色不能做这件事。", "请有此职责的人办理；角色由管理员授予。",
        "Ask somebody with this duty; an administrator grants roles.";
    OwnMatter = "own_matter", 403, "本人事项须回避", "Own matter",
        "不能受理、谢绝、决定、签发或裁定自己的事项。", "请同一机构的其他人办理。",
        "Ask somebody else of the same body.";
    PasswordChangeRequired = "password_change_required", 403, "须先修改密码", "Password change required",
        "新账号或重置后的账号用的是一次性密码。", "用 PUT /v1/auth/password 设置新密码。",
        "Set a new password with PUT /v1/auth/password.";
    NotFound = "not_found", 404, "没有找到", "Not found",
        "地址或标识不存在，或不在您可见的范围内；两者答复相同。", "核对地址；从列表重新取得标识。",
        "Check the address; take the id from a list again.";
    MethodNotAllowed = "method_not_allowed", 405, "方法不适用", "Method not allowed",
        "这个地址不接受该 HTTP 方法；Allow 列出可用的方法。", "改用 Allow 中的方法。",
        "Use one of the methods in Allow.";
    StateConflict = "state_conflict", 409, "当前状态不允许", "State does not allow this",
        "事项现在的状态不允许这个动作；state 与 allowed_actions 说明现状和可做的事。", "重新读取，按 allowed_actions 选择动作。",
        "Read it again and choose from allowed_actions.";
    Conflict = "conflict", 409, "与已有内容冲突", "Conflict with what exists",
        "与已有的行相抵触，例如时间重叠、编号或名称已被使用、仍被引用。", "按 detail 所指的内容修正。",
        "Correct what detail names.";
    ClientRefTaken = "client_ref_taken", 409, "client_ref 已用于别的内容", "client_ref was used for something else",
        "同一作者用同一 client_ref 提交过不同的内容。", "existing 指明已有的那一件；若确为新的内容，换一个 client_ref。",
        "existing names what came under it; take another client_ref for something new.";
    IdempotencyInProgress = "idempotency_in_progress", 409, "同一请求正在处理", "The same request is being processed",
        "同一 Idempotency-Key 的第一个请求还没有完成。", "按 Retry-After 稍后用同一个键重试。",
        "Try again with the same key after Retry-After.";
    AnswerNotKept = "answer_not_kept", 409, "答复不保留", "The answer was not kept",
        "那件事已经办成，但首次的答复不再给出：其中有密钥或群众的个人信息，或者有关的个人信息其后已删除，或者账号的职权其后有了变化。",
        "读取该事项即知现状，不要再做一次；确需另做一件的，换一个 Idempotency-Key。",
         "What was done stands: read it. Take another Idempotency-Key to do it once more.";
    CursorExpired = "cursor_expired", 410, "游标已失效", "Cursor too old",
        "游标来自恢复备份之前的数据库，或已超出保留期。", "从第一页重新读取。",
        "Read again from the first page.";
    VersionMismatch = "version_mismatch", 412, "内容已被他人修改", "Changed by someone else",
        "If-Match 不是当前的 etag。", "重新读取，核对后用新的 etag 重试。",
        "Read it again, compare, and try again with the new etag.";
    BodyTooLarge = "body_too_large", 413, "正文过大", "Body too large",
        "正文超过服务器设定的上限。", "缩短内容或分次提交。",
        "Shorten it, or send it in parts.";
    UnsupportedMediaType = "unsupported_media_type", 415, "媒体类型不适用", "Unsupported media type",
        "正文须为 application/json，PATCH 须为 application/merge-patch+json，字符集 UTF-8。", "修正 Content-Type。",
        "Correct the Content-Type.";
    InvalidInput = "invalid_input", 422, "输入有误", "Invalid input",
        "正文或查询中有类型不对、字段不识、超出范围或违反规则之处；errors 一次列出形式上的全部错误；形式无误后，一次列出违反规则之处。", "按 errors 中的 pointer 逐项修正。",
        "Correct each place that errors points to.";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Idempotency-Key 已用于别的请求", "Idempotency-Key was used for another request",
        "同一个键带来了不同的方法、地址或正文。", "为新的请求换一个键。",
        "Take another key for a new request.";
    PreconditionRequired = "precondition_required", 428, "需要 If-Match", "If-Match required",
        "修改已有的事项须带上读到的 etag，以免覆盖他人的修改。", "先读取，再以 If-Match 带上 etag，连同引号，如 \"3\"。",
        "Read it first, and send its etag in If-Match, quotes included.";
    RateLimited = "rate_limited", 429, "请求过于频繁", "Too many requests",
        "超过了每个账号或每个来源的频率限制。", "按 Retry-After 等待后重试。",
        "Wait as Retry-After says and try again.";
    Internal = "internal_error", 500, "服务内部错误", "Internal error",
        "服务没有预料到的情况；答复只含 request_id。", "稍后重试；再次出现时把 request_id 告诉运维人员。",
        "Try again later; if it happens again, give the request_id to the operator.";
    Unavailable = "unavailable", 503, "服务暂不可用", "Temporarily unavailable",
        "数据库暂时不可用或过于繁忙；没有写入任何内容，或须以同一 Idempotency-Key 重试来得知结果。", "按 Retry-After 等待后重试。",
        "Wait as Retry-After says and try again.";
}

/// The codes of single faults of input, which never change either, and what each means: every one that is told stands here.
pub const FAULTS: &[(&str, &str)] = &[
    ("code", "不是行政区划代码 (GB/T 2260)"),
    ("common_password", "密码过于常见，或与账号相近"),
    ("composition", "密码须含大写、小写、数字、符号中的三种"),
    ("control_character", "含有看不见的控制字符"),
    ("cursor", "游标无效，或不属于这个列表、筛选条件与账号"),
    ("ended", "所指的机构已经撤销"),
    ("enum", "不是所列的值之一"),
    ("exclusive", "这个角色不能与别的角色同授"),
    ("fixed", "首次提交之后不可再改"),
    ("format", "不是约定的格式，例如日期、标识"),
    ("has_account", "人员已有账号"),
    ("identity_number", "此处不得有身份证号码"),
    ("in_the_future", "不得晚于今天（年份：不得晚于所涉的那一年）"),
    ("in_the_past", "不得早于今天"),
    ("jurisdiction", "账号属于多个地区而没有指明，或不属于所指的地区"),
    ("length", "字数不在规定之内"),
    ("level", "行政区划代码的级别不对"),
    ("line_break", "单行的字段中有换行或制表符"),
    ("name", "此处不得有本人姓名"),
    ("no_leader", "这一天不是主席、副主席或秘书长"),
    ("no_match", "两条记录的双方、日期或形式不同，不是同一次联系"),
    ("no_member", "这一天不是委员"),
    ("no_special_committee", "不是专委会"),
    ("no_standing_member", "这一天不是常委"),
    ("not_a_weekday", "是周六或周日，本来就休息"),
    ("not_a_weekend_day", "是周一至周五，本来就上班"),
    ("not_allowed", "在这里不能给出；何时可以见 detail"),
    ("not_an_author", "这类机构不能作为作者"),
    ("not_an_owner", "只有专委会、办公室可以承办"),
    ("not_confirmed", "须先确认不涉及国家秘密"),
    ("not_ended", "没有最后一日的，不得有结束的决定"),
    ("not_here", "这个角色不在这里授予"),
    ("not_own", "不是本专委会"),
    ("not_together", "不能与另一参数同时给出"),
    ("one_author", "作者须为一名人员或一个机构"),
    ("order", "最后一日早于起始之日"),
    ("other_meeting", "决议不是本件所列会议的决议"),
    ("out_of_range", "日期不在 1900-01-01 与 2999-12-31 之间"),
    ("outside", "不在所属人员、机构、界别或届的期间之内"),
    ("outside_year", "不在所指的年份之内"),
    ("pattern", "不合规定的样式"),
    ("phone", "不是完整的电话；或者此处不得有电话"),
    ("repeated", "给了不止一次"),
    ("replaced", "该决议已被更正"),
    ("report_step", "已受理的社情民意由办公室报送"),
    ("required", "必填"),
    ("same", "与自身相同"),
    ("too_early", "早于可以记录的第一天"),
    ("too_far", "晚于可以到达的最后时刻"),
    ("too_few", "项数过少"),
    ("too_large", "大于最大值"),
    ("too_long", "字数过多"),
    ("too_many", "项数过多"),
    ("too_short", "字数过少"),
    ("too_small", "小于最小值"),
    ("type", "类型不对"),
    ("unchanged", "与现有的相同，没有改变"),
    ("unknown_code", "不是字典中在用的代码"),
    ("unknown_field", "不识别的字段或参数"),
    ("unknown_reference", "所指的对象不存在或不在可见范围内"),
    ("wrong_kind", "机构的类别不对"),
    ("wrong_password", "现用密码不对"),
];

/// So many faults are told at most: what the contract promises.
pub const MOST_FAULTS: usize = 100;
/// Characters of a pointer; what is longer is cut, since a pointer is made of what the caller sent.
const LONGEST_POINTER: usize = 200;

/// 一处输入错误
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// 出错之处：正文为 JSON Pointer (RFC 6901)，查询参数为 `/参数名`，请求头为头名
    #[schema(max_length = 500, examples("/title"))]
    pub pointer: String,
    /// 稳定的错误代码
    #[schema(max_length = 60, examples("too_long"))]
    pub code: String,
    /// 说明
    #[schema(max_length = 500, examples("不得超过 100 个字"))]
    pub detail: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub say: Option<Say>,
}

impl Fault {
    pub fn new(pointer: impl AsRef<str>, code: impl Into<String>, say: Say) -> Self {
        Self { pointer: cut(pointer.as_ref(), LONGEST_POINTER), code: code.into(), detail: say.zh.to_string(), say: Some(say) }
    }

    /// What `pointer` names is not there, or not for this caller.
    pub fn unknown_reference(pointer: impl AsRef<str>) -> Self {
        Self::new(pointer, "unknown_reference", say("所指的对象不存在或不在可见范围内", "refers to nothing that exists for you"))
    }
}

/// At most so many characters of a text, and a sign where there were more.
pub fn cut(text: &str, most: usize) -> String {
    text.char_indices().nth(most).map_or_else(|| text.to_owned(), |(end, _)| format!("{}…", &text[..end]))
}

/// 一处提醒：已保存，但文字中像是有不宜保存的个人信息；只指出位置，不重复内容
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// 所在的字段：JSON Pointer (RFC 6901)
    #[schema(max_length = 500, examples("/note"))]
    pub pointer: String,
    /// 稳定的代码：`phone` 电话，`identity_number` 身份证号码
    #[schema(max_length = 60, examples("phone"))]
    pub code: String,
    /// 说明
    #[schema(max_length = 200, examples("文字中像是有电话号码，请确认是否需要保留"))]
    pub detail: String,
    /// 第一个字符的位置，从 0 起
    #[schema(minimum = 0, maximum = 20000, examples(12))]
    pub start: i64,
    /// 最后一个字符之后的位置
    #[schema(minimum = 0, maximum = 20000, examples(23))]
    pub end: i64,
}

/// So many places of one text are told.
const MOST_WARNINGS: usize = 20;

/// Where free text at `pointer` holds phones and identity numbers (PIPL): places, never values.
pub fn warnings(pointer: &str, text: &str) -> Vec<Warning> {
    let place = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let found = personal_data(text).into_iter().take(MOST_WARNINGS).map(|finding| {
        let what = match finding.kind {
            FindingKind::Phone => "电话号码",
            FindingKind::IdentityNumber => "身份证号码",
        };
        Warning {
            pointer: pointer.to_owned(),
            code: finding.kind.code().to_owned(),
            detail: format!("文字中像是有{what}，请确认是否需要保留"),
            start: place(finding.start),
            end: place(finding.end),
        }
    });
    found.collect()
}

/// Takes an input's faults out of a refusal, so that others can be found beside them; any other refusal stands.
pub fn gather(faults: &mut Vec<Fault>, check: Maybe<()>) -> Maybe<()> {
    match check {
        Err(problem) if problem.code == Code::InvalidInput => {
            faults.extend(problem.faults.iter().cloned());
            Ok(())
        }
        other => other,
    }
}

/// A refusal on its way out. It is boxed inside, so that `Result<_, Problem>` stays small.
#[derive(Clone)]
pub struct Problem(Box<Inner>);

#[derive(Clone)]
pub struct Inner {
    pub code: Code,
    pub detail: Say,
    pub faults: Vec<Fault>,
    /// For 409: the present state, and what this caller may do now.
    pub state: Option<String>,
    pub allowed_actions: Vec<String>,
    /// For 409: what is there already, by kind and id.
    pub existing: Option<(&'static str, Id)>,
    /// Seconds, for 409, 429 and 503.
    pub retry_after: Option<u64>,
    /// The methods for 405.
    pub allow: Option<String>,
    /// Trying the same again at once may well succeed: a lost race, a stale connection.
    pub again: bool,
    /// For the log alone: never shown.
    pub cause: Option<String>,
}

pub type Maybe<T> = Result<T, Problem>;

impl Problem {
    pub fn new(code: Code, detail: Say) -> Self {
        Self(Box::new(Inner {
            code,
            detail,
            faults: Vec::new(),
            state: None,
            allowed_actions: Vec::new(),
            existing: None,
            retry_after: None,
            allow: None,
            again: false,
            cause: None,
        }))
    }

    /// A problem whose title says what is wrong: its detail says what to do.
    pub fn plain(code: Code) -> Self {
        Self::new(code, code.remedy())
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound, say("没有找到所请求的内容", "There is no such thing here"))
    }

    /// A fault of the service: the cause goes to the log, the caller gets the request's id.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut it = Self::new(
            Code::Internal,
            say(
                "服务遇到意外情况，请把 request_id 告诉运维人员",
                "Something unexpected happened; give the request_id to the operator",
            ),
        );
        it.0.cause = Some(cause.to_string());
        it
    }

    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let mut it = Self::new(
            Code::Unavailable,
            say("数据库暂时不可用，请稍后重试", "The database is not available just now; try again soon"),
        );
        it.0.cause = Some(cause.to_string());
        it.0.retry_after = Some(2);
        it
    }

    /// For the log alone.
    pub fn set_cause(&mut self, cause: impl fmt::Display) {
        self.0.cause = Some(cause.to_string());
    }

    /// Marks a refusal that the database owes to a race or a stale connection.
    pub fn worth_another_try(mut self) -> Self {
        self.0.again = true;
        self
    }

    /// 422 with all that was found wrong; nothing found is no refusal.
    pub fn unless_none(faults: Vec<Fault>) -> Maybe<()> {
        if faults.is_empty() { Ok(()) } else { Err(Self::invalid(faults)) }
    }

    pub fn invalid(mut faults: Vec<Fault>) -> Self {
        faults.truncate(MOST_FAULTS);
        let count = faults.len();
        let mut it =
            Self::new(Code::InvalidInput, say(format!("有 {count} 处需要修正，见 errors"), format!("{count} faults, see errors")));
        it.0.faults = faults;
        it
    }

    /// One rule broken at one place.
    pub fn rule(pointer: &str, code: &str, say: Say) -> Self {
        Self::invalid(vec![Fault::new(pointer, code, say)])
    }

    /// 409: what is, by its code and its Chinese name, and what may be done now.
    pub fn state(state: &str, label: &str, allowed_actions: Vec<String>) -> Self {
        let mut it = Self::new(
            Code::StateConflict,
            say(format!("当前状态为“{label}” ({state})，不能这样做"), format!("not possible in the state {state}")),
        );
        it.0.state = Some(state.to_owned());
        it.0.allowed_actions = allowed_actions;
        it
    }

    pub fn conflict(detail: Say) -> Self {
        Self::new(Code::Conflict, detail)
    }

    /// 409: a `client_ref` stands for something else already.
    pub fn client_ref_taken(kind: &'static str, id: Id) -> Self {
        let mut it = Self::plain(Code::ClientRefTaken);
        it.0.existing = Some((kind, id));
        it
    }

    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub fn with_allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    pub fn with_actions(mut self, allowed_actions: Vec<String>) -> Self {
        self.0.allowed_actions = allowed_actions;
        self
    }
}

impl std::ops::Deref for Problem {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {:?}",
            self.code.as_str(),
            self.faults.iter().map(|fault| (&fault.pointer, &fault.code)).collect::<Vec<_>>()
        )?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, " because {cause}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail.en)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert!((400..600).contains(&code.status()));
            assert!(!code.meaning().is_empty() && !code.remedy().zh.is_empty() && code.remedy() != code.title());
        }
    }

    #[test]
    fn chinese_unless_english_is_preferred() {
        for (header, expected) in [
            (None, Language::Zh),
            (Some("en"), Language::En),
            (Some("en-GB,zh;q=0.5"), Language::En),
            (Some("zh-CN,zh;q=0.9,en;q=0.8"), Language::Zh),
            (Some("fr"), Language::Zh),
            (Some("en;q=0"), Language::Zh),
            (Some(";;,q=,"), Language::Zh),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header:?}");
        }
    }
}
