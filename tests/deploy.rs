//! What `deploy/` ships can be read, and names only what exists. `scripts/check-deploy.sh` asks promtool and systemd too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tongke::telemetry::catalog::{Kind, METRICS};

#[test]
fn the_dashboard_draws_only_metrics_that_exist() {
    let dashboard: Value = serde_json::from_str(&shipped("grafana/dashboard.json")).expect("the dashboard is JSON");
    let exprs = strings_under(&dashboard, &["expr", "query"]);
    assert!(exprs.len() > 15, "the dashboard has panels: {exprs:?}");
    assert_eq!(unknown_metrics(&exprs.join(" ")), [""; 0]);
}

#[test]
fn the_dashboard_leaves_no_metric_out() {
    let drawn = shipped("grafana/dashboard.json");
    let missing: Vec<_> = METRICS.iter().map(|metric| metric.name).filter(|name| !drawn.contains(name)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_panel_says_what_it_shows_and_has_its_own_place() {
    let dashboard: Value = serde_json::from_str(&shipped("grafana/dashboard.json")).expect("the dashboard is JSON");
    let panels = dashboard["panels"].as_array().expect("it has panels");
    let places: BTreeSet<_> = panels.iter().map(|panel| panel["gridPos"].to_string()).collect();
    assert_eq!(places.len(), panels.len(), "no panel hides another");
    for panel in panels {
        assert!(panel["title"].as_str().is_some_and(|title| !title.is_empty()), "{panel}");
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
        assert!(unit.is_some(), "{} has a unit", panel["title"]);
    }
}

#[test]
fn alerts_judge_only_metrics_that_exist_and_speak_in_a_sentence() {
    let rules = yaml("prometheus/alerts.yml");
    assert_eq!(unknown_metrics(&strings_under(&rules, &["expr"]).join(" ")), [""; 0]);
    let alerts = strings_under(&rules, &["alert"]);
    let summaries = strings_under(&rules, &["summary"]);
    assert_eq!(alerts.len(), summaries.len(), "each alert has a summary");
    for summary in summaries {
        assert!(summary.ends_with('.') && summary.contains(": "), "what, where, and what to do: {summary}");
    }
}

#[test]
fn every_yaml_file_can_be_read() {
    let files: Vec<_> =
        files_under(&deploy()).into_iter().filter(|path| path.extension().is_some_and(|e| e == "yml")).collect();
    assert!(files.len() >= 5, "the walk found them: {files:?}");
    for path in files {
        let text = fs::read_to_string(&path).expect("it is text");
        let parsed = serde_saphyr::from_str::<Value>(&text);
        assert!(parsed.is_ok_and(|value| value.is_object()), "{}", path.display());
    }
}

#[test]
fn compose_mounts_files_that_are_there_and_pins_its_images() {
    let compose = yaml("compose.yml");
    let services = compose["services"].as_object().expect("it has services");
    for (name, service) in services {
        if let Some(image) = service["image"].as_str() {
            let tag = image.rsplit_once(':').map(|(_, tag)| tag);
            assert!(tag.is_some_and(|tag| tag != "latest"), "{name} pins {image}");
        }
        let mounts = service["volumes"].as_array().expect("each service mounts something");
        for source in
            mounts.iter().filter_map(|mount| mount.as_str()?.split(':').next()).filter(|source| source.starts_with('.'))
        {
            assert!(deploy().join(source).exists(), "{name} mounts {source}");
        }
    }
    assert!(services["tongke"]["healthcheck"]["test"].is_array(), "the node is asked how it is");
}

#[test]
fn prometheus_scrapes_the_port_that_the_health_check_asks() {
    let config = yaml("prometheus/prometheus.yml");
    let target = config["scrape_configs"][0]["static_configs"][0]["targets"][0].as_str().expect("a target").to_owned();
    let port = target.rsplit_once(':').expect("a port").1;
    assert!(
        shipped("compose.yml").contains(&format!("/dev/tcp/127.0.0.1/{port} ")),
        "both ask the operations listener at {port}"
    );
}

#[test]
fn the_service_can_do_little_besides_its_work() {
    let unit = shipped("systemd/tongke.service");
    let settings: BTreeSet<_> = unit.lines().map(str::trim).collect();
    for wanted in [
        "CapabilityBoundingSet=",
        "DynamicUser=yes",
        "LockPersonality=yes",
        "MemoryDenyWriteExecute=yes",
        "NoNewPrivileges=yes",
        "PrivateDevices=yes",
        "ProtectHome=yes",
        "ProtectSystem=strict",
        "Restart=on-failure",
        "RestrictNamespaces=yes",
        "StateDirectory=tongke",
        "SystemCallArchitectures=native",
        "SystemCallFilter=sched_setaffinity",
    ] {
        assert!(settings.contains(wanted), "the unit says {wanted}");
    }
    let families =
        settings.iter().find_map(|line| line.strip_prefix("RestrictAddressFamilies=")).expect("families are named");
    assert!(!families.contains("AF_PACKET"), "no raw packets");
    assert!(families.contains("AF_UNIX"), "signals arrive on a socket pair");
}

#[test]
fn every_kernel_setting_has_its_reason_above_it() {
    let text = shipped("sysctl/90-tongke.conf");
    let lines: Vec<_> = text.lines().collect();
    let mut keys = 0;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains('=')) {
        let above = at.checked_sub(1).map_or("", |above| lines[above]);
        assert!(above.starts_with("# ") && above.ends_with('.'), "{line} has a sentence");
        keys += 1;
    }
    assert!(keys >= 4, "the settings were read");
}

#[test]
fn the_kernel_allows_the_buffers_that_the_configuration_asks_for() {
    let config = fs::read_to_string(deploy().join("../config/full.toml")).expect("config/full.toml is there");
    let sysctl = shipped("sysctl/90-tongke.conf");
    for (asked, allowed) in [("receive_buffer_bytes", "net.core.rmem_max"), ("send_buffer_bytes", "net.core.wmem_max")]
    {
        let (asked_bytes, allowed_bytes) = (number_of(&config, asked), number_of(&sysctl, allowed));
        assert!(asked_bytes <= allowed_bytes, "{asked} = {asked_bytes} fits {allowed} = {allowed_bytes}");
    }
}

#[test]
fn an_unknown_metric_is_noticed() {
    assert_eq!(
        unknown_metrics("sum(rate(tongke_invented_total[1m])) + tongke_live_lessons"),
        ["tongke_invented_total"]
    );
    assert_eq!(unknown_metrics("tongke_join_to_picture_seconds_bucket"), [""; 0], "a histogram's parts exist");
    assert_eq!(unknown_metrics("tongke_live_lessons_bucket"), ["tongke_live_lessons_bucket"], "a gauge has no parts");
}

/// The words of `text` that look like metrics of ours and are not in the catalogue.
fn unknown_metrics(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.starts_with("tongke_"));
    words.filter(|word| !METRICS.iter().any(|metric| is_series_of(word, metric.name, metric.kind))).collect()
}

fn is_series_of(series: &str, name: &str, kind: Kind) -> bool {
    match (series.strip_prefix(name), kind) {
        (Some("_bucket" | "_sum" | "_count"), Kind::Histogram(_)) => true,
        (Some(""), kind) => !matches!(kind, Kind::Histogram(_)),
        _ => false,
    }
}

/// The number of the line `key = number`.
fn number_of(text: &str, key: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    value.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("{key} has a number"))
}

/// Every string that stands under one of `keys`, however deep.
fn strings_under(value: &Value, keys: &[&str]) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| strings_under(item, keys)).collect(),
        Value::Object(fields) => {
            let own = fields
                .iter()
                .filter(|(key, _)| keys.contains(&key.as_str()))
                .filter_map(|(_, v)| v.as_str().map(str::to_owned));
            own.chain(fields.values().flat_map(|field| strings_under(field, keys))).collect()
        }
        _ => Vec::new(),
    }
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&shipped(name)).unwrap_or_else(|fault| panic!("deploy/{name}: {fault}"))
}

fn shipped(name: &str) -> String {
    fs::read_to_string(deploy().join(name)).unwrap_or_else(|fault| panic!("deploy/{name}: {fault}"))
}

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of ours can be read").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}
