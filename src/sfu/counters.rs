//! Plain numbers that the core counts up and the shell copies out.

use super::discard::{Discard, counted};

counted! {
    /// What is counted besides deaths.
    enum Count {
        /// Datagrams that arrived.
        PacketsReceived = "packets_received",
        /// Bytes of them.
        BytesReceived = "bytes_received",
        /// Datagrams written to the outbox.
        PacketsSent = "packets_sent",
        /// Bytes of them.
        BytesSent = "bytes_sent",
        /// RTP packets forwarded: one for each watcher that got one.
        PacketsForwarded = "packets_forwarded",
        /// Packets a publisher sent again on our request.
        RepairsReceived = "repairs_received",
        /// Packets we sent again on a watcher's request.
        RepairsSent = "repairs_sent",
        /// Sequence numbers watchers asked for again.
        NacksReceived = "nacks_received",
        /// Sequence numbers we asked publishers for again.
        NacksSent = "nacks_sent",
        /// Keyframe requests from watchers.
        KeyframeRequestsReceived = "keyframe_requests_received",
        /// Keyframe requests to publishers.
        KeyframeRequestsSent = "keyframe_requests_sent",
        /// Keyframes that arrived.
        Keyframes = "keyframes",
        /// Packets that were given up on after asking in vain.
        Unrepaired = "unrepaired",
        /// Times a slot began to show another layer or source.
        Switches = "switches",
        /// Times a peer was followed to a new address.
        Moves = "moves",
        /// Messages the kernel took: each one datagram, or several for one peer.
        MessagesSent = "messages_sent",
        /// Times the kernel's send buffer was full and had to be waited for.
        SendWaits = "send_waits",
        /// Opened packets given to other workers: one for each worker that got one.
        PacketsBridged = "packets_bridged",
        /// Times a lane to another worker had no room for all that was to go there.
        LaneWaits = "lane_waits",
        /// STUN checks answered.
        ChecksAnswered = "checks_answered",
    }
}

/// All counters of one worker.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    counts: [u64; Count::ALL.len()],
    discards: [u64; Discard::ALL.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self { counts: [0; Count::ALL.len()], discards: [0; Discard::ALL.len()] }
    }
}

impl Counters {
    /// Counts `more` of `what`.
    pub fn add(&mut self, what: Count, more: usize) {
        self.counts[what as usize] += more as u64;
    }

    /// Counts one death.
    pub fn discard(&mut self, why: Discard) {
        self.discards[why as usize] += 1;
    }

    /// How many of `what` so far.
    pub fn count(&self, what: Count) -> u64 {
        self.counts[what as usize]
    }

    /// How many died of `why` so far.
    pub fn discarded(&self, why: Discard) -> u64 {
        self.discards[why as usize]
    }

    /// Every count, in the order of [`Count::ALL`].
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Every death, in the order of [`Discard::ALL`].
    pub fn discards(&self) -> &[u64] {
        &self.discards
    }
}
