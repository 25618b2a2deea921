//! The doors: pages, WHIP, WHEP, the lesson's WebSocket, the API.
