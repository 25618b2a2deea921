//! Figures on their way from the media threads and the school to the metrics.

use crate::control::school::School;
use crate::io::board::Board;
use crate::io::pool::MediaPort;
use crate::sfu::counters::Count;
use crate::telemetry::Telemetry;
use crate::telemetry::catalog::{self, Counter};

/// Brings every metric up to date.
pub(super) fn refresh(telemetry: &Telemetry, school: &School, ports: &[MediaPort]) {
    for port in ports {
        telemetry.set(catalog::PEERS, [&port.index.to_string()], as_f64(port.board.peers()));
        telemetry.worker(port.index, counters(&port.board));
        telemetry.worker(port.index, [(catalog::MEDIA_THREAD_RESTARTS, port.board.restarts())]);
        telemetry.discards(port.index, port.board.discards().map(|(why, count)| (why.name(), count)));
    }
    let (totals, sessions) = school.census();
    telemetry.clear(catalog::SESSIONS);
    for ((role, road), count) in sessions {
        telemetry.set(catalog::SESSIONS, [role, road], as_f64(count as u64));
    }
    telemetry.set(catalog::LESSONS_LIVE, [], as_f64(totals.lessons_live as u64));
    telemetry.set(catalog::ROOMS_ONLINE, [], as_f64(totals.rooms_online as u64));
    telemetry.set(catalog::UPTIME, [], school.uptime().as_secs_f64());
}

fn counters(board: &Board) -> impl Iterator<Item = (Counter<1>, u64)> + '_ {
    board.counts().map(|(what, count)| (metric(what), count))
}

/// Where a count is shown.
const fn metric(what: Count) -> Counter<1> {
    match what {
        Count::PacketsReceived => catalog::PACKETS_RECEIVED,
        Count::BytesReceived => catalog::BYTES_RECEIVED,
        Count::PacketsSent => catalog::PACKETS_SENT,
        Count::BytesSent => catalog::BYTES_SENT,
        Count::PacketsForwarded => catalog::PACKETS_FORWARDED,
        Count::RepairsReceived => catalog::PACKETS_RECOVERED,
        Count::RepairsSent => catalog::PACKETS_RETRANSMITTED,
        Count::NacksReceived => catalog::NACKS_RECEIVED,
        Count::NacksSent => catalog::NACKS_SENT,
        Count::KeyframeRequestsReceived => catalog::PLIS_RECEIVED,
        Count::KeyframeRequestsSent => catalog::PLIS_SENT,
        Count::Keyframes => catalog::KEYFRAMES,
        Count::Unrepaired => catalog::PACKETS_GIVEN_UP,
        Count::Switches => catalog::LAYER_SWITCHES,
        Count::Moves => catalog::PEERS_MOVED,
        Count::MessagesSent => catalog::MESSAGES_SENT,
        Count::SendWaits => catalog::SEND_WAITS,
        Count::PacketsBridged => catalog::PACKETS_BRIDGED,
        Count::LaneWaits => catalog::LANE_WAITS,
        Count::ChecksAnswered => catalog::CHECKS_ANSWERED,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rooms and sessions are small")]
const fn as_f64(count: u64) -> f64 {
    count as f64
}
