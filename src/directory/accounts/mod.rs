//! 账号: who may log in, under which roles, and what each role speaks for (art. 25: every step has its owner).
//!
//! An account is seen in the jurisdictions it belongs to; its name is unique in the whole installation. Nobody changes the
//! rights of the own account, disables it or resets its password, and admins take turns: whoever acts is an admin still when
//! the deed is done, so that a jurisdiction never loses its last one. An account may hold roles in further jurisdictions, with
//! another person in each: who made it answers for its password and alone disables it, and neither learns of the other's
//! notes, roles or states. A person is linked by one account. Every role that is granted, every disabling and every reset is
//! told to the general office and the member affairs committee, the latter two to the person as well.

mod grants;
mod store;
mod wire;

use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::passwords;
use crate::base::problem::{Code, Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, Reply};
use crate::page;
use crate::policy::Op;
use crate::record;

pub use grants::Granted;
pub use store::{AccountRow, NewAccount, end_sessions, insert, refuse_taken};
pub use wire::{Account, AccountCreate, AccountFilter, AccountPatch, AccountRole, AccountRoleGrant, is_name};

use grants::Before;
use store::{Attached, Change};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(account_list)
        .service(account_create)
        .service(account_attach)
        .service(account_read)
        .service(account_update)
        .service(account_disable)
        .service(account_enable)
        .service(account_reset_password);
}

page! {
    /// 一页账号
    pub AccountPage of Account
}

/// A one-time password and its hash, made before the transaction: the hash costs time on purpose.
struct Issued {
    password: String,
    hash: String,
}

impl Issued {
    fn fresh() -> Maybe<Self> {
        let password = passwords::one_time();
        Ok(Self { hash: passwords::hash(&password)?, password })
    }
}

/// 账号列表
///
/// 第二十五条：管理员列出本地区的账号，可按角色、人员、停用与否、名字的开头筛选。
#[utoipa::path(params(AccountFilter, crate::http::PageQuery), responses((status = 200, description = "一页账号", body = AccountPage)))]
#[get("/accounts")]
async fn account_list(call: Call, ask: Ask<AccountFilter>) -> Reply<AccountPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("id"), &filter.told_apart_by())?;
        let rows = store::list(tx, filter, &page)?;
        let (rows, next_cursor) = page.cut(tx, rows, |row| (String::new(), row.id));
        let (total, total_is_exact) = match filter.page.with_total {
            Some(true) => crate::http::page::total(store::count(tx, filter)?),
            _ => (None, None),
        };
        Ok(Answer::plain(AccountPage { items: store::shown(tx, rows)?, next_cursor, total, total_is_exact }))
    })
    .await
}

/// 新增账号
///
/// 第二十五条：管理员新增账号并授予角色；答复含一次性密码，只此一次，首次登录须更换。授予的角色告知办公室与委员工委。
#[utoipa::path(request_body = AccountCreate, responses((status = 201, description = "已新增", body = Account)))]
#[post("/accounts")]
async fn account_create(call: Call, body: Body<AccountCreate>) -> Reply<Account> {
    call.write_with(body, Issued::fresh, |tx, new, issued| {
        store::admins_take_turns(tx)?;
        let roles = grants::checked(tx, Before::default(), new.person, &new.roles)?;
        store::refuse_taken(tx.conn, &new.name)?;
        let account = NewAccount {
            name: &new.name,
            password_hash: &issued.hash,
            must_change_password: true,
            person: new.person,
            note: new.note.as_deref(),
        };
        let id = store::insert(tx.conn, tx.caller.jurisdiction, tx.now, &account, &roles)?;
        let row = store::find_row(tx, id)?;
        record::deed_with(tx, Op::account_create, &row, grants::details(&roles, &[]));
        grants::tell(tx, id, &roles)?;
        Ok(Answer::created(format!("/v1/accounts/{id}"), store::show(tx, row)?.with_password(issued.password.clone())).secret())
    })
    .await
}

