//! ICE-TCP, the passive side (RFC 6544): datagrams framed on connections that clients open (RFC 4571).

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use crate::base::limits::{DATAGRAM_BYTES_MAX, TCP_BACKLOG_BYTES_MAX, TCP_CONNECTIONS_MAX};
use crate::base::time::Time;
use crate::sfu::discard::Discard;
use crate::sfu::road::{Road, TcpId};

/// Tokens of connections come after those of the thread's own sockets.
const FIRST_TOKEN: usize = 16;
/// Who has not proved itself by then is not a peer.
const PROVE_WITHIN: Duration = Duration::from_secs(10);
/// So many failures in a row are not the callers': there are no more file handles, say.
const ACCEPTS_FAILED_MAX: usize = 16;
/// Read at once from one connection, so that none keeps the others waiting.
const READ_BYTES: usize = 64 * 1024;

/// One connection, with the bytes of its unfinished frame and those it has not taken yet.
struct Connection {
    stream: TcpStream,
    from: SocketAddr,
    opened: Time,
    arrived: Vec<u8>,
    backlog: Vec<u8>,
}

/// Every connection of a media thread.
pub(super) struct TcpRoads {
    listener: TcpListener,
    connections: BTreeMap<u32, Connection>,
    next: u32,
    page: Box<[u8]>,
}

impl TcpRoads {
    pub(super) fn new(listener: std::net::TcpListener) -> Self {
        let page = vec![0; READ_BYTES].into_boxed_slice();
        Self { listener: TcpListener::from_std(listener), connections: BTreeMap::new(), next: 0, page }
    }

    pub(super) const fn listener(&mut self) -> &mut TcpListener {
        &mut self.listener
    }

    /// Takes every connection that waits; those over the limit are closed.
    pub(super) fn accept(&mut self, registry: &Registry, now: Time) {
        let mut failed = 0;
        while failed < ACCEPTS_FAILED_MAX {
            let (mut stream, from) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(fault) if fault.kind() == ErrorKind::WouldBlock => return,
                // One that was given up while it waited: the next may be well.
                Err(_) => {
                    failed += 1;
                    continue;
                }
            };
            let id = self.next;
            let token = Token(FIRST_TOKEN + id as usize);
            let full = self.connections.len() >= TCP_CONNECTIONS_MAX;
            if full || registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE).is_err() {
                continue;
            }
            // A packet that waits for the one before it to be acknowledged is late.
            let _best_effort = stream.set_nodelay(true);
            self.next = self.next.wrapping_add(1);
            self.connections.insert(id, Connection { stream, from, opened: now, arrived: vec![], backlog: vec![] });
        }
    }

    /// Reads what a connection has, and hands on every whole datagram.
    pub(super) fn ready(
        &mut self,
        token: Token,
        registry: &Registry,
        mut take: impl FnMut(Road, Result<&mut [u8], Discard>),
    ) {
        let Some(id) = token.0.checked_sub(FIRST_TOKEN).and_then(|id| u32::try_from(id).ok()) else { return };
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let road = Road::tcp(TcpId(id), connection.from);
        let open = connection.flush().is_ok()
            && match connection.stream.read(&mut self.page) {
                Ok(0) => false,
                Ok(length) => {
                    connection.arrived.extend_from_slice(&self.page[..length]);
                    // There may be more; ask to be told so.
                    let interest = Interest::READABLE | Interest::WRITABLE;
                    unframe(&mut connection.arrived, |frame| take(road, frame))
                        && registry.reregister(&mut connection.stream, token, interest).is_ok()
                }
                Err(fault) => matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
            };
        if !open {
            self.connections.remove(&id);
        }
    }

    /// Sends a datagram, or keeps it until the connection takes it.
    pub(super) fn send(&mut self, id: TcpId, datagram: &[u8]) -> Result<(), Discard> {
        let connection = self.connections.get_mut(&id.0).ok_or(Discard::SendRefused)?;
        if connection.backlog.len() + datagram.len() + 2 > TCP_BACKLOG_BYTES_MAX {
            return Err(Discard::TcpBacklogFull);
        }
        let length = u16::try_from(datagram.len()).map_err(|_| Discard::TooLong)?;
        connection.backlog.extend_from_slice(&length.to_be_bytes());
        connection.backlog.extend_from_slice(datagram);
        connection.flush().map_err(|_| Discard::SendRefused)
    }

    /// Closes every connection; the listener stays.
    pub(super) fn close_all(&mut self) {
        self.connections.clear();
    }

    /// Closes connections that had time to prove themselves and did not.
    pub(super) fn sweep(&mut self, now: Time, proved: impl Fn(&Road) -> bool) {
        self.connections.retain(|id, connection| {
            now.since(connection.opened) < PROVE_WITHIN || proved(&Road::tcp(TcpId(*id), connection.from))
        });
    }
}

impl Connection {
    /// Writes as much of the backlog as the kernel takes.
    fn flush(&mut self) -> io::Result<()> {
        while !self.backlog.is_empty() {
            match self.stream.write(&self.backlog) {
                Ok(taken) => drop(self.backlog.drain(..taken)),
                Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock) => break,
                Err(fault) if matches!(fault.kind(), ErrorKind::Interrupted) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}

/// Hands on every whole frame at the start of `arrived` and keeps the rest; `false` if what came is no framing at all.
fn unframe(arrived: &mut Vec<u8>, mut take: impl FnMut(Result<&mut [u8], Discard>)) -> bool {
    let mut done = 0;
    let sound = loop {
        let Some((head, rest)) = arrived[done..].split_first_chunk_mut::<2>() else { break true };
        let length = usize::from(u16::from_be_bytes(*head));
        if length == 0 || length > DATAGRAM_BYTES_MAX {
            take(Err(Discard::TcpFrameBad));
            break false;
        }
        let Some(frame) = rest.get_mut(..length) else { break true };
        take(Ok(frame));
        done += 2 + length;
    };
    arrived.drain(..done);
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_the_stream_is_cut() {
        let stream: Vec<u8> = [&[0, 3][..], b"abc", &[0, 1], b"d", &[0, 2], b"ef"].concat();
        for cut in 0..stream.len() {
            let (mut arrived, mut frames) = (stream[..cut].to_vec(), Vec::new());
            assert!(unframe(&mut arrived, |frame| frames.push(frame.unwrap().to_vec())));
            arrived.extend_from_slice(&stream[cut..]);
            assert!(unframe(&mut arrived, |frame| frames.push(frame.unwrap().to_vec())));
            assert_eq!(frames, [b"abc".to_vec(), b"d".to_vec(), b"ef".to_vec()]);
            assert!(arrived.is_empty());
        }
    }

    #[test]
    fn what_is_no_framing_ends_the_connection() {
        for bad in [vec![0, 0, 1], vec![0xff, 0xff, 1]] {
            let mut why = None;
            assert!(!unframe(&mut bad.clone(), |frame| why = frame.err()));
            assert_eq!(why, Some(Discard::TcpFrameBad));
        }
    }
}
