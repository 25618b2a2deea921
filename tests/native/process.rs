//! How the program starts and ends.

use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use tongke::robot::client::Road;

use super::lesson::{Record, listen, teach, watch};
use super::server::{Server, free_port, fresh_folder, tongke};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_end_does_so_in_time_though_a_lesson_runs() {
    let server = Server::start().await;
    let _teacher = teach(&server, Road::Udp).await;
    let mut room = watch(&server, 1, Road::Udp).await;
    listen(&mut room, &mut Record::default(), Duration::from_secs(10), |record| record.packets.len() > 10).await;

    let (code, took) = server.terminate().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(3), "{took:?}");
    println!("ended {} ms after SIGTERM", took.as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_is_taken_is_said_in_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refused(&address, &format!("127.0.0.1:{}", free_port()), 0).await;
    assert!(said.contains(&address), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_media_port_that_is_taken_is_said_in_one_sentence() {
    let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let said = refused("127.0.0.1:0", &format!("127.0.0.1:{}", free_port()), port).await;
    assert!(said.contains(&port.to_string()), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn media_threads_stay_on_the_cpus_they_were_given() {
    let cpus = tongke::io::cpu::usable().unwrap();
    let given = [cpus[cpus.len() - 1], cpus[0]];
    // One of them, on a machine that has no more.
    let given = &given[..cpus.len().min(2)];
    let mut server = Server::with(&format!("[media]\npin = {given:?}\n")).await;
    let tasks = std::fs::read_dir(format!("/proc/{}/task", server.process().id())).unwrap();
    let mut found: Vec<(String, String)> = tasks
        .map(|task| {
            let told = |name| std::fs::read_to_string(task.as_ref().unwrap().path().join(name)).unwrap();
            let status = told("status");
            let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
            (told("comm").trim().to_owned(), allowed.trim().to_owned())
        })
        .filter(|(name, _)| name.starts_with("media-"))
        .collect();
    found.sort();
    let meant: Vec<_> = given.iter().enumerate().map(|(n, cpu)| (format!("media-{n}"), cpu.to_string())).collect();
    assert_eq!(found, meant);
}

/// What a server says that cannot start: one line, and exit code 1.
async fn refused(http: &str, ops: &str, media_port: u16) -> String {
    let folder = fresh_folder();
    let (data, port) = (folder.join("data"), media_port.to_string());
    let data = data.to_str().unwrap();
    let arguments = ["serve", "--demo", "--http", http, "--https", "", "--ops", ops, "--media-port", &port];
    let output = tongke(&[&arguments[..], &["--data-dir", data]].concat(), &[("NO_COLOR", "1")]).await;
    std::fs::remove_dir_all(&folder).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let sentences: Vec<_> = said.lines().filter(|line| line.starts_with("tongke: ")).collect();
    assert_eq!((output.status.code(), sentences.len()), (Some(1), 1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    sentences[0].to_owned()
}
