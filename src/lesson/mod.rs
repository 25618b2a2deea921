//! The domain: schools, rooms, pairs, lessons and who may do what. Pure.

pub mod alliance;
pub mod change;
pub mod command;
pub mod county;
mod demo;
pub mod feed;
mod floor;
pub mod id;
pub mod pairing;
pub mod permit;
pub mod refusal;
pub mod school;
pub mod seat;
pub mod sitting;
pub mod slot;
pub mod stage;
pub mod timetable;

pub use alliance::Alliance;
pub use change::Change;
pub use command::Command;
pub use feed::Feed;
pub use id::{LessonId, PersonId, RoomId, SchoolId};
pub use permit::{Action, Actor, Role, permit, permits};
pub use refusal::Refusal;
pub use sitting::{Phase, Sitting};
pub use slot::{Layer, Slot, Source, Sources};
pub use stage::Stage;
pub use timetable::Entry;

#[cfg(test)]
mod floor_tests;
#[cfg(test)]
mod sitting_tests;
