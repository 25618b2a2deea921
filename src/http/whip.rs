//! WHIP (RFC 9725) and WHEP: offers in, answers out. The two differ only in who sends.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::address::From;
use super::answer::Problem;
use super::guard::text;
use super::router::Doors;
use crate::control::admit::Pass;
use crate::control::signal::{Answered, Patched};
use crate::lesson::{LessonId, Refusal};

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

#[derive(Deserialize)]
pub(super) struct PublishQuery {
    #[serde(default)]
    take_over: Option<String>,
}

pub(super) async fn publish(
    State(doors): State<Arc<Doors>>,
    Path(lesson): Path<String>,
    Query(query): Query<PublishQuery>,
    Extension(pass): Extension<Pass>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let lesson = lesson_id(&lesson)?;
    let offer = text(&headers, SDP, body, doors.request_timeout).await?;
    let take_over = query.take_over.is_some_and(|value| value == "1");
    created(doors.school.publish(&pass, &lesson, &offer, take_over, from)?)
}

pub(super) async fn watch(
    State(doors): State<Arc<Doors>>,
    Path(lesson): Path<String>,
    Extension(pass): Extension<Pass>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let lesson = lesson_id(&lesson)?;
    let offer = text(&headers, SDP, body, doors.request_timeout).await?;
    created(doors.school.watch(&pass, &lesson, &offer, from)?)
}

pub(super) async fn patch(
    State(doors): State<Arc<Doors>>,
    Path((lesson, session)): Path<(String, String)>,
    Extension(pass): Extension<Pass>,
    Extension(From(from)): Extension<From>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let lesson = lesson_id(&lesson)?;
    let fragment = text(&headers, FRAGMENT, body, doors.request_timeout).await?;
    let speaks_of = |etag: &str| matches(&headers, etag);
    match doors.school.patch(&pass, &lesson, &session, &fragment, (from, speaks_of))? {
        Patched::Stale => Ok(StatusCode::PRECONDITION_FAILED.into_response()),
        Patched::Noted => Ok(StatusCode::NO_CONTENT.into_response()),
        Patched::Restarted { fragment, etag } => {
            let headers = [(header::CONTENT_TYPE, FRAGMENT.to_owned()), (header::ETAG, quoted(&etag))];
            Ok((StatusCode::OK, headers, fragment).into_response())
        }
    }
}

pub(super) async fn delete(
    State(doors): State<Arc<Doors>>,
    Path((lesson, session)): Path<(String, String)>,
    Extension(pass): Extension<Pass>,
) -> Result<StatusCode, Problem> {
    doors.school.hang_up(&pass, &lesson_id(&lesson)?, &session)?;
    Ok(StatusCode::OK)
}

pub(super) async fn options() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [("Accept-Post", SDP)])
}

fn created(answered: Answered) -> Result<Response, Problem> {
    let header = |value: &str| HeaderValue::from_str(value).map_err(|_| Refusal::Internal);
    let mut response = (StatusCode::CREATED, answered.sdp).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(SDP));
    headers.insert(header::LOCATION, header(&answered.location)?);
    headers.insert(header::ETAG, header(&quoted(&answered.etag))?);
    headers.insert("accept-patch", HeaderValue::from_static(FRAGMENT));
    Ok(response)
}

/// Whether the asker speaks of this version of the session, or of any (RFC 9725 §4.3).
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let Some(wanted) = headers.get(header::IF_MATCH) else { return true };
    wanted.to_str().is_ok_and(|wanted| wanted == "*" || wanted.split(',').any(|one| one.trim() == quoted(etag)))
}

fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

pub(super) fn lesson_id(text: &str) -> Result<LessonId, Refusal> {
    LessonId::new(text).map_err(|_| Refusal::LessonUnknown)
}