/// 授予别的地区的账号本地区的角色
///
/// 第二十五条：一个账号可属于多个地区，在每个地区各关联一名人员。以账号的名字授予角色；账号的停用与密码仍归新增它的地区，
/// 登录、刷新时给出 jurisdiction 即代表本地区。授予的角色告知办公室与委员工委。
#[utoipa::path(request_body = AccountCreate, responses((status = 201, description = "已授予", body = Account)))]
#[post("/accounts/attach")]
async fn account_attach(call: Call, body: Body<AccountCreate>) -> Reply<Account> {
    call.write(body, |tx, new| {
        store::admins_take_turns(tx)?;
        let roles = grants::checked(tx, Before::default(), new.person, &new.roles)?;
        let id = store::by_name(tx, &new.name)?.ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/name")]))?;
        store::refuse_attached(tx, id)?;
        let attached = Attached { person: new.person, note: new.note.as_deref(), roles: &roles };
        store::attach(tx.conn, tx.caller.jurisdiction, tx.now, id, &attached)?;
        let row = store::find_row(tx, id)?;
        record::deed_with(tx, Op::account_attach, &row, grants::details(&roles, &[]));
        grants::tell(tx, id, &roles)?;
        Ok(Answer::created(format!("/v1/accounts/{id}"), store::show(tx, row)?))
    })
    .await
}

/// 一个账号
///
/// 第二十五条：管理员查看账号及其角色。
#[utoipa::path(params(At), responses((status = 200, description = "账号", body = Account)))]
#[get("/accounts/{id}")]
async fn account_read(call: Call, at: At) -> Reply<Account> {
    call.read((), move |tx, ()| Ok(Answer::one(store::find(tx, at.id)?))).await
}

/// 修改账号
///
/// 第二十五条：管理员更换账号的角色（整列更换）、关联的人员与备注。不得改变自己的角色，因此本地区总有一个管理员。
#[utoipa::path(params(At, IfMatch), request_body(content = AccountPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Account)))]
#[patch("/accounts/{id}")]
async fn account_update(call: Call, at: At, seen: IfMatch, body: Body<AccountPatch>) -> Reply<Account> {
    call.write(body, move |tx, patch| {
        store::admins_take_turns(tx)?;
        let before = store::find_row(tx, at.id)?;
        seen.check(before.version)?;
        if *patch == AccountPatch::default() {
            return Ok(Answer::one(store::show(tx, before)?));
        }
        let held = store::roles_of(tx, before.id)?;
        let roles = rebound(tx, &before, &held, patch)?;
        let row = store::save(tx, &before, patch.note.as_ref().map(Option::as_deref))?;
        record::deed_with(tx, Op::account_update, &row, grants::details(&roles, &held));
        let granted: Vec<Granted> = roles.iter().filter(|role| !held.contains(role)).cloned().collect();
        grants::tell(tx, row.id, &granted)?;
        Ok(Answer::one(store::show(tx, row)?))
    })
    .await
}

/// The roles that the account holds from now on.
fn rebound(tx: &mut Tx<'_>, account: &AccountRow, held: &[Granted], patch: &AccountPatch) -> Maybe<Vec<Granted>> {
    if patch.roles.is_none() && patch.person.is_none() {
        return Ok(held.to_vec());
    }
    refuse_own(tx, account)?;
    let person = patch.person.unwrap_or(account.person_id);
    let wanted = patch.roles.clone().unwrap_or_else(|| held.iter().map(AccountRoleGrant::from).collect());
    let roles = grants::checked(tx, Before { account: Some(account.id), held }, person, &wanted)?;
    store::bind(tx, account.id, person, &roles)?;
    store::keeps_an_admin(tx)?;
    Ok(roles)
}

