//! What a worker has still to send.

use super::command::SessionId;
use super::down::{DownKey, Shown};
use super::peer::PeerKey;
use super::road::Road;

/// One thing to send.
#[derive(Debug)]
pub(super) enum Job {
    /// A kept packet to everyone who receives its layer.
    Forward { shown: Shown, index: u64 },
    /// A packet that a watcher asked for again, by the sequence number it had there.
    Resend { down: DownKey, sequence: u16 },
    /// An answer to a connectivity check.
    CheckAnswer { peer: PeerKey, road: Road, transaction: [u8; 12], older: bool },
    /// Handshake bytes.
    Handshake { peer: PeerKey, datagram: Box<[u8]> },
    /// What a publisher is asked for: keyframes and missing packets.
    Ask { peer: PeerKey },
    /// When a publisher's packets arrived.
    Arrivals { peer: PeerKey },
    /// Receiver or sender reports.
    Reports { peer: PeerKey },
    /// Good-bye to a peer that is being removed, and then its end.
    Farewell { session: SessionId },
}
