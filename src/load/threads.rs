//! The threads that carry load: each has one socket, and an address of its own for every peer.
//!
//! A thread does not wait for packets: it naps, and then takes all that came. The kernel notes when each of them came, so
//! a nap costs no precision, and the server does not pay for waking us with every packet.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::fault::Fault;
use super::peer::{Peer, Sends, Step};
use super::publisher::{Publisher, Publishing};
use super::sdp::Answer;
use super::tally::Tally;
use super::watcher::{Now, Watcher, Watching};
use crate::control::handshake::Identity;
use crate::io::clock;
use crate::io::shared::{SharedInbox, SharedSocket, pin_thread};

/// Between two looks at the socket.
const NAP: Duration = Duration::from_micros(500);
/// Every peer is looked at this often.
const ROUND_US: u64 = 20_000;
/// A tenth of a second at the fastest that one thread takes in.
const RECEIVE_BYTES: usize = 128 * 1024 * 1024;
/// Batches taken before other things are looked at.
const BATCHES_MAX: usize = 16;
/// The handshake's library recurses for each fragment of a message.
const STACK_BYTES: usize = 8 * 1024 * 1024;
/// The second byte of the first thread's addresses.
const NET_FIRST: u8 = 64;
/// Threads that find addresses.
pub(super) const THREADS_MAX: usize = 100;

/// What came of a transport: nothing, or why it failed.
pub(super) type Joined = Result<(), String>;

/// What a thread is told.
pub(super) enum Letter {
    /// Begin a peer at this place.
    Begin { place: u16, peer: Box<Begin>, joined: oneshot::Sender<Joined> },
    /// Forget the peer at this place.
    Forget(u16),
    /// Say what was counted since the last time; at the last time, what never came counts too.
    Count { last: bool, answer: oneshot::Sender<Box<Tally>> },
    /// End all publishing; watchers go on.
    Hush,
}

/// A peer to begin.
pub(super) enum Begin {
    Watch(Watching),
    Publish(Publishing, Answer),
}

/// One thread, and how to speak to it. It ends when this is dropped.
pub(super) struct Thread {
    letters: Option<Sender<Letter>>,
    handle: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts the `number`-th thread, kept on a processor if one is named.
    pub(super) fn start(name: String, number: usize, identity: &Identity, cpu: Option<usize>) -> Result<Self, Fault> {
        let socket = SharedSocket::bind(RECEIVE_BYTES)?;
        let (letters, receiver) = channel();
        let (pinned, was_pinned) = channel();
        let net = NET_FIRST + u8::try_from(number.min(THREADS_MAX)).unwrap_or(0);
        let identity = identity.clone();
        let work = move || {
            let done = cpu.map_or(Ok(()), pin_thread);
            let good = done.is_ok();
            if pinned.send(done).is_ok() && good {
                Load::new(socket, net, identity).run(&receiver);
            }
        };
        let handle = Builder::new().name(name).stack_size(STACK_BYTES).spawn(work)?;
        let done = was_pinned.recv().map_err(|_| Fault::ThreadEnded)?;
        done.map_err(|source| Fault::NoCpu { cpu: cpu.unwrap_or(0), source })?;
        Ok(Self { letters: Some(letters), handle: Some(handle) })
    }

    pub(super) fn tell(&self, letter: Letter) -> Result<(), Fault> {
        let letters = self.letters.as_ref().ok_or(Fault::ThreadEnded)?;
        letters.send(letter).map_err(|_| Fault::ThreadEnded)
    }

    /// What was counted since the last time.
    pub(super) async fn count(&self, last: bool) -> Result<Box<Tally>, Fault> {
        let (answer, counted) = oneshot::channel();
        self.tell(Letter::Count { last, answer })?;
        counted.await.map_err(|_| Fault::ThreadEnded)
    }

