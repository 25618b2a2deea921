//! The threads that work on handshakes, so that no media thread ever does.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use super::{Association, Dtls, Fingerprint, HandshakeFault, Identity, Output};
use crate::base::limits::HANDSHAKE_QUEUE_MAX;
use crate::io::clock;
use crate::sfu::srtp::Keys;

/// The library recurses once for each fragment of a message, of which there may be
/// [`HANDSHAKE_RECORDS_MAX`](crate::base::limits::HANDSHAKE_RECORDS_MAX) times a few.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// What became of a handshake; `id` is what it was begun under.
#[derive(Debug)]
pub enum HandshakeEvent {
    /// Datagrams for the peer, in order.
    Send {
        /// Whose.
        id: u64,
        /// What to send.
        datagrams: Vec<Vec<u8>>,
    },
    /// The peer is who its offer said. At most once; the handshake stays, to answer repeats.
    Keys {
        /// Whose.
        id: u64,
        /// What its media is sealed with.
        keys: Keys,
    },
    /// The peer said goodbye; the handshake is forgotten.
    Closed {
        /// Whose.
        id: u64,
    },
    /// There will be no keys; the handshake is forgotten.
    Failed {
        /// Whose.
        id: u64,
        /// Why.
        fault: HandshakeFault,
    },
}

enum Command {
    Begin(Fingerprint),
    Packet(Vec<u8>),
    End,
}

/// Handshakes on a few threads of their own. Dropping it ends them.
pub struct Handshakes {
    lanes: Vec<Lane>,
}

