//! The simulated world: one worker, everyone's lines, and time that passes only when all is done.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use tongke::base::time::Time;
use tongke::sfu::command::{Command, SessionId, Wish};
use tongke::sfu::event::Event;
use tongke::sfu::outbox::Outbox;
use tongke::sfu::road::Road;
use tongke::sfu::worker::Worker;
use tongke::wire::classify::{Kind, classify};

use crate::chance::Chance;
use crate::client::{Client, at, credentials};
use crate::net::Line;
use crate::publisher::{Publisher, Publishing};
use crate::slot::{Seat, fill};
use crate::watcher::{Watcher, Watching};

/// Small, so that a packet's way down its route is often interrupted.
const OUTBOX: usize = 7;
const CHECK_FIRST: Duration = Duration::from_millis(100);
const CHECK_LATER: Duration = Duration::from_millis(1_000);

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a peer is.
pub(crate) enum Being {
    Publisher(Box<Publisher>),
    Watcher(Box<Watcher>),
}

/// A peer and its line.
pub(crate) struct Member {
    pub(crate) being: Being,
    pub(crate) line: Line,
    pub(crate) keyed: bool,
    pub(crate) gone: bool,
    /// It changed its address: what was on its way to the old one is lost.
    pub(crate) moved: bool,
    /// Its line was not always like this.
    pub(crate) changed: bool,
}

impl Member {
    fn address(&self) -> SocketAddr {
        match &self.being {
            Being::Publisher(publisher) => publisher.client.address,
            Being::Watcher(watcher) => watcher.client.address,
        }
    }

    pub(crate) fn client(&mut self) -> &mut Client {
        match &mut self.being {
            Being::Publisher(publisher) => &mut publisher.client,
            Being::Watcher(watcher) => &mut watcher.client,
        }
    }

    /// Nothing was ever lost on its line.
    pub(crate) fn is_whole(&self) -> bool {
        !self.line.loses() && !self.moved && !self.changed
    }

    fn next(&self) -> Time {
        match &self.being {
            Being::Publisher(publisher) => publisher.next(),
            Being::Watcher(watcher) => watcher.next(),
        }
    }
}

enum What {
    ToServer { from: SocketAddr, datagram: Vec<u8> },
    ToPeer { session: SessionId, to: SocketAddr, datagram: Vec<u8> },
    Tick(SessionId),
    Check(SessionId),
}

/// The simulated world.
pub(crate) struct School {
    pub(crate) now: Time,
    pub(crate) worker: Worker,
    pub(crate) chance: Chance,
    pub(crate) members: BTreeMap<SessionId, Member>,
    /// All that the worker told.
    pub(crate) events: Vec<(Time, Event)>,
    outbox: Outbox,
    agenda: BTreeMap<(Time, u64), What>,
    order: u64,
    addresses: BTreeMap<SocketAddr, SessionId>,
    /// What was sealed under each number: session, stream, sequence number.
    sealed: BTreeMap<(u64, u32, u16), u64>,
    /// Handed over since the last drain.
    dirty: bool,
}

