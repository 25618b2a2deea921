//! The only layer that speaks both of lessons and of media.
//!
//! [`school::School`] is the running alliance: doors hold it and ask it. Behind it, one lock guards a state that is
//! changed in short steps and never across a wait.

pub mod admit;
pub mod gate;
pub mod handshake;
pub mod media;
pub mod message;
pub mod negotiate;
pub mod password;
pub mod planning;
pub mod refused;
pub mod replan;
pub mod school;
pub mod secret;
pub mod view;
pub mod wall;

mod class;
pub mod enter;
mod figures;
pub mod page;
mod recall;
mod roles;
mod session;
pub mod signal;
mod state;
