//! From what was typed to what was meant, finding every fault on the way.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Value;

use crate::io::cpu;
use crate::store::Place;

use super::fault::Faults;
use super::raw::Typed;
use super::{Admission, Certificate, Config, Http, Limits, Log, LogFormat, Media};

/// More threads than this gain nothing: a thread forwards for hundreds of rooms.
const THREADS_MAX: i64 = 64;

/// The longest a token may live: what the protocol promises.
const TOKEN_S_MAX: i64 = 600;

/// The largest socket buffer that is asked for; at 1 Gbit/s it holds two seconds.
const BUFFER_BYTES_MAX: i64 = 256 * 1024 * 1024;

/// What `typed` means; `faults` are those found while reading it.
pub(super) fn check(typed: &Typed, faults: Faults) -> Result<Config, Faults> {
    let mut check = Check { typed, faults };
    let config = check.config();
    if check.faults.0.is_empty() { Ok(config) } else { Err(check.faults) }
}

/// Notes faults and goes on with something harmless, so that the next can be found.
struct Check<'a> {
    typed: &'a Typed,
    faults: Faults,
}

impl Check<'_> {
    fn config(&mut self) -> Config {
        let raw = &self.typed.raw;
        if raw.server.data_dir.is_empty() {
            self.fault("server.data_dir", "", "it must name a folder");
        }
        let data_dir = PathBuf::from(&raw.server.data_dir);
        let http = self.http(&data_dir);
        let ops_listen = self.required_address("ops.listen", &raw.ops.listen);
        self.distinct(&http, ops_listen);
        Config {
            demo: raw.server.demo,
            county: self.typed.county,
            media: self.media(),
            ops_listen,
            store: self.store(&data_dir),
            admission: self.admission(&data_dir),
            stage_places: self.count("lesson.stage_places", raw.lesson.stage_places, 1..=6),
            log: self.log(),
            limits: Limits {
                sessions_max: self.count("limits.sessions_max", raw.limits.sessions_max, 1..=1_000_000),
                lessons_max: self.count("limits.lessons_max", raw.limits.lessons_max, 1..=100_000),
            },
            http,
            data_dir,
        }
    }

    fn http(&mut self, data_dir: &Path) -> Http {
        let raw = &self.typed.raw.http;
        let listen = self.address("http.listen", &raw.listen);
        let tls_listen = self.address("http.tls_listen", &raw.tls_listen);
        if raw.listen.is_empty() && raw.tls_listen.is_empty() {
            self.fault("http.tls_listen", "", "it and http.listen are both off: no page could be opened");
        }
        Http {
            listen,
            tls_listen,
            certificate: self.certificate(data_dir),
            public_url: self.public_url(),
            request_timeout: self.seconds("http.request_timeout_s", raw.request_timeout_s, 1..=300),
            connections_max: self.count("http.connections_max", raw.connections_max, 1..=1_000_000),
            proxies: raw.proxies.iter().map(|proxy| self.ip("http.proxies", proxy).to_canonical()).collect(),
        }
    }

    fn certificate(&mut self, data_dir: &Path) -> Certificate {
        let raw = &self.typed.raw.http;
        match (raw.cert.as_str(), raw.key.as_str()) {
            ("", "") => return Certificate::SelfMade(data_dir.to_owned()),
            (cert, "") => self.fault("http.cert", cert, "it needs http.key beside it"),
            ("", key) => self.fault("http.key", key, "it needs http.cert beside it"),
            _ => {}
        }
        Certificate::Files { cert: raw.cert.clone().into(), key: raw.key.clone().into() }
    }

    fn public_url(&mut self) -> Option<String> {
        let url = self.typed.raw.http.public_url.as_str();
        if url.is_empty() {
            return None;
        }
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain = |host: &str| !host.is_empty() && !host.contains(|c: char| "/?#@".contains(c) || c.is_whitespace());
        if !host.is_some_and(|host| plain(host.trim_end_matches('/'))) {
            self.fault("http.public_url", url, "it must be like https://lessons.example.org, without a path");
        }
        Some(url.trim_end_matches('/').to_owned())
    }

    fn media(&mut self) -> Media {
        let raw = &self.typed.raw.media;
        let port_first = self.number("media.port_first", raw.port_first, 0..=65_535);
        let threads = self.number("media.threads", raw.threads, 0..=THREADS_MAX);
        let pin = self.pin(threads);
        let threads = if threads == 0 { i64::try_from(pin.len()).unwrap_or(THREADS_MAX) } else { threads };
        if port_first > 0 && port_first + threads.max(1) - 1 > 65_535 {
            self.fault("media.port_first", raw.port_first, format!("{threads} threads need ports beyond 65535"));
        }
        Media {
            listen: self.ip("media.listen", &raw.listen),
            port_first: u16::try_from(port_first).unwrap_or_default(),
            threads: usize::try_from(threads).ok().filter(|threads| *threads > 0),
            pin,
            addresses: raw.addresses.iter().map(|address| self.announced(address)).collect(),
            receive_buffer_bytes: self.buffer("media.receive_buffer_bytes", raw.receive_buffer_bytes),
            send_buffer_bytes: self.buffer("media.send_buffer_bytes", raw.send_buffer_bytes),
            offload: raw.offload,
            spread: self.count("media.spread", raw.spread, 0..=1_000_000),
        }
    }

    /// The CPUs of the threads, of which there are as many; 0 threads are as many as there are CPUs in the list.
    fn pin(&mut self, threads: i64) -> Vec<usize> {
        let typed = &self.typed.raw.media.pin;
        let count = i64::try_from(typed.len()).unwrap_or(i64::MAX);
        let wrong = if typed.is_empty() {
            None
        } else if threads > 0 && count != threads {
            Some(format!("it names {count} of {threads} threads' CPUs; name one for each, or leave media.threads at 0"))
        } else if count > THREADS_MAX {
            Some(format!("there are {THREADS_MAX} threads at most"))
        } else {
            typed.iter().enumerate().find_map(|(place, cpu)| wrong_cpu(*cpu, &typed[..place]))
        };
        if let Some(wrong) = wrong {
            self.fault("media.pin", typed.clone(), wrong);
            return Vec::new();
        }
        typed.iter().filter_map(|cpu| usize::try_from(*cpu).ok()).collect()
    }

    /// An address that is told to browsers: it has to lead to one machine.
    fn announced(&mut self, text: &str) -> IpAddr {
        let ip = self.ip("media.addresses", text);
        if text.parse::<IpAddr>().is_ok() && (ip.is_unspecified() || ip.is_multicast()) {
            self.fault("media.addresses", text, "it must be an address that rooms can reach");
        }
        ip
    }

    fn store(&mut self, data_dir: &Path) -> Place {
        match self.typed.raw.store.url.as_str() {
            "" => Place::Sqlite(data_dir.join("tongke.db")),
            "memory:" => Place::Memory,
            url if url.starts_with("postgres://") => Place::Postgres(url.to_owned()),
            url => match url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
                Some(path) => Place::Sqlite(path.into()),
                None => {
                    self.fault(
                        "store.url",
                        url,
                        "it must be empty, sqlite:PATH, postgres://USER@HOST/DATABASE or memory:",
                    );
                    Place::Memory
                }
            },
        }
    }

    fn admission(&mut self, data_dir: &Path) -> Admission {
        let raw = &self.typed.raw.admission;
        let secret_file = match raw.secret_file.as_str() {
            "" => data_dir.join("secret"),
            path => path.into(),
        };
        Admission {
            secret_file,
            token_life: self.seconds("admission.token_s", raw.token_s, 10..=TOKEN_S_MAX),
            key_life: self.seconds("admission.key_h", raw.key_h, 1..=24 * 366) * 3_600,
            login_life: self.seconds("admission.login_h", raw.login_h, 1..=24 * 30) * 3_600,
        }
    }

    fn log(&mut self) -> Log {
        const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
        let raw = &self.typed.raw.log;
        let level = LEVELS.into_iter().find(|level| raw.level == *level);
        if level.is_none() {
            self.fault("log.level", raw.level.as_str(), format!("it must be one of {}", LEVELS.join(", ")));
        }
        let format = match raw.format.as_str() {
            "json" => LogFormat::Json,
            "text" => LogFormat::Text,
            other => {
                self.fault("log.format", other, "it must be text or json");
                LogFormat::Text
            }
        };
        Log { level: level.unwrap_or("info"), format }
    }

    /// No two doors at one address; port zero is a different one each time.
    fn distinct(&mut self, http: &Http, ops: SocketAddr) {
        let doors = [("http.listen", http.listen), ("http.tls_listen", http.tls_listen), ("ops.listen", Some(ops))];
        for (place, (key, address)) in doors.iter().enumerate() {
            let Some(address) = address.filter(|address| address.port() > 0) else { continue };
            let same = doors.iter().take(place).find(|(_, earlier)| *earlier == Some(address));
            if let Some((earlier, _)) = same {
                self.fault(key, address.to_string(), format!("it is the address of {earlier} too"));
            }
        }
    }

    fn required_address(&mut self, key: &str, text: &str) -> SocketAddr {
        if text.is_empty() {
            self.fault(key, text, "it must be an address and a port, like 127.0.0.1:9464");
        }
        self.address(key, text).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    fn address(&mut self, key: &str, text: &str) -> Option<SocketAddr> {
        let address = text.parse().ok();
        if address.is_none() && !text.is_empty() {
            self.fault(key, text, "it must be an address and a port, like 127.0.0.1:8080 or [::]:8443");
        }
        address
    }

    fn ip(&mut self, key: &str, text: &str) -> IpAddr {
        text.parse().unwrap_or_else(|_| {
            self.fault(key, text, "it must be an IP address, like 192.0.2.7 or ::");
            IpAddr::from([127, 0, 0, 1])
        })
    }

    fn buffer(&mut self, key: &str, bytes: i64) -> usize {
        self.count(key, bytes, 64 * 1024..=BUFFER_BYTES_MAX)
    }

    fn seconds(&mut self, key: &str, number: i64, range: RangeInclusive<i64>) -> Duration {
        Duration::from_secs(self.number(key, number, range).unsigned_abs())
    }

    fn count(&mut self, key: &str, number: i64, range: RangeInclusive<i64>) -> usize {
        usize::try_from(self.number(key, number, range)).unwrap_or_default()
    }

    fn number(&mut self, key: &str, number: i64, range: RangeInclusive<i64>) -> i64 {
        if range.contains(&number) {
            return number;
        }
        self.fault(key, number, format!("it must be from {} to {}", range.start(), range.end()));
        *range.start()
    }

    fn fault(&mut self, key: &str, value: impl Into<Value>, what: impl Into<String>) {
        self.faults.0.push(self.typed.fault(key, value, what));
    }
}

/// Why no thread can be pinned to this CPU, beside those that were named before it.
fn wrong_cpu(cpu: i64, before: &[i64]) -> Option<String> {
    if before.contains(&cpu) {
        return Some(format!("it names CPU {cpu} twice; two threads on one CPU do the work of one"));
    }
    // A kernel that does not tell will tell when the thread starts.
    let usable = cpu::usable().ok()?;
    if usize::try_from(cpu).is_ok_and(|cpu| usable.contains(&cpu)) {
        return None;
    }
    let usable: Vec<_> = usable.iter().map(usize::to_string).collect();
    Some(format!("this machine has no CPU {cpu} for us; it has {}", usable.join(", ")))
}
