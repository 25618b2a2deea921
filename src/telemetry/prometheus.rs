//! The catalogue's metrics with their values, and the text that Prometheus scrapes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use prometheus::core::Collector;
use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

use super::catalog::{self, Counter, Gauge, Histogram, Kind, METRICS, Metric};

/// The values of all metrics of the catalogue. Shared by reference; every method may be called from any thread.
pub struct Telemetry {
    registry: Registry,
    counters: BTreeMap<&'static str, IntCounterVec>,
    gauges: BTreeMap<&'static str, GaugeVec>,
    histograms: BTreeMap<&'static str, HistogramVec>,
    /// What each media thread last told of each counter or discard reason.
    told: Mutex<BTreeMap<(usize, &'static str), u64>>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl Telemetry {
    /// All metrics at zero. Those without labels are scraped from the start, the others from their first value on.
    pub fn new() -> Self {
        let mut telemetry = Self {
            registry: Registry::new(),
            counters: BTreeMap::new(),
            gauges: BTreeMap::new(),
            histograms: BTreeMap::new(),
            told: Mutex::default(),
        };
        for metric in METRICS {
            telemetry.register(metric);
        }
        telemetry.set(catalog::BUILD, [env!("CARGO_PKG_VERSION")], 1.0);
        telemetry
    }

    /// Counts `more` of something.
    pub fn add<const N: usize>(&self, counter: Counter<N>, labels: [&str; N], more: u64) {
        self.counters[counter.name].with_label_values(&labels).inc_by(more);
    }

    /// Says how much of something there is now, in the unit of its name.
    pub fn set<const N: usize>(&self, gauge: Gauge<N>, labels: [&str; N], value: f64) {
        self.gauges[gauge.name].with_label_values(&labels).set(value);
    }

    /// Forgets every labelled value of `gauge`, so that what is not set again is not scraped again.
    pub fn clear<const N: usize>(&self, gauge: Gauge<N>) {
        self.gauges[gauge.name].reset();
    }

    /// Notes one observed value, in the unit of its name.
    pub fn observe<const N: usize>(&self, histogram: Histogram<N>, labels: [&str; N], value: f64) {
        self.histograms[histogram.name].with_label_values(&labels).observe(value);
    }

    /// Takes over the totals that media thread `index` has counted since it started; a total that fell is a thread
    /// that started anew.
    pub fn worker(&self, index: usize, totals: impl IntoIterator<Item = (Counter<1>, u64)>) {
        let worker = index.to_string();
        for (counter, total) in totals {
            let more = self.more_since_told(index, counter.name, total);
            self.add(counter, [&worker], more);
        }
    }

    /// Like [`Telemetry::worker`], for the packets that died there: reason and total.
    pub fn discards(&self, index: usize, totals: impl IntoIterator<Item = (&'static str, u64)>) {
        let worker = index.to_string();
        for (reason, total) in totals {
            let more = self.more_since_told(index, reason, total);
            self.add(catalog::PACKETS_DISCARDED, [&worker, reason], more);
        }
    }

    /// Everything in the text format, version 0.0.4.
    pub fn render(&self) -> String {
        let mut text = String::new();
        TextEncoder::new()
            .encode_utf8(&self.registry.gather(), &mut text)
            .expect("a registered metric has a name and a kind, and a String takes all bytes");
        text
    }

    fn more_since_told(&self, index: usize, name: &'static str, total: u64) -> u64 {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = told.insert((index, name), total).unwrap_or(0);
        total.checked_sub(before).unwrap_or(total)
    }

    fn register(&mut self, metric: &Metric) {
        let why = "the catalogue's names and labels are valid and unique (its tests hold that)";
        let opts = Opts::new(metric.name, metric.help);
        let bare = metric.labels.is_empty();
        let collector: Box<dyn Collector> = match metric.kind {
            Kind::Counter => {
                let counter = IntCounterVec::new(opts, metric.labels).expect(why);
                bare.then(|| counter.with_label_values::<&str>(&[]));
                self.counters.insert(metric.name, counter.clone());
                Box::new(counter)
            }
            Kind::Gauge => {
                let gauge = GaugeVec::new(opts, metric.labels).expect(why);
                bare.then(|| gauge.with_label_values::<&str>(&[]));
                self.gauges.insert(metric.name, gauge.clone());
                Box::new(gauge)
            }
            Kind::Histogram(bounds) => {
                let opts = HistogramOpts::from(opts).buckets(bounds.to_vec());
                let histogram = HistogramVec::new(opts, metric.labels).expect(why);
                bare.then(|| histogram.with_label_values::<&str>(&[]));
                self.histograms.insert(metric.name, histogram.clone());
                Box::new(histogram)
            }
        };
        self.registry.register(collector).expect(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_line(telemetry: &Telemetry, line: &str) -> bool {
        telemetry.render().lines().any(|l| l == line)
    }

    #[test]
    fn what_is_counted_is_scraped() {
        let telemetry = Telemetry::new();
        telemetry.add(catalog::REFUSALS, ["token_expired"], 2);
        telemetry.add(catalog::REFUSALS, ["token_expired"], 1);
        telemetry.set(catalog::ROOMS_ONLINE, [], 7.0);
        telemetry.observe(catalog::JOIN_TO_PICTURE, [], 1.2);
        assert!(has_line(&telemetry, r#"tongke_refusals_total{code="token_expired"} 3"#));
        assert!(has_line(&telemetry, "tongke_online_rooms 7"));
        assert!(has_line(&telemetry, r#"tongke_join_to_picture_seconds_bucket{le="1"} 0"#));
        assert!(has_line(&telemetry, r#"tongke_join_to_picture_seconds_bucket{le="1.5"} 1"#));
    }

    #[test]
    fn a_threads_totals_are_not_counted_twice() {
        let telemetry = Telemetry::new();
        telemetry.worker(1, [(catalog::PACKETS_SENT, 100)]);
        telemetry.worker(1, [(catalog::PACKETS_SENT, 130)]);
        telemetry.discards(1, [("unknown_address", 4)]);
        telemetry.discards(1, [("unknown_address", 5)]);
        assert!(has_line(&telemetry, r#"tongke_sent_packets_total{worker="1"} 130"#));
        assert!(has_line(&telemetry, r#"tongke_discarded_packets_total{reason="unknown_address",worker="1"} 5"#));
    }

    #[test]
    fn a_thread_that_starts_anew_goes_on_counting() {
        let telemetry = Telemetry::new();
        telemetry.worker(0, [(catalog::PACKETS_SENT, 100)]);
        telemetry.worker(0, [(catalog::PACKETS_SENT, 20)]);
        assert!(has_line(&telemetry, r#"tongke_sent_packets_total{worker="0"} 120"#));
    }

    #[test]
    fn a_cleared_gauge_is_not_scraped_until_set_again() {
        let telemetry = Telemetry::new();
        telemetry.set(catalog::SESSIONS, ["room", "tcp"], 3.0);
        telemetry.clear(catalog::SESSIONS);
        telemetry.set(catalog::SESSIONS, ["room", "udp"], 4.0);
        assert!(!telemetry.render().contains(r#"road="tcp""#));
        assert!(has_line(&telemetry, r#"tongke_open_sessions{road="udp",role="room"} 4"#));
    }

    #[test]
    fn a_fresh_server_says_its_version_and_its_zeroes() {
        let telemetry = Telemetry::new();
        assert!(telemetry.render().contains(concat!(
            "tongke_build_info{version=\"",
            env!("CARGO_PKG_VERSION"),
            "\"} 1"
        )));
        assert!(has_line(&telemetry, "tongke_live_lessons 0"));
        assert!(has_line(&telemetry, "tongke_reported_freezes_total 0"));
    }
}
