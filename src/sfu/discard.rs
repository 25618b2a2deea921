//! Every reason a packet dies. Counted, never logged.

/// Declares an enum whose members have stable names and can be counted in an array.
macro_rules! counted {
    ($(#[$about:meta])* enum $kind:ident { $($(#[$doc:meta])* $member:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $kind {
            $($(#[$doc])* $member,)*
        }

        impl $kind {
            /// Every member, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$member,)*];

            /// The stable name, as metrics show it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $name,)*
                }
            }
        }
    };
}
pub(super) use counted;

counted! {
    /// Why a packet died.
    enum Discard {
        /// Neither STUN, DTLS, RTP nor RTCP (RFC 7983).
        NotMedia = "not_media",
        /// Longer than a datagram may be.
        TooLong = "too_long",
        /// From an address that has proved nothing yet.
        UnknownAddress = "unknown_address",
        /// A STUN message that cannot be read, or is no binding request.
        StunUnreadable = "stun_unreadable",
        /// A STUN check from an address at which another peer is alive.
        RoadTaken = "road_taken",
        /// More handshake bytes in a second than any handshake has.
        HandshakeFlood = "handshake_flood",
        /// A STUN check for a user name we never gave.
        StunUnknownUser = "stun_unknown_user",
        /// A STUN check whose integrity does not hold.
        StunForged = "stun_forged",
        /// Media before the handshake gave keys.
        NoKeysYet = "no_keys_yet",
        /// An RTP packet that cannot be read.
        RtpUnreadable = "rtp_unreadable",
        /// An RTP packet of no track that was agreed on.
        UnknownStream = "unknown_stream",
        /// An RTP packet of a payload type that was not agreed on.
        UnknownPayloadType = "unknown_payload_type",
        /// A packet that was here before, or is too old to tell.
        Replayed = "replayed",
        /// An RTP packet whose authentication fails.
        RtpForged = "rtp_forged",
        /// An RTCP packet whose authentication fails.
        RtcpForged = "rtcp_forged",
        /// An RTCP packet, or the rest of a compound, that cannot be read.
        RtcpUnreadable = "rtcp_unreadable",
        /// A retransmission that names no packet.
        RtxUnreadable = "rtx_unreadable",
        /// A retransmission of what is here already: publishers probe their line with these.
        RepairNotNeeded = "repair_not_needed",
        /// Older than the keyframe its slot switched to.
        BeforeSwitch = "before_switch",
        /// A codec that the watcher did not agree on.
        CodecNotAgreed = "codec_not_agreed",
        /// Overwritten by newer packets before it could be sent.
        Overtaken = "overtaken",
        /// The peer has no road or no keys at the moment.
        NoRoad = "no_road",
        /// Asked for again, but no longer (or not yet) here.
        ResendUnknown = "resend_unknown",
        /// Asked for again too soon after it was sent again.
        ResendTooSoon = "resend_too_soon",
        /// Repairing would take more than its share of the line.
        ResendOverBudget = "resend_over_budget",
        /// This thread has as much to do as it can remember.
        JobsFull = "jobs_full",
        /// What happens is not being read fast enough.
        EventsFull = "events_full",
        /// Bytes from another worker that are no parcel.
        ParcelUnreadable = "parcel_unreadable",
        /// A parcel about a publisher that is not, or no longer, here.
        ParcelStray = "parcel_stray",
        /// The kernel's send buffer stayed full.
        SendBufferFull = "send_buffer_full",
        /// The kernel refused to send to this address.
        SendRefused = "send_refused",
        /// A TCP peer does not read fast enough.
        TcpBacklogFull = "tcp_backlog_full",
        /// A TCP peer sent a frame that is empty or longer than a datagram.
        TcpFrameBad = "tcp_frame_bad",
    }
}
