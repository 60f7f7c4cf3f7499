//! The document: what utoipa collects from the routes, finished in one pass, so that what is true of every operation is
//! written once.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::base::id::Id;
use crate::base::problem::{Code, Fault};
use crate::http::index::DOCUMENTED;
use crate::http::pages::Health;
use crate::policy::Op;
use crate::report::compliance::{ComplianceArticle, RollUpBy};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "联系 Lianxi",
        description = "县级政协“领导联系常委、专委会联系委员、委员联系群众”制度的接口。人员、联系、社情民意及其反馈，一事一结果。日期在 1900-01-01 与 2999-12-31 之间。",
        contact(name = "联系项目组", url = "https://lianxi.example.cn"),
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    // The last ones stand in queries and on pages, from where utoipa collects nothing.
    components(schemas(ProblemDocument, Existing, Fault, ComplianceArticle, RollUpBy, Health))
)]
struct Start;

/// 问题说明 (RFC 9457)
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// 问题类型的说明页
    #[schema(max_length = 200, examples("/problems/not_found"))]
    r#type: String,
    /// 标题，语言随 Accept-Language
    #[schema(max_length = 200, examples("没有找到"))]
    title: String,
    /// HTTP 状态码
    #[schema(minimum = 400, maximum = 599, examples(404))]
    status: u16,
    /// 具体说明，语言随 Accept-Language
    #[schema(max_length = 1000, examples("没有找到所请求的内容"))]
    detail: String,
    /// 请求的路径
    #[schema(max_length = 500, examples("/v1/sectors/0192f0c1-2b3c-7d4e-8f50-61728394a5b6"))]
    instance: String,
    /// 稳定的问题代码
    #[schema(max_length = 60, examples("not_found"))]
    code: String,
    /// 请求编号，与响应头 X-Request-Id 相同
    #[schema(max_length = 64, examples("0192f0c1-2b3c-7d4e-8f50-61728394a5b6"))]
    request_id: String,
    /// 输入错误：形式上的（类型、必填、字段名、长度等）一次列全；形式无误后，违反规则的一次列全；至多 100 处
    #[schema(nullable = false, max_items = 100)]
    errors: Option<Vec<Fault>>,
    /// 409 时：事项现在的状态
    #[schema(nullable = false, max_length = 60, examples("accepted"))]
    state: Option<String>,
    /// 409 时：现在可做的动作
    #[schema(nullable = false, max_items = 50)]
    allowed_actions: Option<Vec<String>>,
    /// 409 client_ref_taken 时：以此 client_ref 已有的那一件
    #[schema(nullable = false)]
    existing: Option<Existing>,
}

/// 已有的一件
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Existing {
    /// 种类：opinion 社情民意，contact_event 联系活动
    #[schema(max_length = 60, examples("opinion"))]
    kind: String,
    /// 标识
    id: Id,
}

/// What holds for many operations, as the document's own description tells it.
const CONVENTIONS: &str = "\n\nGET 的地址都可以用 HEAD，答复相同而不带正文。\
    不能发 PATCH 的客户端（如 wx.request）以 POST 发往同一地址，带请求头 `X-HTTP-Method-Override: PATCH` 与 `Content-Type: application/merge-patch+json`，\
    结果与 PATCH 相同；这个请求头用于别的方法或取别的值，答复 400 malformed_header。";

/// The same, on each operation that it is about.
const TWIN: &str = "\n\n不能发 PATCH 的客户端以 POST 发往同一地址，带请求头 `X-HTTP-Method-Override: PATCH`。";

/// What utoipa starts from.
pub fn start() -> Document {
    Start::openapi()
}

/// Each tag: the first segment of its paths, which generators name their modules for, and what people are shown.
const TAGS: &[(&str, &str, &str)] = &[
    ("auth", "登录", "登录、刷新、退出与密码"),
    ("me", "我的", "我的账号、待办与通知"),
    ("jurisdictions", "地区", "地区与行政区划代码"),
    ("settings", "设置", "各项时限与标准，按生效日分版本"),
    ("dictionaries", "字典", "代码与中英文名称"),
    ("calendars", "工作日历", "休息日与调休上班日"),
    ("terms", "届", "政协各届"),
    ("sectors", "界别", "界别"),
    ("sector-correspondences", "对口联系", "界别与专委会的对口联系"),
    ("organizations", "机构", "专委会、办公室、活动组、部门等"),
    ("memberships", "所属", "人员在机构中的职责"),
    ("posts", "职务", "主席、副主席、秘书长、常委、委员"),
    ("persons", "人员", "人员"),
    ("accounts", "账号", "账号与角色"),
    ("constituents", "界别群众", "委员联系的群众，个人信息受保护"),
    ("contact-assignments", "联系安排", "谁联系谁"),
    ("exemptions", "免除与请假", "免除与请假"),
    ("contact-events", "联系活动", "发生过的联系"),
    ("opinions", "社情民意", "意见建议及其办理"),
    ("adoption-feedback", "采纳情况反馈", "给每位作者的反馈"),
    ("meetings", "主席会议", "主席会议、议题与决议"),
    ("reports", "报表", "履职情况"),
    ("well-known", "公钥", "令牌验证用的公钥"),
    ("health", "运行状态", "供运行维护查询，无需令牌"),
    ("metrics", "运行指标", "供运行维护采集，无需令牌"),
    ("problems", "问题说明", "每种问题的含义与处理办法"),
    ("demo", "演示", "只在演示中存在"),
];

