//! The links that `tongke serve --links-json` writes, by lesson.

use std::io::Read;

use serde::Deserialize;

use super::fault::Fault;
use crate::base::limits::WATCHES_PER_ROOM_MAX;

#[derive(Deserialize)]
struct File {
    base: String,
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    role: String,
    lesson: Option<String>,
    url: String,
}

/// Where the server is, and the keys to its lessons.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Links {
    /// How its addresses begin.
    pub(super) base: String,
    /// Only those that have a teacher and a room.
    pub(super) lessons: Vec<Lesson>,
}

/// The keys to one lesson.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lesson {
    pub(super) id: String,
    pub(super) teacher: String,
    pub(super) rooms: Vec<String>,
}

impl Links {
    /// From a file, or from what is typed for `-`.
    pub(super) fn read(from: &str) -> Result<Self, Fault> {
        let mut text = String::new();
        let read = match from {
            "-" => std::io::stdin().read_to_string(&mut text),
            path => std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
        };
        let fault = |cause: String| Fault::Links { from: from.to_owned(), cause };
        read.map_err(|source| fault(source.to_string()))?;
        Self::parse(&text).map_err(|cause| fault(cause.to_string()))
    }

    fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        let mut lessons: Vec<Lesson> = Vec::new();
        for link in file.links {
            let (Some(id), Some((_, key))) = (link.lesson, link.url.split_once("key=")) else { continue };
            let place = lessons.iter().position(|lesson| lesson.id == id).unwrap_or_else(|| {
                lessons.push(Lesson { id, ..Lesson::default() });
                lessons.len() - 1
            });
            match link.role.as_str() {
                "teacher" => key.clone_into(&mut lessons[place].teacher),
                "room" => lessons[place].rooms.push(key.to_owned()),
                _ => {}
            }
        }
        lessons.retain(|lesson| !lesson.teacher.is_empty() && !lesson.rooms.is_empty());
        Ok(Self { base: file.base, lessons })
    }

    /// Keeps the first lessons only; all if none are asked for.
    pub(super) fn keep(&mut self, lessons: Option<usize>) -> Result<(), Fault> {
        let asked = lessons.unwrap_or(self.lessons.len());
        if self.lessons.is_empty() || asked == 0 {
            return Err(Fault::NoLessons);
        }
        if asked > self.lessons.len() {
            return Err(Fault::TooFewLessons { asked, there: self.lessons.len() });
        }
        self.lessons.truncate(asked);
        Ok(())
    }

    /// Whether so many watchers find a place: they take turns through the lessons, and in each through its rooms.
    pub(super) fn check_room_for(&self, watchers: u32) -> Result<(), Fault> {
        let places = self.lessons.iter().map(|lesson| lesson.rooms.len()).min().unwrap_or(0) * self.lessons.len();
        if watchers as usize > places * WATCHES_PER_ROOM_MAX {
            return Err(Fault::TooFewRooms { asked: watchers, rooms: places, each: WATCHES_PER_ROOM_MAX });
        }
        Ok(())
    }

    /// The lesson of the `n`-th watcher, and its key.
    pub(super) fn watcher(&self, n: usize) -> (usize, &str) {
        let lesson = n % self.lessons.len();
        let rooms = &self.lessons[lesson].rooms;
        (lesson, &rooms[n / self.lessons.len() % rooms.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        let link = |role: &str, lesson: &str, key: &str| {
            format!(r#"{{"role":"{role}","lesson":{lesson},"name":"x","url":"http://localhost:1/teach?key={key}"}}"#)
        };
        let links = [
            link("teacher", "\"a\"", "ta"),
            link("teacher", "\"b\"", "tb"),
            link("teacher", "\"c\"", "tc"),
            link("room", "\"a\"", "a1"),
            link("room", "\"b\"", "b1"),
            link("room", "\"a\"", "a2"),
            link("room", "\"b\"", "b2"),
            link("ops", "null", "o"),
        ];
        let text = format!(r#"{{"base":"http://localhost:1","ops":"x","links":[{}]}}"#, links.join(","));
        Links::parse(&text).unwrap()
    }

    #[test]
    fn links_are_sorted_by_lesson_and_lessons_without_rooms_are_left_out() {
        let links = links();
        assert_eq!(links.lessons.len(), 2);
        assert_eq!(links.lessons[1].teacher, "tb");
        assert_eq!(
            (0..5).map(|n| links.watcher(n)).collect::<Vec<_>>(),
            [(0, "a1"), (1, "b1"), (0, "a2"), (1, "b2"), (0, "a1")]
        );
    }

    #[test]
    fn more_than_the_links_have_is_refused() {
        let mut links = links();
        assert!(links.check_room_for(16).is_ok());
        assert!(matches!(links.check_room_for(17), Err(Fault::TooFewRooms { asked: 17, rooms: 4, .. })));
        assert!(matches!(links.keep(Some(3)), Err(Fault::TooFewLessons { asked: 3, there: 2 })));
        links.keep(Some(1)).unwrap();
        assert_eq!(links.lessons.len(), 1);
        assert!(Links::parse("{}").is_err());
    }
}
