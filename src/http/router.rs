//! Which door leads where.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::answer::Problem;
use super::{api, guard, lesson_ws, pages, whip};
use crate::control::school::School;
use crate::lesson::Refusal;
use crate::telemetry::Telemetry;

/// What the doors need.
pub struct Doors {
    /// Who is asked.
    pub school: Arc<School>,
    /// Where requests are counted.
    pub telemetry: Arc<Telemetry>,
    /// How long a request may take.
    pub request_timeout: Duration,
}

/// Every public door.
pub fn router(doors: Doors) -> Router {
    let doors = Arc::new(doors);
    let timed = Router::new()
        .route("/", get(pages::home))
        .route("/teach", get(pages::teach))
        .route("/classroom", get(pages::classroom))
        .route("/ops", get(pages::ops))
        .route("/assets/{*path}", get(pages::asset))
        .route("/favicon.ico", get(pages::icon))
        .route("/api/enter", post(api::enter))
        .route("/api/ops", get(api::ops))
        .route("/whip/{lesson}", post(whip::publish).options(whip::options))
        .route("/whep/{lesson}", post(whip::watch).options(whip::options))
        .route("/whip/{lesson}/{session}", axum::routing::patch(whip::patch).delete(whip::delete))
        .route("/whep/{lesson}/{session}", axum::routing::patch(whip::patch).delete(whip::delete))
        .layer(from_fn_with_state(doors.clone(), guard::in_time));
    Router::new()
        .route("/lesson/{lesson}/ws", get(lesson_ws::open))
        .merge(timed)
        .layer(from_fn_with_state(doors.clone(), guard::around))
        .layer(map_response(worded))
        .with_state(doors)
}

/// Puts the framework's own bare faults into words.
async fn worded(response: Response) -> Response {
    if response.status().is_server_error() && response.extensions().get::<Refusal>().is_none() {
        return Problem::from(Refusal::Internal).into_response();
    }
    response
}
