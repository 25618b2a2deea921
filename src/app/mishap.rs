//! A panic on request, in builds with the robot only: how a story sees what becomes of the lessons.
//!
//! It is asked for by a signal, which nobody may send who could not end the process as well.

use tokio::signal::unix::{SignalKind, signal};

use crate::io::mailbox::Mailbox;

/// Makes the first media thread panic at each SIGUSR1, for ever.
pub(super) async fn panic_when_told(first: Option<Mailbox>) {
    let (Some(first), Ok(mut told)) = (first, signal(SignalKind::user_defined1())) else {
        return std::future::pending().await;
    };
    while told.recv().await.is_some() {
        let _too_busy_to_panic = first.panic("a story asked for it");
    }
}
