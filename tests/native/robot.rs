//! The robot teacher as a person starts it.

use std::process::{Command, Stdio};
use std::time::Duration;

use tongke::robot::client::Road;
use tongke::wire::codec::h264;

use super::lesson::{Record, listen, teach, watch};
use super::server::{Server, free_port, signal, tongke, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_teaches_with_voice_camera_and_screen() {
    let server = Server::start().await;
    let key = server.key("teacher");
    let mut robot = Command::new(env!("CARGO_BIN_EXE_tongke"))
        .args(["robot", "--url", &server.base, "--key", &key])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut room = watch(&server, 2, Road::Udp).await;
    let mut record = Record::default();
    let enough = |record: &Record| ["voice", "camera", "screen"].iter().all(|slot| record.of(slot).len() >= 60);
    listen(&mut room, &mut record, Duration::from_secs(20), enough).await;
    signal(&robot, "INT");
    let ended = within(Duration::from_secs(5), async || robot.try_wait().unwrap()).await;
    let _ended_already = robot.kill();

    assert!(enough(&record), "ffmpeg draws all of it");
    for slot in ["camera", "screen"] {
        assert!(h264::has_sps(&record.of(slot)[0].payload), "{slot} starts on a keyframe");
        assert_eq!(record.missing(slot), 0, "{slot}");
    }
    assert_eq!(ended.expect("Ctrl-C ends it").code(), Some(0));
    let lesson = server.enter("teacher").await.lesson.unwrap();
    assert_eq!(lesson.state, "live", "whoever comes next goes on");
    // It has hung up: the next teacher need not take over.
    let _next = teach(&server, Road::Udp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_says_in_one_sentence_why_it_cannot_teach() {
    let server = Server::start().await;
    let (teacher, room) = (server.key("teacher"), server.key("room"));
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let no_ffmpeg = [("PATH", "/nonexistent")];
    for (url, key, environment, word) in [
        (server.base.as_str(), "rubbish", &[][..], "token_invalid"),
        (&server.base, &room, &[], "/teach"),
        (&nowhere, &teacher, &[], "cannot be reached"),
        ("tongke", &teacher, &[], "no address"),
        (&server.base, &teacher, &no_ffmpeg, "no ffmpeg"),
    ] {
        says(&["robot", "--url", url, "--key", key], environment, word).await;
    }
    let _teacher = teach(&server, Road::Udp).await;
    says(&["robot", "--url", &server.base, "--key", &teacher], &[], "teaching this lesson already").await;
}

async fn says(arguments: &[&str], environment: &[(&str, &str)], word: &str) {
    let output = tongke(arguments, environment).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.starts_with("tongke: ") && said.contains(word), "{said}");
}