impl School {
    pub(crate) fn with_seed(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            now: at(0),
            worker: Worker::new(chance.number()),
            chance,
            members: BTreeMap::new(),
            events: Vec::new(),
            outbox: Outbox::new(OUTBOX),
            agenda: BTreeMap::new(),
            order: 0,
            addresses: BTreeMap::new(),
            sealed: BTreeMap::new(),
            dirty: false,
        }
    }

    /// A lead school's page on a good line.
    pub(crate) fn lead(&mut self) -> SessionId {
        self.publish(Publishing::BROWSER, Line::good())
    }

    pub(crate) fn publish(&mut self, kind: Publishing, line: Line) -> SessionId {
        let (session, address) = self.name();
        let publisher = Publisher::new(session.0, kind, &mut self.chance, address, self.now);
        self.command(publisher.command());
        self.join(session, Being::Publisher(Box::new(publisher)), line)
    }

    /// A room on a good line that shows camera, voice and screen of `lead`.
    pub(crate) fn room(&mut self, lead: SessionId) -> SessionId {
        self.room_on(lead, Line::good())
    }

    pub(crate) fn room_on(&mut self, lead: SessionId, line: Line) -> SessionId {
        self.room_like(Watching::ROOM, lead, line)
    }

    pub(crate) fn room_like(&mut self, kind: Watching, lead: SessionId, line: Line) -> SessionId {
        let (session, address) = self.name();
        let watcher = Watcher::new(session.0, kind, &mut self.chance, address, self.now);
        self.command(watcher.command());
        self.join(session, Being::Watcher(Box::new(watcher)), line);
        for slot in 0..kind.slots.len() {
            self.fill(session, slot, Some((lead, slot)));
        }
        session
    }

    fn name(&mut self) -> (SessionId, SocketAddr) {
        let session = SessionId(self.members.len() as u64 + 1);
        (session, self.address())
    }

    /// An address that nobody had before.
    fn address(&self) -> SocketAddr {
        let number = self.addresses.len() as u32;
        SocketAddr::from((std::net::Ipv4Addr::from_bits(0xc612_0000 | number >> 8), 10_000 + (number & 0xff) as u16))
    }

    fn join(&mut self, session: SessionId, being: Being, line: Line) -> SessionId {
        let mut member = Member { being, line, keyed: false, gone: false, moved: false, changed: false };
        self.addresses.insert(member.client().address, session);
        self.members.insert(session, member);
        self.plan(self.now, What::Check(session));
        session
    }

    pub(crate) fn fill(&mut self, room: SessionId, slot: usize, source: Option<(SessionId, usize)>) {
        self.command(fill(room, slot, source));
    }

    pub(crate) fn wish(&mut self, room: SessionId, slot: usize, wish: Wish) {
        self.command(Command::Wish { session: room, slot, wish });
    }

    /// The peer's NAT gives it another address; nothing reaches the old one any more.
    pub(crate) fn move_away(&mut self, session: SessionId) -> SocketAddr {
        let address = self.address();
        self.addresses.insert(address, session);
        let member = self.member(session);
        member.moved = true;
        std::mem::replace(&mut member.client().address, address)
    }

    /// The peer has again an address that it had before.
    pub(crate) fn move_back(&mut self, session: SessionId, address: SocketAddr) {
        self.member(session).client().address = address;
    }

    /// Whether the worker said last that the peer is where it is.
    pub(crate) fn is_followed(&mut self, session: SessionId) -> bool {
        let address = self.member(session).client().address;
        let moves = self.events.iter().rev().filter_map(|(_, event)| match event {
            Event::Moved { session: whose, road } if *whose == session => Some(road.address()),
            _ => None,
        });
        moves.take(1).any(|last| last == address)
    }

    /// New passwords for the checks of a peer.
    pub(crate) fn restart_ice(&mut self, session: SessionId) {
        let credentials = credentials(session.0, self.chance.number());
        self.command(Command::Restart { session, credentials: credentials.clone() });
        let client = self.member(session).client();
        client.older = Some(std::mem::replace(&mut client.credentials, credentials));
    }

    pub(crate) fn leave(&mut self, session: SessionId) {
        self.member(session).gone = true;
        self.command(Command::Remove { session });
    }

    pub(crate) fn everyone_leaves(&mut self) {
        let all: Vec<_> = self.members.iter().filter(|(_, member)| !member.gone).map(|(session, _)| *session).collect();
        all.into_iter().for_each(|session| self.leave(session));
        self.run_for(secs(2));
    }

    pub(crate) fn member(&mut self, session: SessionId) -> &mut Member {
        self.members.get_mut(&session).expect("a member")
    }

    pub(crate) fn publisher(&mut self, session: SessionId) -> &mut Publisher {
        match &mut self.member(session).being {
            Being::Publisher(publisher) => publisher,
            Being::Watcher(_) => panic!("a watcher"),
        }
    }

    pub(crate) fn watcher(&mut self, session: SessionId) -> &mut Watcher {
        match &mut self.member(session).being {
            Being::Watcher(watcher) => watcher,
            Being::Publisher(_) => panic!("a publisher"),
        }
    }

    pub(crate) fn seat(&mut self, room: SessionId, slot: usize) -> &mut Seat {
        &mut self.watcher(room).seats[slot]
    }

    /// How many packets came to a slot in the last 300 ms.
    pub(crate) fn lately(&mut self, room: SessionId, slot: usize) -> usize {
        let since = self.now - ms(300);
        self.seat(room, slot).since(since).count()
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.worker.handle_command(self.now, command);
        self.drain();
    }

    /// How often a room's slots began to show something else.
    pub(crate) fn switches(&self, room: SessionId) -> usize {
        let of = |event: &Event| matches!(event, Event::Showing { session, .. } if *session == room);
        self.events.iter().filter(|(_, event)| of(event)).count()
    }

    /// A datagram that is in the same batch as whatever comes next.
    pub(crate) fn hand_over(&mut self, from: SocketAddr, mut datagram: Vec<u8>) {
        self.worker.handle_datagram(self.now, Road::udp(from), &mut datagram);
        self.dirty = true;
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = self.agenda.first_key_value().map_or(Time::NEVER, |((time, _), _)| *time);
            let due = self.worker.poll_timeout().unwrap_or(Time::NEVER);
            let moment = next.min(due);
            if self.dirty && moment > self.now {
                self.drain();
                continue;
            }
            if moment > end {
                break;
            }
            self.now = moment.max(self.now);
            if due <= self.now {
                self.worker.handle_timeout(self.now);
                assert!(self.worker.poll_timeout().is_none_or(|due| due > self.now), "time goes on");
                self.dirty = true;
            } else if let Some((_, what)) = self.agenda.pop_first() {
                self.happen(what);
            }
        }
        self.now = end;
    }

    fn plan(&mut self, time: Time, what: What) {
        self.order += 1;
        self.agenda.insert((time, self.order), what);
    }

    fn happen(&mut self, what: What) {
        match what {
            What::ToServer { from, mut datagram } => {
                self.worker.handle_datagram(self.now, Road::udp(from), &mut datagram);
                self.dirty = true;
            }
            What::ToPeer { session, to, datagram } => self.deliver(session, to, datagram),
            What::Tick(session) => self.tick(session),
            What::Check(session) => self.check(session),
        }
    }

    fn deliver(&mut self, session: SessionId, to: SocketAddr, mut datagram: Vec<u8>) {
        let now = self.now;
        let Some(member) = self.members.get_mut(&session).filter(|member| member.address() == to) else { return };
        if classify(&datagram) == Some(Kind::Stun) {
            let mapped = member.client().answers(&datagram);
            assert_eq!(mapped, Some(to), "an answer says where the check came from");
            if !std::mem::replace(&mut member.keyed, true) && !member.gone {
                self.greet(session);
            }
            return;
        }
        if member.keyed {
            let answers = match &mut member.being {
                Being::Publisher(publisher) => publisher.receive(now, &mut datagram),
                Being::Watcher(watcher) => {
                    watcher.receive(now, &mut datagram);
                    Vec::new()
                }
            };
            answers.into_iter().for_each(|answer| self.send_up(session, answer));
        }
    }

    /// The way is known: the handshake, which is not simulated, gives both sides their keys.
    fn greet(&mut self, session: SessionId) {
        let now = self.now;
        let keys = self.member(session).client().keys();
        self.command(keys);
        match &mut self.member(session).being {
            Being::Publisher(publisher) => publisher.begin(now),
            Being::Watcher(watcher) => watcher.begin(now),
        }
        self.plan(now, What::Tick(session));
    }

    fn tick(&mut self, session: SessionId) {
        let now = self.now;
        let Some(member) = self.members.get_mut(&session).filter(|member| !member.gone) else { return };
        let datagrams = match &mut member.being {
            Being::Publisher(publisher) => publisher.tick(now),
            Being::Watcher(watcher) => watcher.tick(now),
        };
        let next = member.next();
        datagrams.into_iter().for_each(|datagram| self.send_up(session, datagram));
        self.plan(next, What::Tick(session));
    }

    fn check(&mut self, session: SessionId) {
        let Some(member) = self.members.get_mut(&session).filter(|member| !member.gone) else { return };
        let next = if member.keyed { CHECK_LATER } else { CHECK_FIRST };
        let check = member.client().check(true);
        self.send_up(session, check);
        self.plan(self.now + next, What::Check(session));
    }

    fn send_up(&mut self, session: SessionId, datagram: Vec<u8>) {
        let Some(member) = self.members.get_mut(&session) else { return };
        let from = member.client().address;
        let arrivals = member.line.up.carry(self.now, datagram.len(), &mut self.chance);
        for arrival in arrivals.into_iter().flatten() {
            self.plan(arrival, What::ToServer { from, datagram: datagram.clone() });
        }
    }

    /// Puts on the lines what the worker has to send, and notes what it tells.
    fn drain(&mut self) {
        self.dirty = false;
        while self.worker.poll_transmit(self.now, &mut self.outbox) || !self.outbox.is_empty() {
            let leaving: Vec<_> = self.outbox.datagrams().map(|(road, sent)| (road.address(), sent.to_vec())).collect();
            self.outbox.clear();
            leaving.into_iter().for_each(|(to, datagram)| self.send_down(to, datagram));
        }
        while let Some(event) = self.worker.poll_event() {
            self.events.push((self.now, event));
        }
    }

    fn send_down(&mut self, to: SocketAddr, datagram: Vec<u8>) {
        let session = *self.addresses.get(&to).expect("the worker sends only to those it knows");
        if classify(&datagram) == Some(Kind::Rtp) {
            self.watch_numbers(session, &datagram);
        }
        let Some(member) = self.members.get_mut(&session) else { return };
        let arrivals = member.line.down.carry(self.now, datagram.len(), &mut self.chance);
        for arrival in arrivals.into_iter().flatten() {
            self.plan(arrival, What::ToPeer { session, to, datagram: datagram.clone() });
        }
    }

    /// The same number must never seal two different packets (RFC 7714 §8.4).
    fn watch_numbers(&mut self, session: SessionId, datagram: &[u8]) {
        let header = tongke::wire::rtp::Header::read(datagram).expect("a packet");
        let mut hasher = DefaultHasher::new();
        datagram.hash(&mut hasher);
        let (number, bytes) = ((session.0, header.ssrc, header.sequence), hasher.finish());
        let before = self.sealed.insert(number, bytes);
        assert!(before.is_none_or(|before| before == bytes), "two packets under one number: {number:?}");
    }
}
