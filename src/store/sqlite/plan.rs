//! The alliance in tables: replaced as a whole, read as a whole.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::lesson::alliance::Parts;
use crate::lesson::pairing::Pairing;
use crate::lesson::school::{Kind, Person, Room, School};
use crate::lesson::{Alliance, Entry, LessonId, RoomId};

use super::row::{Field, from_time};

/// Puts `alliance` in the place of what is there. To be called within a transaction.
pub(super) async fn replace(to: &mut SqliteConnection, alliance: &Alliance) -> sqlx::Result<()> {
    clear(to).await?;
    let parts = alliance.to_parts();
    for School { id, name, kind } in &parts.schools {
        let insert = sqlx::query("INSERT INTO school (id, name, kind) VALUES (?, ?, ?)");
        insert.bind(id.as_str()).bind(name).bind(kind.as_str()).execute(&mut *to).await?;
    }
    for Room { id, school, name } in &parts.rooms {
        let insert = sqlx::query("INSERT INTO room (id, school, name) VALUES (?, ?, ?)");
        insert.bind(id.as_str()).bind(school.as_str()).bind(name).execute(&mut *to).await?;
    }
    for Person { id, school, name } in &parts.people {
        let insert = sqlx::query("INSERT INTO person (id, school, name) VALUES (?, ?, ?)");
        insert.bind(id.as_str()).bind(school.as_str()).bind(name).execute(&mut *to).await?;
    }
    for Pairing { lead, room, starts, ends } in &parts.pairings {
        let insert = sqlx::query("INSERT INTO pairing (lead, room, starts_us, ends_us) VALUES (?, ?, ?, ?)");
        let insert = insert.bind(lead.as_str()).bind(room.as_str());
        insert.bind(from_time(*starts)).bind(from_time(*ends)).execute(&mut *to).await?;
    }
    for entry in &parts.entries {
        insert_entry(to, entry).await?;
    }
    Ok(())
}

/// What is there, checked as if it had just been typed.
pub(super) async fn read(from: &mut SqliteConnection) -> sqlx::Result<Alliance> {
    let parts = Parts {
        schools: all(from, "SELECT id, name, kind FROM school ORDER BY id", school).await?,
        rooms: all(from, "SELECT id, school, name FROM room ORDER BY id", room).await?,
        people: all(from, "SELECT id, school, name FROM person ORDER BY id", person).await?,
        pairings: all(from, "SELECT lead, room, starts_us, ends_us FROM pairing ORDER BY place", pairing).await?,
        entries: read_entries(from).await?,
    };
    Alliance::new(parts).map_err(|misfits| {
        let misfits: Vec<_> = misfits.iter().map(ToString::to_string).collect();
        sqlx::Error::Decode(misfits.join("; ").into())
    })
}

async fn clear(to: &mut SqliteConnection) -> sqlx::Result<()> {
    for delete in [
        "DELETE FROM invitation",
        "DELETE FROM entry",
        "DELETE FROM pairing",
        "DELETE FROM person",
        "DELETE FROM room",
        "DELETE FROM school",
    ] {
        sqlx::query(delete).execute(&mut *to).await?;
    }
    Ok(())
}

async fn insert_entry(to: &mut SqliteConnection, entry: &Entry) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO entry (lesson, title, subject, teacher, lead, starts_us, ends_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.lesson.as_str())
    .bind(&entry.title)
    .bind(&entry.subject)
    .bind(entry.teacher.as_str())
    .bind(entry.lead.as_str())
    .bind(from_time(entry.starts))
    .bind(from_time(entry.ends))
    .execute(&mut *to)
    .await?;
    for (place, room) in (0_i64..).zip(&entry.rooms) {
        let insert = sqlx::query("INSERT INTO invitation (lesson, place, room) VALUES (?, ?, ?)");
        insert.bind(entry.lesson.as_str()).bind(place).bind(room.as_str()).execute(&mut *to).await?;
    }
    Ok(())
}

async fn read_entries(from: &mut SqliteConnection) -> sqlx::Result<Vec<Entry>> {
    let plan = "SELECT lesson, title, subject, teacher, lead, starts_us, ends_us FROM entry ORDER BY starts_us, lesson";
    let mut entries = all(from, plan, entry).await?;
    let mut invited: BTreeMap<LessonId, Vec<RoomId>> = BTreeMap::new();
    let invitations = "SELECT lesson, room FROM invitation ORDER BY lesson, place";
    for (lesson, room) in all(from, invitations, |row| Ok((row.id("lesson")?, row.id("room")?))).await? {
        invited.entry(lesson).or_default().push(room);
    }
    for entry in &mut entries {
        entry.rooms = invited.remove(&entry.lesson).unwrap_or_default();
    }
    Ok(entries)
}

async fn all<T>(
    from: &mut SqliteConnection,
    select: &'static str,
    read: impl Fn(&SqliteRow) -> sqlx::Result<T>,
) -> sqlx::Result<Vec<T>> {
    sqlx::query(select).fetch_all(from).await?.iter().map(read).collect()
}

fn school(row: &SqliteRow) -> sqlx::Result<School> {
    Ok(School { id: row.id("id")?, name: row.text("name")?, kind: row.named("kind", Kind::parse)? })
}

fn room(row: &SqliteRow) -> sqlx::Result<Room> {
    Ok(Room { id: row.id("id")?, school: row.id("school")?, name: row.text("name")? })
}

fn person(row: &SqliteRow) -> sqlx::Result<Person> {
    Ok(Person { id: row.id("id")?, school: row.id("school")?, name: row.text("name")? })
}

fn pairing(row: &SqliteRow) -> sqlx::Result<Pairing> {
    let (starts, ends) = (row.time("starts_us")?, row.time("ends_us")?);
    Ok(Pairing { lead: row.id("lead")?, room: row.id("room")?, starts, ends })
}

/// The entry without its invitations.
fn entry(row: &SqliteRow) -> sqlx::Result<Entry> {
    Ok(Entry {
        lesson: row.id("lesson")?,
        title: row.text("title")?,
        subject: row.text("subject")?,
        teacher: row.id("teacher")?,
        lead: row.id("lead")?,
        rooms: Vec::new(),
        starts: row.time("starts_us")?,
        ends: row.time("ends_us")?,
    })
}