/// 停用账号
///
/// 第二十五条：停用的账号自下一个请求起不能再用，会话随之结束。不得停用自己的账号，因此本地区总有一个管理员。告知本人、办公室与委员工委。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已停用", body = Account)))]
#[post("/accounts/{id}/disable")]
async fn account_disable(call: Call, at: At, seen: IfMatch) -> Reply<Account> {
    call.write((), move |tx, ()| {
        store::admins_take_turns(tx)?;
        let before = store::find_row(tx, at.id)?;
        seen.check(before.version)?;
        refuse_own(tx, &before)?;
        refuse_guest(&before)?;
        if before.disabled {
            return Err(Problem::state(
                "disabled",
                "已停用",
                vec![Op::account_enable.to_string(), Op::account_reset_password.to_string()],
            ));
        }
        store::end_sessions(tx.conn, before.id, tx.now)?;
        let row = store::save_with(tx, &before, Change { disabled: Some(true), ..Change::default() })?;
        store::keeps_an_admin(tx)?;
        record::deed(tx, Op::account_disable, &row);
        grants::tell_too(tx, row.id, row.person_id, "account_disabled")?;
        Ok(Answer::one(store::show(tx, row)?))
    })
    .await
}

/// 启用账号
///
/// 第二十五条：重新启用停用的账号，角色与密码不变。告知本人、办公室与委员工委。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已启用", body = Account)))]
#[post("/accounts/{id}/enable")]
async fn account_enable(call: Call, at: At, seen: IfMatch) -> Reply<Account> {
    call.write((), move |tx, ()| {
        store::admins_take_turns(tx)?;
        let before = store::find_row(tx, at.id)?;
        seen.check(before.version)?;
        refuse_guest(&before)?;
        if !before.disabled {
            return Err(Problem::state(
                "enabled",
                "启用中",
                vec![Op::account_disable.to_string(), Op::account_reset_password.to_string()],
            ));
        }
        let row = store::save_with(tx, &before, Change { disabled: Some(false), ..Change::default() })?;
        record::deed(tx, Op::account_enable, &row);
        grants::tell_too(tx, row.id, row.person_id, "account_enabled")?;
        Ok(Answer::one(store::show(tx, row)?))
    })
    .await
}

/// 重置密码
///
/// 第二十五条：答复含新的一次性密码，只此一次，登录后须更换；账号的会话全部结束。自己的密码用 PUT /v1/auth/password 修改。告知本人、办公室与委员工委。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已重置", body = Account)))]
#[post("/accounts/{id}/reset-password")]
async fn account_reset_password(call: Call, at: At, seen: IfMatch) -> Reply<Account> {
    call.write_with((), Issued::fresh, move |tx, (), issued| {
        store::admins_take_turns(tx)?;
        let before = store::find_row(tx, at.id)?;
        seen.check(before.version)?;
        refuse_own(tx, &before)?;
        refuse_guest(&before)?;
        store::end_sessions(tx.conn, before.id, tx.now)?;
        let new = Change {
            password_hash: Some(&issued.hash),
            must_change_password: Some(true),
            password_changed_at: Some(tx.now),
            ..Change::default()
        };
        let row = store::save_with(tx, &before, new)?;
        record::deed(tx, Op::account_reset_password, &row);
        grants::tell_too(tx, row.id, row.person_id, "account_reset")?;
        Ok(Answer::one(store::show(tx, row)?.with_password(issued.password.clone())).secret())
    })
    .await
}

fn refuse_own(tx: &Tx<'_>, account: &AccountRow) -> Maybe<()> {
    if account.id != tx.caller.account {
        return Ok(());
    }
    let detail = say("不能授予、停用或重置自己的账号", "not for the own account: roles, disabling, resetting");
    Err(Problem::new(Code::OwnMatter, detail))
}

/// Who made an account answers for its password: an admin elsewhere takes its roles away and no more.
fn refuse_guest(account: &AccountRow) -> Maybe<()> {
    if !account.is_guest() {
        return Ok(());
    }
    let detail =
        say("账号属于别的地区，停用与密码归该地区", "the account is another jurisdiction's: disabling and password are its matter");
    Err(Problem::new(Code::Forbidden, detail))
}