/// The finished document.
pub fn finish(collected: Document) -> Value {
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    document["openapi"] = json!("3.1.0");
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    if let Some(Value::String(description)) = document["info"].get_mut("description") {
        description.push_str(CONVENTIONS);
    }
    document["servers"] = json!([{"url": "/", "description": "本服务"}]);
    document["tags"] = TAGS
        .iter()
        .map(|(name, shown, description)| json!({"name": name, "x-displayName": shown, "description": description}))
        .collect();
    let components = &mut document["components"];
    components["securitySchemes"] = json!({"bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "POST /v1/auth/login 得到的 access_token (RFC 9068)",
    }});
    components["headers"] = headers();
    components["responses"] = responses();
    components["parameters"] = parameters();
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.extend(pages());
    }
    let links = links(&document["paths"]);
    let mut used_tags = Vec::new();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            finish_operation(path, method, operation, &links);
            used_tags.extend(operation["tags"].as_array().into_iter().flatten().cloned());
        }
    }
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.retain(|tag| used_tags.contains(&tag["name"]));
    }
    share_parameters(&mut document);
    lift_descriptions(&mut document);
    document
}

/// What is said of a field that may be null stands on the field, not on the branch that is not null.
fn lift_descriptions(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    let fields = schemas.filter_map(|(_, schema)| schema.get_mut("properties")?.as_object_mut()).flatten();
    for (_, field) in fields {
        let Some(branches) = field.get_mut("oneOf").and_then(Value::as_array_mut) else { continue };
        let mut branches = branches.iter_mut().filter_map(Value::as_object_mut).filter(|branch| branch.contains_key("$ref"));
        if let Some(said) = branches.find_map(|branch| branch.remove("description")) {
            field["description"] = said;
        }
    }
}

fn finish_operation(path: &str, method: &str, operation: &mut Value, links: &Map<String, Value>) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let op = id.parse::<Op>().ok();
    let is_page = DOCUMENTED.contains(&path);
    let is_open = is_page || op.is_some_and(|op| Op::OPEN.contains(&op));
    let segment = path.trim_start_matches("/v1").trim_matches('/').trim_start_matches('.').split('/').next().unwrap_or_default();
    operation["tags"] = json!([segment]);
    operation["security"] = if is_open { json!([]) } else { json!([{"bearer": []}]) };

    let mut given: Vec<Value> = operation["parameters"].as_array().cloned().unwrap_or_default();
    let has = |given: &[Value], place: &str| given.iter().any(|parameter| parameter["in"] == place);
    let guarded = given.iter().any(|parameter| parameter["name"] == "If-Match");
    let takes_input = !operation["requestBody"].is_null() || has(&given, "query");
    let mut statuses: Vec<u16> = vec![400, 401, 403, 404, 405, 413, 415, 429, 500, 503];
    if takes_input || method == "post" {
        statuses.push(422);
    }
    if has(&given, "query") && given.iter().any(|parameter| parameter["name"] == "cursor") {
        statuses.push(410);
    }
    if guarded {
        statuses.extend([412, 428]);
    }
    if method != "get" {
        statuses.push(409);
    }
    let is_unchanging = op.is_some_and(Op::is_unchanging);
    if is_unchanging {
        given.push(json!({"$ref": "#/components/parameters/IfNoneMatch"}));
    }
    if method == "patch"
        && let Some(Value::String(description)) = operation.get_mut("description")
    {
        description.push_str(TWIN);
    }
    given.push(json!({"$ref": "#/components/parameters/AcceptLanguage"}));
    if !is_open {
        given.push(json!({"$ref": "#/components/parameters/ActingAs"}));
        if method == "post" {
            given.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
        }
    }
    operation["parameters"] = Value::Array(given);

    if let Some(answers) = operation["responses"].as_object_mut() {
        for (status, answer) in answers.iter_mut() {
            answer["headers"] = if is_page { page_headers() } else { answer_headers(status, method) };
            if status == "201" {
                answer["links"] = links.get(path).cloned().unwrap_or_else(|| json!({}));
            }
        }
        if is_unchanging {
            answers.insert("304".to_owned(), json!({"$ref": "#/components/responses/NotModified"}));
        }
        for status in statuses {
            answers.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{}", name_of(status))}));
        }
        answers.sort_keys();
    }
}

