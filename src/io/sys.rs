//! The only place that talks to the kernel in its own words: many datagrams in one call.
#![allow(unsafe_code)]

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::time::Duration;

use crate::base::limits::{BATCH, INBOX_BYTES};

#[cfg(feature = "load")]
pub mod shared;

/// Room for one batch of datagrams as they arrive.
pub(super) struct Inbox {
    bytes: Box<[u8]>,
    addresses: Box<[libc::sockaddr_storage; BATCH]>,
    lengths: [usize; BATCH],
}

impl Inbox {
    /// An empty inbox.
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; BATCH * INBOX_BYTES].into_boxed_slice(),
            // SAFETY: all-zero bytes are a `sockaddr_storage` of no family.
            addresses: Box::new(unsafe { zeroed() }),
            lengths: [0; BATCH],
        }
    }

    /// Takes what has arrived, at most one batch, without waiting; gives how many datagrams.
    pub(super) fn receive(&mut self, socket: &impl AsRawFd) -> io::Result<usize> {
        let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
        let mut heads: [MaybeUninit<libc::mmsghdr>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
        let slots = self.bytes.chunks_exact_mut(INBOX_BYTES).zip(self.addresses.iter_mut());
        for ((slot, address), (part, head)) in slots.zip(parts.iter_mut().zip(&mut heads)) {
            let part = part.write(libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() });
            head.write(message(address, size_of::<libc::sockaddr_storage>(), part));
        }
        // SAFETY: all `BATCH` heads were written above; they point to slots, addresses and parts that outlive the call
        // and overlap nowhere.
        let taken = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                heads.as_mut_ptr().cast(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        let taken = usize::try_from(taken).map_err(|_| io::Error::last_os_error())?;
        for (length, head) in self.lengths.iter_mut().zip(&heads).take(taken) {
            // SAFETY: written above, and by the kernel since.
            *length = (unsafe { head.assume_init_ref() }.msg_len as usize).min(INBOX_BYTES);
        }
        Ok(taken)
    }

    /// The `n`-th datagram of the batch and where it came from.
    pub(super) fn datagram(&mut self, n: usize) -> Option<(SocketAddr, &mut [u8])> {
        let from = read_address(self.addresses.get(n)?)?;
        let start = n * INBOX_BYTES;
        Some((from, self.bytes.get_mut(start..start + *self.lengths.get(n)?)?))
    }
}

/// Sends datagrams in one call, at most one batch; gives how many the kernel took. An error is about the first.
pub(super) fn send_batch(socket: &impl AsRawFd, ipv6: bool, datagrams: &[(SocketAddr, &[u8])]) -> io::Result<usize> {
    // SAFETY: all-zero bytes are a `sockaddr_storage` of no family.
    let mut addresses: [libc::sockaddr_storage; BATCH] = unsafe { zeroed() };
    let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let mut heads: [MaybeUninit<libc::mmsghdr>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let count = datagrams.len().min(BATCH);
    let places = addresses.iter_mut().zip(parts.iter_mut().zip(&mut heads));
    for ((to, bytes), (address, (part, head))) in datagrams.iter().zip(places) {
        let length = write_address(*to, ipv6, address);
        // The kernel only reads what is sent.
        let part = part.write(libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() });
        head.write(message(address, length, part));
    }
    // SAFETY: the first `count` heads were written above; what they point to outlives the call and is only read.
    let taken = unsafe {
        libc::sendmmsg(socket.as_raw_fd(), heads.as_mut_ptr().cast(), count as libc::c_uint, libc::MSG_DONTWAIT)
    };
    usize::try_from(taken).map_err(|_| io::Error::last_os_error())
}

/// Waits until the socket takes datagrams again, or `wait` is over; `true` if it does.
pub(super) fn wait_writable(socket: &impl AsRawFd, wait: Duration) -> bool {
    let mut polled = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    let millis = libc::c_int::try_from(wait.as_millis()).unwrap_or(libc::c_int::MAX);
    // SAFETY: one `pollfd` that outlives the call.
    unsafe { libc::poll(&raw mut polled, 1, millis) == 1 }
}

