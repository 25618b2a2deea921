//! The alliance in tables: replaced as a whole, read as a whole.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::lesson::alliance::Parts;
use crate::lesson::pairing::{Pairing, RoomPair};
use crate::lesson::plan::Edit;
use crate::lesson::school::{Bond, District, Group, Kind, Person, Room, School};
use crate::lesson::{Alliance, Entry, GroupId, LessonId, RoomId, SchoolId};

use super::row::Field;
use super::week;
use super::write::{put, remove};

/// The tables of the plan but the week's, those first that point to others.
const TABLES: [&str; 10] = [
    "invitation",
    "entry",
    "room_pair",
    "school_pairing",
    "person",
    "room",
    "group_member",
    "school_group",
    "school",
    "district",
];

/// Puts `alliance` in the place of what is there. To be called within a transaction.
pub(super) async fn replace(to: &mut AnyConnection, alliance: &Alliance) -> sqlx::Result<()> {
    clear(to).await?;
    for thing in alliance.to_parts().things() {
        put(to, &thing).await?;
    }
    Ok(())
}

/// Does one edit. To be called within a transaction.
pub(super) async fn edit(to: &mut AnyConnection, edit: &Edit) -> sqlx::Result<()> {
    match edit {
        Edit::Put(thing) => put(to, thing).await,
        Edit::Remove(key) => remove(to, key).await,
    }
}

/// What is there, checked as if it had just been typed.
pub(super) async fn read(from: &mut AnyConnection) -> sqlx::Result<Alliance> {
    let pairings = "SELECT id, lead, member, kind, starts_us, ends_us FROM school_pairing ORDER BY id";
    let parts = Parts {
        districts: all(from, "SELECT id, name FROM district ORDER BY id", district).await?,
        groups: read_groups(from).await?,
        schools: all(from, "SELECT id, name, kind, district FROM school ORDER BY id", school).await?,
        rooms: all(from, "SELECT id, school, name FROM room ORDER BY id", room).await?,
        people: all(from, "SELECT id, school, name FROM person ORDER BY id", person).await?,
        pairings: all(from, pairings, pairing).await?,
        room_pairs: all(from, "SELECT pairing, lead_room, room FROM room_pair ORDER BY place", room_pair).await?,
        week: week::read(from).await?,
        entries: read_entries(from).await?,
    };
    Alliance::new(parts).map_err(|misfits| {
        let misfits: Vec<_> = misfits.iter().map(ToString::to_string).collect();
        sqlx::Error::Decode(misfits.join("; ").into())
    })
}

async fn clear(to: &mut AnyConnection) -> sqlx::Result<()> {
    for table in week::TABLES.into_iter().chain(TABLES) {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *to).await?;
    }
    Ok(())
}

async fn read_groups(from: &mut AnyConnection) -> sqlx::Result<Vec<Group>> {
    let mut groups = all(from, "SELECT id, name, kind FROM school_group ORDER BY id", group).await?;
    let members = "SELECT school_group, school FROM group_member ORDER BY school_group, place";
    let members = all(from, members, |row| Ok((row.id::<GroupId>("school_group")?, row.id("school")?))).await?;
    for group in &mut groups {
        let ours = members.iter().filter(|(of, _)| *of == group.id);
        group.schools = ours.map(|(_, school): &(_, SchoolId)| school.clone()).collect();
    }
    Ok(groups)
}

async fn read_entries(from: &mut AnyConnection) -> sqlx::Result<Vec<Entry>> {
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

pub(super) async fn all<T>(
    from: &mut AnyConnection,
    select: &'static str,
    read: impl Fn(&AnyRow) -> sqlx::Result<T>,
) -> sqlx::Result<Vec<T>> {
    sqlx::query(select).fetch_all(from).await?.iter().map(read).collect()
}

fn district(row: &AnyRow) -> sqlx::Result<District> {
    Ok(District { id: row.id("id")?, name: row.text("name")? })
}

/// The group without its schools.
fn group(row: &AnyRow) -> sqlx::Result<Group> {
    Ok(Group { id: row.id("id")?, name: row.text("name")?, kind: row.named("kind", Bond::parse)?, schools: Vec::new() })
}

fn school(row: &AnyRow) -> sqlx::Result<School> {
    let kind = row.named("kind", Kind::parse)?;
    Ok(School { id: row.id("id")?, name: row.text("name")?, kind, district: row.maybe_id("district")? })
}

fn room(row: &AnyRow) -> sqlx::Result<Room> {
    Ok(Room { id: row.id("id")?, school: row.id("school")?, name: row.text("name")? })
}

fn person(row: &AnyRow) -> sqlx::Result<Person> {
    Ok(Person { id: row.id("id")?, school: row.id("school")?, name: row.text("name")? })
}

fn pairing(row: &AnyRow) -> sqlx::Result<Pairing> {
    Ok(Pairing {
        id: row.id("id")?,
        lead: row.id("lead")?,
        member: row.id("member")?,
        kind: row.named("kind", Bond::parse)?,
        starts: row.time("starts_us")?,
        ends: row.time("ends_us")?,
    })
}

fn room_pair(row: &AnyRow) -> sqlx::Result<RoomPair> {
    Ok(RoomPair { pairing: row.id("pairing")?, lead_room: row.id("lead_room")?, room: row.id("room")? })
}

/// The entry without its invitations.
fn entry(row: &AnyRow) -> sqlx::Result<Entry> {
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
