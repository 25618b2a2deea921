//! How the rest of the server speaks to a media thread: bounded, and never waiting.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
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
        let bell = Arc::new(Bell::new(waker));
        (Self { letters, bell: bell.clone() }, Letters { letters: receiver, bell })
    }

    /// What wakes the thread, for others who have something for it.
    pub(super) fn bell(&self) -> Arc<Bell> {
        self.bell.clone()
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
    /// The next letter. Whoever puts one in after there was none wakes the thread; until then it looks by itself.
    pub(super) fn next(&self) -> Result<Letter, TryRecvError> {
        self.look(|| ())
    }

    /// Looks twice; `between` stands for whatever senders do in between.
    fn look(&self, between: impl FnOnce()) -> Result<Letter, TryRecvError> {
        let first = self.letters.try_recv();
        if !matches!(first, Err(TryRecvError::Empty)) {
            return first;
        }
        between();
        if self.bell.heard() { self.letters.try_recv() } else { first }
    }
}

/// Wakes the thread once for all letters and parcels until it has found the mailbox empty: each waking is a call to the kernel.
///
/// No letter is left lying. A sender puts its letter in and then looks whether the bell is rung; the thread unrings it
/// and then looks for letters once more. Both change one atomic, so one comes first. If the sender's does, the thread's
/// reads it and sees the letter; if the thread's does, the sender's finds the bell unrung and wakes the thread.
pub(super) struct Bell {
    waker: Waker,
    rung: AtomicBool,
}

impl Bell {
    pub(super) const fn new(waker: Waker) -> Self {
        Self { waker, rung: AtomicBool::new(false) }
    }

    /// Gives whether the thread had to be woken for it.
    pub(super) fn ring(&self) -> io::Result<bool> {
        let first = !self.rung.swap(true, AcqRel);
        if first && let Err(fault) = self.waker.wake() {
            // Nobody was woken, so nobody may rely on it.
            self.rung.swap(false, AcqRel);
            return Err(fault);
        }
        Ok(first)
    }

    /// Unrings it; gives whether it was rung. One that is just being rung and looks unrung here wakes the thread.
    fn heard(&self) -> bool {
        self.rung.load(Relaxed) && self.rung.swap(false, AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::{Acquire, Release};
    use std::time::Duration;

    use mio::{Events, Poll, Token};

    use super::*;
    use crate::sfu::command::SessionId;

    const SENDERS: usize = 2;
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
        assert!(letters.next().is_err(), "it was only the bell");
        assert!(mailbox.bell.ring().unwrap(), "the first one after the thread has looked wakes again");
    }

    #[test]
    fn a_letter_that_comes_when_the_thread_has_just_looked_is_not_left_lying() {
        let (mailbox, letters, _poll) = mailbox();
        mailbox.send(remove(1)).unwrap();
        assert!(letters.next().is_ok());
        // The bell is still rung, so this one wakes nobody.
        let second = letters.look(|| mailbox.send(remove(2)).unwrap());
        assert!(second.is_ok(), "the thread would go to sleep with a letter in its box");
        assert!(letters.next().is_err(), "now it has found nothing,");
        assert!(mailbox.bell.ring().unwrap(), "and is woken for what comes");
    }

    #[test]
    fn no_letter_is_left_lying_however_senders_and_thread_meet() {
        let (mailbox, letters, mut poll) = mailbox();
        let taken: Arc<[AtomicU64; SENDERS]> = Arc::default();
        // Each waits until its letter was taken: any letter may be the last for a while, with none after it to ring.
        let sender = |n: usize, mailbox: Mailbox, taken: Arc<[AtomicU64; SENDERS]>| {
            std::thread::spawn(move || {
                for letter in 0..EACH {
                    mailbox.send(remove(n as u64)).unwrap();
                    while taken[n].load(Acquire) <= letter {
                        std::hint::spin_loop();
                    }
                }
            })
        };
        let senders: Vec<_> = (0..SENDERS).map(|n| sender(n, mailbox.clone(), taken.clone())).collect();
        let mut events = Events::with_capacity(8);
        while taken.iter().map(|taken| taken.load(Acquire)).sum::<u64>() < EACH * SENDERS as u64 {
            poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
            assert!(!events.is_empty(), "a letter waits, and nobody has woken the thread for it");
            while let Ok(Letter::Command(Command::Remove { session })) = letters.next() {
                taken[usize::try_from(session.0).unwrap()].fetch_add(1, Release);
            }
        }
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
}
