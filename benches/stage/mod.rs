//! Media threads with rooms, for the benches: real threads and sockets, and no control above them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::sleep;
use std::time::Duration;

use tongke::io::pool::{self, MediaPort, PoolPlan};
use tongke::io::socket::Wishes;
use tongke::sfu::command::{Command, Extensions, Role, SessionId, Slot, Source, Track, UplinkFeedback};
use tongke::sfu::counters::Count;
use tongke::wire::rtp::Header;

use crate::client::{Client, packet, payload_types};

pub(crate) const PAYLOAD: usize = 1_100;
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(crate) const WISHES: Wishes = Wishes { receive_bytes: 4 << 20, send_bytes: 4 << 20, offload: true };
const SSRC: u32 = 70;

/// Processor time of the thread of this process that has this name, or of the calling one.
pub(crate) fn cpu_time(name: Option<&str>) -> Duration {
    let mut total = 0;
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux has it");
    let own = std::fs::read_link("/proc/thread-self").expect("Linux has it");
    for task in tasks.flatten() {
        let comm = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let meant = name.map_or_else(|| own.ends_with(task.file_name()), |name| comm.trim() == name);
        if meant {
            let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            total += stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
        }
    }
    Duration::from_nanos(total)
}

/// Media threads with a lesson: its teacher on the first, its rooms on all in turn.
pub(crate) struct Stage {
    ports: Vec<MediaPort>,
    lead: UdpSocket,
    client: Client,
}

impl Stage {
    /// As many threads as there are CPUs to pin them to; `None` leaves one where the kernel likes it.
    pub(crate) fn open(rooms: &[UdpSocket], cpus: Option<&[usize]>, wishes: Wishes) -> io::Result<Self> {
        let plan = PoolPlan {
            ip: HERE,
            port_first: 0,
            threads: cpus.map_or(1, <[usize]>::len),
            pin: cpus.unwrap_or_default().to_vec(),
            wishes,
        };
        let ports = pool::start(&plan, || 7, &|_, _| {}).map_err(io::Error::other)?;
        let lead = UdpSocket::bind((HERE, 0))?;
        let mut client = Client::new(1, 5, lead.local_addr()?);
        let track = Track {
            video: true,
            mid: b"0".to_vec(),
            payload_types: payload_types(96, true, true),
            rids: Vec::new(),
            streams: vec![(SSRC, None)],
            nack: false,
        };
        let role = Role::Publisher { tracks: vec![track], feedback: UplinkFeedback::ReportsOnly };
        meet(&ports[0], &mut client, role, &lead);
        for ((session, socket), place) in (2..).zip(rooms).zip((0..ports.len()).cycle()) {
            let mut room = Client::new(session, 5, socket.local_addr()?);
            let types = payload_types(96, true, true);
            let slot = Slot { video: true, ssrc: 9, repair_ssrc: Some(10), payload_types: types, rank: 0 };
            meet(&ports[place], &mut room, Role::Watcher { slots: vec![slot] }, socket);
            let source = Some(Source { session: SessionId(1), track: 0, lane: (place > 0).then_some(0) });
            tell(&ports[place], Command::Fill { session: SessionId(session), slot: 0, source });
        }
        sleep(Duration::from_millis(300));
        Ok(Self { ports, lead, client })
    }

    /// The packets of a picture from packet `from` on, as the teacher sends them.
    pub(crate) fn pictures(&self, from: u32, packets: u32, frame: u32) -> Vec<Vec<u8>> {
        (from..from + packets).map(|index| picture(&self.client, index, frame)).collect()
    }

    /// The teacher sends a packet.
    pub(crate) fn publish(&self, packet: &[u8]) -> io::Result<()> {
        self.lead.send_to(packet, SocketAddr::new(HERE, self.ports[0].port)).map(drop)
    }

    /// How many packets each thread has forwarded, as it said within the last second.
    pub(crate) fn forwarded(&self) -> Vec<u64> {
        let of = |port: &MediaPort| port.board.counts().find(|(what, _)| *what == Count::PacketsForwarded);
        self.ports.iter().map(|port| of(port).map_or(0, |(_, count)| count)).collect()
    }

    pub(crate) fn close(self) -> io::Result<()> {
        self.ports.into_iter().try_for_each(MediaPort::stop)
    }
}

fn tell(port: &MediaPort, command: Command) {
    port.mailbox.send(command).expect("there is room");
}

/// Makes a peer known to a media thread.
fn meet(port: &MediaPort, client: &mut Client, role: Role, socket: &UdpSocket) {
    let (session, credentials) = (client.session, client.credentials.clone());
    let extensions = Extensions { abs_send_time: Some(3), ..Extensions::default() };
    tell(port, Command::Add { session, credentials, extensions, role });
    // A check before its peer is known is refused.
    for _ in 0..3 {
        sleep(Duration::from_millis(1));
        socket.send_to(&client.check(true), (HERE, port.port)).expect("loopback");
    }
    tell(port, client.keys());
}

fn picture(client: &Client, index: u32, frame: u32) -> Vec<u8> {
    let mut bytes = vec![7; PAYLOAD];
    bytes[..2].copy_from_slice(&[0x10, 0]);
    let header = Header {
        payload_type: 96,
        marker: (index + 1).is_multiple_of(frame),
        sequence: index as u16,
        timestamp: index / frame * 3_000,
        ssrc: SSRC,
        ..Header::default()
    };
    let (mut out, length) = packet(&header, &[], &bytes);
    client.seal(&mut out, length, u64::from(index));
    out
}
