//! The pages, built once and carried inside the program. A page opens only for a key or a login.

use axum::extract::{Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use super::answer::status;
use super::cookie;
use super::router::Doors;
use crate::lesson::{Action, Refusal, permits};

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Built;

pub(super) async fn teach() -> Response {
    page("teach/index.html")
}

pub(super) async fn classroom() -> Response {
    page("classroom/index.html")
}

pub(super) async fn ops() -> Response {
    page("ops/index.html")
}

pub(super) async fn login() -> Response {
    page("login/index.html")
}

pub(super) async fn plan() -> Response {
    page("plan/index.html")
}

pub(super) async fn timetable() -> Response {
    page("timetable/index.html")
}

pub(super) async fn devices() -> Response {
    page("devices/index.html")
}

/// Whether somebody may open a page: with a key by its role, else by a login that may. A classroom's screen that shows
/// nothing yet gets the page too: it shows a code.
pub(super) fn may_open(doors: &Doors, parts: &Parts, page: Action) -> Result<(), Refusal> {
    let query: Option<Query<Key>> = Query::try_from_uri(&parts.uri).ok();
    if let Some(key) = query.map(|query| query.0.key).filter(|key| !key.is_empty()) {
        let pass = doors.school.key_pass(&key)?;
        return if permits(pass.actor.role, page) { Ok(()) } else { Err(Refusal::NotPermitted) };
    }
    if page == Action::OpenClassroom {
        return Ok(());
    }
    let secret = cookie::read(&parts.headers, cookie::LOGIN).ok_or(Refusal::TokenMissing)?;
    let who = doors.gate.logged_in(secret)?;
    if who.account.must_change {
        return Err(Refusal::PasswordExpired);
    }
    if who.powers.iter().any(|actor| permits(actor.role, page)) { Ok(()) } else { Err(Refusal::NotPermitted) }
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    key: String,
}

/// Nothing is public: whoever comes without a link is told so in words.
pub(super) async fn home() -> Response {
    refused(Refusal::TokenMissing)
}

pub(super) async fn asset(Path(path): Path<String>) -> Response {
    match Built::get(&format!("assets/{path}")) {
        // Names carry a hash of the content, so what was loaded once is good for ever.
        Some(file) => with_cache(file, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn icon() -> Response {
    match Built::get("favicon.ico").or_else(|| Built::get("favicon.svg")) {
        Some(file) => with_cache(file, "public, max-age=86400"),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

fn page(path: &str) -> Response {
    match Built::get(path) {
        Some(file) => with_cache(file, "no-store"),
        None => refused(Refusal::Internal),
    }
}

/// A page that says in words why not.
pub(super) fn refused(refusal: Refusal) -> Response {
    let template = Built::get("refused/index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let body = template.unwrap_or_else(|| "{{title_zh}} {{title}}".to_owned());
    let body = body
        .replace("{{title_zh}}", refusal.title_zh())
        .replace("{{title}}", refusal.title())
        .replace("{{code}}", refusal.code());
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (status(refusal), kind, body).into_response();
    response.extensions_mut().insert(refusal);
    response
}

fn with_cache(file: EmbeddedFile, cache: &'static str) -> Response {
    let kind = HeaderValue::from_str(file.metadata.mimetype()).unwrap_or(HeaderValue::from_static("text/plain"));
    let mut response = file.data.into_owned().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