    /// Begins a peer, and waits until it is up or never will be.
    pub(super) async fn begin(&self, place: u16, peer: Begin) -> Result<Joined, Fault> {
        let (joined, told) = oneshot::channel();
        self.tell(Letter::Begin { place, peer: Box::new(peer), joined })?;
        told.await.map_err(|_| Fault::ThreadEnded)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.letters = None;
        if let Some(handle) = self.handle.take() {
            // Its panic was printed when it happened.
            handle.join().unwrap_or_default();
        }
    }
}

/// Who is at a place.
enum Resident {
    Watcher(Box<Watcher>),
    Publisher(Box<Publisher>),
}

struct Place {
    resident: Resident,
    joined: Option<oneshot::Sender<Joined>>,
}

struct Load {
    socket: Arc<SharedSocket>,
    inbox: SharedInbox,
    net: u8,
    identity: Identity,
    places: Vec<Option<Place>>,
    tally: Tally,
    dropped: u32,
    /// Where the round goes on, and when it last went.
    round: usize,
    round_us: u64,
    hushed: bool,
}

impl Load {
    fn new(socket: SharedSocket, net: u8, identity: Identity) -> Self {
        Self {
            socket: Arc::new(socket),
            inbox: SharedInbox::default(),
            net,
            identity,
            places: Vec::new(),
            tally: Tally::default(),
            dropped: 0,
            round: 0,
            round_us: 0,
            hushed: false,
        }
    }

