//! What was measured, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::cpu::Usage;
use super::tally::{Percentiles, Tally};

/// One stretch of measuring.
pub(super) struct Stretch {
    pub(super) seconds: f64,
    pub(super) watchers: usize,
    pub(super) tally: Tally,
    pub(super) server: Option<Usage>,
    pub(super) tool: Usage,
}

/// All that is said at the end.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// What was published.
    pub(super) lessons: usize,
    pub(super) codec: Option<&'static str>,
    pub(super) bitrate_bps: u64,
    pub(super) fps: u32,
    pub(super) watchers: Watchers,
    /// The stretch that was asked for; with a search, the last good step.
    pub(super) measured: Option<Measured>,
    pub(super) ramp: Option<RampReport>,
}

/// Who came.
#[derive(Debug, Serialize)]
pub(super) struct Watchers {
    pub(super) asked: u32,
    pub(super) joined: usize,
    pub(super) failed: u32,
    pub(super) failures: BTreeMap<String, u32>,
    /// From the first request to the keys.
    pub(super) joining: Percentiles,
    /// From the first request to the first packet of each slot.
    pub(super) hearing: Percentiles,
}

/// What a search found.
#[derive(Debug, Serialize)]
pub(super) struct RampReport {
    pub(super) p99_max_ms: f64,
    pub(super) loss_max_percent: f64,
    /// The most watchers that were carried well; zero if not even the fewest were.
    pub(super) good: u32,
    /// In the order of trying.
    pub(super) steps: Vec<StepReport>,
}

/// One step of a search.
#[derive(Debug, Serialize)]
pub(super) struct StepReport {
    pub(super) watchers: u32,
    pub(super) good: bool,
    /// Why it was not good.
    pub(super) why: String,
    pub(super) measured: Measured,
}

/// What one stretch showed.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) watchers: usize,
    pub(super) packets: u64,
    pub(super) packets_per_s: f64,
    pub(super) mbit_per_s: f64,
    pub(super) expected: u64,
    pub(super) lost: u64,
    pub(super) loss_percent: f64,
    pub(super) repaired: u64,
    pub(super) duplicates: u64,
    pub(super) wrong: u64,
    pub(super) unmatched: u64,
    pub(super) silent: u64,
    pub(super) gone: u64,
    pub(super) latency: Percentiles,
    pub(super) pictures: Percentiles,
    pub(super) sound: Percentiles,
    /// Pictures and sound together: what a step is judged by.
    pub(super) useful: Percentiles,
    pub(super) server: Option<ServerUse>,
    pub(super) tool: ToolUse,
}

/// What the server's process used.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ServerUse {
    pub(super) cores: f64,
    pub(super) us_per_packet: f64,
    pub(super) user_us_per_packet: f64,
    pub(super) system_us_per_packet: f64,
    pub(super) rss_mib: f64,
    pub(super) voluntary_switches_per_s: f64,
    pub(super) involuntary_switches_per_s: f64,
    /// Those that used any time.
    pub(super) threads: Vec<ThreadReport>,
}

/// What one of its threads used.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ThreadReport {
    pub(super) name: String,
    pub(super) user_percent: f64,
    pub(super) system_percent: f64,
    pub(super) voluntary_switches_per_s: f64,
    pub(super) involuntary_switches_per_s: f64,
}

/// What we used ourselves.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ToolUse {
    pub(super) cores: f64,
    pub(super) busiest_thread_percent: f64,
    pub(super) us_per_packet: f64,
    /// How long packets waited for us.
    pub(super) lag: Percentiles,
    pub(super) dropped: u64,
    pub(super) unsent: u64,
}

