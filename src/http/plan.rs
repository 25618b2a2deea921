//! The JSON doors of the plan: the timetable on the wall, and its changes (`docs/protocol.md` §8).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::answer::Problem;
use super::guard::json;
use super::router::Doors;
use crate::base::limits::SHEETS_BYTES_MAX;
use crate::control::gate::LoggedIn;
use crate::control::planning::{Outcome, PlanWish};
use crate::control::refused::Refused;
use crate::control::wall::{DayView, WallView, WeekView};
use crate::lesson::calendar::Day;
use crate::lesson::clash::Clash;
use crate::lesson::{PlanCommand, Refusal};
use crate::sheets;

/// How long a file may take to arrive: a county's term on a line of 1 Mbit/s.
const UPLOAD_WAIT: Duration = Duration::from_secs(60);

/// How many overruns an import names: they are hints, and one bell makes many.
const OVERRUNS_TOLD_MAX: usize = 10;

type Who = Extension<LoggedIn>;
type At = State<Arc<Doors>>;

pub(super) async fn wall(State(doors): At) -> Json<WallView> {
    Json(doors.school.wall())
}

#[derive(Deserialize)]
pub(super) struct From {
    from: Option<String>,
}

pub(super) async fn week(
    State(doors): At,
    Path(school): Path<String>,
    Query(from): Query<From>,
) -> Result<Json<WeekView>, Problem> {
    let school = school.parse().map_err(|_| Refusal::NotThere)?;
    let day = from.from.map(|day| read_day(&day)).transpose()?;
    Ok(Json(doors.school.week(&school, day)?))
}

#[derive(Deserialize)]
pub(super) struct OfDay {
    day: Option<String>,
}

pub(super) async fn lessons(
    State(doors): At,
    Extension(who): Who,
    Query(of): Query<OfDay>,
) -> Result<Json<DayView>, Problem> {
    let day = of.day.map(|day| read_day(&day)).transpose()?;
    Ok(Json(doors.school.day(&who, day)))
}

#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
enum Change {
    Cancel { reason: String },
    Move { day: String, period: u8, reason: String },
    Substitute { teacher: String, reason: String },
    Restore,
}

pub(super) async fn change(
    State(doors): At,
    Extension(who): Who,
    Path(lesson): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let lesson = lesson.parse().map_err(|_| Refusal::LessonUnknown)?;
    let command = match json(&headers, body, doors.request_timeout).await? {
        Change::Cancel { reason } => PlanCommand::Cancel { lesson, reason },
        Change::Move { day, period, reason } => PlanCommand::Move { lesson, to: read_day(&day)?, period, reason },
        Change::Substitute { teacher, reason } => {
            let teacher = teacher.parse().map_err(|_| Refusal::NotThere)?;
            PlanCommand::Substitute { lesson, teacher, reason }
        }
        Change::Restore => PlanCommand::Restore { lesson },
    };
    doors.gate.plan(&who, PlanWish::Command(command), false).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct File {
    name: String,
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn import(
    State(doors): At,
    Extension(who): Who,
    Query(file): Query<File>,
    body: Body,
) -> Result<Json<ImportView>, Problem> {
    let arrived = tokio::time::timeout(UPLOAD_WAIT, to_bytes(body, SHEETS_BYTES_MAX)).await;
    let bytes = arrived.map_err(|_| Refusal::TooSlow)?.map_err(|_| Refusal::BodyTooLarge)?;
    let name = file.name.clone();
    let read = tokio::task::spawn_blocking(move || sheets::read_bytes(&name, &bytes)).await;
    let sheets = read.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))?;
    let outcome = doors.gate.plan(&who, PlanWish::Sheets { file: file.name, sheets }, file.dry_run).await?;
    Ok(Json(ImportView::of(&outcome, !file.dry_run)))
}

/// What an import did or would do.
#[derive(Serialize)]
pub(super) struct ImportView {
    kept: bool,
    rows: Vec<RowsView>,
    lessons: usize,
    overruns: Vec<Words>,
}

#[derive(Serialize)]
struct RowsView {
    zh: &'static str,
    en: &'static str,
    rows: usize,
}

#[derive(Serialize)]
struct Words {
    zh: String,
    en: String,
}

impl ImportView {
    fn of(outcome: &Outcome, kept: bool) -> Self {
        let rows = outcome.rows.iter().map(|(kind, rows)| {
            let (zh, en) = kind.names();
            RowsView { zh, en, rows: *rows }
        });
        let overrun = |Clash { one, other, .. }: &Clash| Words {
            zh: format!("{one} 拖堂会影响 {other}"),
            en: format!("an overrun of {one} would reach into {other}"),
        };
        Self {
            kept,
            rows: rows.collect(),
            lessons: outcome.planned.alliance.timetable().entries().len(),
            overruns: outcome.overruns.iter().take(OVERRUNS_TOLD_MAX).map(overrun).collect(),
        }
    }
}

fn read_day(text: &str) -> Result<Day, Refused> {
    text.parse().map_err(|_| Refusal::MessageUnreadable.into())
}
