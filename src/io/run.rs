//! The loop of a media thread: take a batch, let the worker think, send what it wrote, and only then the next batch.

use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};

use super::board::Board;
use super::clock;
use super::lane::{self, LanesIn, LanesOut};
use super::mailbox::{Letter, Letters, Mailbox};
use super::panics::{PANICS_MAX, PANICS_WITHIN, Panics, words};
use super::send::Sending;
use super::socket::Sockets;
use super::sys::Inbox;
use super::tcp::TcpRoads;
use crate::base::limits::{BATCH, OUTBOX_SLOTS};
use crate::base::time::Time;
use crate::sfu::event::Event;
use crate::sfu::outbox::Outbox;
use crate::sfu::road::Road;
use crate::sfu::worker::Worker;

const UDP: Token = Token(0);
const LISTENER: Token = Token(1);
const WAKER: Token = Token(2);

/// Commands taken before looking at the sockets again.
const LETTERS_AT_ONCE: usize = 256;
/// How often counters are copied out and dead connections swept.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(1);
/// While there is more to send, the sockets have their turn this often: what must not wait for a keyframe on its way to
/// all rooms waits no longer.
const SEND_SLICE: Duration = Duration::from_millis(1);

/// A lane that had no room is looked at again so soon.
const CROWDED_WAIT: Duration = Duration::from_millis(1);

/// So many slices are enough to say good-bye to everybody.
const LAST_SLICES_MAX: usize = 100;

/// A media thread that has not started yet.
pub struct MediaThread {
    poll: Poll,
    sockets: Sockets,
    tcp: TcpRoads,
    letters: Letters,
    board: Arc<Board>,
    seed: fn() -> u64,
    worker: Worker,
    inbox: Inbox,
    outbox: Outbox,
    lanes_out: LanesOut,
    lanes_in: LanesIn,
    tell: Box<dyn FnMut(Event) + Send>,
    /// Datagrams or letters may wait.
    readable: bool,
    /// There is more to send.
    unsent: bool,
    /// Lanes have no room for all that is to go there.
    crowded: bool,
    /// The kernel takes several datagrams as one message.
    runs: bool,
    kept_house: Time,
}

/// Whether the loop goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Turn,
    End,
}

impl MediaThread {
    /// A thread on these sockets that tells `tell` what happens; and how to speak to it. `seed` gives numbers that
    /// nobody can guess.
    pub fn new(
        sockets: Sockets,
        seed: fn() -> u64,
        board: Arc<Board>,
        tell: impl FnMut(Event) + Send + 'static,
    ) -> io::Result<(Self, Mailbox)> {
        let poll = Poll::new()?;
        let registry = poll.registry();
        registry.register(&mut SourceFd(&sockets.udp.as_raw_fd()), UDP, Interest::READABLE)?;
        let mut tcp = TcpRoads::new(sockets.tcp.try_clone()?);
        registry.register(tcp.listener(), LISTENER, Interest::READABLE)?;
        let (mailbox, letters) = Mailbox::new(Waker::new(registry, WAKER)?);
        let thread = Self {
            poll,
            tcp,
            letters,
            board,
            seed,
            worker: Worker::new(seed()),
            inbox: Inbox::new(sockets.offload),
            runs: sockets.offload.segment,
            outbox: Outbox::new(OUTBOX_SLOTS),
            sockets,
            tell: Box::new(tell),
            readable: true,
            unsent: false,
            crowded: false,
            lanes_out: LanesOut::default(),
            lanes_in: LanesIn::default(),
            kept_house: Time::default(),
        };
        Ok((thread, mailbox))
    }
}

/// Lays lanes between threads, in the order of their numbers.
pub fn connect(threads: &mut [(MediaThread, Mailbox)]) {
    let bells: Vec<_> = threads.iter().map(|(_, mailbox)| mailbox.bell()).collect();
    for ((thread, _), (lanes_out, lanes_in)) in threads.iter_mut().zip(lane::connect(&bells)) {
        (thread.lanes_out, thread.lanes_in) = (lanes_out, lanes_in);
    }
}

/// Runs a media thread until it is told to stop. A worker that panics is replaced by a new one, which knows nobody: the
/// thread's lessons have to connect again, those of other threads notice nothing.
///
/// # Errors
/// If the kernel takes away what the thread needs, or its workers panic again and again.
pub fn run(mut thread: MediaThread) -> io::Result<()> {
    let mut panics = Panics::default();
    loop {
        // What a panic may leave half done is the worker's, the outbox's or a TCP connection's: none of it is used again.
        match catch_unwind(AssertUnwindSafe(|| thread.turn())) {
            Ok(ended) => return ended,
            Err(panic) => thread.begin_anew(words(&*panic), &mut panics)?,
        }
    }
}

