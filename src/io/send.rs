//! What the worker wrote, handed to the kernel: a run as one message where it takes that, and everything once.

use std::io::{self, ErrorKind};
use std::time::Duration;

use super::clock;
use super::socket::Sockets;
use super::sys::wait_writable;
use super::tcp::TcpRoads;
use crate::base::limits::BATCH;
use crate::sfu::counters::Count;
use crate::sfu::discard::Discard;
use crate::sfu::outbox::{Outbox, Run};
use crate::sfu::road::Road;
use crate::sfu::worker::Worker;

/// A full send buffer empties within this, or what does not fit is late anyway.
const SEND_WAIT: Duration = Duration::from_millis(5);

/// One outbox on its way.
pub(super) struct Sending<'a> {
    pub(super) sockets: &'a Sockets,
    pub(super) worker: &'a mut Worker,
    /// Whether the kernel takes runs; found out again for each socket, and given up when a device cannot send them.
    pub(super) runs: &'a mut bool,
    /// How long it may still wait for room.
    patience: Duration,
}

impl<'a> Sending<'a> {
    pub(super) const fn new(sockets: &'a Sockets, worker: &'a mut Worker, runs: &'a mut bool) -> Self {
        Self { sockets, worker, runs, patience: SEND_WAIT }
    }

    /// Empties the outbox.
    pub(super) fn send(mut self, tcp: &mut TcpRoads, outbox: &mut Outbox) {
        let nothing = Run { road: Road::Udp(([0, 0, 0, 0], 0).into()), bytes: &[], segment: 0 };
        let (mut batch, mut filled) = ([nothing; BATCH], 0);
        for run in outbox.runs() {
            if let Road::Tcp(id, _) = run.road {
                let refused = run.datagrams().filter_map(|datagram| tcp.send(id, datagram).err());
                refused.for_each(|why| self.worker.discard(why));
                continue;
            }
            batch[filled] = run;
            filled += 1;
            if filled == BATCH {
                self.send_all(&batch);
                filled = 0;
            }
        }
        self.send_all(&batch[..filled]);
        outbox.clear();
    }

    /// Sends every run, waiting a little for a full buffer; what the kernel still refuses is counted.
    fn send_all(&mut self, mut runs: &[Run<'_>]) {
        while let [first, rest @ ..] = runs {
            if !*self.runs && first.segment < first.bytes.len() {
                self.send_singly(first);
                runs = rest;
                continue;
            }
            // Behind the first run that cannot go as one message others wait for their turn.
            let until = runs.iter().position(|run| !*self.runs && run.segment < run.bytes.len()).unwrap_or(runs.len());
            match self.sockets.send_batch(&runs[..until]) {
                Ok(sent) => {
                    self.worker.count(Count::MessagesSent, sent);
                    runs = &runs[sent.min(runs.len())..];
                }
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                Err(fault) if fault.kind() == ErrorKind::WouldBlock && self.wait() => {}
                Err(fault) => {
                    self.refused(first, &fault);
                    runs = rest;
                }
            }
        }
    }

    fn send_singly(&mut self, run: &Run<'_>) {
        for bytes in run.datagrams() {
            self.send_all(&[Run { road: run.road, bytes, segment: bytes.len() }]);
        }
    }

    /// Waits for room; `false` if there was none in all the time that this outbox may take.
    fn wait(&mut self) -> bool {
        self.worker.count(Count::SendWaits, 1);
        let began = clock::now();
        let room = !self.patience.is_zero() && wait_writable(&self.sockets.udp, self.patience);
        self.patience = self.patience.saturating_sub(clock::now().since(began));
        room
    }

    fn refused(&mut self, run: &Run<'_>, fault: &io::Error) {
        let several = run.segment < run.bytes.len();
        if fault.kind() == ErrorKind::WouldBlock {
            run.datagrams().for_each(|_| self.worker.discard(Discard::SendBufferFull));
        } else if several {
            // It may be the message that is refused and not what is in it: a path whose packets are smaller, or (EIO) a
            // device that cannot send runs.
            if fault.raw_os_error() == Some(libc::EIO) {
                *self.runs = false;
                tracing::warn!("a network device cannot send several datagrams as one: they go one by one from now on");
            }
            self.send_singly(run);
        } else {
            self.worker.discard(Discard::SendRefused);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};

    use super::*;
    use crate::io::socket::Wishes;

    const WISHES: Wishes = Wishes { receive_bytes: 1 << 20, send_bytes: 1 << 20, offload: true };

    fn put(outbox: &mut Outbox, to: SocketAddr, lengths: [usize; 3]) {
        for length in lengths {
            outbox.slot().unwrap()[..length].fill(7);
            outbox.commit(Road::udp(to), length);
        }
    }

    fn send(sockets: &Sockets, worker: &mut Worker, outbox: &mut Outbox, runs: bool) {
        let mut tcp = TcpRoads::new(sockets.tcp.try_clone().unwrap());
        Sending::new(sockets, worker, &mut { runs }).send(&mut tcp, outbox);
    }

    #[test]
    fn what_is_refused_is_counted_one_by_one_and_keeps_the_others_from_nothing() {
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let sockets = Sockets::bind(here.ip(), 0, WISHES).unwrap();
        let room = UdpSocket::bind(here).unwrap();
        room.set_nonblocking(true).unwrap();
        for (runs, messages) in [(true, 1), (false, 3)] {
            let (mut worker, mut outbox) = (Worker::new(1), Outbox::new(9));
            put(&mut outbox, here, [100, 100, 50]);
            put(&mut outbox, room.local_addr().unwrap(), [90, 90, 20]);
            send(&sockets, &mut worker, &mut outbox, runs);
            assert!(outbox.is_empty());
            assert_eq!(worker.counters().discarded(Discard::SendRefused), 3, "nobody has port 0");
            assert_eq!(worker.counters().count(Count::MessagesSent), messages);
            let mut bytes = [0; 200];
            let came: Vec<_> = std::iter::from_fn(|| room.recv(&mut bytes).ok()).collect();
            assert_eq!(came, [90, 90, 20]);
        }
    }
}
