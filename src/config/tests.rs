//! Everything that is wrong is said at once, and every file we ship is right.

use clap::{CommandFactory, Parser};
use toml::Table;

use super::cli::{CheckConfigArgs, Cli, Command};
use super::raw::Raw;
use super::*;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config");

/// A file with this text, gone when it is dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tongke-config-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn serve(line: &str) -> ServeArgs {
    match Cli::try_parse_from(["tongke", "serve"].into_iter().chain(line.split_whitespace())).unwrap().command {
        Command::Serve(args) => args,
        other => panic!("{other:?}"),
    }
}

fn faults_of(name: &str, text: &str) -> Vec<Fault> {
    Config::load_file(&File::new(name, text).0).unwrap_err().0
}

#[test]
fn the_command_line_is_whole() {
    Cli::command().debug_assert();
    assert!(Cli::try_parse_from(["tongke", "check-config"]).is_err(), "a check of nothing is a mistake");
    assert!(Cli::try_parse_from(["tongke", "serve", "--media-port", "65536"]).is_err());
}

#[test]
fn without_a_file_every_key_has_its_default() {
    let config = Config::load(&serve("")).unwrap();
    assert_eq!(config.http.tls_listen, Some("[::]:8443".parse().unwrap()));
    assert_eq!(config.store, Place::Sqlite("data/tongke.db".into()));
    assert_eq!(config.admission.secret_file, PathBuf::from("data/secret"));
    assert_eq!(config.admission.key_life, Duration::from_secs(24 * 3_600));
    assert_eq!((config.media.threads, config.demo), (None, false));
}

#[test]
fn a_flag_wins_over_the_file() {
    let file = File::new("wins", "[server]\ndata_dir = \"a\"\n[media]\nport_first = 1000\nthreads = 2\n");
    let line = "--data-dir b --media-port 0 --http 127.0.0.1:0 --ops 127.0.0.1:0 --demo";
    let mut args = serve(line);
    args.config = Some(file.0.clone());
    args.https = Some(String::new());
    let config = Config::load(&args).unwrap();
    assert_eq!((config.media.port_first, config.media.threads), (0, Some(2)));
    assert_eq!(config.store, Place::Sqlite("b/tongke.db".into()));
    assert_eq!((config.http.tls_listen, config.demo), (None, true));
    assert_eq!(config.http.listen, Some("127.0.0.1:0".parse().unwrap()));
}

#[test]
fn all_faults_are_said_at_once_each_with_file_key_and_value() {
    let text = r#"
        [http]
        listen = "here"
        lisen = "127.0.0.1:80"
        cert = "a.pem"
        public_url = "lessons.example.org"
        request_timeout_s = "ten"
        [media]
        threads = -1
        pin = ["0"]
        addresses = ["192.0.2.7", "nowhere", "::"]
        [admission]
        token_s = 3600
        [log]
        level = "loud"
        [metrics]
        on = true
    "#;
    let faults = faults_of("all", text);
    let mut said: Vec<_> = faults.iter().map(|fault| (fault.key.as_str(), fault.value.as_str())).collect();
    said.sort_unstable();
    let meant = [
        ("admission.token_s", "3600"),
        ("http.cert", "\"a.pem\""),
        ("http.lisen", "\"127.0.0.1:80\""),
        ("http.listen", "\"here\""),
        ("http.public_url", "\"lessons.example.org\""),
        ("http.request_timeout_s", "\"ten\""),
        ("log.level", "\"loud\""),
        ("media.addresses", "\"::\""),
        ("media.addresses", "\"nowhere\""),
        ("media.pin", "[\"0\"]"),
        ("media.threads", "-1"),
        ("metrics", "{ on = true }"),
    ];
    assert_eq!(said, meant);
    assert!(faults.iter().all(|fault| fault.file.contains("tongke-config-")));
}

#[test]
fn a_fault_of_a_flag_names_the_flag() {
    let faults = Config::load(&serve("--http nowhere")).unwrap_err();
    let said = "command line: --http = \"nowhere\": it must be an address and a port, like 127.0.0.1:8080 or [::]:8443";
    assert_eq!(faults.to_string(), said);
}

#[test]
fn a_file_that_is_no_toml_says_on_which_line() {
    let faults = faults_of("broken", "[http]\nlisten = \n");
    assert!(faults.len() == 1 && faults[0].what.starts_with("line 2 is not TOML: "), "{faults:?}");
    let missing = Config::load_file(Path::new("/nowhere/tongke.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/tongke.toml: it cannot be read: "), "{missing}");
}

#[test]
fn values_that_cannot_be_together_are_faults() {
    let keys = |name, text| faults_of(name, text).into_iter().map(|fault| fault.key).collect::<Vec<_>>();
    assert_eq!(keys("off", "[http]\nlisten = \"\"\ntls_listen = \"\"\n"), ["http.tls_listen"]);
    assert_eq!(keys("same", "[ops]\nlisten = \"127.0.0.1:8080\"\n"), ["ops.listen"]);
    assert_eq!(keys("ports", "[media]\nport_first = 65535\nthreads = 2\n"), ["media.port_first"]);
    assert_eq!(keys("store", "[store]\nurl = \"mysql://db\"\n"), ["store.url"]);
}

#[test]
fn threads_are_pinned_to_cpus_that_are_there() {
    let cpus = crate::io::cpu::usable().unwrap();
    let (first, missing) = (cpus[0], (0..).find(|cpu| !cpus.contains(cpu)).unwrap());
    for threads in [0, 1] {
        let file = File::new("pin", &format!("[media]\nthreads = {threads}\npin = [{first}]\n"));
        let media = Config::load_file(&file.0).unwrap().media;
        assert_eq!((media.threads, media.pin), (Some(1), vec![first]), "as many threads as CPUs");
    }
    let said = |text: String| {
        let faults = faults_of("pins", &format!("[media]\n{text}\n"));
        assert!(faults.len() == 1 && faults[0].key == "media.pin", "{faults:?}");
        faults[0].what.clone()
    };
    assert!(said(format!("pin = [{missing}]")).starts_with(&format!("this machine has no CPU {missing} for us; ")));
    assert!(said("pin = [-1]".to_owned()).starts_with("this machine has no CPU -1 "));
    assert!(said(format!("pin = [{first}, {first}]")).starts_with(&format!("it names CPU {first} twice")));
    assert!(said(format!("threads = 2\npin = [{first}]")).starts_with("it names 1 of 2 threads' CPUs; "));
    assert_eq!(said("pin = [true]".to_owned()), "it must be a list of whole numbers");
}

#[test]
fn every_file_we_ship_is_right() {
    let mut files: Vec<_> = std::fs::read_dir(SHIPPED).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    assert_eq!(names, ["dev.toml", "full.toml", "node.toml"]);
    let (said, good) = CheckConfigArgs { files }.run();
    assert!(good && said.lines().count() == 3 && said.lines().all(|line| line.ends_with(": ok")), "{said}");
}

#[test]
fn full_toml_names_every_key_with_its_default_and_a_sentence() {
    let text = std::fs::read_to_string(format!("{SHIPPED}/full.toml")).unwrap();
    assert_eq!(text.parse::<Table>().unwrap(), Table::try_from(Raw::default()).unwrap());
    let lines: Vec<_> = text.lines().collect();
    for two in lines.windows(2).filter(|two| two[1].contains(" = ") && !two[1].starts_with('#')) {
        assert!(two[0].starts_with("# ") && two[0].ends_with('.'), "{} has no sentence", two[1]);
    }
}