impl Stretch {
    pub(super) fn measured(&self) -> Measured {
        let (tally, seconds) = (&self.tally, self.seconds.max(1e-9));
        Measured {
            seconds: self.seconds,
            watchers: self.watchers,
            packets: tally.packets,
            packets_per_s: tally.packets as f64 / seconds,
            mbit_per_s: tally.bytes as f64 * 8.0 / 1e6 / seconds,
            expected: tally.expected,
            lost: tally.expected.saturating_sub(tally.received),
            loss_percent: tally.loss_percent(),
            repaired: tally.repaired,
            duplicates: tally.duplicates,
            wrong: tally.wrong,
            unmatched: tally.unmatched,
            silent: tally.silent,
            gone: tally.gone,
            latency: tally.latency.percentiles(),
            pictures: tally.pictures.percentiles(),
            sound: tally.sound.percentiles(),
            useful: tally.useful().percentiles(),
            server: self.server.as_ref().map(|usage| server(usage, seconds, tally.packets)),
            tool: self.tool(seconds),
        }
    }

    fn tool(&self, seconds: f64) -> ToolUse {
        let used = self.tool.user_s + self.tool.system_s;
        ToolUse {
            cores: used / seconds,
            busiest_thread_percent: self.tool.busiest_s() / seconds * 100.0,
            us_per_packet: per_packet(used, self.tally.packets),
            lag: self.tally.lag.percentiles(),
            dropped: self.tally.dropped,
            unsent: self.tally.unsent,
        }
    }
}

fn server(usage: &Usage, seconds: f64, packets: u64) -> ServerUse {
    let threads = usage.threads.values().filter(|thread| thread.user_s + thread.system_s > 0.0);
    let threads = threads.map(|thread| ThreadReport {
        name: thread.name.clone(),
        user_percent: thread.user_s / seconds * 100.0,
        system_percent: thread.system_s / seconds * 100.0,
        voluntary_switches_per_s: thread.voluntary as f64 / seconds,
        involuntary_switches_per_s: thread.involuntary as f64 / seconds,
    });
    let voluntary: u64 = usage.threads.values().map(|thread| thread.voluntary).sum();
    let involuntary: u64 = usage.threads.values().map(|thread| thread.involuntary).sum();
    ServerUse {
        cores: (usage.user_s + usage.system_s) / seconds,
        us_per_packet: per_packet(usage.user_s + usage.system_s, packets),
        user_us_per_packet: per_packet(usage.user_s, packets),
        system_us_per_packet: per_packet(usage.system_s, packets),
        rss_mib: usage.rss_kib as f64 / 1_024.0,
        voluntary_switches_per_s: voluntary as f64 / seconds,
        involuntary_switches_per_s: involuntary as f64 / seconds,
        threads: threads.collect(),
    }
}

/// Microseconds of work for each packet.
fn per_packet(seconds: f64, packets: u64) -> f64 {
    if packets == 0 { 0.0 } else { seconds * 1e6 / packets as f64 }
}

impl Measured {
    /// One line, for each second and each step.
    pub(super) fn line(&self) -> String {
        let mut line = format!(
            "{} watchers  {:.0} packets/s  {:.1} Mbit/s  lost {:.2} %  p50 {:.1}  p99 {:.1}  max {:.1} ms",
            self.watchers,
            self.packets_per_s,
            self.mbit_per_s,
            self.loss_percent,
            self.useful.p50_ms,
            self.useful.p99_ms,
            self.useful.max_ms
        );
        if let Some(server) = &self.server {
            let _infallible = write!(line, "  server {:.2} cores {:.2} µs/packet", server.cores, server.us_per_packet);
        }
        let _infallible = write!(line, "  tool {:.0} %", self.tool.busiest_thread_percent);
        if self.silent + self.tool.dropped + self.wrong + self.gone > 0 {
            let _infallible = write!(
                line,
                "  (silent {}, gone {}, wrong {}, dropped by the tool {})",
                self.silent, self.gone, self.wrong, self.tool.dropped
            );
        }
        line
    }

