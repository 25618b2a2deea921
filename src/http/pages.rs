//! The pages, built once and carried inside the program. A page opens only for a key.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use super::answer::status;
use super::router::Doors;
use crate::lesson::{Action, Refusal};

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Built;

#[derive(Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    key: String,
}

pub(super) async fn teach(State(doors): State<Arc<Doors>>, Query(key): Query<Key>) -> Response {
    page(&doors, &key.key, Action::OpenTeach, "teach/index.html")
}

pub(super) async fn classroom(State(doors): State<Arc<Doors>>, Query(key): Query<Key>) -> Response {
    page(&doors, &key.key, Action::OpenClassroom, "classroom/index.html")
}

pub(super) async fn ops(State(doors): State<Arc<Doors>>, Query(key): Query<Key>) -> Response {
    page(&doors, &key.key, Action::OpenOps, "ops/index.html")
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

fn page(doors: &Doors, key: &str, action: Action, path: &str) -> Response {
    if let Err(refusal) = doors.school.may_open(key, action) {
        return refused(refusal);
    }
    match Built::get(path) {
        Some(file) => with_cache(file, "no-store"),
        None => refused(Refusal::Internal),
    }
}

/// A page that says in words why not.
fn refused(refusal: Refusal) -> Response {
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
