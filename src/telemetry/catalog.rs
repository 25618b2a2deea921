//! Every metric once: its name, kind, unit, help and labels. `docs/metrics.md` explains each to operators.
//!
//! Label values come from closed sets (a thread's index, a route's pattern, a code), never from what a peer sent.

/// A number that only grows; `N` labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter<const N: usize> {
    /// As scraped.
    pub name: &'static str,
    /// The names of its labels, in the order their values are given.
    pub labels: [&'static str; N],
}

/// A number that goes up and down; `N` labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge<const N: usize> {
    /// As scraped.
    pub name: &'static str,
    /// The names of its labels, in the order their values are given.
    pub labels: [&'static str; N],
}

/// How often a value fell below each bound; `N` labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Histogram<const N: usize> {
    /// As scraped, without `_bucket`, `_sum`, `_count`.
    pub name: &'static str,
    /// The names of its labels, in the order their values are given.
    pub labels: [&'static str; N],
}

/// What a metric is to Prometheus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations below each of these bounds.
    Histogram(&'static [f64]),
}

/// One line of the catalogue, whatever its kind.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// As scraped; a histogram's without `_bucket`, `_sum`, `_count`.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// What one is: the word that Prometheus wants in the name.
    pub unit: &'static str,
    /// One sentence for the person who reads the scrape.
    pub help: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
}

/// Join to first picture: the promise is 1.5 s, a browser gives up caring after 10.
const JOIN_BOUNDS_S: &[f64] = &[0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0];

