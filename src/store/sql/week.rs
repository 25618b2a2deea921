//! The weekly timetable in tables.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::lesson::calendar::{Day, Minute};
use crate::lesson::week::{Amended, Amendment, Bell, BellShift, Term, WeekPlan, Weekly, Weeks, Whose};
use crate::lesson::{LessonId, RoomId};

use super::plan::all;
use super::row::{Field, damaged};
use super::write::{delete, run};

/// Its tables, those first that point to others.
pub(super) const TABLES: [&str; 6] = ["bell_shift", "amendment", "weekly_invitation", "weekly", "bell", "term"];

/// Reads it as it was written.
pub(super) async fn read(from: &mut AnyConnection) -> sqlx::Result<WeekPlan> {
    let bells = "SELECT school, district, period, starts_min, lasts_min FROM bell ORDER BY place";
    let amendments = "SELECT weekly, on_day, what, to_day, to_period, substitute, reason FROM amendment ORDER BY place";
    let shifts = "SELECT on_day, school, district, shift_min, reason FROM bell_shift ORDER BY place";
    Ok(WeekPlan {
        terms: all(from, "SELECT id, name, first_day, weeks FROM term ORDER BY id", term).await?,
        bells: all(from, bells, bell).await?,
        weeklies: read_weeklies(from).await?,
        amendments: all(from, amendments, amendment).await?,
        shifts: all(from, shifts, shift).await?,
    })
}

pub(super) async fn put_term(to: &mut AnyConnection, term: &Term) -> sqlx::Result<()> {
    let put = "INSERT INTO term (id, name, first_day, weeks) VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, first_day = excluded.first_day, weeks = excluded.weeks";
    let put = sqlx::query(put).bind(term.id.to_string()).bind(term.name.clone()).bind(term.first.to_string());
    run(to, put.bind(i64::from(term.weeks))).await
}

pub(super) async fn put_bell(to: &mut AnyConnection, bell: &Bell) -> sqlx::Result<()> {
    remove_bell(to, &bell.whose, bell.period).await?;
    let (school, district) = columns_of(&bell.whose);
    let insert = "INSERT INTO bell (school, district, period, starts_min, lasts_min) VALUES ($1, $2, $3, $4, $5)";
    let insert = sqlx::query(insert).bind(school).bind(district).bind(i64::from(bell.period));
    run(to, insert.bind(i64::from(bell.starts.minutes())).bind(i64::from(bell.lasts))).await
}

pub(super) async fn remove_bell(to: &mut AnyConnection, whose: &Whose, period: u8) -> sqlx::Result<()> {
    let (school, district) = columns_of(whose);
    let delete = "DELETE FROM bell WHERE COALESCE(school, '') = $1 AND COALESCE(district, '') = $2 AND period = $3";
    let delete = sqlx::query(delete).bind(school.unwrap_or_default()).bind(district.unwrap_or_default());
    run(to, delete.bind(i64::from(period))).await
}

pub(super) async fn put_shift(to: &mut AnyConnection, shift: &BellShift) -> sqlx::Result<()> {
    remove_shift(to, shift.day, &shift.whose).await?;
    let (school, district) = columns_of(&shift.whose);
    let insert = "INSERT INTO bell_shift (on_day, school, district, shift_min, reason) VALUES ($1, $2, $3, $4, $5)";
    let insert = sqlx::query(insert).bind(shift.day.to_string()).bind(school).bind(district);
    run(to, insert.bind(i64::from(shift.minutes)).bind(shift.reason.clone())).await
}

pub(super) async fn remove_shift(to: &mut AnyConnection, day: Day, whose: &Whose) -> sqlx::Result<()> {
    let (school, district) = columns_of(whose);
    let delete =
        "DELETE FROM bell_shift WHERE COALESCE(school, '') = $1 AND COALESCE(district, '') = $2 AND on_day = $3";
    let delete = sqlx::query(delete).bind(school.unwrap_or_default()).bind(district.unwrap_or_default());
    run(to, delete.bind(day.to_string())).await
}

pub(super) async fn put_weekly(to: &mut AnyConnection, weekly: &Weekly) -> sqlx::Result<()> {
    // Their order is that of their ids: the place says nothing any more.
    let put = sqlx::query(
        "INSERT INTO weekly (id, place, term, weekday, period, weeks, from_week, until_week, title, subject, teacher, lead, lead_room)
         VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (id) DO UPDATE SET term = excluded.term, weekday = excluded.weekday, period = excluded.period,
         weeks = excluded.weeks, from_week = excluded.from_week, until_week = excluded.until_week,
         title = excluded.title, subject = excluded.subject, teacher = excluded.teacher, lead = excluded.lead,
         lead_room = excluded.lead_room",
    )
    .bind(weekly.id.to_string())
    .bind(weekly.term.to_string())
    .bind(i64::from(weekly.weekday))
    .bind(i64::from(weekly.period))
    .bind(weekly.weeks.as_str())
    .bind(i64::from(*weekly.span.start()))
    .bind(i64::from(*weekly.span.end()))
    .bind(weekly.title.clone())
    .bind(weekly.subject.clone())
    .bind(weekly.teacher.to_string())
    .bind(weekly.lead.to_string())
    .bind(weekly.lead_room.as_ref().map(ToString::to_string));
    run(to, put).await?;
    delete(to, "weekly_invitation", "weekly", weekly.id.as_str()).await?;
    for (place, room) in (0_i64..).zip(&weekly.rooms) {
        let insert = sqlx::query("INSERT INTO weekly_invitation (weekly, place, room) VALUES ($1, $2, $3)");
        run(to, insert.bind(weekly.id.to_string()).bind(place).bind(room.to_string())).await?;
    }
    Ok(())
}