/// What is read by whoever operates the service: no operation of the policy table, since it asks for no account.
fn pages() -> [(String, Value); 3] {
    let page = |path: &str, id: &str, summary: &str, description: &str, content: Value| {
        let good = json!({"200": {"description": summary, "content": content}});
        (path.to_owned(), json!({"get": {"operationId": id, "summary": summary, "description": description, "responses": good}}))
    };
    let health = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}});
    let figures = json!({"application/openmetrics-text": {"schema": {"type": "string", "description": "OpenMetrics 1.0 文本"}}});
    let [live, ready, metrics] = DOCUMENTED;
    [
        page(live, "health_live", "进程在运行", "只说明进程能够答复，不查询数据库；用于决定是否重启。", health.clone()),
        page(
            ready,
            "health_ready",
            "可以提供服务",
            "数据库能够答复，且其结构不旧于程序；否则答复 503。用于决定是否分配请求。",
            health,
        ),
        page(metrics, "metrics_read", "运行指标", "按操作与状态统计的请求数与耗时、数据库连接数；不含个人信息。", figures),
    ]
}

fn page_headers() -> Value {
    json!({"X-Request-Id": {"$ref": "#/components/headers/RequestId"}})
}

fn answer_headers(status: &str, method: &str) -> Value {
    let mut headers = Map::new();
    let mut add = |name: &str, component: &str| {
        headers.insert(name.to_owned(), json!({"$ref": format!("#/components/headers/{component}")}));
    };
    add("X-Request-Id", "RequestId");
    add("RateLimit", "RateLimit");
    add("RateLimit-Policy", "RateLimitPolicy");
    if status == "201" {
        add("Location", "Location");
    }
    if status != "204" {
        add("ETag", "ETag");
    }
    if method == "post" {
        add("Idempotency-Replayed", "IdempotencyReplayed");
    }
    Value::Object(headers)
}

