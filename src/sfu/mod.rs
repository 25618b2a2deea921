//! The media core: one value per media thread, told the time, writing into slots it is lent.
//!
//! [`worker::Worker`] is the whole of it. It knows Ups (tracks that arrive) and Downs (slots that are sent),
//! not lessons, and holds no lock, clock, socket or log; after a peer is connected it allocates nothing.

pub mod bridge;
pub mod command;
pub mod counters;
pub mod discard;
pub mod event;
pub mod forward;
pub mod layer;
pub mod outbox;
pub mod road;
pub mod srtp;
pub mod twcc;
pub mod worker;

mod clock;
mod commands;
mod demux;
mod down;
mod estimates;
mod feedback;
mod gaps;
mod head;
mod hold;
mod ice;
mod job;
mod keyframe;
mod line;
mod pass;
mod peer;
mod rate;
mod receive;
mod recent;
mod report;
mod resend;
mod rewrite;
mod route;
mod send;
mod service;
mod share;
mod timers;
mod up;