pub(super) async fn put_amendment(to: &mut AnyConnection, amendment: &Amendment) -> sqlx::Result<()> {
    remove_amendment(to, &amendment.weekly, amendment.day).await?;
    let (what, to_day, period, substitute) = match &amendment.what {
        Amended::Moved { to, period } => ("moved", Some(to.to_string()), Some(i64::from(*period)), None),
        Amended::Substitute(person) => ("substitute", None, None, Some(person.to_string())),
        Amended::Cancelled => ("cancelled", None, None, None),
    };
    let insert = sqlx::query(
        "INSERT INTO amendment (weekly, on_day, what, to_day, to_period, substitute, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let insert = insert.bind(amendment.weekly.to_string()).bind(amendment.day.to_string()).bind(what);
    run(to, insert.bind(to_day).bind(period).bind(substitute).bind(amendment.reason.clone())).await
}

pub(super) async fn remove_amendment(to: &mut AnyConnection, weekly: &LessonId, day: Day) -> sqlx::Result<()> {
    let delete = sqlx::query("DELETE FROM amendment WHERE weekly = $1 AND on_day = $2");
    run(to, delete.bind(weekly.to_string()).bind(day.to_string())).await
}

async fn read_weeklies(from: &mut AnyConnection) -> sqlx::Result<Vec<Weekly>> {
    let plan =
        "SELECT id, term, weekday, period, weeks, from_week, until_week, title, subject, teacher, lead, lead_room
                FROM weekly ORDER BY id";
    let mut weeklies = all(from, plan, weekly).await?;
    let mut invited: BTreeMap<LessonId, Vec<RoomId>> = BTreeMap::new();
    let invitations = "SELECT weekly, room FROM weekly_invitation ORDER BY weekly, place";
    for (weekly, room) in all(from, invitations, |row| Ok((row.id("weekly")?, row.id("room")?))).await? {
        invited.entry(weekly).or_default().push(room);
    }
    for weekly in &mut weeklies {
        weekly.rooms = invited.remove(&weekly.id).unwrap_or_default();
    }
    Ok(weeklies)
}

fn term(row: &AnyRow) -> sqlx::Result<Term> {
    Ok(Term {
        id: row.id("id")?,
        name: row.text("name")?,
        first: row.parsed("first_day")?,
        weeks: row.number("weeks")?,
    })
}

/// The columns for a school and for a district: both are empty if it is everybody's.
fn columns_of(whose: &Whose) -> (Option<String>, Option<String>) {
    match whose {
        Whose::All => (None, None),
        Whose::District(district) => (None, Some(district.to_string())),
        Whose::School(school) => (Some(school.to_string()), None),
    }
}

fn whose(row: &AnyRow) -> sqlx::Result<Whose> {
    Ok(match (row.maybe_id("school")?, row.maybe_id("district")?) {
        (Some(school), _) => Whose::School(school),
        (None, Some(district)) => Whose::District(district),
        (None, None) => Whose::All,
    })
}

fn bell(row: &AnyRow) -> sqlx::Result<Bell> {
    let minutes = row.number("starts_min")?;
    Ok(Bell {
        whose: whose(row)?,
        period: row.number("period")?,
        starts: Minute::new(minutes).ok_or_else(|| damaged("starts_min", &minutes.to_string()))?,
        lasts: row.number("lasts_min")?,
    })
}

/// The lesson without its invitations.
fn weekly(row: &AnyRow) -> sqlx::Result<Weekly> {
    Ok(Weekly {
        id: row.id("id")?,
        term: row.id("term")?,
        weekday: row.number("weekday")?,
        period: row.number("period")?,
        weeks: row.named("weeks", Weeks::parse)?,
        span: row.number("from_week")?..=row.number("until_week")?,
        title: row.text("title")?,
        subject: row.text("subject")?,
        teacher: row.id("teacher")?,
        lead: row.id("lead")?,
        lead_room: row.maybe_id("lead_room")?,
        rooms: Vec::new(),
    })
}

fn amendment(row: &AnyRow) -> sqlx::Result<Amendment> {
    let what = match row.text("what")?.as_str() {
        "moved" => Amended::Moved { to: row.parsed("to_day")?, period: row.number("to_period")? },
        "substitute" => Amended::Substitute(row.id("substitute")?),
        "cancelled" => Amended::Cancelled,
        other => return Err(damaged("what", other)),
    };
    Ok(Amendment { weekly: row.id("weekly")?, day: row.parsed("on_day")?, what, reason: row.text("reason")? })
}

fn shift(row: &AnyRow) -> sqlx::Result<BellShift> {
    Ok(BellShift {
        day: row.parsed("on_day")?,
        whose: whose(row)?,
        minutes: row.number("shift_min")?,
        reason: row.text("reason")?,
    })
}
