//! The doors: pages, WHIP, WHEP, the lesson's WebSocket, the API.

pub mod certificate;
pub mod listen;
pub mod ops;
pub mod router;

mod address;
mod answer;
mod api;
mod cookie;
mod desk;
mod guard;
mod lesson_ws;
mod needs;
mod pages;
mod plan;
mod prompt;
mod whip;
