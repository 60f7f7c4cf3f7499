//! 登录: tokens for a password, new tokens for a refresh token, an end to both (RFC 6749, RFC 9068).
//!
//! Unknown, wrong, locked and disabled look alike, in words and in time. A locked account is locked for the source that
//! guessed, so that nobody can lock its owner out.

use actix_web::{get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::sessions::{self, Session};
use crate::base::id::Id;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::directory::passwords;
use crate::http::admitted::Admitted;
use crate::http::{Answer, Body, Call, House, Reply};
use crate::policy::token::{AUDIENCE, Claims, ISSUER};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(auth_login).service(auth_refresh).service(auth_logout).service(auth_password_change);
}

/// 登录
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// 账号
    #[schema(min_length = 1, max_length = 60, examples("member-1"))]
    account: String,
    /// 密码
    #[schema(min_length = 1, max_length = 128, format = "password", examples("Lianxi-Demo-2026"))]
    password: String,
    /// 令牌要代表的地区，其今天的行政区划代码；不给时为新增账号的地区
    #[schema(nullable = false, pattern = "^[0-9]{6}$", examples("330327"))]
    jurisdiction: Option<String>,
}

/// 刷新
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// 刷新令牌
    #[schema(min_length = 1, max_length = 200)]
    refresh_token: String,
    /// 换到账号所属的另一个地区；不给时不变
    #[schema(nullable = false, pattern = "^[0-9]{6}$", examples("330327"))]
    jurisdiction: Option<String>,
}

/// 退出
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Logout {
    /// 刷新令牌
    #[schema(min_length = 1, max_length = 200)]
    refresh_token: String,
}

/// 修改密码
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// 现在的密码
    #[schema(min_length = 1, max_length = 128, format = "password")]
    current_password: String,
    /// 新的密码：不得是常见密码，不得与账号或现在的密码相同或相近；服务器设为等保三级 (profile = dengbao-3) 时须含大写、小写、数字、符号中的三种
    #[schema(min_length = 8, max_length = 128, format = "password")]
    new_password: String,
}

/// 令牌
#[derive(Debug, Serialize, ToSchema)]
struct Tokens {
    /// 访问令牌 (RFC 9068)，放在 Authorization: Bearer 中
    #[schema(max_length = 4000)]
    access_token: String,
    /// 类型，总是 Bearer
    #[schema(max_length = 20, examples("Bearer"))]
    token_type: String,
    /// 访问令牌还有几秒有效
    #[schema(minimum = 1, maximum = 900, examples(900))]
    expires_in: i64,
    /// 刷新令牌，只能用一次
    #[schema(max_length = 200)]
    refresh_token: String,
    /// 刷新令牌还有几秒有效；每次刷新重新起算
    #[schema(minimum = 1, maximum = 2_592_000, examples(43200))]
    refresh_expires_in: i64,
    /// 令牌所代表的地区
    #[schema(pattern = "^[0-9]{6}$", examples("330327"))]
    jurisdiction: String,
    /// 是否须先修改密码
    must_change_password: bool,
}

/// 令牌验证用的公钥 (RFC 7517)
#[derive(Debug, Serialize, ToSchema)]
struct KeySet {
    /// 公钥
    #[schema(max_items = 20)]
    keys: Vec<PublicKey>,
}

/// 一个公钥 (RFC 7517)
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct PublicKey {
    /// 密钥标识
    #[schema(max_length = 100)]
    kid: String,
    /// 类型：EC 或 OKP
    #[schema(max_length = 10, examples("EC"))]
    kty: String,
    /// 曲线
    #[schema(max_length = 20, examples("P-256"))]
    crv: String,
    /// 算法
    #[schema(max_length = 20, examples("ES256"))]
    alg: String,
    /// 用途，总是 sig
    #[serde(rename = "use")]
    #[schema(max_length = 10, examples("sig"))]
    usage: String,
    /// 横坐标
    #[schema(max_length = 100)]
    x: String,
    /// 纵坐标，OKP 没有
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 100)]
    y: Option<String>,
}

fn refused() -> Problem {
    Problem::new(
        Code::InvalidCredentials,
        say("账号或密码不正确，或暂时不能登录", "wrong account or password, or no login just now"),
    )
}

/// 登录
///
/// 第二十五条：各角色凭账号使用。以账号和密码换取令牌；15 分钟内在同一来源失败 5 次的，暂时不能登录。
#[utoipa::path(request_body = Login, responses((status = 200, description = "令牌", body = Tokens)))]
#[post("/auth/login")]
async fn auth_login(call: Call, body: Body<Login>) -> Reply<Tokens> {
    let call = call.in_turn().await?;
    call.open(body, |house, admitted, login| {
        let now = house.db.clock().now();
        let found = house.db.read(|conn| sessions::find(conn, &login.account, now))?;
        let is_open = house.db.write(|conn| sessions::attempt(conn, house, &login.account, &admitted.source))?;
        let usable = found.as_ref().filter(|account| is_open && !account.disabled);
        if !passwords::is_right(&login.password, usable.map(|account| account.password_hash.as_str())) {
            return Err(refused());
        }
        let account = usable.ok_or_else(refused)?;
        let place = choose(account, login.jurisdiction.as_deref(), account.home);
        let Ok(Some(place)) = place else {
            // It was no wrong password.
            house.db.write(|conn| sessions::forget_attempts(conn, house, &account.name, &admitted.source))?;
            return Err(place.err().unwrap_or_else(refused));
        };
        let session = house.db.write(|conn| sessions::begin(conn, house, account, place, admitted))?.ok_or_else(refused)?;
        tokens(house, account, place, &session)
    })
    .await
}