impl MediaThread {
    /// One thing after the other, until told to stop.
    fn turn(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let wait = self.wait(clock::now());
            match self.poll.poll(&mut events, Some(wait)) {
                Err(fault) if fault.kind() != ErrorKind::Interrupted => return Err(fault),
                _ => {}
            }
            self.take_connections(&events);
            // Who was told of a peer's address and keys before its first datagram came knows them before it is looked at.
            let arrived = self.receive()?;
            let next = self.take_letters();
            // After the letters: whoever puts a parcel in from now on wakes the thread.
            self.take_parcels();
            self.take_datagrams(arrived);
            self.keep_time();
            self.drain();
            if next == Next::End {
                self.say_the_last();
                return Ok(());
            }
        }
    }

    /// Sends what was to be sent when the thread was told to stop: good-byes above all.
    fn say_the_last(&mut self) {
        for _ in 0..LAST_SLICES_MAX {
            if self.unsent {
                self.drain();
            }
        }
    }

    /// Takes a new worker after the old one has panicked. Sockets and mailbox stay, and what waits in them is taken.
    fn begin_anew(&mut self, panic: &str, panics: &mut Panics) -> io::Result<()> {
        let name = std::thread::current().name().unwrap_or("media").to_owned();
        tracing::error!(thread = name, panic, "a media thread has panicked: its lessons have to connect again");
        self.board.write_last(&self.worker);
        if !panics.note(clock::now()) {
            let within = PANICS_WITHIN.as_secs();
            return Err(io::Error::other(format!(
                "{name} panicked more than {PANICS_MAX} times in {within} s: {panic}"
            )));
        }
        self.worker = Worker::new((self.seed)());
        self.outbox = Outbox::new(OUTBOX_SLOTS);
        // Nobody behind them is known any more, and one may hold a frame that would make the next worker panic too.
        self.tcp.close_all();
        // The kernel tells only once that somebody waits, and the panic may have been in between.
        self.tcp.accept(self.poll.registry(), clock::now());
        self.readable = true;
        Ok(())
    }

    /// How long nothing will happen by itself.
    fn wait(&self, now: Time) -> Duration {
        if self.readable || self.unsent {
            return Duration::ZERO;
        }
        if self.crowded {
            return CROWDED_WAIT;
        }
        let due = self.worker.poll_timeout().map_or(HOUSEKEEPING_EVERY, |at| at.since(now));
        due.min(HOUSEKEEPING_EVERY)
    }

    /// Takes connections and what came by them.
    fn take_connections(&mut self, events: &Events) {
        for event in events {
            match event.token() {
                UDP => self.readable = true,
                WAKER => {}
                LISTENER => self.tcp.accept(self.poll.registry(), clock::now()),
                connection => {
                    let (now, worker) = (clock::now(), &mut self.worker);
                    self.tcp.ready(connection, self.poll.registry(), |road, frame| match frame {
                        Ok(frame) => worker.handle_datagram(now, road, frame),
                        Err(why) => worker.discard(why),
                    });
                }
            }
        }
    }

    /// Takes one batch of datagrams out of the socket; gives how many places of the inbox it fills.
    fn receive(&mut self) -> io::Result<usize> {
        if !self.readable {
            return Ok(0);
        }
        let taken = match self.inbox.receive(&self.sockets.udp) {
            Ok(taken) => taken,
            Err(fault) if fault.kind() == ErrorKind::WouldBlock => 0,
            // A datagram of ours came back as unreachable, or the kernel is short of memory: go on.
            Err(fault) if is_passing(&fault) => return Ok(0),
            Err(fault) => return Err(fault),
        };
        // After a batch that was not full, the kernel tells of the next datagram.
        self.readable = taken == BATCH;
        Ok(taken)
    }

    fn take_datagrams(&mut self, arrived: usize) {
        let now = clock::now();
        for n in 0..arrived {
            let Some((from, datagrams)) = self.inbox.datagrams(n) else { continue };
            datagrams.for_each(|datagram| self.worker.handle_datagram(now, Road::udp(from), datagram));
        }
    }

    fn take_letters(&mut self) -> Next {
        for _ in 0..LETTERS_AT_ONCE {
            match self.letters.next() {
                Ok(Letter::Command(command)) => self.worker.handle_command(clock::now(), command),
                #[cfg(any(test, feature = "robot"))]
                Ok(Letter::Panic(words)) => panic!("{words}"),
                Ok(Letter::Stop) | Err(TryRecvError::Disconnected) => return Next::End,
                Err(TryRecvError::Empty) => return Next::Turn,
            }
        }
        // More wait: come back after the sockets had their turn.
        self.readable = true;
        Next::Turn
    }

    fn take_parcels(&mut self) {
        let (now, worker) = (clock::now(), &mut self.worker);
        self.readable |= self.lanes_in.take(|lane, parcel| worker.handle_parcel(now, lane, parcel));
    }

    fn keep_time(&mut self) {
        let now = clock::now();
        if self.worker.poll_timeout().is_some_and(|at| at <= now) {
            self.worker.handle_timeout(now);
        }
        if now.since(self.kept_house) >= HOUSEKEEPING_EVERY {
            self.kept_house = now;
            self.board.write(&self.worker);
            let worker = &self.worker;
            self.tcp.sweep(now, |road| worker.knows(road));
        }
    }

    /// Gives other threads what there is for them.
    fn cross(&mut self) {
        self.crowded = self.worker.poll_parcels(&mut self.lanes_out);
        self.lanes_out.ring_bells();
    }

    /// Sends what the worker has to send, as far as the time slice goes, and tells what it has to tell.
    fn drain(&mut self) {
        self.cross();
        let began = clock::now();
        let mut now = began;
        loop {
            self.unsent = self.worker.poll_transmit(now, &mut self.outbox);
            if !self.outbox.is_empty() {
                let sending = Sending::new(&self.sockets, &mut self.worker, &mut self.runs);
                sending.send(&mut self.tcp, &mut self.outbox);
            }
            now = clock::now();
            if !self.unsent || now.since(began) >= SEND_SLICE {
                break;
            }
        }
        self.cross();
        while let Some(event) = self.worker.poll_event() {
            (self.tell)(event);
        }
    }
}

/// Whether a failed receive says nothing about the next one.
fn is_passing(fault: &io::Error) -> bool {
    matches!(fault.kind(), ErrorKind::ConnectionRefused | ErrorKind::Interrupted | ErrorKind::OutOfMemory)
        || fault.raw_os_error() == Some(libc::ENOBUFS)
}
