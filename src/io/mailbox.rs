//! How the rest of the server speaks to a media thread: bounded, and never waiting.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use mio::Waker;

use crate::base::limits::MAILBOX_MAX;
use crate::sfu::command::Command;

/// What is put into a mailbox.
#[derive(Debug)]
pub(super) enum Letter {
    Command(Command),
    Stop,
    /// Panic with these words: how tests see what a panic does.
    #[cfg(any(test, feature = "robot"))]
    Panic(&'static str),
}

/// The sending side; cheap to clone.
#[derive(Clone)]
pub struct Mailbox {
    letters: SyncSender<Letter>,
    bell: Arc<Bell>,
}

/// The receiving side, for the media thread.
pub(super) struct Letters {
    letters: Receiver<Letter>,
    bell: Arc<Bell>,
}

/// The media thread does not take any more now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media thread has too much to do, or has stopped")]
pub struct Busy;

impl Mailbox {
    pub(super) fn new(waker: Waker) -> (Self, Letters) {
        let (letters, receiver) = sync_channel(MAILBOX_MAX);
        let bell = Arc::new(Bell { waker, rung: AtomicBool::new(false) });
        (Self { letters, bell: bell.clone() }, Letters { letters: receiver, bell })
    }

    /// Tells the thread to do something.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        self.put(Letter::Command(command))
    }

    /// Tells the thread to end.
    pub fn stop(&self) -> Result<(), Busy> {
        self.put(Letter::Stop)
    }

    /// Makes the thread panic with these words; only in builds for tests.
    #[cfg(any(test, feature = "robot"))]
    pub fn panic(&self, words: &'static str) -> Result<(), Busy> {
        self.put(Letter::Panic(words))
    }

    fn put(&self, letter: Letter) -> Result<(), Busy> {
        match self.letters.try_send(letter) {
            Ok(()) => self.bell.ring().map(drop).map_err(|_| Busy),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Busy),
        }
    }
}

impl Letters {
    /// To be called before looking for letters: whoever puts one in from now on rings again.
    pub(super) fn heard(&self) {
        self.bell.heard();
    }

    pub(super) fn next(&self) -> Result<Letter, TryRecvError> {
        self.letters.try_recv()
    }
}

/// Wakes the thread once for all letters that it has not begun to take: each waking is a call to the kernel.
///
/// No letter is left lying. A sender puts its letter in and then looks whether the bell is rung; the thread unrings it
/// and then looks for letters. Both changes are of one atomic, so one comes first. If the sender's does, the thread's
/// reads it and sees the letter; if the thread's does, the sender's finds the bell unrung and wakes the thread.
struct Bell {
    waker: Waker,
    rung: AtomicBool,
}

impl Bell {
    /// Gives whether the thread had to be woken for it.
    fn ring(&self) -> io::Result<bool> {
        let first = !self.rung.swap(true, AcqRel);
        if first && let Err(fault) = self.waker.wake() {
            // Nobody was woken, so nobody may rely on it.
            self.rung.swap(false, AcqRel);
            return Err(fault);
        }
        Ok(first)
    }

    fn heard(&self) {
        self.rung.swap(false, AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mio::{Events, Poll, Token};

    use super::*;
    use crate::sfu::command::SessionId;

    const SENDERS: u64 = 4;
    const EACH: u64 = 20_000;

    fn mailbox() -> (Mailbox, Letters, Poll) {
        let poll = Poll::new().unwrap();
        let (mailbox, letters) = Mailbox::new(Waker::new(poll.registry(), Token(0)).unwrap());
        (mailbox, letters, poll)
    }

    fn remove(session: u64) -> Command {
        Command::Remove { session: SessionId(session) }
    }

    #[test]
    fn a_burst_of_letters_wakes_the_thread_once() {
        let (mailbox, letters, _poll) = mailbox();
        assert!(mailbox.bell.ring().unwrap(), "the first one wakes");
        assert!((0..100).all(|_| !mailbox.bell.ring().unwrap()), "the others do not");
        letters.heard();
        assert!(mailbox.bell.ring().unwrap(), "the first one after the thread has looked wakes again");
    }

    #[test]
    fn no_letter_is_left_lying_however_senders_and_thread_meet() {
        let (mailbox, letters, mut poll) = mailbox();
        let sender = |n: u64, mailbox: Mailbox| {
            std::thread::spawn(move || {
                for letter in 0..EACH {
                    while mailbox.send(remove(n * EACH + letter)).is_err() {
                        std::thread::yield_now();
                    }
                }
            })
        };
        let senders: Vec<_> = (0..SENDERS).map(|n| sender(n, mailbox.clone())).collect();
        let (mut taken, mut events) = (0, Events::with_capacity(8));
        while taken < SENDERS * EACH {
            poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
            assert!(!events.is_empty(), "{taken} letters came, and then nobody woke the thread for the next");
            letters.heard();
            while letters.next().is_ok() {
                taken += 1;
            }
        }
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
}