fn headers() -> Value {
    let text = |description: &str, example: &str| json!({"description": description, "schema": {"type": "string", "maxLength": 500}, "example": example});
    json!({
        "RequestId": text("请求编号", "0192f0c1-2b3c-7d4e-8f50-61728394a5b6"),
        "RateLimit": text("剩余次数与恢复秒数 (draft-ietf-httpapi-ratelimit-headers)", "\"default\";r=1199;t=1"),
        "RateLimitPolicy": text("频率限制", "\"default\";q=1200;w=60"),
        "Location": text("新内容的地址", "/v1/sectors/0192f0c1-2b3c-7d4e-8f50-61728394a5b6"),
        "ETag": text("版本，与正文中的 etag 相同；没有版本的答复不带", "\"3\""),
        "IdempotencyReplayed": text("重放的答复为 true，否则不带", "true"),
        "RetryAfter": {"description": "几秒后重试", "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86400}, "example": 2},
        "Allow": text("可用的方法", "GET, POST"),
        "ContentLanguage": text("title 与 detail 的语言", "zh-CN"),
        "WwwAuthenticate": text("认证方式", "Bearer realm=\"lianxi\""),
    })
}

/// The statuses of problems, each with its component's name.
const STATUSES: &[(u16, &str)] = &[
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (409, "Conflict"),
    (410, "Gone"),
    (412, "PreconditionFailed"),
    (413, "ContentTooLarge"),
    (415, "UnsupportedMediaType"),
    (422, "UnprocessableContent"),
    (428, "PreconditionRequired"),
    (429, "TooManyRequests"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
];

fn name_of(status: u16) -> &'static str {
    STATUSES.iter().find(|(of, _)| *of == status).map_or("InternalServerError", |(_, name)| name)
}

fn responses() -> Value {
    let mut responses = Map::new();
    for (status, name) in STATUSES {
        let codes: Vec<_> = Code::ALL
            .iter()
            .filter(|code| code.status() == *status)
            .map(|code| format!("`{}` {}", code.as_str(), code.title().zh))
            .collect();
        let mut headers = json!({
            "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
            "Content-Language": {"$ref": "#/components/headers/ContentLanguage"},
        });
        if matches!(status, 409 | 429 | 503) {
            headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"});
        }
        if *status == 405 {
            headers["Allow"] = json!({"$ref": "#/components/headers/Allow"});
        }
        if *status == 401 {
            headers["WWW-Authenticate"] = json!({"$ref": "#/components/headers/WwwAuthenticate"});
        }
        responses.insert(
            (*name).to_owned(),
            json!({
                "description": codes.join("；"),
                "headers": headers,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }),
        );
    }
    responses.insert(
        "NotModified".to_owned(),
        json!({"description": "与 If-None-Match 所带的 etag 相同，没有正文", "headers": answer_headers("304", "get")}),
    );
    Value::Object(responses)
}

fn parameters() -> Value {
    json!({
        "AcceptLanguage": {
            "name": "Accept-Language", "in": "header", "required": false, "description": "问题说明的语言：zh（默认）或 en",
            "schema": {"type": "string"}, "example": "zh-CN",
        },
        "ActingAs": {
            "name": "Lianxi-Acting-As", "in": "header", "required": false, "description": "以哪个角色办理；不给时取允许此事的最窄的角色",
            "schema": {"$ref": "#/components/schemas/Role"}, "example": "member",
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "上次读到的 etag，连同引号；没有变化时答复 304，不带正文 (RFC 9110, 13.1.2)",
            "schema": {"type": "string"}, "example": "\"3\"",
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "同一键与同一正文得到首次的答复，24 小时内有效 (draft-ietf-httpapi-idempotency-key-header)；其后职权有变化或有关的个人信息已删除的，答复 409 answer_not_kept",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"}, "example": "6f2c0b7e-visit-1",
        },
    })
}

/// From a created thing to everything that can be done with it, so that tests and clients find their way.
fn links(paths: &Value) -> Map<String, Value> {
    let all: Vec<(&String, &Map<String, Value>)> =
        paths.as_object().into_iter().flatten().filter_map(|(path, item)| Some((path, item.as_object()?))).collect();
    let mut links = Map::new();
    for (path, _) in &all {
        let under = format!("{path}/{{id}}");
        let mut own = Map::new();
        for (target, item) in &all {
            if **target != under && !target.starts_with(&format!("{under}/")) {
                continue;
            }
            for (method, operation) in item.iter() {
                let id = operation["operationId"].as_str().unwrap_or_default();
                let guarded =
                    operation["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == "If-Match");
                let mut parameters = json!({"id": "$response.body#/id"});
                if guarded {
                    parameters["If-Match"] = json!("$response.body#/etag");
                }
                let described = operation["summary"].as_str().unwrap_or(method);
                own.insert(id.to_owned(), json!({"operationId": id, "parameters": parameters, "description": described}));
            }
        }
        if !own.is_empty() {
            links.insert((*path).clone(), Value::Object(own));
        }
    }
    links
}

/// Parameters that several operations share word for word become components.
fn share_parameters(document: &mut Value) {
    let mut seen: Vec<(Value, usize)> = Vec::new();
    for parameter in each_parameter(document) {
        match seen.iter_mut().find(|(known, _)| *known == *parameter) {
            Some((_, count)) => *count += 1,
            None => seen.push((parameter.clone(), 1)),
        }
    }
    let mut named: Vec<(Value, String)> = Vec::new();
    for (parameter, count) in seen {
        if count < 2 || !parameter["$ref"].is_null() {
            continue;
        }
        let base: String = parameter["name"].as_str().unwrap_or_default().split(['_', '-']).map(capital).collect();
        let taken =
            |name: &str| named.iter().any(|(_, known)| known == name) || !document["components"]["parameters"][name].is_null();
        let name =
            (0..).map(|n| if n == 0 { base.clone() } else { format!("{base}{}", n + 1) }).find(|name| !taken(name)).unwrap_or(base);
        named.push((parameter, name));
    }
    for parameter in each_parameter(document) {
        if let Some((_, name)) = named.iter().find(|(known, _)| *known == *parameter) {
            *parameter = json!({"$ref": format!("#/components/parameters/{name}")});
        }
    }
    for (parameter, name) in named {
        document["components"]["parameters"][name] = parameter;
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn each_parameter(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    document["paths"]
        .as_object_mut()
        .into_iter()
        .flatten()
        .flat_map(|(_, item)| item.as_object_mut().into_iter().flatten())
        .flat_map(|(_, operation)| operation["parameters"].as_array_mut().into_iter().flatten())
}

/// As it is committed and served: two spaces of indent and a line feed at the end.
pub fn text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
