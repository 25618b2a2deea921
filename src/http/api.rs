//! The JSON doors.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::answer::Problem;
use super::guard::{Bearer, bearer};
use super::router::Doors;
use crate::control::view::{EnterView, OpsView};

pub(super) async fn enter(State(doors): State<Arc<Doors>>, headers: HeaderMap) -> Result<Json<EnterView>, Problem> {
    Ok(Json(doors.school.enter(bearer(&headers)?)?))
}

pub(super) async fn ops(State(doors): State<Arc<Doors>>, Bearer(pass): Bearer) -> Result<Json<OpsView>, Problem> {
    Ok(Json(doors.school.ops(pass.grant.role())?))
}
