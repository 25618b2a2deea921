//! Every cap in one place, each with where it comes from. Full is a normal answer.

/// The largest datagram taken from or given to the network: an Ethernet frame's payload (RFC 894).
pub const DATAGRAM_BYTES_MAX: usize = 1_500;

/// The largest SDP or JSON body a door accepts: a Chromium offer with 12 sections is 30 KiB.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// The largest WebSocket message: a `hello` with its token is under 2 KiB.
pub const WS_MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// SSRCs under which one peer may send SRTCP: a browser uses one for each track and layer it sends, at most 12 for a
/// teacher's page, and one more for all it receives.
pub const SRTCP_SENDERS_MAX: usize = 16;
