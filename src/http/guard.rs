//! What every request passes: how often one may ask, how much may be sent, how long it may take, and the counting.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use serde::de::DeserializeOwned;

use super::address;
use super::answer::Problem;
use super::router::Doors;
use crate::base::limits::BODY_BYTES_MAX;
use crate::lesson::Refusal;
use crate::telemetry::catalog;

/// What a page may load and do: only what comes from here (and pictures it made itself).
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
     style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The text after `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = headers.get(header::AUTHORIZATION).ok_or(Refusal::TokenMissing)?;
    let value = value.to_str().map_err(|_| Refusal::TokenInvalid)?;
    let (kind, token) = value.split_once(' ').ok_or(Refusal::TokenInvalid)?;
    if kind.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Refusal::TokenInvalid) }
}

/// A body of the right type as text.
pub(super) async fn text(headers: &HeaderMap, kind: &str, body: Body, wait: Duration) -> Result<String, Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if !given.eq_ignore_ascii_case(kind) {
        return Err(Refusal::ContentType);
    }
    let read = tokio::time::timeout(wait, to_bytes(body, BODY_BYTES_MAX)).await.map_err(|_| Refusal::TooSlow)?;
    let bytes = read.map_err(|_| Refusal::BodyTooLarge)?;
    String::from_utf8(bytes.into()).map_err(|_| Refusal::OfferUnreadable)
}

/// A body of JSON.
pub(super) async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body, wait: Duration) -> Result<T, Refusal> {
    let text = text(headers, "application/json", body, wait).await?;
    serde_json::from_str(&text).map_err(|_| Refusal::MessageUnreadable)
}

/// Counts a request, and puts on every answer what keeps browsers from guessing, caching and leaking.
pub(super) async fn around(State(doors): State<Arc<Doors>>, mut request: Request, next: Next) -> Response {
    let from = address::of(&request, &doors.proxies);
    request.extensions_mut().insert(from);
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = match doors.gate.admit_request(from.0) {
        Ok(()) => next.run(request).await,
        Err(refused) => Problem::from(refused).into_response(),
    };
    doors.telemetry.add(catalog::HTTP_REQUESTS, [&route, response.status().as_str()], 1);
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        doors.school.count_refusal(*refusal);
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Ends a request that takes too long.
pub(super) async fn in_time(State(doors): State<Arc<Doors>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(doors.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::from(Refusal::TooSlow).into_response(),
    }
}