/// Declares each metric as a typed handle and as a line of [`METRICS`]; the doc comment is its help text.
macro_rules! metrics {
    ($(#[doc = $help:literal] $kind:ident $id:ident = $name:literal in $unit:literal by [$($label:literal),*] $(up to $bounds:ident)?;)*) => {
        $(
            #[doc = $help]
            pub const $id: $kind<{ const LABELS: &[&str] = &[$($label),*]; LABELS.len() }> =
                $kind { name: $name, labels: [$($label),*] };
        )*

        /// Every metric, in the order of `docs/metrics.md`.
        pub const METRICS: &[Metric] = &[$(Metric {
            name: $name,
            kind: Kind::$kind $(($bounds))?,
            unit: $unit,
            help: $help.trim_ascii(),
            labels: &[$($label),*],
        }),*];
    };
}

metrics! {
    /// Datagrams a media thread took from the network.
    Counter PACKETS_RECEIVED = "tongke_received_packets_total" in "packets" by ["worker"];
    /// Bytes of those datagrams, without IP and UDP headers.
    Counter BYTES_RECEIVED = "tongke_received_bytes_total" in "bytes" by ["worker"];
    /// Datagrams a media thread gave to the network.
    Counter PACKETS_SENT = "tongke_sent_packets_total" in "packets" by ["worker"];
    /// Bytes of those datagrams, without IP and UDP headers.
    Counter BYTES_SENT = "tongke_sent_bytes_total" in "bytes" by ["worker"];
    /// Packets that died inside, by the reason that was named.
    Counter PACKETS_DISCARDED = "tongke_discarded_packets_total" in "packets" by ["worker", "reason"];
    /// Packets sent again because a watcher had missed them.
    Counter PACKETS_RETRANSMITTED = "tongke_retransmitted_packets_total" in "packets" by ["worker"];
    /// Packets that watchers reported missing.
    Counter NACKS_RECEIVED = "tongke_received_nacks_total" in "nacks" by ["worker"];
    /// Packets that were asked of publishers again.
    Counter NACKS_SENT = "tongke_sent_nacks_total" in "nacks" by ["worker"];
    /// Keyframe requests that watchers made.
    Counter PLIS_RECEIVED = "tongke_received_plis_total" in "plis" by ["worker"];
    /// Keyframe requests that went on to publishers, after merging.
    Counter PLIS_SENT = "tongke_sent_plis_total" in "plis" by ["worker"];
    /// Keyframes that publishers sent.
    Counter KEYFRAMES = "tongke_received_keyframes_total" in "keyframes" by ["worker"];
    /// Times a watcher was moved to another simulcast layer.
    Counter LAYER_SWITCHES = "tongke_layer_switches_total" in "switches" by ["worker"];
    /// RTP packets forwarded: one for each watcher that got one.
    Counter PACKETS_FORWARDED = "tongke_forwarded_packets_total" in "packets" by ["worker"];
    /// Packets that publishers sent again on our request.
    Counter PACKETS_RECOVERED = "tongke_recovered_packets_total" in "packets" by ["worker"];
    /// Packets of publishers that never came, though asked for again.
    Counter PACKETS_GIVEN_UP = "tongke_given_up_packets_total" in "packets" by ["worker"];
    /// Times a peer was followed to a new address.
    Counter PEERS_MOVED = "tongke_peer_moves_total" in "moves" by ["worker"];
    /// Messages the kernel took to send: each one datagram, or several for one peer.
    Counter MESSAGES_SENT = "tongke_sent_messages_total" in "messages" by ["worker"];
    /// Times the kernel's send buffer was full and had to be waited for.
    Counter SEND_WAITS = "tongke_send_waits_total" in "waits" by ["worker"];
    /// Opened packets given to other media threads: one for each thread that has rooms for it.
    Counter PACKETS_BRIDGED = "tongke_bridged_packets_total" in "packets" by ["worker"];
    /// Times the way to another media thread had no room for all that was to go there.
    Counter LANE_WAITS = "tongke_lane_waits_total" in "waits" by ["worker"];
    /// Connectivity checks answered.
    Counter CHECKS_ANSWERED = "tongke_answered_checks_total" in "checks" by ["worker"];
    /// Transports a media thread holds now.
    Gauge PEERS = "tongke_connected_peers" in "peers" by ["worker"];
    /// Times a media thread went on with a new worker because the old one had panicked.
    Counter MEDIA_THREAD_RESTARTS = "tongke_media_thread_restarts_total" in "restarts" by ["thread"];

    /// WHIP and WHEP sessions now, by role (teacher, room) and road (udp, tcp).
    Gauge SESSIONS = "tongke_open_sessions" in "sessions" by ["role", "road"];
    /// Rooms whose page is connected now.
    Gauge ROOMS_ONLINE = "tongke_online_rooms" in "rooms" by [];
    /// Lessons that are being taught now.
    Gauge LESSONS_LIVE = "tongke_live_lessons" in "lessons" by [];
    /// DTLS handshakes that ended, by result (ok, failed).
    Counter HANDSHAKES = "tongke_finished_handshakes_total" in "handshakes" by ["result"];
    /// Requests and messages that were refused, by code.
    Counter REFUSALS = "tongke_refusals_total" in "refusals" by ["code"];
    /// HTTP requests answered, by the route's pattern and status.
    Counter HTTP_REQUESTS = "tongke_http_requests_total" in "requests" by ["route", "status"];

    /// Time from opening the classroom page to its first picture, as rooms report it.
    Histogram JOIN_TO_PICTURE = "tongke_join_to_picture_seconds" in "seconds" by [] up to JOIN_BOUNDS_S;
    /// Times the picture stood still in a room, as rooms report it.
    Counter FREEZES = "tongke_reported_freezes_total" in "freezes" by [];
    /// Audio samples that rooms had to make up, as rooms report it.
    Counter SAMPLES_CONCEALED = "tongke_concealed_samples_total" in "samples" by [];

    /// Always 1; its label says which version runs.
    Gauge BUILD = "tongke_build_info" in "info" by ["version"];
    /// Time since the process started.
    Gauge UPTIME = "tongke_uptime_seconds" in "seconds" by [];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_says_whose_it_is_its_unit_and_whether_it_only_grows() {
        for metric in METRICS {
            let ending = match metric.kind {
                Kind::Counter => format!("{}_total", metric.unit),
                Kind::Gauge | Kind::Histogram(_) => metric.unit.to_owned(),
            };
            let stem = metric.name.strip_prefix("tongke_").expect("a name starts with the project's");
            assert!(stem.ends_with(&ending), "{} should end in {ending}", metric.name);
            assert!(stem.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", metric.name);
        }
    }

    #[test]
    fn units_are_base_units() {
        for metric in METRICS {
            let scaled = ["milliseconds", "microseconds", "minutes", "kilobytes", "bits", "percent"];
            assert!(!scaled.contains(&metric.unit), "{} is in {}", metric.name, metric.unit);
        }
    }

    #[test]
    fn every_help_text_is_one_sentence() {
        for metric in METRICS {
            assert!(metric.help.len() > 20 && metric.help.ends_with('.'), "{}: {:?}", metric.name, metric.help);
        }
    }

    #[test]
    fn no_name_is_used_twice() {
        let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
    }

    #[test]
    fn bounds_rise() {
        for metric in METRICS {
            if let Kind::Histogram(bounds) = metric.kind {
                assert!(bounds.is_sorted() && !bounds.is_empty(), "{}", metric.name);
            }
        }
    }
}
