//! The JSON doors of lessons: entering, and the operators' figures.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;

use super::answer::Problem;
use super::cookie;
use super::guard::{bearer, json};
use super::router::Doors;
use crate::control::admit::Pass;
use crate::control::enter::Wish;
use crate::control::view::{EnterView, OpsView};
use crate::lesson::{Refusal, Role};

/// What somebody wants to come in as; a key says so itself.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct As {
    #[serde(rename = "as")]
    role: Option<String>,
    lesson: Option<String>,
}

pub(super) async fn enter(
    State(doors): State<Arc<Doors>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<EnterView>, Problem> {
    let school = &doors.school;
    if let Some(key) = shown_key(&headers)? {
        return Ok(Json(school.enter(&school.key_pass(key)?)?));
    }
    let wish = if headers.contains_key("content-type") {
        read_wish(json(&headers, body, doors.request_timeout).await?)?
    } else {
        Wish::default()
    };
    let login = cookie::read(&headers, cookie::LOGIN).filter(|_| wish.role != Some(Role::Room));
    let Some(login) = login else {
        let secret = cookie::read(&headers, cookie::DEVICE).ok_or(Refusal::TokenMissing)?;
        return Ok(Json(school.enter(&school.device_pass(&doors.gate.device(secret))?)?));
    };
    let login = doors.gate.logged_in(login)?.login;
    match school.login_pass(&login, &wish)? {
        Some(pass) => Ok(Json(school.enter(&pass)?)),
        None => Ok(Json(school.wait(&login)?)),
    }
}

fn shown_key(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    match bearer(headers) {
        Ok(key) => Ok(Some(key)),
        Err(Refusal::TokenMissing) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

fn read_wish(wish: As) -> Result<Wish, Refusal> {
    let role = wish.role.map(|role| Role::parse(&role).ok_or(Refusal::MessageUnreadable)).transpose()?;
    let lesson = wish.lesson.map(|lesson| lesson.parse()).transpose().map_err(|_| Refusal::LessonUnknown)?;
    Ok(Wish { role, lesson })
}

pub(super) async fn ops(
    State(doors): State<Arc<Doors>>,
    Extension(pass): Extension<Pass>,
) -> Result<Json<OpsView>, Problem> {
    Ok(Json(doors.school.ops(pass.actor.role)?))
}
