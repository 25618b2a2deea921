//! The only place that talks to the kernel in its own words: many datagrams in one call.
#![allow(unsafe_code)]

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::time::Duration;

use crate::base::limits::{BATCH, INBOX_BYTES};
use crate::sfu::outbox::Run;

/// Bytes of one place for arriving datagrams of one sender, if the kernel joins them: what it joins at most, and an odd
/// number of cache lines, so that the places' first lines do not all want the same place in a cache.
const JOINED_BYTES: usize = 65_536 + 17 * 64;

/// A control message with one number.
#[repr(C)]
#[derive(Clone, Copy)]
struct Control<T> {
    head: libc::cmsghdr,
    number: T,
    /// Control messages are as long as a multiple of a pointer.
    _rest: [u32; 1],
}

impl<T> Control<T> {
    /// Header and number (`CMSG_LEN`): the header's length is a multiple of any number's alignment.
    const LENGTH: usize = size_of::<libc::cmsghdr>() + size_of::<T>();

    fn new(kind: libc::c_int, number: T) -> Self {
        // SAFETY: all-zero bytes are a header; its padding on some systems has no name.
        let mut head: libc::cmsghdr = unsafe { zeroed() };
        head.cmsg_len = Self::LENGTH as _;
        head.cmsg_level = libc::SOL_UDP;
        head.cmsg_type = kind;
        Self { head, number, _rest: [0] }
    }
}

/// What the kernel can do for a socket with several datagrams at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offload {
    /// It takes several of one length for one receiver as one message (`UDP_SEGMENT`, Linux 4.18).
    pub segment: bool,
    /// It gives several of one length from one sender as one message (`UDP_GRO`, Linux 5.0).
    pub join: bool,
}

impl Offload {
    /// Nothing of that.
    pub const NONE: Self = Self { segment: false, join: false };

    /// Switches on what there is.
    pub(super) fn switch_on(socket: &impl AsRawFd) -> Self {
        let (mut number, mut length): (libc::c_int, _) = (0, size_of::<libc::c_int>() as libc::socklen_t);
        let fd = socket.as_raw_fd();
        // SAFETY: the kernel writes one number and its length, both of which outlive the call.
        let segment = unsafe {
            libc::getsockopt(fd, libc::SOL_UDP, libc::UDP_SEGMENT, (&raw mut number).cast(), &raw mut length) == 0
        };
        let on: libc::c_int = 1;
        // SAFETY: the kernel reads one number, whose length it is given.
        let join = unsafe { libc::setsockopt(fd, libc::SOL_UDP, libc::UDP_GRO, (&raw const on).cast(), length) == 0 };
        Self { segment, join }
    }
}

#[cfg(feature = "load")]
pub mod shared;

/// Room for one batch of datagrams as they arrive.
pub(super) struct Inbox {
    bytes: Box<[u8]>,
    /// Bytes of each place.
    stride: usize,
    addresses: Box<[libc::sockaddr_storage; BATCH]>,
    lengths: [usize; BATCH],
    /// The length of each of the joined datagrams in a place, but the last.
    segments: [usize; BATCH],
}

impl Inbox {
    /// An empty inbox for a socket that joins datagrams or does not.
    pub(super) fn new(offload: Offload) -> Self {
        let stride = if offload.join { JOINED_BYTES } else { INBOX_BYTES };
        Self {
            bytes: vec![0; BATCH * stride].into_boxed_slice(),
            stride,
            // SAFETY: all-zero bytes are a `sockaddr_storage` of no family.
            addresses: Box::new(unsafe { zeroed() }),
            lengths: [0; BATCH],
            segments: [0; BATCH],
        }
    }

