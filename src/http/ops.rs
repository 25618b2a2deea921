//! The doors for operators, on a listener of their own: metrics and health.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::telemetry::Telemetry;

/// What these doors need.
#[derive(Clone)]
pub struct OpsDoors {
    /// What is counted.
    pub telemetry: Arc<Telemetry>,
    /// Brings the figures up to date before they are read.
    pub refresh: Arc<dyn Fn(&Telemetry) + Send + Sync>,
    /// What keeps the server from taking lessons, in words; `None` if nothing.
    pub unready: Arc<dyn Fn() -> Option<String> + Send + Sync>,
}

/// `/metrics`, `/healthz` (the process lives) and `/readyz` (it takes lessons).
pub fn router(doors: OpsDoors) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(doors)
}

async fn metrics(State(doors): State<OpsDoors>) -> impl IntoResponse {
    (doors.refresh)(&doors.telemetry);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], doors.telemetry.render())
}

async fn ready(State(doors): State<OpsDoors>) -> impl IntoResponse {
    match (doors.unready)() {
        None => (StatusCode::OK, "ok\n".to_owned()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
