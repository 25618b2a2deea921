//! Every cap in one place, each with where it comes from. Full is a normal answer.

/// The largest datagram taken from or given to the network: an Ethernet frame's payload (RFC 894).
pub const DATAGRAM_BYTES_MAX: usize = 1_500;

/// The largest SDP or JSON body a door accepts: a Chromium offer with 12 sections is 30 KiB.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// The largest file of sheets that a door takes: a county's whole term is under one MiB.
pub const SHEETS_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The largest WebSocket message: a `hello` with its token is under 2 KiB.
pub const WS_MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// Packets of a video stream kept for repair: over a second of 4.5 Mbit/s at 1,100 bytes, with its keyframe bursts.
pub const VIDEO_RECENT_PACKETS: usize = 1_024;

/// Packets of an audio stream kept for repair: 2.5 s of 20 ms frames.
pub const AUDIO_RECENT_PACKETS: usize = 128;

/// Missing packets of one stream remembered at once: a 300 ms hole at 4.5 Mbit/s.
pub const GAPS_MAX: usize = 256;

/// Arrivals remembered for a publisher's estimator: 60 ms between feedbacks at 10,000 packets/s.
pub const ARRIVALS_MAX: usize = 1_024;

/// Simulcast layers of a track: q, h, f.
pub const LAYERS_MAX: usize = 3;

/// Tracks one publisher may send: camera, voice, screen and room for as many again.
pub const TRACKS_MAX: usize = 6;

/// Slots one watcher may have: five pictures and four voices, and room for thumbnails.
pub const SLOTS_MAX: usize = 16;

/// Roads of one peer believed at once: IPv4, IPv6, TCP and the one it moves to.
pub const ROADS_MAX: usize = 4;

/// Things a worker has still to send at once: a 64-datagram batch in which each asks for 64 repairs, and its timers.
pub const JOBS_MAX: usize = 8_192;

/// Things a worker has still to tell at once: one of each kind for a thousand peers.
pub const EVENTS_MAX: usize = 8_192;

/// Peers of one worker: three times the largest county of the design (404 rooms), with their reconnects.
pub const PEERS_MAX: usize = 4_096;

/// RTCP written at once: fits the smallest IPv6 path (1,280 bytes, RFC 8200 §5) with headers and SRTCP's tail.
pub const RTCP_BYTES_MAX: usize = 1_100;

/// SSRCs under which one peer may send SRTCP: a browser uses one for each track and layer it sends, at most 12 for a
/// teacher's page, and one more for all it receives.
pub const SRTCP_SENDERS_MAX: usize = 16;

/// Repairs taken from one request: more than a watcher can have lost since its last one 20 ms ago.
pub const NACKS_MAX: usize = 256;

/// Datagrams taken or given in one system call: more gains nothing measurable, and a batch must not delay its first.
pub const BATCH: usize = 64;

/// Bytes of one place for an arriving datagram: enough to see that one is too long.
pub const INBOX_BYTES: usize = 2_048;

/// Datagrams written before they are handed to the kernel: what stays in a core's own cache until it has read them.
pub const OUTBOX_SLOTS: usize = 128;

/// Datagrams that the kernel takes as one message (`UDP_MAX_SEGMENTS`, 64 before Linux 6.9).
pub const RUN_DATAGRAMS_MAX: usize = 64;

/// Bytes of such a message: an IP packet's, less headers.
pub const RUN_BYTES_MAX: usize = 65_000;

/// Things a worker has still to say to others at once, besides packets: a subscription of each lesson of a county.
pub const LANE_NOTES_MAX: usize = 1_024;

/// Bytes waiting in one lane between two media threads: a keyframe of 50 packets of each of seven lessons.
pub const LANE_BYTES: usize = 512 * 1024;

/// Tracks of one worker that wait for the end of a frame at once: 30 frames a second of each of 1,000, for 5 ms.
pub const HELD_MAX: usize = 256;

/// Commands waiting for a media thread: a county's 404 rooms joining at once need ten each.
pub const MAILBOX_MAX: usize = 8_192;

/// ICE-TCP connections of one media thread: every peer may have one, and a few are on their way.
pub const TCP_CONNECTIONS_MAX: usize = 2_048;

/// Bytes waiting for a TCP peer that does not read: two seconds of 1 Mbit/s; older pictures are of no use.
pub const TCP_BACKLOG_BYTES_MAX: usize = 256 * 1024;

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

/// Messages waiting for one page: ten seconds of rosters at four a second, and what happens besides.
pub const PAGE_OUTBOX_MAX: usize = 64;

/// Records waiting for the store: a county's 404 rooms joining at once, twice.
pub const RECORDS_MAX: usize = 4_096;

/// Messages taken from one page in a second.
pub const PAGE_MESSAGES_PER_SECOND_MAX: u32 = 20;

/// Events of media threads waiting for the school: a second of figures of every peer, and what happens besides.
pub const MEDIA_NEWS_MAX: usize = 16_384;

/// Figures of one watcher's line kept at once: a receiver for each of its slots may estimate alone.
pub const ESTIMATES_MAX: usize = SLOTS_MAX;

/// Watching sessions of one room at once: the one it has, the one it is moving to, and two that it lost and that time
/// out in 30 s.
pub const WATCHES_PER_ROOM_MAX: usize = 4;

/// Handshake datagrams taken from one peer in a second: a handshake has about ten, and repeats of them.
pub const HANDSHAKE_DATAGRAMS_PER_SECOND_MAX: u32 = 64;

/// Passwords compared at once: each takes a core for 20 ms and 19 MiB.
pub const PASSWORD_WORKERS: usize = 2;

/// Passwords waiting to be compared: a second's work, and nobody at a login waits longer gladly.
pub const PASSWORDS_WAITING_MAX: usize = 64;

/// The shortest password that an account may have.
pub const PASSWORD_CHARS_MIN: usize = 10;

/// The longest password: a sentence of two lines.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// Logins of one account at once: a desk, a laptop, a telephone, and some that were forgotten.
pub const LOGINS_PER_ACCOUNT_MAX: usize = 16;

/// Pairing codes shown at once: twice a county's 404 rooms on the day they are set up.
pub const CODES_MAX: usize = 1_024;

/// How often one pairing code may be typed without success.
pub const CODE_TRIES_MAX: u8 = 5;

/// Addresses and accounts whose tries are remembered at once; the least busy are forgotten first.
pub const TRIERS_MAX: usize = 4_096;

/// Lines of the audit given at once.
pub const AUDIT_PAGE_MAX: usize = 200;
