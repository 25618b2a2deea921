//! One thing of the plan into its tables, in place of what had its key, or out of them.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use crate::lesson::pairing::{Pairing, RoomPair};
use crate::lesson::plan::{Key, Thing};
use crate::lesson::school::{District, Group, Person, Room, School};
use crate::lesson::{Entry, RoomId};

use super::row::from_time;
use super::week;

/// Puts a thing in the place of what had its key.
pub(super) async fn put(to: &mut AnyConnection, thing: &Thing) -> sqlx::Result<()> {
    match thing {
        Thing::District(District { id, name }) => {
            let put = "INSERT INTO district (id, name) VALUES ($1, $2)
                       ON CONFLICT (id) DO UPDATE SET name = excluded.name";
            run(to, sqlx::query(put).bind(id.to_string()).bind(name.clone())).await
        }
        Thing::School(school) => put_school(to, school).await,
        Thing::Group(group) => put_group(to, group).await,
        Thing::Room(Room { id, school, name }) => {
            let put = "INSERT INTO room (id, school, name) VALUES ($1, $2, $3)
                       ON CONFLICT (id) DO UPDATE SET school = excluded.school, name = excluded.name";
            run(to, sqlx::query(put).bind(id.to_string()).bind(school.to_string()).bind(name.clone())).await
        }
        Thing::Person(Person { id, school, name }) => {
            let put = "INSERT INTO person (id, school, name) VALUES ($1, $2, $3)
                       ON CONFLICT (id) DO UPDATE SET school = excluded.school, name = excluded.name";
            run(to, sqlx::query(put).bind(id.to_string()).bind(school.to_string()).bind(name.clone())).await
        }
        Thing::Pairing(pairing) => put_pairing(to, pairing).await,
        Thing::RoomPair(RoomPair { pairing, lead_room, room }) => {
            remove_room_pair(to, lead_room, room).await?;
            let put = "INSERT INTO room_pair (pairing, lead_room, room) VALUES ($1, $2, $3)";
            let put = sqlx::query(put).bind(pairing.to_string()).bind(lead_room.to_string()).bind(room.to_string());
            run(to, put).await
        }
        Thing::Term(term) => week::put_term(to, term).await,
        Thing::Bell(bell) => week::put_bell(to, bell).await,
        Thing::Weekly(weekly) => week::put_weekly(to, weekly).await,
        Thing::Amendment(amendment) => week::put_amendment(to, amendment).await,
        Thing::Shift(shift) => week::put_shift(to, shift).await,
        Thing::Entry(entry) => put_entry(to, entry).await,
    }
}

/// Takes the thing with this key out.
pub(super) async fn remove(to: &mut AnyConnection, key: &Key) -> sqlx::Result<()> {
    match key {
        Key::District(id) => delete(to, "district", "id", id.as_str()).await,
        Key::School(id) => delete(to, "school", "id", id.as_str()).await,
        Key::Group(id) => {
            delete(to, "group_member", "school_group", id.as_str()).await?;
            delete(to, "school_group", "id", id.as_str()).await
        }
        Key::Room(id) => delete(to, "room", "id", id.as_str()).await,
        Key::Person(id) => delete(to, "person", "id", id.as_str()).await,
        Key::Pairing(id) => delete(to, "school_pairing", "id", id.as_str()).await,
        Key::RoomPair((lead_room, room)) => remove_room_pair(to, lead_room, room).await,
        Key::Term(id) => delete(to, "term", "id", id.as_str()).await,
        Key::Bell((whose, period)) => week::remove_bell(to, whose, *period).await,
        Key::Weekly(id) => {
            delete(to, "weekly_invitation", "weekly", id.as_str()).await?;
            delete(to, "weekly", "id", id.as_str()).await
        }
        Key::Amendment((weekly, day)) => week::remove_amendment(to, weekly, *day).await,
        Key::Shift((day, whose)) => week::remove_shift(to, *day, whose).await,
        Key::Entry(id) => {
            delete(to, "invitation", "lesson", id.as_str()).await?;
            delete(to, "entry", "lesson", id.as_str()).await
        }
    }
}

