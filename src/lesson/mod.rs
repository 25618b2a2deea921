//! The domain: schools, rooms, pairs, lessons and who may do what. Pure.

pub mod alliance;
pub mod calendar;
pub mod change;
pub mod clash;
pub mod command;
pub mod county;
mod demo;
pub mod expand;
pub mod feed;
mod fit;
mod floor;
pub mod id;
pub mod pairing;
pub mod permit;
pub mod plan;
pub mod refusal;
pub mod register;
pub mod school;
pub mod seat;
pub mod sitting;
pub mod slot;
pub mod stage;
pub mod timetable;
pub mod week;

pub use alliance::Alliance;
pub use change::Change;
pub use command::Command;
pub use feed::Feed;
pub use fit::Misfit;
pub use id::{
    AccountId, DeviceId, DistrictId, GrantId, GroupId, KeyId, LessonId, LoginId, PairingId, PersonId, RoomId, SchoolId,
    TermId,
};
pub use permit::{Action, Actor, Belongs, Role, Scope, permit, permit_at, permits};
pub use plan::{PlanCommand, PlanRefusal, Planned};
pub use refusal::Refusal;
pub use register::{Origin, Register};
pub use sitting::{Phase, Sitting};
pub use slot::{Layer, Slot, Source, Sources};
pub use stage::Stage;
pub use timetable::Entry;

#[cfg(test)]
mod floor_tests;
#[cfg(test)]
mod sitting_tests;
#[cfg(test)]
mod week_tests;
