//! One socket for thousands of peers on this machine: each has a loopback address of its own.
//!
//! Everything in 127.0.0.0/8 is this machine. A socket that is bound to no address receives for all of them; the kernel
//! says to which one a datagram was sent, and takes the one from which to send (`IP_PKTINFO`, ip(7)).
#![allow(unsafe_code)]

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

/// Datagrams taken in one call.
const BATCH: usize = 64;
/// Room for one datagram, or for a row of them that the kernel did not take apart (`UDP_GRO`, udp(7)).
const PLACE_BYTES: usize = 65_536;
/// Room for what the kernel says of one: addresses 32 bytes, time 32, length of a segment 24, count of drops 24.
const CONTROL_WORDS: usize = 24;

/// A UDP socket on every IPv4 address of this machine.
pub struct SharedSocket {
    udp: UdpSocket,
}

impl SharedSocket {
    /// Binds any free port, with a receive buffer as large as the kernel grants, up to `receive_bytes`.
    pub fn bind(receive_bytes: usize) -> io::Result<Self> {
        let udp = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        udp.set_nonblocking(true)?;
        let socket = Self { udp };
        let bytes = libc::c_int::try_from(receive_bytes).unwrap_or(libc::c_int::MAX);
        // Only an administrator may go beyond net.core.rmem_max.
        if socket.set(libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, bytes).is_err() {
            socket.set(libc::SOL_SOCKET, libc::SO_RCVBUF, bytes)?;
        }
        socket.set(libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
        socket.set(libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        socket.set(libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)?;
        // Older kernels take the rows apart themselves.
        let _no_rows = socket.set(libc::SOL_UDP, libc::UDP_GRO, 1);
        Ok(socket)
    }

    /// Sends one datagram `from` an address of this machine.
    pub fn send(&self, from: Ipv4Addr, to: SocketAddrV4, datagram: &[u8]) -> io::Result<()> {
        let mut address = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: to.port().to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from(*to.ip()).to_be() },
            sin_zero: [0; 8],
        };
        let mut part = libc::iovec { iov_base: datagram.as_ptr().cast_mut().cast(), iov_len: datagram.len() };
        let mut control = [0_u64; CONTROL_WORDS];
        // SAFETY: all-zero bytes are a header without address, parts or control data.
        let mut head: libc::msghdr = unsafe { zeroed() };
        head.msg_name = (&raw mut address).cast();
        head.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        head.msg_iov = &raw mut part;
        head.msg_iovlen = 1;
        head.msg_control = control.as_mut_ptr().cast();
        // SAFETY: the arithmetic of a macro.
        head.msg_controllen = unsafe { libc::CMSG_SPACE(size_of::<libc::in_pktinfo>() as u32) } as usize;
        let info = libc::in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: libc::in_addr { s_addr: u32::from(from).to_be() },
            ipi_addr: libc::in_addr { s_addr: 0 },
        };
        // SAFETY: the control data has room for one message of this length, by the line above, and is aligned for it;
        // everything the header points to outlives the call, which only reads it.
        let sent = unsafe {
            let message = libc::CMSG_FIRSTHDR(&raw const head);
            (*message).cmsg_level = libc::IPPROTO_IP;
            (*message).cmsg_type = libc::IP_PKTINFO;
            (*message).cmsg_len = libc::CMSG_LEN(size_of::<libc::in_pktinfo>() as u32) as usize;
            libc::CMSG_DATA(message).cast::<libc::in_pktinfo>().write_unaligned(info);
            libc::sendmsg(self.udp.as_raw_fd(), &raw const head, libc::MSG_DONTWAIT)
        };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn set(&self, level: libc::c_int, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
        let length = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the value is a `c_int` that outlives the call, and its length is said.
        let done = unsafe { libc::setsockopt(self.udp.as_raw_fd(), level, name, (&raw const value).cast(), length) };
        if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl AsRawFd for SharedSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.udp.as_raw_fd()
    }
}

