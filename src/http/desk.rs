//! The JSON doors of people: logging in, accounts, rooms' devices, and the audit (`docs/protocol.md` §7).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json as object};

use super::address::{From, is_secure};
use super::answer::Problem;
use super::cookie;
use super::guard::json;
use super::router::Doors;
use crate::base::time::Time;
use crate::control::gate::{AccountView, AuditView, AuditWish, DevicesView, LoggedIn, MeView, NewAccount, NewGrant};
use crate::lesson::{AccountId, GrantId, Refusal, Role, RoomId, Scope};

type Who = Extension<LoggedIn>;
type At = State<Arc<Doors>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Password {
    user: String,
    password: String,
}

pub(super) async fn login(
    State(doors): At,
    Extension(from): Extension<From>,
    parts: Parts,
    body: Body,
) -> Result<Response, Problem> {
    let Password { user, password } = json(&parts.headers, body, doors.request_timeout).await?;
    let (secret, who) = doors.gate.login(&user, password, from.0).await?;
    let life = who.until.since(doors.school.now());
    let cookie = cookie::set(cookie::LOGIN, &secret, life, is_secure(&parts, &doors.proxies))?;
    Ok(([(header::SET_COOKIE, cookie)], Json(doors.gate.me(&who))).into_response())
}

pub(super) async fn logout(State(doors): At, Extension(who): Who, parts: Parts) -> Result<Response, Problem> {
    doors.gate.logout(&who).await?;
    let cookie = cookie::set(cookie::LOGIN, "", Duration::ZERO, is_secure(&parts, &doors.proxies))?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    old: String,
    new: String,
}

pub(super) async fn password(
    State(doors): At,
    Extension(who): Who,
    Extension(from): Extension<From>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let NewPassword { old, new } = json(&headers, body, doors.request_timeout).await?;
    doors.gate.change_password(&who, old, new, from.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn me(State(doors): At, Extension(who): Who) -> Json<MeView> {
    Json(doors.gate.me(&who))
}

pub(super) async fn accounts(State(doors): At, Extension(who): Who) -> Json<Vec<AccountView>> {
    Json(doors.gate.accounts(&who))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Added {
    account: String,
    person: Option<String>,
}

pub(super) async fn add_account(
    State(doors): At,
    Extension(who): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Added { account, person } = json(&headers, body, doors.request_timeout).await?;
    let id = account.parse().map_err(|_| Refusal::MessageUnreadable)?;
    let person = person.map(|person| person.parse()).transpose().map_err(|_| Refusal::MessageUnreadable)?;
    let once = doors.gate.add_account(&who, NewAccount { id, person }).await?;
    Ok((StatusCode::CREATED, Json(object!({ "password": once }))))
}

pub(super) async fn reset_password(
    State(doors): At,
    Extension(who): Who,
    Path(account): Path<String>,
) -> Result<Json<Value>, Problem> {
    let once = doors.gate.reset_password(&who, &account_id(&account)?).await?;
    Ok(Json(object!({ "password": once })))
}

pub(super) async fn revoke_account(
    State(doors): At,
    Extension(who): Who,
    Path(account): Path<String>,
) -> Result<StatusCode, Problem> {
    doors.gate.revoke_account(&who, &account_id(&account)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    role: String,
    scope: String,
    until_ms: Option<u64>,
}

pub(super) async fn give(
    State(doors): At,
    Extension(who): Who,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Given { role, scope, until_ms } = json(&headers, body, doors.request_timeout).await?;
    let role = Role::parse(&role).ok_or(Refusal::MessageUnreadable)?;
    let scope = Scope::parse(&scope).ok_or(Refusal::MessageUnreadable)?;
    let until = until_ms.map_or(Time::NEVER, from_ms);
    let given = doors.gate.give(&who, &account_id(&account)?, NewGrant { role, scope, until }).await?;
    Ok((StatusCode::CREATED, Json(object!({ "id": given.as_str() }))))
}

pub(super) async fn take(
    State(doors): At,
    Extension(who): Who,
    Path(grant): Path<String>,
) -> Result<StatusCode, Problem> {
    doors.gate.take(&who, &GrantId::new(&grant).map_err(|_| Refusal::NotThere)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    key: String,
}

pub(super) async fn revoke_key(
    State(doors): At,
    Extension(who): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let Key { key } = json(&headers, body, doors.request_timeout).await?;
    doors.gate.revoke_key(&who, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn show_code(
    State(doors): At,
    Extension(from): Extension<From>,
    parts: Parts,
) -> Result<Response, Problem> {
    let before = cookie::read(&parts.headers, cookie::DEVICE);
    let (secret, code) = doors.gate.show_code(before, from.0)?;
    let cookie = cookie::set(cookie::DEVICE, &secret, cookie::DEVICE_LIFE, is_secure(&parts, &doors.proxies))?;
    Ok(([(header::SET_COOKIE, cookie)], Json(code)).into_response())
}

#[derive(Deserialize)]
pub(super) struct Known {
    paired: Option<bool>,
}

pub(super) async fn device_state(
    State(doors): At,
    Query(known): Query<Known>,
    parts: Parts,
) -> Result<Response, Problem> {
    let Some(secret) = cookie::read(&parts.headers, cookie::DEVICE) else {
        return Ok(Json(object!({ "paired": false })).into_response());
    };
    let paired = doors.gate.device_state(secret, known.paired).await;
    let cookie = cookie::set(cookie::DEVICE, secret, cookie::DEVICE_LIFE, is_secure(&parts, &doors.proxies))?;
    Ok(([(header::SET_COOKIE, cookie)], Json(object!({ "paired": paired }))).into_response())
}

pub(super) async fn devices(State(doors): At, Extension(who): Who) -> Json<DevicesView> {
    Json(doors.gate.devices(&who))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

pub(super) async fn pair(
    State(doors): At,
    Extension(who): Who,
    Path(room): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let Code { code } = json(&headers, body, doors.request_timeout).await?;
    doors.gate.pair(&who, &room_id(&room)?, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn unpair(
    State(doors): At,
    Extension(who): Who,
    Path(room): Path<String>,
) -> Result<StatusCode, Problem> {
    doors.gate.unpair(&who, &room_id(&room)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct Lines {
    from: Option<u64>,
    to: Option<u64>,
    who: Option<String>,
    after: Option<u64>,
}

pub(super) async fn audit(
    State(doors): At,
    Extension(who): Who,
    Query(lines): Query<Lines>,
) -> Result<Json<AuditView>, Problem> {
    let wish = AuditWish {
        from: lines.from.map_or(Time::default(), from_ms),
        until: lines.to.map_or(Time::NEVER, from_ms),
        who: lines.who,
        after: lines.after.unwrap_or(0),
    };
    Ok(Json(doors.gate.audit(&who, wish).await?))
}

fn account_id(text: &str) -> Result<AccountId, Refusal> {
    AccountId::new(text).map_err(|_| Refusal::NotThere)
}

fn room_id(text: &str) -> Result<RoomId, Refusal> {
    RoomId::new(text).map_err(|_| Refusal::NotThere)
}

fn from_ms(ms: u64) -> Time {
    Time::from_micros(ms.saturating_mul(1_000))
}