fn message(address: &mut libc::sockaddr_storage, length: usize, part: &mut libc::iovec) -> libc::mmsghdr {
    // SAFETY: all-zero bytes are a header without address, parts, control data or flags.
    let mut head: libc::mmsghdr = unsafe { zeroed() };
    head.msg_hdr.msg_name = (&raw mut *address).cast();
    head.msg_hdr.msg_namelen = length as libc::socklen_t;
    head.msg_hdr.msg_iov = part;
    head.msg_hdr.msg_iovlen = 1;
    head
}

fn read_address(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match libc::c_int::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says that the storage holds a `sockaddr_in`, which is smaller.
            let address = unsafe { &*(&raw const *storage).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
            Some(SocketAddrV4::new(ip, u16::from_be(address.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: the family says that the storage holds a `sockaddr_in6`, which is smaller.
            let address = unsafe { &*(&raw const *storage).cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(address.sin6_addr.s6_addr);
            Some(SocketAddrV6::new(ip, u16::from_be(address.sin6_port), 0, address.sin6_scope_id).into())
        }
        _ => None,
    }
}

/// Writes an address for a socket of the given family (IPv4 as mapped IPv6 on an IPv6 socket); gives its length.
fn write_address(address: SocketAddr, ipv6: bool, storage: &mut libc::sockaddr_storage) -> usize {
    match (address, ipv6) {
        (SocketAddr::V4(address), false) => {
            // SAFETY: a `sockaddr_storage` is large enough and aligned for a `sockaddr_in`.
            let place = unsafe { &mut *(&raw mut *storage).cast::<libc::sockaddr_in>() };
            place.sin_family = libc::AF_INET as libc::sa_family_t;
            place.sin_port = address.port().to_be();
            place.sin_addr.s_addr = u32::from(*address.ip()).to_be();
            size_of::<libc::sockaddr_in>()
        }
        (address, _) => {
            let (ip, scope) = match address {
                SocketAddr::V4(address) => (address.ip().to_ipv6_mapped(), 0),
                SocketAddr::V6(address) => (*address.ip(), address.scope_id()),
            };
            // SAFETY: a `sockaddr_storage` is large enough and aligned for a `sockaddr_in6`.
            let place = unsafe { &mut *(&raw mut *storage).cast::<libc::sockaddr_in6>() };
            place.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            place.sin6_port = address.port().to_be();
            place.sin6_addr.s6_addr = ip.octets();
            place.sin6_scope_id = scope;
            size_of::<libc::sockaddr_in6>()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_batch_arrives_as_it_was_sent_over_ipv4_and_ipv6() {
        for (ipv6, here) in [(false, "127.0.0.1:0"), (true, "[::1]:0")] {
            let (from, to) = (UdpSocket::bind(here).unwrap(), UdpSocket::bind(here).unwrap());
            let address = to.local_addr().unwrap();
            let datagrams: Vec<Vec<u8>> = (0..5_u8).map(|n| vec![n; 10 + usize::from(n)]).collect();
            let batch: Vec<_> = datagrams.iter().map(|bytes| (address, bytes.as_slice())).collect();
            assert_eq!(send_batch(&from, ipv6, &batch).unwrap(), 5);
            let mut inbox = Inbox::new();
            assert_eq!(inbox.receive(&to).unwrap(), 5);
            for (n, sent) in datagrams.iter().enumerate() {
                let (came_from, bytes) = inbox.datagram(n).unwrap();
                assert_eq!((came_from, &*bytes), (from.local_addr().unwrap(), sent.as_slice()));
            }
            assert_eq!(inbox.receive(&to).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
    }

    #[test]
    fn a_refused_datagram_is_an_error_and_not_a_loss_of_the_others() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let nowhere: SocketAddr = "127.0.0.1:0".parse().unwrap();
        assert!(send_batch(&socket, false, &[(nowhere, b"x")]).is_err());
    }
}