/// One place of an inbox: a datagram, or a row of them from one sender.
pub struct Arrived<'a> {
    /// The address it was sent to.
    pub to: Ipv4Addr,
    /// When the kernel took it in: nanoseconds since 1970 by the wall clock.
    pub at_ns: u64,
    /// Every datagram of the row is this long, the last may be shorter.
    pub each: usize,
    /// Datagrams that this socket has had no room for so far; `None` if there were none.
    pub dropped: Option<u32>,
    /// The bytes.
    pub bytes: &'a mut [u8],
}

/// Room for one batch as it arrives.
pub struct SharedInbox {
    bytes: Box<[u8]>,
    controls: Box<[[u64; CONTROL_WORDS]; BATCH]>,
    lengths: [(usize, usize); BATCH],
}

impl Default for SharedInbox {
    fn default() -> Self {
        Self {
            bytes: vec![0; BATCH * PLACE_BYTES].into_boxed_slice(),
            controls: Box::new([[0; CONTROL_WORDS]; BATCH]),
            lengths: [(0, 0); BATCH],
        }
    }
}

impl SharedInbox {
    /// How many places one call can fill.
    pub const PLACES: usize = BATCH;

    /// Takes what has arrived without waiting; how many places are filled, zero if nothing has.
    pub fn receive(&mut self, socket: &SharedSocket) -> io::Result<usize> {
        let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
        let mut heads: [MaybeUninit<libc::mmsghdr>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
        let places = self.bytes.chunks_exact_mut(PLACE_BYTES).zip(self.controls.iter_mut());
        for ((place, control), (part, head)) in places.zip(parts.iter_mut().zip(&mut heads)) {
            let part = part.write(libc::iovec { iov_base: place.as_mut_ptr().cast(), iov_len: place.len() });
            // SAFETY: all-zero bytes are a header without address, parts or control data.
            let head = head.write(unsafe { zeroed() });
            head.msg_hdr.msg_iov = part;
            head.msg_hdr.msg_iovlen = 1;
            head.msg_hdr.msg_control = control.as_mut_ptr().cast();
            head.msg_hdr.msg_controllen = size_of_val(control);
        }
        // SAFETY: all `BATCH` heads were written above; they point to places, control words and parts that outlive the
        // call and overlap nowhere.
        let taken = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                heads.as_mut_ptr().cast(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        let Ok(taken) = usize::try_from(taken) else {
            let fault = io::Error::last_os_error();
            return if fault.kind() == io::ErrorKind::WouldBlock { Ok(0) } else { Err(fault) };
        };
        for (lengths, head) in self.lengths.iter_mut().zip(&heads).take(taken) {
            // SAFETY: written above, and by the kernel since.
            let head = unsafe { head.assume_init_ref() };
            *lengths = ((head.msg_len as usize).min(PLACE_BYTES), head.msg_hdr.msg_controllen);
        }
        Ok(taken)
    }

    /// What is in the `n`-th place of the batch.
    pub fn arrived(&mut self, n: usize) -> Option<Arrived<'_>> {
        let (length, control_length) = *self.lengths.get(n)?;
        let said = Said::read(self.controls.get_mut(n)?, control_length);
        let start = n * PLACE_BYTES;
        let bytes = self.bytes.get_mut(start..start + length)?;
        Some(Arrived {
            to: said.to?,
            at_ns: said.at_ns,
            each: said.each.unwrap_or(length),
            dropped: said.dropped,
            bytes,
        })
    }
}

/// What the kernel said of one place.
#[derive(Default)]
struct Said {
    to: Option<Ipv4Addr>,
    at_ns: u64,
    each: Option<usize>,
    dropped: Option<u32>,
}

impl Said {
    fn read(control: &mut [u64; CONTROL_WORDS], length: usize) -> Self {
        let mut said = Self::default();
        // SAFETY: all-zero bytes are a header without address, parts or control data.
        let mut head: libc::msghdr = unsafe { zeroed() };
        head.msg_control = control.as_mut_ptr().cast();
        head.msg_controllen = length.min(size_of_val(control));
        // SAFETY: the control data lies within `control`; the macros stay within its length.
        let mut message = unsafe { libc::CMSG_FIRSTHDR(&raw const head) };
        while !message.is_null() {
            // SAFETY: not null, so it is a whole message within the control data; each kind has the type that the kernel
            // documents, read without asking for alignment.
            unsafe {
                let data = libc::CMSG_DATA(message);
                match ((*message).cmsg_level, (*message).cmsg_type) {
                    (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                        let info = data.cast::<libc::in_pktinfo>().read_unaligned();
                        said.to = Some(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)));
                    }
                    (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                        let time = data.cast::<libc::timespec>().read_unaligned();
                        said.at_ns = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
                    }
                    (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) => said.dropped = Some(data.cast::<u32>().read_unaligned()),
                    (libc::SOL_UDP, libc::UDP_GRO) => {
                        let each = data.cast::<libc::c_int>().read_unaligned();
                        said.each = usize::try_from(each).ok().filter(|each| *each > 0);
                    }
                    _ => {}
                }
                message = libc::CMSG_NXTHDR(&raw const head, message);
            }
        }
        said
    }
}