/// Deletes the rows of a table of which one column holds `id`.
pub(super) async fn delete(
    to: &mut AnyConnection,
    table: &'static str,
    column: &'static str,
    id: &str,
) -> sqlx::Result<()> {
    let delete = AssertSqlSafe(format!("DELETE FROM {table} WHERE {column} = $1"));
    run(to, sqlx::query(delete).bind(id.to_owned())).await
}

/// Runs what gives nothing back.
pub(super) async fn run(to: &mut AnyConnection, query: Query<'_, Any, AnyArguments>) -> sqlx::Result<()> {
    query.execute(to).await.map(|_| ())
}

async fn put_school(to: &mut AnyConnection, school: &School) -> sqlx::Result<()> {
    let put = "INSERT INTO school (id, name, kind, district) VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, district = excluded.district";
    let put = sqlx::query(put).bind(school.id.to_string()).bind(school.name.clone()).bind(school.kind.as_str());
    run(to, put.bind(school.district.as_ref().map(ToString::to_string))).await
}

async fn put_group(to: &mut AnyConnection, group: &Group) -> sqlx::Result<()> {
    let put = "INSERT INTO school_group (id, name, kind) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind";
    run(to, sqlx::query(put).bind(group.id.to_string()).bind(group.name.clone()).bind(group.kind.as_str())).await?;
    delete(to, "group_member", "school_group", group.id.as_str()).await?;
    for (place, school) in (0_i64..).zip(&group.schools) {
        let insert = sqlx::query("INSERT INTO group_member (school_group, place, school) VALUES ($1, $2, $3)");
        run(to, insert.bind(group.id.to_string()).bind(place).bind(school.to_string())).await?;
    }
    Ok(())
}

async fn put_pairing(to: &mut AnyConnection, pairing: &Pairing) -> sqlx::Result<()> {
    let put = "INSERT INTO school_pairing (id, lead, member, kind, starts_us, ends_us) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (id) DO UPDATE SET lead = excluded.lead, member = excluded.member, kind = excluded.kind,
               starts_us = excluded.starts_us, ends_us = excluded.ends_us";
    let put = sqlx::query(put).bind(pairing.id.to_string()).bind(pairing.lead.to_string());
    let put = put.bind(pairing.member.to_string()).bind(pairing.kind.as_str());
    run(to, put.bind(from_time(pairing.starts)).bind(from_time(pairing.ends))).await
}

async fn remove_room_pair(to: &mut AnyConnection, lead_room: &RoomId, room: &RoomId) -> sqlx::Result<()> {
    let delete = sqlx::query("DELETE FROM room_pair WHERE lead_room = $1 AND room = $2");
    run(to, delete.bind(lead_room.to_string()).bind(room.to_string())).await
}

async fn put_entry(to: &mut AnyConnection, entry: &Entry) -> sqlx::Result<()> {
    let put = sqlx::query(
        "INSERT INTO entry (lesson, title, subject, teacher, lead, starts_us, ends_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (lesson) DO UPDATE SET title = excluded.title, subject = excluded.subject,
         teacher = excluded.teacher, lead = excluded.lead, starts_us = excluded.starts_us, ends_us = excluded.ends_us",
    )
    .bind(entry.lesson.to_string())
    .bind(entry.title.clone())
    .bind(entry.subject.clone())
    .bind(entry.teacher.to_string())
    .bind(entry.lead.to_string())
    .bind(from_time(entry.starts))
    .bind(from_time(entry.ends));
    run(to, put).await?;
    delete(to, "invitation", "lesson", entry.lesson.as_str()).await?;
    for (place, room) in (0_i64..).zip(&entry.rooms) {
        let insert = sqlx::query("INSERT INTO invitation (lesson, place, room) VALUES ($1, $2, $3)");
        run(to, insert.bind(entry.lesson.to_string()).bind(place).bind(room.to_string())).await?;
    }
    Ok(())
}
