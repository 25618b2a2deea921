//! The doors: pages, WHIP, WHEP, the lesson's WebSocket, the API.

pub mod certificate;
pub mod listen;
pub mod ops;
pub mod router;

mod answer;
mod api;
mod guard;
mod lesson_ws;
mod pages;
mod prompt;
mod whip;