/// Keeps the calling thread on one processor, counted from zero.
pub fn pin_thread(cpu: usize) -> io::Result<()> {
    // SAFETY: all-zero bytes are an empty set; the set outlives the call, and its length is said.
    let done = unsafe {
        let mut set: libc::cpu_set_t = zeroed();
        if cpu >= 8 * size_of::<libc::cpu_set_t>() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_datagram_says_to_which_address_it_went_and_from_which_it_came() {
        let (one, other) = (SharedSocket::bind(1 << 20).unwrap(), SharedSocket::bind(1 << 20).unwrap());
        let port = other.udp.local_addr().unwrap().port();
        let from = Ipv4Addr::new(127, 9, 8, 7);
        for host in [1, 2, 3] {
            one.send(from, SocketAddrV4::new(Ipv4Addr::new(127, 64, 0, host), port), &[host; 5]).unwrap();
        }
        let mut inbox = SharedInbox::default();
        assert_eq!(inbox.receive(&other).unwrap(), 3);
        for (n, host) in [1, 2, 3].into_iter().enumerate() {
            let arrived = inbox.arrived(n).unwrap();
            assert_eq!((arrived.to, arrived.each), (Ipv4Addr::new(127, 64, 0, host), 5));
            assert_eq!((&*arrived.bytes, arrived.dropped), ([host; 5].as_slice(), None));
            assert!(arrived.at_ns > 1_700_000_000_000_000_000);
        }
        assert_eq!(inbox.receive(&other).unwrap(), 0);
        let mut seen = [0; 10];
        other.udp.set_nonblocking(false).unwrap();
        one.send(from, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), b"x").unwrap();
        assert_eq!(*other.udp.recv_from(&mut seen).unwrap().1.ip().to_string(), *"127.9.8.7");
    }

    #[test]
    fn a_socket_that_overflows_says_how_much_it_dropped() {
        let (one, other) = (SharedSocket::bind(1 << 20).unwrap(), SharedSocket::bind(4_096).unwrap());
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, other.udp.local_addr().unwrap().port());
        let mut inbox = SharedInbox::default();
        for _ in 0..50 {
            one.send(Ipv4Addr::LOCALHOST, to, &[7; 1_000]).unwrap();
        }
        assert!(inbox.receive(&other).unwrap() < 50);
        one.send(Ipv4Addr::LOCALHOST, to, &[7; 1_000]).unwrap();
        assert_eq!(inbox.receive(&other).unwrap(), 1);
        assert!(inbox.arrived(0).unwrap().dropped.is_some_and(|dropped| dropped > 30));
    }
}
