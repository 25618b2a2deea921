//! What was typed: the sections and keys of the file, their defaults, and where each value came from.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::cli::ServeArgs;
use super::fault::{Fault, Faults};
use crate::base::limits::WATCHES_PER_ROOM_MAX;
use crate::lesson::county::County;

/// Every section of the file. `config/full.toml` says what each key means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) server: Server,
    pub(super) http: Http,
    pub(super) media: Media,
    pub(super) ops: Ops,
    pub(super) store: Store,
    pub(super) admission: Admission,
    pub(super) lesson: Lesson,
    pub(super) log: Log,
    pub(super) limits: Limits,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Server {
    pub(super) data_dir: String,
    pub(super) demo: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self { data_dir: "data".into(), demo: false }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Http {
    pub(super) listen: String,
    pub(super) tls_listen: String,
    pub(super) cert: String,
    pub(super) key: String,
    pub(super) public_url: String,
    pub(super) request_timeout_s: i64,
    pub(super) connections_max: i64,
    pub(super) proxies: Vec<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            tls_listen: "[::]:8443".into(),
            cert: String::new(),
            key: String::new(),
            public_url: String::new(),
            request_timeout_s: 10,
            connections_max: 4_096,
            proxies: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Media {
    pub(super) listen: String,
    pub(super) port_first: i64,
    pub(super) threads: i64,
    pub(super) pin: Vec<i64>,
    pub(super) addresses: Vec<String>,
    pub(super) receive_buffer_bytes: i64,
    pub(super) send_buffer_bytes: i64,
    pub(super) offload: bool,
    pub(super) spread: i64,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            listen: "::".into(),
            port_first: 7_700,
            threads: 0,
            pin: Vec::new(),
            addresses: Vec::new(),
            receive_buffer_bytes: 8 * 1024 * 1024,
            send_buffer_bytes: 8 * 1024 * 1024,
            offload: true,
            spread: 32,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Ops {
    pub(super) listen: String,
}

impl Default for Ops {
    fn default() -> Self {
        Self { listen: "127.0.0.1:9464".into() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Store {
    pub(super) url: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Admission {
    pub(super) secret_file: String,
    pub(super) token_s: i64,
    pub(super) key_h: i64,
    pub(super) login_h: i64,
}

impl Default for Admission {
    fn default() -> Self {
        Self { secret_file: String::new(), token_s: 600, key_h: 24, login_h: 12 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Lesson {
    pub(super) stage_places: i64,
}

impl Default for Lesson {
    fn default() -> Self {
        Self { stage_places: 3 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Log {
    pub(super) level: String,
    pub(super) format: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: "text".into() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) sessions_max: i64,
    pub(super) lessons_max: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sessions_max: 2_000, lessons_max: 200 }
    }
}

/// What was typed, and where.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) raw: Raw,
    file: Option<String>,
    /// The keys that a flag was given for, and which flag.
    flags: BTreeMap<&'static str, &'static str>,
    /// Only a flag asks for one.
    pub(super) county: Option<County>,
}

impl Typed {
    /// Reads a file. A key that is unknown or of the wrong kind is a fault, and keeps its default so that the rest can be
    /// checked too.
    pub(super) fn read(path: &Path, faults: &mut Faults) -> Self {
        let file = path.display().to_string();
        let whole = |what: String| Fault { file: file.clone(), key: String::new(), value: String::new(), what };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) => {
                faults.0.push(whole(format!("it cannot be read: {source}")));
                return Self { file: Some(file), ..Self::default() };
            }
        };
        let table = text.parse::<Table>().unwrap_or_else(|source| {
            let at = source.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            faults.0.push(whole(format!("line {line} is not TOML: {}", source.message().replace('\n', " "))));
            Table::new()
        });
        let raw = fitting(table, &file, faults).try_into().unwrap_or_else(|source: toml::de::Error| {
            faults.0.push(whole(source.message().to_owned()));
            Raw::default()
        });
        Self { raw, file: Some(file), ..Self::default() }
    }

    /// Lets the flags win over the file.
    pub(super) fn overlay(&mut self, args: &ServeArgs) {
        let raw = &mut self.raw;
        if args.demo {
            raw.server.demo = true;
        }
        if let Some(rooms) = args.demo_rooms {
            let county = County { lessons: args.demo_lessons, rooms };
            let lessons = i64::from(county.lessons);
            raw.server.demo = true;
            raw.limits.lessons_max = raw.limits.lessons_max.max(lessons);
            // Every teacher, and every room as often as it may come.
            let sessions = lessons * (1 + i64::from(rooms) * WATCHES_PER_ROOM_MAX as i64);
            raw.limits.sessions_max = raw.limits.sessions_max.max(sessions.min(1_000_000));
            self.county = Some(county);
        }
        if let Some(port) = args.media_port {
            raw.media.port_first = port.into();
            self.flags.insert("media.port_first", "--media-port");
        }
        if let Some(folder) = &args.data_dir {
            raw.server.data_dir = folder.display().to_string();
            self.flags.insert("server.data_dir", "--data-dir");
        }
        for (key, flag, given, place) in [
            ("http.listen", "--http", &args.http, &mut raw.http.listen),
            ("http.tls_listen", "--https", &args.https, &mut raw.http.tls_listen),
            ("ops.listen", "--ops", &args.ops, &mut raw.ops.listen),
        ] {
            if let Some(given) = given {
                place.clone_from(given);
                self.flags.insert(key, flag);
            }
        }
    }

    /// A fault of one key, where it was typed.
    pub(super) fn fault(&self, key: &str, value: impl Into<Value>, what: impl Into<String>) -> Fault {
        let flag = self.flags.get(key);
        let file = match (flag, &self.file) {
            (Some(_), _) => "command line",
            (None, Some(file)) => file,
            (None, None) => "defaults",
        };
        Fault {
            file: file.to_owned(),
            key: flag.map_or(key, |flag| flag).to_owned(),
            value: value.into().to_string(),
            what: what.into(),
        }
    }
}

/// The part of a file that has known sections and keys with values of their kinds; the rest are faults.
fn fitting(table: Table, file: &str, faults: &mut Faults) -> Table {
    let known = Table::try_from(Raw::default()).expect("the defaults are TOML");
    let mut fault = |key: String, value: &Value, what: String| {
        faults.0.push(Fault {
            file: file.to_owned(),
            key,
            value: value.to_string().trim_end().replace('\n', " "),
            what,
        });
    };
    let mut fitting = Table::new();
    for (section, content) in table {
        let (Some(Value::Table(keys)), Value::Table(given)) = (known.get(&section), &content) else {
            let sections: Vec<_> = known.keys().map(|name| format!("[{name}]")).collect();
            fault(section, &content, format!("there is no such section; there are {}", sections.join(", ")));
            continue;
        };
        let mut fits = Table::new();
        for (key, value) in given {
            let name = format!("{section}.{key}");
            match keys.get(key) {
                None => {
                    let keys: Vec<_> = keys.keys().map(String::as_str).collect();
                    fault(name, value, format!("there is no such key; [{section}] has {}", keys.join(", ")));
                }
                Some(default) if !same_kind(&name, default, value) => {
                    fault(name.clone(), value, format!("it must be {}", kind(&name, default)));
                }
                Some(_) => {
                    fits.insert(key.clone(), value.clone());
                }
            }
        }
        fitting.insert(section, Value::Table(fits));
    }
    fitting
}

/// The lists that hold whole numbers; an empty default does not tell.
const LISTS_OF_NUMBERS: [&str; 1] = ["media.pin"];

fn same_kind(name: &str, default: &Value, value: &Value) -> bool {
    let fits = if LISTS_OF_NUMBERS.contains(&name) { Value::is_integer } else { Value::is_str };
    default.same_type(value) && value.as_array().is_none_or(|values| values.iter().all(fits))
}

fn kind(name: &str, default: &Value) -> &'static str {
    match default {
        Value::String(_) => "a text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) if LISTS_OF_NUMBERS.contains(&name) => "a list of whole numbers",
        Value::Array(_) => "a list of texts",
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => "something else",
    }
}
