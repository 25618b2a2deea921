//! The one map from a refusal to what the asker reads (`docs/protocol.md` §2).

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::control::refused::Refused;
use crate::lesson::Refusal;

/// When to come back to a server that is full.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct Problem(Refused);

impl<R: Into<Refused>> From<R> for Problem {
    fn from(refused: R) -> Self {
        Self(refused.into())
    }
}

/// The body of a refusal (RFC 9457).
#[derive(Serialize)]
struct Body {
    status: u16,
    code: &'static str,
    title: &'static str,
    title_zh: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What only some refusals have besides (RFC 9457 §3.2).
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// The status of a refusal.
pub(super) const fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::TokenMissing | Refusal::TokenInvalid | Refusal::TokenExpired | Refusal::LoginWrong => {
            StatusCode::UNAUTHORIZED
        }
        Refusal::NotPermitted | Refusal::PasswordExpired => StatusCode::FORBIDDEN,
        Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Refusal::LessonUnknown | Refusal::SessionUnknown | Refusal::CodeUnknown | Refusal::NotThere => {
            StatusCode::NOT_FOUND
        }
        Refusal::AlreadyThere
        | Refusal::PlanRefused
        | Refusal::LessonEnded
        | Refusal::NoLessonNow
        | Refusal::AlreadyPublishing
        | Refusal::RoomNotHere
        | Refusal::MicrophoneClosed => StatusCode::CONFLICT,
        Refusal::OfferUnreadable | Refusal::MessageUnreadable => StatusCode::BAD_REQUEST,
        Refusal::OfferUnusable | Refusal::PasswordWeak | Refusal::SheetsFaulty => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Refused { refusal, detail, wait, more } = self.0;
        let status = status(refusal);
        let (code, title, title_zh) = (refusal.code(), refusal.title(), refusal.title_zh());
        let body = Json(Body { status: status.as_u16(), code, title, title_zh, detail, more });
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let wait = wait.or((refusal == Refusal::Busy).then_some(BUSY_WAIT));
        if let Some(wait) = wait {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        // The door's counter reads it from here.
        response.extensions_mut().insert(refusal);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_refusal_has_the_status_that_the_protocol_promises() {
        let protocol = fs::read_to_string("docs/protocol.md").unwrap();
        for refusal in Refusal::ALL.iter().copied() {
            let row = format!("| `{}` | {} |", refusal.code(), status(refusal).as_u16());
            assert!(protocol.contains(&row), "docs/protocol.md has no row {row}");
        }
    }
}