    fn run(mut self, letters: &Receiver<Letter>) {
        loop {
            loop {
                match letters.try_recv() {
                    Ok(letter) => self.obey(letter),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            let full = (0..BATCHES_MAX).all(|_| self.receive());
            self.look_round();
            if !full {
                std::thread::sleep(NAP);
            }
        }
    }

    fn obey(&mut self, letter: Letter) {
        match letter {
            Letter::Begin { place, peer, joined } => self.begin(place, *peer, joined),
            Letter::Forget(place) => {
                let place = self.places.get_mut(usize::from(place)).and_then(Option::take);
                if let Some(Place { resident: Resident::Watcher(mut watcher), .. }) = place {
                    // It may have heard nothing yet, and that is no matter now.
                    let silent = self.tally.silent;
                    watcher.drain(false, &mut self.tally);
                    self.tally.silent = silent;
                }
            }
            Letter::Count { last, answer } => {
                for place in self.places.iter_mut().flatten() {
                    if let Resident::Watcher(watcher) = &mut place.resident {
                        watcher.drain(last, &mut self.tally);
                    }
                }
                // Whoever asked may have stopped waiting.
                let _unheard = answer.send(Box::new(std::mem::take(&mut self.tally)));
            }
            Letter::Hush => self.hushed = true,
        }
    }

    fn begin(&mut self, number: u16, peer: Begin, joined: oneshot::Sender<Joined>) {
        let [high, low] = number.to_be_bytes();
        let address = Ipv4Addr::new(127, self.net, high, low);
        let now_us = clock::now().micros();
        let resident = match peer {
            Begin::Watch(watching) => {
                let peer = Peer::new(address, &watching.answer, now_us);
                Resident::Watcher(Box::new(Watcher::new(peer, watching, now_us)))
            }
            Begin::Publish(publishing, answer) => {
                let peer = Peer::new(address, &answer, now_us);
                Resident::Publisher(Box::new(Publisher::new(peer, publishing, now_us)))
            }
        };
        let number = usize::from(number);
        if self.places.len() <= number {
            self.places.resize_with(number + 1, || None);
        }
        self.places[number] = Some(Place { resident, joined: Some(joined) });
        self.look_at(number, now_us);
    }

    /// Takes one batch; whether there may be more.
    fn receive(&mut self) -> bool {
        let taken = match self.inbox.receive(&self.socket) {
            Ok(taken) => taken,
            // An answer by ICMP to something that was sent: the server is gone, which shows soon enough.
            Err(fault) => return fault.kind() == io::ErrorKind::ConnectionRefused,
        };
        if taken == 0 {
            return false;
        }
        let (now_us, instant, wall_ns) = (clock::now().micros(), clock::instant(), clock::wall_ns());
        let Self { inbox, places, tally, identity, socket, net, dropped, .. } = self;
        let now = Now { us: now_us, instant, identity };
        let mut sends = Sends::new();
        for n in 0..taken {
            let Some(arrived) = inbox.arrived(n) else { continue };
            if let Some(count) = arrived.dropped {
                tally.dropped += u64::from(count.wrapping_sub(*dropped));
                *dropped = count;
            }
            let [_, second, high, low] = arrived.to.octets();
            let place = places.get_mut(usize::from(u16::from_be_bytes([high, low])));
            let Some(place) = place.and_then(Option::as_mut).filter(|_| second == *net) else { continue };
            tally.lag.note_ns(wall_ns.saturating_sub(arrived.at_ns));
            for datagram in arrived.bytes.chunks_mut(arrived.each.max(1)) {
                let step = match &mut place.resident {
                    Resident::Watcher(watcher) => watcher.receive((arrived.at_ns, &now), datagram, tally, &mut sends),
                    Resident::Publisher(publisher) => publisher.receive(&now, datagram, &mut sends),
                };
                place.tell(step, tally);
            }
            if !sends.is_empty() {
                place.send(socket, &mut sends, tally);
            }
        }
        taken == SharedInbox::PLACES
    }

    /// Looks at the next few peers, so that all are looked at in one round; at publishers each time.
    fn look_round(&mut self) {
        let now_us = clock::now().micros();
        let passed = now_us.saturating_sub(std::mem::replace(&mut self.round_us, now_us)).min(ROUND_US);
        let count = self.places.len();
        let few = (count as u64 * passed).div_ceil(ROUND_US) as usize;
        let publishers = self
            .places
            .first()
            .is_some_and(|place| place.as_ref().is_some_and(|place| matches!(place.resident, Resident::Publisher(_))));
        for _ in 0..if publishers { count } else { few } {
            self.round = (self.round + 1) % count.max(1);
            self.look_at(self.round, now_us);
        }
    }

    fn look_at(&mut self, number: usize, now_us: u64) {
        let Self { places, tally, identity, socket, hushed, .. } = self;
        let Some(place) = places.get_mut(number).and_then(Option::as_mut) else { return };
        let now = Now { us: now_us, instant: clock::instant(), identity };
        let mut sends = Sends::new();
        let step = match &mut place.resident {
            Resident::Watcher(watcher) => watcher.tick(&now, &mut sends),
            Resident::Publisher(_) if *hushed => Step::Nothing,
            Resident::Publisher(publisher) => {
                let (from, to) = (publisher.peer.address, publisher.peer.server);
                let mut send = |packet: &[u8]| tally.unsent += u64::from(socket.send(from, to, packet).is_err());
                publisher.tick(&now, &mut sends, &mut send)
            }
        };
        place.tell(step, tally);
        if !sends.is_empty() {
            place.send(socket, &mut sends, tally);
        }
    }
}

impl Place {
    fn send(&self, socket: &SharedSocket, sends: &mut Sends, tally: &mut Tally) {
        let peer = match &self.resident {
            Resident::Watcher(watcher) => &watcher.peer,
            Resident::Publisher(publisher) => &publisher.peer,
        };
        for datagram in sends.drain(..) {
            tally.unsent += u64::from(socket.send(peer.address, peer.server, &datagram).is_err());
        }
    }

    /// Tells whoever waits what became of it.
    fn tell(&mut self, step: Step, tally: &mut Tally) {
        let joined = match step {
            Step::Nothing => return,
            Step::Up => Ok(()),
            Step::Failed(why) => Err(why),
        };
        match (self.joined.take(), joined) {
            (Some(waits), joined) => _ = waits.send(joined),
            (None, Err(_)) => tally.gone += 1,
            (None, Ok(())) => {}
        }
    }
}