    /// Takes what has arrived, at most one batch, without waiting; gives how many places it fills.
    pub(super) fn receive(&mut self, socket: &impl AsRawFd) -> io::Result<usize> {
        let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
        let mut heads: [MaybeUninit<libc::mmsghdr>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
        let mut controls = [Control::new(0, 0 as libc::c_int); BATCH];
        let slots = self.bytes.chunks_exact_mut(self.stride).zip(self.addresses.iter_mut()).zip(&mut controls);
        for (((slot, address), control), (part, head)) in slots.zip(parts.iter_mut().zip(&mut heads)) {
            let part = part.write(libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() });
            let mut message = message(address, size_of::<libc::sockaddr_storage>(), part);
            message.msg_hdr.msg_control = (&raw mut *control).cast();
            message.msg_hdr.msg_controllen = size_of_val(control) as _;
            head.write(message);
        }
        // SAFETY: all `BATCH` heads were written above; they point to slots, addresses, parts and controls that outlive
        // the call and overlap nowhere.
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
        for (n, (head, control)) in heads.iter().zip(&controls).enumerate().take(taken) {
            // SAFETY: written above, and by the kernel since.
            let head = unsafe { head.assume_init_ref() };
            self.lengths[n] = (head.msg_len as usize).min(self.stride);
            self.segments[n] = joined(&head.msg_hdr, control).unwrap_or(self.lengths[n]);
        }
        Ok(taken)
    }

    /// The datagrams in the `n`-th place of the batch and where they came from.
    pub(super) fn datagrams(&mut self, n: usize) -> Option<(SocketAddr, impl Iterator<Item = &mut [u8]>)> {
        let from = read_address(self.addresses.get(n)?)?;
        let start = n * self.stride;
        let bytes = self.bytes.get_mut(start..start + *self.lengths.get(n)?)?;
        Some((from, bytes.chunks_mut((*self.segments.get(n)?).max(1))))
    }
}

/// The length of each of several joined datagrams, if the kernel says so.
fn joined(head: &libc::msghdr, control: &Control<libc::c_int>) -> Option<usize> {
    let told = head.msg_controllen >= Control::<libc::c_int>::LENGTH
        && control.head.cmsg_level == libc::SOL_UDP
        && control.head.cmsg_type == libc::UDP_GRO;
    usize::try_from(control.number).ok().filter(|_| told)
}