/// One thread's queue.
struct Lane {
    commands: Option<Sender<(u64, Command)>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Handshakes {
    /// Starts `threads` threads (at least one), which tell `sink` what happens.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn spawn<S>(identity: &Identity, threads: usize, sink: S) -> std::io::Result<Self>
    where
        S: Fn(HandshakeEvent) + Send + Sync + 'static,
    {
        let sink = Arc::new(sink);
        let lane = |n: usize| {
            let (sender, commands) = channel();
            let waiting = Arc::new(AtomicUsize::new(0));
            let worker = Worker {
                identity: identity.clone(),
                waiting: waiting.clone(),
                sink: sink.clone(),
                sessions: BTreeMap::new(),
            };
            let thread = Builder::new().name(format!("handshake-{n}")).stack_size(STACK_BYTES);
            let thread = thread.spawn(move || worker.run(&commands))?;
            Ok(Lane { commands: Some(sender), waiting, thread: Some(thread) })
        };
        let lanes = (0..threads.max(1)).map(lane).collect::<std::io::Result<_>>()?;
        Ok(Self { lanes })
    }

    /// Waits for the handshake of a peer whose offer named `expected`. A handshake of the same id is forgotten.
    pub fn begin(&self, id: u64, expected: Fingerprint) {
        self.lane(id).send(id, Command::Begin(expected));
    }

    /// Hands on a datagram of a peer. `false` if it was dropped because too many wait; DTLS repeats what matters.
    #[must_use]
    pub fn packet(&self, id: u64, datagram: Vec<u8>) -> bool {
        let lane = self.lane(id);
        if lane.waiting.fetch_add(1, Ordering::Relaxed) < HANDSHAKE_QUEUE_MAX {
            lane.send(id, Command::Packet(datagram));
            true
        } else {
            lane.waiting.fetch_sub(1, Ordering::Relaxed);
            false
        }
    }

    /// Forgets a handshake; nothing more is heard of it.
    pub fn end(&self, id: u64) {
        self.lane(id).send(id, Command::End);
    }

    /// As if as many datagrams waited as may.
    #[cfg(test)]
    pub(super) fn fill(&self) {
        for lane in &self.lanes {
            lane.waiting.fetch_add(HANDSHAKE_QUEUE_MAX, Ordering::Relaxed);
        }
    }

    fn lane(&self, id: u64) -> &Lane {
        let threads = self.lanes.len() as u64;
        let place = usize::try_from(id % threads).expect("less than the number of threads");
        &self.lanes[place]
    }
}

impl Lane {
    /// Only packets are counted against the queue: there are no more beginnings and ends than peers.
    fn send(&self, id: u64, command: Command) {
        if let Some(commands) = &self.commands {
            // A worker ends only with its queue, so this is never refused.
            commands.send((id, command)).unwrap_or_default();
        }
    }
}

impl Drop for Handshakes {
    fn drop(&mut self) {
        for lane in &mut self.lanes {
            lane.commands = None;
        }
        for thread in self.lanes.iter_mut().filter_map(|lane| lane.thread.take()) {
            // Its panic was printed when it happened, and there is nothing left to do about it here.
            thread.join().unwrap_or_default();
        }
    }
}

struct Worker<S> {
    identity: Identity,
    waiting: Arc<AtomicUsize>,
    sink: Arc<S>,
    sessions: BTreeMap<u64, Association>,
}

impl<S: Fn(HandshakeEvent)> Worker<S> {
    /// Until the queue's other end is gone.
    fn run(mut self, commands: &Receiver<(u64, Command)>) {
        loop {
            match next(commands, self.sessions.values().filter_map(Dtls::poll_timeout).min()) {
                Ok((id, command)) => self.obey(id, command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.expire(clock::instant());
        }
    }

    fn obey(&mut self, id: u64, command: Command) {
        let now = clock::instant();
        match command {
            Command::Begin(expected) => {
                self.sessions.insert(id, Association::new(self.identity.clone(), expected, now));
            }
            Command::Packet(datagram) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                self.step(id, |session, out| session.packet(now, &datagram, out));
            }
            Command::End => {
                self.sessions.remove(&id);
            }
        }
    }

    fn expire(&mut self, now: Instant) {
        let due = |session: &Association| session.poll_timeout().is_some_and(|due| due <= now);
        let ids: Vec<u64> = self.sessions.iter().filter(|(_, session)| due(session)).map(|(id, _)| *id).collect();
        for id in ids {
            self.step(id, |session, out| session.timeout(now, out));
        }
    }

    /// Lets one session work, and tells what came of it. A panic of the library costs only this session.
    fn step(&mut self, id: u64, work: impl FnOnce(&mut Association, &mut Vec<Output>) -> Result<(), HandshakeFault>) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let mut out = Vec::new();
        let worked = catch_unwind(AssertUnwindSafe(|| work(session, &mut out)));
        let over = self.tell(id, out);
        if let Err(fault) = worked.unwrap_or(Err(HandshakeFault::Broken)) {
            self.sessions.remove(&id);
            (self.sink)(HandshakeEvent::Failed { id, fault });
        } else if over {
            self.sessions.remove(&id);
        }
    }

    /// Whether it is over.
    fn tell(&self, id: u64, out: Vec<Output>) -> bool {
        let (mut datagrams, mut rest) = (Vec::new(), Vec::new());
        for output in out {
            match output {
                Output::Send(datagram) => datagrams.push(datagram),
                Output::Keys(keys) => rest.push(HandshakeEvent::Keys { id, keys }),
                Output::Closed => rest.push(HandshakeEvent::Closed { id }),
            }
        }
        let over = rest.iter().any(|event| matches!(event, HandshakeEvent::Closed { .. }));
        if !datagrams.is_empty() {
            (self.sink)(HandshakeEvent::Send { id, datagrams });
        }
        rest.into_iter().for_each(&*self.sink);
        over
    }
}

/// The next command, or a timeout at `due`.
fn next(commands: &Receiver<(u64, Command)>, due: Option<Instant>) -> Result<(u64, Command), RecvTimeoutError> {
    match due {
        Some(due) => commands.recv_timeout(due.saturating_duration_since(clock::instant())),
        None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
    }
}
