//! The weekly timetable in tables.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::lesson::calendar::Minute;
use crate::lesson::week::{Amended, Amendment, Bell, BellShift, Term, WeekPlan, Weekly, Weeks, Whose};
use crate::lesson::{LessonId, RoomId};

use super::plan::all;
use super::row::{Field, damaged};

/// Its tables, those first that point to others.
pub(super) const TABLES: [&str; 6] = ["bell_shift", "amendment", "weekly_invitation", "weekly", "bell", "term"];

/// Writes it into empty tables.
pub(super) async fn insert(to: &mut AnyConnection, plan: &WeekPlan) -> sqlx::Result<()> {
    for Term { id, name, first, weeks } in &plan.terms {
        let insert = sqlx::query("INSERT INTO term (id, name, first_day, weeks) VALUES ($1, $2, $3, $4)");
        let insert = insert.bind(id.as_str()).bind(name).bind(first.to_string());
        insert.bind(i64::from(*weeks)).execute(&mut *to).await?;
    }
    for bell in &plan.bells {
        insert_bell(to, bell).await?;
    }
    for (place, weekly) in (0_i64..).zip(&plan.weeklies) {
        insert_weekly(to, place, weekly).await?;
    }
    for amendment in &plan.amendments {
        insert_amendment(to, amendment).await?;
    }
    for shift in &plan.shifts {
        insert_shift(to, shift).await?;
    }
    Ok(())
}

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

async fn insert_weekly(to: &mut AnyConnection, place: i64, weekly: &Weekly) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO weekly (id, place, term, weekday, period, weeks, from_week, until_week, title, subject, teacher, lead, lead_room)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(weekly.id.as_str())
    .bind(place)
    .bind(weekly.term.as_str())
    .bind(i64::from(weekly.weekday))
    .bind(i64::from(weekly.period))
    .bind(weekly.weeks.as_str())
    .bind(i64::from(*weekly.span.start()))
    .bind(i64::from(*weekly.span.end()))
    .bind(&weekly.title)
    .bind(&weekly.subject)
    .bind(weekly.teacher.as_str())
    .bind(weekly.lead.as_str())
    .bind(weekly.lead_room.as_ref().map(|room| room.as_str().to_owned()))
    .execute(&mut *to)
    .await?;
    for (place, room) in (0_i64..).zip(&weekly.rooms) {
        let insert = sqlx::query("INSERT INTO weekly_invitation (weekly, place, room) VALUES ($1, $2, $3)");
        insert.bind(weekly.id.as_str()).bind(place).bind(room.as_str()).execute(&mut *to).await?;
    }
    Ok(())
}

async fn insert_bell(to: &mut AnyConnection, bell: &Bell) -> sqlx::Result<()> {
    let (school, district) = columns_of(&bell.whose);
    sqlx::query("INSERT INTO bell (school, district, period, starts_min, lasts_min) VALUES ($1, $2, $3, $4, $5)")
        .bind(school)
        .bind(district)
        .bind(i64::from(bell.period))
        .bind(i64::from(bell.starts.minutes()))
        .bind(i64::from(bell.lasts))
        .execute(&mut *to)
        .await
        .map(|_| ())
}

async fn insert_shift(to: &mut AnyConnection, shift: &BellShift) -> sqlx::Result<()> {
    let (school, district) = columns_of(&shift.whose);
    sqlx::query("INSERT INTO bell_shift (on_day, school, district, shift_min, reason) VALUES ($1, $2, $3, $4, $5)")
        .bind(shift.day.to_string())
        .bind(school)
        .bind(district)
        .bind(i64::from(shift.minutes))
        .bind(&shift.reason)
        .execute(&mut *to)
        .await
        .map(|_| ())
}

async fn insert_amendment(to: &mut AnyConnection, amendment: &Amendment) -> sqlx::Result<()> {
    let (what, to_day, period, substitute) = match &amendment.what {
        Amended::Moved { to, period } => ("moved", Some(to.to_string()), Some(i64::from(*period)), None),
        Amended::Substitute(person) => ("substitute", None, None, Some(person.as_str().to_owned())),
        Amended::Cancelled => ("cancelled", None, None, None),
    };
    sqlx::query(
        "INSERT INTO amendment (weekly, on_day, what, to_day, to_period, substitute, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(amendment.weekly.as_str())
    .bind(amendment.day.to_string())
    .bind(what)
    .bind(to_day)
    .bind(period)
    .bind(substitute)
    .bind(&amendment.reason)
    .execute(&mut *to)
    .await
    .map(|_| ())
}

async fn read_weeklies(from: &mut AnyConnection) -> sqlx::Result<Vec<Weekly>> {
    let plan =
        "SELECT id, term, weekday, period, weeks, from_week, until_week, title, subject, teacher, lead, lead_room
                FROM weekly ORDER BY place";
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
