//! How the rest of the server speaks to a media thread: bounded, and never waiting.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use mio::Waker;

use crate::base::limits::MAILBOX_MAX;
use crate::sfu::command::Command;

/// What is put into a mailbox.
#[derive(Debug)]
pub(super) enum Letter {
    Command(Command),
    Stop,
}

/// The sending side; cheap to clone.
#[derive(Clone)]
pub struct Mailbox {
    letters: SyncSender<Letter>,
    waker: Arc<Waker>,
}

/// The media thread does not take any more now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media thread has too much to do, or has stopped")]
pub struct Busy;

impl Mailbox {
    pub(super) fn new(waker: Arc<Waker>) -> (Self, Receiver<Letter>) {
        let (letters, receiver) = sync_channel(MAILBOX_MAX);
        (Self { letters, waker }, receiver)
    }

    /// Tells the thread to do something.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        self.put(Letter::Command(command))
    }

    /// Tells the thread to end.
    pub fn stop(&self) -> Result<(), Busy> {
        self.put(Letter::Stop)
    }

    fn put(&self, letter: Letter) -> Result<(), Busy> {
        match self.letters.try_send(letter) {
            Ok(()) => self.waker.wake().map_err(|_| Busy),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Busy),
        }
    }
}
