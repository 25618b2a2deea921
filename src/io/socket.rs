//! The sockets of one media thread: UDP and ICE-TCP on the same port, for IPv4 and IPv6 alike.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use super::sys;
pub use super::sys::Offload;
use crate::sfu::outbox::Run;
use socket2::{Domain, Protocol, Socket, Type};

/// A port that is free for datagrams is seldom taken for connections; so many in a row are not chance.
const ANY_PORT_TRIES: usize = 16;

/// The two sockets of a media thread.
pub struct Sockets {
    /// Datagrams.
    pub udp: UdpSocket,
    /// Connections for those who cannot send datagrams.
    pub tcp: TcpListener,
    /// Whether they take IPv6 (and IPv4 inside it).
    pub ipv6: bool,
    /// Bytes that the kernel really keeps for receiving and sending; it may grant less than asked for.
    pub buffers: (usize, usize),
    /// What the kernel does with several datagrams at once.
    pub offload: Offload,
}

/// What to ask of the kernel for a UDP socket.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    /// Bytes that may wait to be taken.
    pub receive_bytes: usize,
    /// Bytes that may wait to leave.
    pub send_bytes: usize,
    /// Several datagrams at once.
    pub offload: bool,
}

/// Why a media thread has no sockets.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} for media: {source}")]
pub struct BindFault {
    /// What was tried.
    pub address: SocketAddr,
    /// What the kernel said.
    pub source: io::Error,
}

impl Sockets {
    /// Binds both to `ip` and `port`; port 0 takes any that is free for both. On a machine without IPv6, `::` becomes
    /// `0.0.0.0`.
    pub fn bind(ip: IpAddr, port: u16, wishes: Wishes) -> Result<Self, BindFault> {
        let address = SocketAddr::new(ip, port);
        let mut bound = Self::try_bind(address, wishes);
        for _ in 1..ANY_PORT_TRIES {
            match &bound {
                Err(fault) if port == 0 && fault.kind() == io::ErrorKind::AddrInUse => {
                    bound = Self::try_bind(address, wishes);
                }
                _ => break,
            }
        }
        let bound = match bound {
            Err(fault) if ip.is_ipv6() && ip.is_unspecified() && fault.raw_os_error() == Some(libc::EAFNOSUPPORT) => {
                Self::try_bind(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port), wishes)
            }
            bound => bound,
        };
        bound.map_err(|source| BindFault { address, source })
    }

    /// Sends runs in one call, each as one message; gives how many the kernel took. An error is about the first.
    pub fn send_batch(&self, runs: &[Run<'_>]) -> io::Result<usize> {
        sys::send_batch(&self.udp, self.ipv6, runs)
    }

    /// The port of both.
    pub fn port(&self) -> u16 {
        self.udp.local_addr().map_or(0, |address| address.port())
    }

    fn try_bind(address: SocketAddr, wishes: Wishes) -> io::Result<Self> {
        let udp = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            udp.set_only_v6(false)?;
        }
        udp.set_nonblocking(true)?;
        udp.set_recv_buffer_size(wishes.receive_bytes)?;
        udp.set_send_buffer_size(wishes.send_bytes)?;
        udp.bind(&address.into())?;
        let buffers = (udp.recv_buffer_size()?, udp.send_buffer_size()?);
        let udp = UdpSocket::from(udp);
        let offload = if wishes.offload { Offload::switch_on(&udp) } else { Offload::NONE };

        let tcp = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            tcp.set_only_v6(false)?;
        }
        tcp.set_nonblocking(true)?;
        tcp.set_reuse_address(true)?;
        tcp.bind(&SocketAddr::new(address.ip(), udp.local_addr()?.port()).into())?;
        tcp.listen(128)?;
        Ok(Self { udp, tcp: tcp.into(), ipv6: address.is_ipv6(), buffers, offload })
    }
}
