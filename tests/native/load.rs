//! The load generator as a person starts it, against a server with a county of lessons.

use serde_json::Value;

use super::server::{Server, free_port, tongke};

/// Runs a load with these options, and gives what it printed.
async fn load(server: &Server, options: &str) -> Value {
    let (links, pid) = (server.links_file(), server.pid().to_string());
    let mut arguments = vec!["load", "--json", "--pid", &pid, "--links", links.to_str().unwrap()];
    arguments.extend(options.split_whitespace());
    let output = tongke(&arguments, &[]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("one JSON object: {fault}: {said}"))
}

fn number(of: &Value, path: &str) -> f64 {
    let found = of.pointer(path).unwrap_or_else(|| panic!("{path} is in {of}"));
    found.as_f64().unwrap_or_else(|| panic!("{path} is a number: {found}"))
}

/// Within so many per cent.
fn near(of: &Value, path: &str, right: f64, percent: f64) {
    let found = number(of, path);
    assert!((found - right).abs() <= right * percent / 100.0, "{path}: {found} for {right}: {of}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_classrooms_of_two_lessons_hear_everything_in_time() {
    let server = Server::county(2, 10).await;
    for codec in ["h264", "vp8"] {
        let said = load(&server, &format!("--watchers 20 --duration 4 --bitrate 500k --codec {codec}")).await;
        assert_eq!((number(&said, "/watchers/joined"), number(&said, "/watchers/failed")), (20.0, 0.0), "{said}");
        assert_eq!((number(&said, "/lessons"), number(&said, "/watchers/hearing/count")), (2.0, 20.0), "{said}");
        for nothing in ["lost", "wrong", "unmatched", "silent", "gone", "tool/dropped", "tool/unsent"] {
            assert!(number(&said, &format!("/measured/{nothing}")).abs() < f64::EPSILON, "{nothing}: {said}");
        }
        let seconds = number(&said, "/measured/seconds");
        // The half second after the end of the stretch brings what was on its way, and hardly any more.
        near(&said, "/measured/sound/count", 20.0 * 50.0 * seconds, 4.0);
        near(&said, "/measured/pictures/count", 20.0 * 30.0 * seconds, 4.0);
        near(&said, "/measured/latency/count", number(&said, "/measured/packets"), 0.1);
        // 500 kbit/s of pictures and 57 of sound, with what RTP and SRTP add: 36 bytes to each of 130 packets.
        near(&said, "/measured/mbit_per_s", 20.0 * 0.595, 10.0);
        assert!((0.001..100.0).contains(&number(&said, "/measured/useful/p50_ms")), "{said}");
        assert!(number(&said, "/measured/latency/max_ms") >= number(&said, "/measured/latency/p99_ms"));
        assert!((0.1..1_000.0).contains(&number(&said, "/measured/server/us_per_packet")), "{said}");
        assert!(number(&said, "/measured/server/rss_mib") > 5.0);
    }
    let rooms = server.figure("tongke_open_sessions", "").await;
    assert!(rooms.abs() < f64::EPSILON, "everybody has left: {rooms}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bad_line_loses_is_asked_for_and_repaired() {
    let server = Server::county(1, 10).await;
    let said = load(&server, "--watchers 10 --duration 3 --bitrate 500k --nack --lose 2").await;
    let (lost, repaired) = (number(&said, "/measured/lost"), number(&said, "/measured/repaired"));
    // Some 4,200 packets by chance: half as much again is more than four times what chance does.
    near(&said, "/measured/loss_percent", 2.0, 50.0);
    // Sound is not repaired.
    let pictures = number(&said, "/measured/packets") - number(&said, "/measured/sound/count");
    let share = pictures / number(&said, "/measured/packets");
    assert!(repaired > lost * share * 0.8, "{said}");
    let server_said = server.figure("tongke_retransmitted_packets_total", "").await;
    assert!(server_said >= repaired * 0.9, "{server_said}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_climbs_and_says_each_step() {
    let server = Server::county(1, 6).await;
    let options = "--ramp --ramp-step 2 --ramp-fine 1 --duration 1 --audio-only";
    let all = load(&server, &format!("{options} --watchers 6 --p99-max 5000 --loss-max 100")).await;
    let tried = |said: &Value| -> Vec<u64> {
        let steps = said["ramp"]["steps"].as_array().expect("steps").iter();
        steps.map(|step| step["watchers"].as_u64().expect("a number")).collect()
    };
    assert_eq!((tried(&all), number(&all, "/ramp/good")), (vec![2, 4, 6], 6.0), "{all}");
    assert_eq!(number(&all, "/measured/watchers"), 6.0, "the best step is shown");
    // No packet takes less than a microsecond.
    let none = load(&server, &format!("{options} --watchers 6 --p99-max 0.001")).await;
    assert_eq!((tried(&none), number(&none, "/ramp/good")), (vec![2, 1], 0.0), "{none}");
    assert!(none["ramp"]["steps"][0]["why"].as_str().is_some_and(|why| why.contains("p99")), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_says_in_one_sentence_why_there_is_none() {
    let server = Server::county(1, 2).await;
    let links = std::fs::read_to_string(server.links_file()).unwrap();
    let folder = server.links_file().parent().unwrap().to_owned();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file("good.json", &links);
    let wrong = file("wrong.json", &links.replace("key=", "key=x"));
    let gone = file("gone.json", &links.replace(&server.base, &format!("http://127.0.0.1:{}", free_port())));
    let rooms_only = file("rooms.json", &links.replace("\"teacher\"", "\"ops\""));
    // Its rooms come with the teacher's key, which may not watch.
    let mut swapped: Value = serde_json::from_str(&links).unwrap();
    let teacher = swapped["links"][0]["url"].clone();
    let rooms = swapped["links"].as_array_mut().unwrap().iter_mut().filter(|link| link["role"] == "room");
    rooms.for_each(|room| room["url"] = serde_json::json!(format!("{}x", teacher.as_str().unwrap())));
    let swapped = file("swapped.json", &swapped.to_string());
    for (links, options, word) in [
        (&wrong, "", "refuses the link (token_invalid)"),
        (&swapped, "--watchers 2", "no watcher joined; the first said: the server refuses the link (token_invalid)"),
        (&gone, "--watchers 2", "cannot be reached"),
        (&rooms_only, "", "no running lesson"),
        (&good, "--watchers 9", "2 rooms may have 4 each"),
        (&good, "--lessons 2 --watchers 1", "2 lessons are asked for"),
        (&good, "--watchers 1 --pid 0", "no process 0"),
        (&folder.join("none.json").to_str().unwrap().to_owned(), "", "cannot be read"),
    ] {
        let options = if options.is_empty() { "--watchers 1" } else { options };
        let arguments: Vec<_> = ["load", "--links", links].into_iter().chain(options.split_whitespace()).collect();
        let output = tongke(&arguments, &[]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        let sentences: Vec<_> = said.lines().filter(|line| line.starts_with("tongke: ")).collect();
        assert_eq!((output.status.code(), sentences.len()), (Some(1), 1), "{options}: {said}");
        assert!(sentences[0].contains(word), "{options}: {said}");
    }
}