/// 刷新令牌
///
/// 第二十五条：令牌到期前换新。刷新令牌只能用一次；用过的再次出现时整个会话结束（30 秒内的重复请求除外）。
#[utoipa::path(request_body = Refresh, responses((status = 200, description = "新的令牌", body = Tokens)))]
#[post("/auth/refresh")]
async fn auth_refresh(call: Call, body: Body<Refresh>) -> Reply<Tokens> {
    call.open(body, |house, admitted: &Admitted, refresh| {
        let invalid = || Problem::plain(Code::RefreshTokenInvalid);
        let id = sessions::read_token(house.db.seal(), &refresh.refresh_token).ok_or_else(invalid)?;
        let now = house.db.clock().now();
        let owner = house.db.read(|conn| sessions::owner(conn, id, now))?.ok_or_else(invalid)?;
        if owner.account.disabled {
            return Err(invalid());
        }
        let place = choose(&owner.account, refresh.jurisdiction.as_deref(), owner.jurisdiction)?.ok_or_else(invalid)?;
        // A reuse ends the family for good, so its outcome is committed, not rolled back with an error.
        let session = house.db.write(|conn| sessions::rotate(conn, house, id, &owner.account, place, admitted))?;
        tokens(house, &owner.account, place, &session.ok_or_else(invalid)?)
    })
    .await
}

/// 退出
///
/// 第二十五条：结束会话；刷新令牌及其后继、访问令牌全部作废。不论令牌是否有效，答复相同 (RFC 7009)。
#[utoipa::path(request_body = Logout, responses((status = 204, description = "已退出")))]
#[post("/auth/logout")]
async fn auth_logout(call: Call, body: Body<Logout>) -> Reply<()> {
    call.open(body, |house, _, logout| {
        if let Some(id) = sessions::read_token(house.db.seal(), &logout.refresh_token) {
            house.db.write(|conn| sessions::end_family_of(conn, id, house.db.clock().now()))?;
        }
        Ok(Answer::empty())
    })
    .await
}

/// 修改密码
///
/// 第二十五条：本人修改密码，一次性密码须以此更换。账号的全部会话随之结束，包括本次的：此后以新密码登录。
#[utoipa::path(request_body = PasswordChange, responses((status = 204, description = "已修改")))]
#[put("/auth/password")]
async fn auth_password_change(call: Call, body: Body<PasswordChange>) -> Reply<()> {
    let call = call.in_turn().await?;
    call.apart(body, |house, caller, admitted, change| {
        passwords::check_rules(house.profile, &caller.account_name, &change.new_password, "/new_password")?;
        if change.current_password == change.new_password {
            return Err(Problem::rule("/new_password", "unchanged", say("新密码不得与现在的相同", "the new password must differ")));
        }
        let wrong =
            || Problem::rule("/current_password", "wrong_password", say("现在的密码不正确", "the current password is wrong"));
        let now = house.db.clock().now();
        let account = house.db.read(|conn| sessions::find(conn, &caller.account_name, now))?.ok_or_else(Problem::not_found)?;
        let is_open = house.db.write(|conn| sessions::attempt(conn, house, &account.name, &admitted.source))?;
        if !passwords::is_right(&change.current_password, is_open.then_some(account.password_hash.as_str())) {
            return Err(wrong());
        }
        let hash = passwords::hash(&change.new_password)?;
        let is_set = house.db.write(|conn| sessions::set_password(conn, house, caller, &account, &hash, &admitted.source))?;
        if is_set { Ok(Answer::empty().secret()) } else { Err(wrong()) }
    })
    .await
}

/// 公钥
///
/// 第二十五条：对接系统以这些公钥验证访问令牌；轮换不需重启。
#[utoipa::path(responses((status = 200, description = "公钥", body = KeySet)))]
#[get("/.well-known/jwks.json")]
pub async fn jwks_read(call: Call) -> Reply<KeySet> {
    call.open((), |house, _, ()| {
        let keys = serde_json::from_value(house.tokens.public()["keys"].clone()).map_err(Problem::internal)?;
        Ok(Answer::plain(KeySet { keys }))
    })
    .await
}

/// The jurisdiction that the tokens will speak for: the one wanted, else `otherwise`.
fn choose<'a>(account: &'a sessions::Account, wanted: Option<&str>, otherwise: Id) -> Maybe<Option<&'a sessions::Place>> {
    let Some(code) = wanted else { return Ok(account.places.iter().find(|place| place.id == otherwise)) };
    let place = account.places.iter().find(|place| place.code == code);
    let stranger = || say("账号不属于这个地区", "the account does not belong to this jurisdiction");
    place.map(Some).ok_or_else(|| Problem::rule("/jurisdiction", "jurisdiction", stranger()))
}

fn tokens(house: &House, account: &sessions::Account, place: &sessions::Place, session: &Session) -> Maybe<Answer<Tokens>> {
    let now = house.db.clock().now().0.timestamp();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account.id,
        jti: Id::fresh(),
        sid: Some(session.family),
        iat: now,
        exp: now + house.access_seconds,
        jurisdiction: place.code.clone(),
        jurisdiction_id: place.id,
        roles: place.roles.clone(),
    };
    Ok(Answer::plain(Tokens {
        access_token: house.tokens.sign(&claims)?,
        token_type: "Bearer".to_owned(),
        expires_in: house.access_seconds,
        refresh_token: sessions::write_token(house.db.seal(), session.token),
        refresh_expires_in: house.refresh_seconds,
        jurisdiction: place.code.clone(),
        must_change_password: account.must_change_password,
    })
    .secret())
}