/// Sends runs in one call, at most one batch, each as one message; gives how many the kernel took. An error is about the
/// first.
pub(super) fn send_batch(socket: &impl AsRawFd, ipv6: bool, runs: &[Run<'_>]) -> io::Result<usize> {
    // SAFETY: all-zero bytes are a `sockaddr_storage` of no family.
    let mut addresses: [libc::sockaddr_storage; BATCH] = unsafe { zeroed() };
    let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let mut heads: [MaybeUninit<libc::mmsghdr>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let mut controls: [MaybeUninit<Control<u16>>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let count = runs.len().min(BATCH);
    let places = addresses.iter_mut().zip(&mut controls).zip(parts.iter_mut().zip(&mut heads));
    for (run, ((address, control), (part, head))) in runs.iter().zip(places) {
        let length = write_address(run.road.address(), ipv6, address);
        // The kernel only reads what is sent.
        let part = part.write(libc::iovec { iov_base: run.bytes.as_ptr().cast_mut().cast(), iov_len: run.bytes.len() });
        let mut message = message(address, length, part);
        if run.segment < run.bytes.len() {
            let segment = u16::try_from(run.segment).map_err(|_| io::ErrorKind::InvalidInput)?;
            let control = control.write(Control::new(libc::UDP_SEGMENT, segment));
            message.msg_hdr.msg_control = (&raw mut *control).cast();
            message.msg_hdr.msg_controllen = size_of_val(control) as _;
        }
        head.write(message);
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

/// CPUs that a mask of the kernel's usual size tells of (`CPU_SETSIZE`).
pub(super) const CPUS_MAX: usize = libc::CPU_SETSIZE as usize;

/// The CPUs that the calling thread may run on.
pub(super) fn usable_cpus() -> io::Result<Vec<usize>> {
    // SAFETY: all-zero bytes are a mask of no CPU.
    let mut mask: libc::cpu_set_t = unsafe { zeroed() };
    // SAFETY: the kernel writes at most the size it is given; 0 is the calling thread.
    if unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut mask) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: every number is below `CPU_SETSIZE`, so inside the mask.
    Ok((0..CPUS_MAX).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &mask) }).collect())
}

/// Lets the calling thread run on this CPU alone.
pub(super) fn pin_to_cpu(cpu: usize) -> io::Result<()> {
    if cpu >= CPUS_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: all-zero bytes are a mask of no CPU.
    let mut mask: libc::cpu_set_t = unsafe { zeroed() };
    // SAFETY: the number is below `CPU_SETSIZE`, so inside the mask.
    unsafe { libc::CPU_SET(cpu, &mut mask) };
    // SAFETY: the kernel reads the mask, whose size it is given; 0 is the calling thread.
    let done = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const mask) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::sfu::road::Road;

    const BOTH: [(bool, &str); 2] = [(false, "127.0.0.1:0"), (true, "[::1]:0")];

    fn run(to: SocketAddr, bytes: &[u8], segment: usize) -> Run<'_> {
        Run { road: Road::udp(to), bytes, segment }
    }

    fn take_all(inbox: &mut Inbox, from: &UdpSocket, to: &UdpSocket) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        while let Ok(taken) = inbox.receive(to) {
            for n in 0..taken {
                let (came_from, datagrams) = inbox.datagrams(n).unwrap();
                assert_eq!(came_from, from.local_addr().unwrap());
                all.extend(datagrams.map(|bytes| bytes.to_vec()));
            }
        }
        all
    }

    #[test]
    fn a_batch_arrives_as_it_was_sent_over_ipv4_and_ipv6() {
        for (ipv6, here) in BOTH {
            let (from, to) = (UdpSocket::bind(here).unwrap(), UdpSocket::bind(here).unwrap());
            to.set_nonblocking(true).unwrap();
            let address = to.local_addr().unwrap();
            let datagrams: Vec<Vec<u8>> = (0..5_u8).map(|n| vec![n; 10 + usize::from(n)]).collect();
            let batch: Vec<_> = datagrams.iter().map(|bytes| run(address, bytes, bytes.len())).collect();
            assert_eq!(send_batch(&from, ipv6, &batch).unwrap(), 5);
            let mut inbox = Inbox::new(Offload::NONE);
            assert_eq!(take_all(&mut inbox, &from, &to), datagrams);
            assert_eq!(inbox.receive(&to).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
    }

    #[test]
    fn a_run_leaves_as_one_message_and_arrives_as_its_datagrams() {
        for (ipv6, here) in BOTH {
            let (from, to) = (UdpSocket::bind(here).unwrap(), UdpSocket::bind(here).unwrap());
            let (sends, takes) = (Offload::switch_on(&from), Offload::switch_on(&to));
            assert!(sends.segment && takes.join, "Linux has both since 5.0");
            let address = to.local_addr().unwrap();
            let bytes: Vec<u8> = (0..4_u8).flat_map(|n| vec![n; if n == 3 { 60 } else { 100 }]).collect();
            let batch = [run(address, &bytes, 100), run(address, &bytes[..7], 7)];
            assert_eq!(send_batch(&from, ipv6, &batch).unwrap(), 2);
            let mut wanted: Vec<_> = bytes.chunks(100).map(<[u8]>::to_vec).collect();
            wanted.push(bytes[..7].to_vec());
            assert_eq!(take_all(&mut Inbox::new(takes), &from, &to), wanted);
        }
    }

    #[test]
    fn a_refused_datagram_is_an_error_and_not_a_loss_of_the_others() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let nowhere: SocketAddr = "127.0.0.1:0".parse().unwrap();
        assert!(send_batch(&socket, false, &[run(nowhere, b"x", 1)]).is_err());
    }
}
