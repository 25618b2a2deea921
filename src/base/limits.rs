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

/// A handshake without keys after this long has failed: a page gives up on ICE after 30 s too.
pub const HANDSHAKE_S_MAX: u64 = 30;

/// Records a handshake takes from its peer: a good one is about 10, one with every flight repeated eight times 80.
pub const HANDSHAKE_RECORDS_MAX: usize = 512;

/// Repeats of one flight: 100 ms doubled eight times fills the 30 s that a handshake has.
pub const HANDSHAKE_REPEATS_MAX: u32 = 8;

/// The largest handshake message: a ClientHello with a post-quantum key share is 1.5 KiB, a certificate 0.5 KiB.
pub const HANDSHAKE_MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// Datagrams kept of a ClientHello that is not whole yet: it comes in two, and may be repeated a few times.
pub const HELLO_DATAGRAMS_MAX: usize = 16;

/// Datagrams waiting for one handshake thread: 3,000 rooms that join within a second send 8 each, and a thread
/// does 1,000 handshakes a second.
pub const HANDSHAKE_QUEUE_MAX: usize = 16 * 1024;

/// Sections of an offer: a page of ours offers at most nine.
pub const SDP_SECTIONS_MAX: usize = 64;

/// Payload types of a section: seven bits number them.
pub const SDP_FORMATS_MAX: usize = 128;

/// Header extensions of a section: Chromium offers thirteen.
pub const SDP_EXTENSIONS_MAX: usize = 32;

/// Simulcast layers of a section: a page of ours offers three.
pub const SDP_RIDS_MAX: usize = 8;

/// Streams that a section announces by SSRC: three layers with their repairs are six.
pub const SDP_SSRCS_MAX: usize = 16;

/// Characters of a mid or rid: header extensions carry them in at most 16 bytes (RFC 8285 §4.2).
pub const SDP_ID_LEN_MAX: usize = 16;