    fn lines(&self, text: &mut String) {
        let mut row = |name: &str, value: String| {
            let _infallible = writeln!(text, "{name:<22}{value}");
        };
        row("packets", format!("{} in {:.1} s, {:.0} a second", self.packets, self.seconds, self.packets_per_s));
        row("rate", format!("{:.1} Mbit/s", self.mbit_per_s));
        row(
            "lost",
            format!("{} of {}, {:.2} %; repaired {}", self.lost, self.expected, self.loss_percent, self.repaired),
        );
        row(
            "not as it should be",
            format!(
                "silent watchers {}, gone {}, wrong packets {}, doubled {}, unmatched {}",
                self.silent, self.gone, self.wrong, self.duplicates, self.unmatched
            ),
        );
        row("latency of all", self.latency.text());
        row("  of pictures", self.pictures.text());
        row("  of sound", self.sound.text());
        if let Some(server) = &self.server {
            server.lines(&mut row);
        }
        let tool = &self.tool;
        row(
            "the tool itself",
            format!(
                "{:.2} cores, busiest thread {:.0} %, {:.2} µs a packet, dropped {}, unsent {}",
                tool.cores, tool.busiest_thread_percent, tool.us_per_packet, tool.dropped, tool.unsent
            ),
        );
        row("  its own delay", tool.lag.text());
    }
}

impl ServerUse {
    fn lines(&self, row: &mut impl FnMut(&str, String)) {
        row(
            "the server",
            format!(
                "{:.2} cores, {:.2} µs a packet (user {:.2}, system {:.2}), {:.0} MiB",
                self.cores, self.us_per_packet, self.user_us_per_packet, self.system_us_per_packet, self.rss_mib
            ),
        );
        row(
            "  switches a second",
            format!(
                "{:.0} voluntary, {:.0} involuntary",
                self.voluntary_switches_per_s, self.involuntary_switches_per_s
            ),
        );
        for thread in &self.threads {
            let name = format!("  {}", thread.name);
            row(
                &name,
                format!(
                    "user {:.1} %, system {:.1} %; switches {:.0} and {:.0} a second",
                    thread.user_percent,
                    thread.system_percent,
                    thread.voluntary_switches_per_s,
                    thread.involuntary_switches_per_s
                ),
            );
        }
    }
}

impl Percentiles {
    fn text(&self) -> String {
        format!("p50 {:.2}, p99 {:.2}, p99.9 {:.2}, max {:.2} ms", self.p50_ms, self.p99_ms, self.p999_ms, self.max_ms)
    }
}

impl Report {
    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let codec = self.codec.unwrap_or("sound alone");
        let picture = if self.codec.is_some() {
            format!(", {} kbit/s, {} pictures a second", self.bitrate_bps / 1_000, self.fps)
        } else {
            String::new()
        };
        let _infallible = writeln!(text, "{:<22}{} of {codec}{picture}", "lessons", self.lessons);
        let came = &self.watchers;
        let _infallible = writeln!(text, "{:<22}{} joined, {} failed", "watchers", came.joined, came.failed);
        for (why, count) in &came.failures {
            let _infallible = writeln!(text, "  {count} × {why}");
        }
        let _infallible = writeln!(text, "{:<22}{}", "until keys", came.joining.text());
        let _infallible = writeln!(text, "{:<22}{}", "until heard", came.hearing.text());
        if let Some(ramp) = &self.ramp {
            ramp.lines(&mut text);
        }
        if let Some(measured) = &self.measured {
            measured.lines(&mut text);
        }
        text
    }
}

impl RampReport {
    fn lines(&self, text: &mut String) {
        let _infallible = writeln!(
            text,
            "\n{:>9} {:>10} {:>8} {:>8} {:>8} {:>9} {:>7} {:>9} {:>6}",
            "watchers", "packets/s", "lost %", "p50 ms", "p99 ms", "max ms", "cores", "µs/packet", "tool %"
        );
        for step in &self.steps {
            let measured = &step.measured;
            let server = measured.server.as_ref();
            let _infallible = writeln!(
                text,
                "{:>9} {:>10.0} {:>8.3} {:>8.2} {:>8.2} {:>9.2} {:>7.2} {:>9.2} {:>6.0}  {}",
                step.watchers,
                measured.packets_per_s,
                measured.loss_percent,
                measured.useful.p50_ms,
                measured.useful.p99_ms,
                measured.useful.max_ms,
                server.map_or(0.0, |server| server.cores),
                server.map_or(0.0, |server| server.us_per_packet),
                measured.tool.busiest_thread_percent,
                if step.good { "good" } else { &step.why }
            );
        }
        let _infallible = writeln!(text, "\nthe most that were carried well: {} watchers\n", self.good);
    }
}
