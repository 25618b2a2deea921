//! People who log in, screens that get a room, and what happens when either is taken back.

use std::process::Stdio;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tongke::http::router::{Needs, table};

use super::browser::{Browser, DEMO_PASSWORD, said};
use super::server::{Server, within};

const WATCH_OFFER: &str = include_str!("../fixtures/sdp/chromium-watch.sdp");
/// What was taken back is over by then.
const RECALLED_WITHIN: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Joins a lesson, and waits to be welcome.
async fn join(server: &Server, lesson: &str, token: &str) -> Socket {
    let url = format!("{}/lesson/{lesson}/ws", server.base.replace("http", "ws"));
    let (mut socket, _) = connect_async(url).await.unwrap();
    socket.send(Message::Text(json!({ "type": "hello", "token": token }).to_string().into())).await.unwrap();
    loop {
        let heard = timeout(Duration::from_secs(5), socket.next()).await.unwrap().unwrap().unwrap();
        assert!(!heard.is_close(), "{heard:?}");
        if heard.to_text().is_ok_and(|text| text.contains("\"welcome\"")) {
            return socket;
        }
    }
}

/// Waits until the server closes, and gives its code.
async fn closed(mut socket: Socket) -> u16 {
    let code = timeout(Duration::from_secs(10), async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map_or(0, |frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return 0,
            }
        }
    });
    code.await.expect("it closes")
}

/// A media session of somebody with this token.
async fn watch(server: &Server, lesson: &str, token: &str) {
    let request = Client::new().post(format!("{}/whep/{lesson}", server.base)).bearer_auth(token);
    let answer = request.header("content-type", "application/sdp").body(WATCH_OFFER).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

async fn sessions(server: &Server) -> f64 {
    server.figure("tongke_open_sessions", "").await
}

/// Runs the command line on the server's data.
async fn account(server: &Server, arguments: &[&str], typed: &str) -> (bool, String) {
    let config = server.data().with_file_name("account.toml");
    std::fs::write(&config, format!("[server]\ndata_dir = {:?}\n", server.data())).unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tongke"));
    command.arg("account").args(arguments).arg("--config").arg(config);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
    let output = timeout(Duration::from_secs(20), process.wait_with_output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_door_opens_without_what_it_needs() {
    let server = Server::start().await;
    for (method, path, needs) in table() {
        let path = path.replace("{*path}", "none.js").replace(['{', '}'], "");
        let answer = Browser::at(&server).ask(method.clone(), &path, None).await;
        let status = answer.status();
        match needs {
            Needs::Nothing(why) => {
                assert!(why.len() > 10, "{method} {path} says why");
                // The first page only says that a link is needed.
                let refuses = [401, 403].contains(&status.as_u16());
                assert_eq!(refuses, path == "/", "{method} {path}: {status}");
            }
            // It answers in the first message; the classroom's page shows a code.
            Needs::Hello(_) => assert_eq!(status, StatusCode::BAD_REQUEST, "no WebSocket: {path}"),
            Needs::Page(_) if path == "/classroom" => assert_eq!(status, StatusCode::OK),
            _ => assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path} {needs:?}"),
        }
    }
    // Somebody who has logged in, but may only teach.
    let mut teacher = Browser::of(&server, "wang-min", DEMO_PASSWORD).await;
    for (method, path, needs) in table().into_iter().filter(|(.., needs)| matches!(needs, Needs::Power(_))) {
        let path = path.replace(['{', '}'], "");
        let (status, problem) = said(teacher.ask(method.clone(), &path, Some(json!({}))).await).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("not_permitted")), "{method} {path} {needs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_logs_in_teaches_and_leaves() {
    let server = Server::start().await;
    let mut teacher = Browser::at(&server);
    assert_eq!(teacher.login("wang-min", "wrong password").await.status(), 401);
    assert_eq!(teacher.login("nobody", DEMO_PASSWORD).await.status(), 401);
    assert_eq!(teacher.get("/teach").await.0, 401);
    let (status, me) = teacher.post("/api/login", json!({ "user": "wang-min", "password": DEMO_PASSWORD })).await;
    assert_eq!((status, &me["account"], &me["person"]["name"]), (200, &json!("wang-min"), &json!("王敏")));
    assert_eq!(me["pages"], json!(["teach"]));
    assert_eq!(teacher.get("/teach").await.0, 200);
    assert_eq!(teacher.get("/ops").await.0, 403);

    let (status, entered) = teacher.enter(json!({})).await;
    let lesson = entered["lesson"]["id"].as_str().unwrap().to_owned();
    assert_eq!((status, entered["role"].as_str(), lesson), (200, Some("teacher"), server.lesson().await));
    assert_eq!(entered["today"].as_array().unwrap().len(), 4);
    let life = entered["expires_ms"].as_u64().unwrap() - entered["now_ms"].as_u64().unwrap();
    assert!(life <= 600_000, "{life}");
    let socket = join(&server, entered["lesson"]["id"].as_str().unwrap(), entered["token"].as_str().unwrap()).await;

    assert_eq!(teacher.enter(json!({ "as": "observer", "lesson": entered["lesson"]["id"] })).await.0, 403);
    assert_eq!(teacher.enter(json!({ "as": "ops" })).await.0, 403);
    assert_eq!(teacher.post("/api/logout", json!({})).await.0, 204);
    assert_eq!(closed(socket).await, 4401, "who leaves is gone everywhere");
    assert_eq!(teacher.enter(json!({})).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_cannot_use_a_login() {
    let server = Server::start().await;
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let foreign = [("origin", "https://evil.example.org")];
    for path in ["/api/logout", "/api/enter", "/api/password", "/api/accounts", "/api/keys/revoke"] {
        let (status, problem) = said(admin.ask_with(Method::POST, path, Some(json!({})), &foreign).await).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("not_permitted")), "{path}");
    }
    let own = [("origin", server.base.as_str())];
    assert_eq!(admin.ask_with(Method::POST, "/api/logout", None, &own).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_waits_longer_each_time() {
    let server = Server::start().await;
    let mut thief = Browser::at(&server);
    for _ in 0..4 {
        assert_eq!(thief.login("admin", "one more guess").await.status(), 401);
    }
    let refused = thief.login("admin", DEMO_PASSWORD).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(said(refused).await.1["code"], "too_many");
    assert_eq!(thief.login("wang-min", DEMO_PASSWORD).await.status(), 200, "others come in");
    let mut owner = Browser::at(&server);
    let opened = within(Duration::from_secs(5), async || {
        (owner.login("admin", DEMO_PASSWORD).await.status() == 200).then_some(())
    });
    opened.await.expect("after the wait the right password opens");
    let (_, audit) = owner.get("/api/audit").await;
    let refusals = audit["lines"].as_array().unwrap().iter().filter(|line| line["what"] == "login_refused").count();
    assert_eq!(refusals, 4);
    thief.login("my-secret-in-the-wrong-field", "x").await;
    assert_eq!(
        owner.get("/api/audit?who=unknown").await.1["lines"].as_array().unwrap().len(),
        1,
        "what is no name is not kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_is_made_on_the_command_line_and_makes_the_others() {
    let server = Server::start().await;
    let (good, said) = account(&server, &["add", "li-hua", "--role", "district_admin", "--scope", "all"], "").await;
    assert!(good, "{said}");
    let once = said.lines().find_map(|line| line.split_once("password: ")).unwrap().1.to_owned();
    // Looked for in the list: to try the login again and again would be guessing, and is slowed down.
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let came = within(RECALLED_WITHIN, async || {
        let (_, accounts) = admin.get("/api/accounts").await;
        accounts.as_array()?.iter().any(|account| account["account"] == "li-hua").then_some(())
    });
    came.await.expect("the server follows within a second");
    let mut chief = Browser::at(&server);
    assert_eq!(chief.login("li-hua", &once).await.status(), 200);
    assert_eq!(chief.get("/api/accounts").await.1["code"], "password_expired");
    assert_eq!(chief.post("/api/password", json!({ "old": once, "new": "short" })).await.1["code"], "password_weak");
    assert_eq!(
        chief.post("/api/password", json!({ "old": "x", "new": "long enough now" })).await.1["code"],
        "login_wrong"
    );
    assert_eq!(chief.post("/api/password", json!({ "old": once, "new": "long enough now" })).await.0, 204);
    assert!(chief.get("/api/accounts").await.1.as_array().unwrap().len() >= 3, "the login goes on");

    // A school's administrator, with no more than the school.
    let (status, made) = chief.post("/api/accounts", json!({ "account": "qing", "person": "wang-min" })).await;
    assert_eq!(status, 201);
    let given = |scope: &str, role: &str| json!({ "role": role, "scope": scope });
    assert_eq!(chief.post("/api/accounts/qing/grants", given("school:shiyan", "school_admin")).await.0, 201);
    assert_eq!(chief.post("/api/accounts/qing/grants", given("all", "school_admin")).await.0, 403);
    assert_eq!(
        chief.post("/api/accounts/qing/grants", given("room:qingshui-1", "room")).await.0,
        403,
        "no person is a room"
    );
    let first = made["password"].as_str().unwrap();
    let mut school = Browser::of(&server, "qing", first).await;
    assert_eq!(school.post("/api/password", json!({ "old": first, "new": "also long enough" })).await.0, 204);
    assert_eq!(school.get("/api/accounts").await.1.as_array().unwrap().len(), 2, "wang-min's and their own");
    for (path, body) in [
        ("/api/accounts/li-hua/password", json!({})),
        ("/api/accounts/qing/grants", given("all", "inspector")),
        ("/api/accounts/qing/grants", given("school:qingshui", "observer")),
        ("/api/rooms/qingshui-1/device", json!({ "code": "123456" })),
    ] {
        assert_eq!(school.post(path, body).await.1["code"], "not_permitted", "{path}");
    }
    assert_eq!(school.post("/api/accounts/qing/grants", given("school:shiyan", "observer")).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observer_comes_into_the_lessons_of_their_school_and_no_other() {
    let server = Server::start().await;
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let mut comes = async |user: &str, school: &str| {
        let (_, made) = admin.post("/api/accounts", json!({ "account": user })).await;
        let scope = format!("school:{school}");
        let given = json!({ "role": "observer", "scope": scope });
        assert_eq!(admin.post(&format!("/api/accounts/{user}/grants"), given).await.0, 201);
        let once = made["password"].as_str().unwrap();
        let mut browser = Browser::of(&server, user, once).await;
        assert_eq!(browser.enter(json!({ "as": "observer" })).await.1["code"], "password_expired");
        assert_eq!(browser.post("/api/password", json!({ "old": once, "new": "watching is quiet" })).await.0, 204);
        browser
    };
    let mut listens = comes("listens", "qingshui").await;
    let mut leads = comes("leads", "shiyan").await;
    let lesson = server.lesson().await;
    for observer in [&mut listens, &mut leads] {
        let (status, entered) = observer.enter(json!({ "as": "observer", "lesson": lesson })).await;
        assert_eq!((status, &entered["role"], &entered["lesson"]["id"]), (200, &json!("observer"), &json!(lesson)));
        let token = entered["token"].as_str().unwrap();
        join(&server, &lesson, token).await;
        watch(&server, &lesson, token).await;
        let offer = Client::new().post(format!("{}/whip/{lesson}", server.base)).bearer_auth(token);
        assert_eq!(offer.send().await.unwrap().status(), 403, "who observes does not send");
    }
    let seen = within(Duration::from_secs(3), async || {
        let (_, audit) = admin.get("/api/audit?who=listens").await;
        let what: Vec<_> = audit["lines"].as_array().unwrap().iter().map(|line| line["what"].clone()).collect();
        (what == [json!("login"), json!("password_changed"), json!("join"), json!("view")]).then_some(())
    });
    seen.await.expect("who watches is named by the account");
    assert_eq!(listens.enter(json!({ "as": "observer", "lesson": "other" })).await.1["code"], "lesson_unknown");
    assert_eq!(listens.enter(json!({ "as": "teacher", "lesson": lesson })).await.1["code"], "not_permitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_becomes_a_rooms_by_its_code_and_is_nobodys_within_a_second() {
    let server = Server::start().await;
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let mut screen = Browser::at(&server);
    assert_eq!(screen.get("/api/device").await.1, json!({ "paired": false }));
    let (_, shown) = screen.post("/api/pairing", json!({})).await;
    let code = shown["code"].as_str().unwrap().to_owned();
    assert_eq!((code.len(), shown["expires_ms"].as_u64().unwrap() - shown["now_ms"].as_u64().unwrap()), (6, 600_000));
    assert_eq!(screen.enter(json!({ "as": "room" })).await.0, 401, "a code opens nothing");

    assert_eq!(admin.post("/api/rooms/qingshui-1/device", json!({ "code": "000000" })).await.1["code"], "code_unknown");
    assert_eq!(admin.post("/api/rooms/nowhere/device", json!({ "code": code })).await.1["code"], "not_there");
    let waiting = async { screen.get("/api/device?paired=false").await.1 };
    let typing = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        (admin.post("/api/rooms/qingshui-1/device", json!({ "code": spaced })).await.0, Instant::now())
    };
    let (paired, (status, typed)) = tokio::join!(waiting, typing);
    assert_eq!((paired, status), (json!({ "paired": true }), 204));
    assert!(typed.elapsed() < Duration::from_millis(500));
    assert_eq!(
        admin.post("/api/rooms/shiqiao-1/device", json!({ "code": code })).await.1["code"],
        "code_unknown",
        "once"
    );

    let (status, entered) = screen.enter(json!({ "as": "room" })).await;
    assert_eq!((status, &entered["room"]["id"]), (200, &json!("qingshui-1")));
    let (lesson, token) = (server.lesson().await, entered["token"].as_str().unwrap().to_owned());
    let socket = join(&server, &lesson, &token).await;
    watch(&server, &lesson, &token).await;
    let counted = within(Duration::from_secs(3), async || (sessions(&server).await > 0.0).then_some(())).await;
    counted.expect("its media session is there");

    let revoked = Instant::now();
    assert_eq!(admin.delete("/api/rooms/qingshui-1/device").await.0, 204);
    assert_eq!(closed(socket).await, 4401);
    let took = revoked.elapsed();
    assert!(took < RECALLED_WITHIN, "{took:?}");
    eprintln!("device revoked: page closed after {took:?}");
    within(RECALLED_WITHIN, async || (sessions(&server).await == 0.0).then_some(())).await.expect("media end");
    assert_eq!(screen.enter(json!({ "as": "room" })).await.0, 401);
    let again = Client::new().post(format!("{}/whep/{lesson}", server.base)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(again.status(), 401, "the token is no good before its time");
    assert_eq!(admin.delete("/api/rooms/qingshui-1/device").await.1["code"], "not_there");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_taken_back_is_over_within_a_second() {
    let server = Server::start().await;
    let lesson = server.lesson().await;
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;

    // A key in a link.
    let key = server.key("room");
    let socket = join(&server, &lesson, &server.enter("room").await.token).await;
    let link = format!("{}/classroom?key={key}", server.base);
    let revoked = Instant::now();
    assert_eq!(admin.post("/api/keys/revoke", json!({ "key": link })).await.0, 204);
    assert_eq!(closed(socket).await, 4401);
    let took = [("a key", revoked.elapsed())];
    assert_eq!(server.door().enter(&key).await.unwrap_err().to_string().matches("token_invalid").count(), 1);
    assert!(server.door().enter(&server.keys("room")[1]).await.is_ok(), "other keys go on");

    // Something that an account may be.
    let mut teacher = Browser::of(&server, "wang-min", DEMO_PASSWORD).await;
    let entered = teacher.enter(json!({})).await.1;
    let socket = join(&server, &lesson, entered["token"].as_str().unwrap()).await;
    let (_, accounts) = admin.get("/api/accounts").await;
    let theirs = accounts.as_array().unwrap().iter().find(|one| one["account"] == "wang-min").unwrap();
    let grant = theirs["grants"][0]["id"].as_str().unwrap().to_owned();
    let revoked = Instant::now();
    assert_eq!(admin.delete(&format!("/api/grants/{grant}")).await.0, 204);
    assert_eq!(closed(socket).await, 4401);
    let took = [&took[..], &[("a grant", revoked.elapsed())]].concat();
    assert_eq!(teacher.enter(json!({})).await.1["code"], "not_permitted");

    // An account, by a command beside the running server.
    let given = json!({ "role": "teacher", "scope": "school:shiyan" });
    assert_eq!(admin.post("/api/accounts/wang-min/grants", given).await.0, 201);
    let entered = teacher.enter(json!({})).await.1;
    let socket = join(&server, &lesson, entered["token"].as_str().unwrap()).await;
    let (good, said) = account(&server, &["revoke", "wang-min"], "").await;
    let revoked = Instant::now();
    assert!(good, "{said}");
    assert_eq!(closed(socket).await, 4401);
    let took = [&took[..], &[("an account, by a command", revoked.elapsed())]].concat();
    assert_eq!(teacher.get("/api/me").await.0, 401);
    assert_eq!(teacher.login("wang-min", DEMO_PASSWORD).await.status(), 401);
    for (what, took) in took {
        eprintln!("{what} was revoked: its page closed after {took:?}");
        assert!(took < RECALLED_WITHIN, "{what}: {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_saw_and_changed_what_can_be_read_by_whose_affair_it_is() {
    let server = Server::start().await;
    let lesson = server.lesson().await;
    let token = server.enter("room").await.token;
    let socket = join(&server, &lesson, &token).await;
    watch(&server, &lesson, &token).await;
    drop(socket);
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let (_, made) = admin.post("/api/accounts", json!({ "account": "shi", "person": "wang-min" })).await;
    let given = json!({ "role": "school_admin", "scope": "school:shiyan" });
    assert_eq!(admin.post("/api/accounts/shi/grants", given).await.0, 201);
    let lines = within(Duration::from_secs(3), async || {
        let (_, audit) = admin.get("/api/audit").await;
        let lines: Vec<_> = audit["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                let word = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
                [word("who"), word("what"), word("object"), word("school")].join(" ")
            })
            .collect();
        lines.iter().any(|line| line.contains(" view ")).then_some(lines)
    });
    let lines = lines.await.expect("what happened is kept");
    for line in [
        format!("qingshui-1 join {lesson} qingshui"),
        format!("qingshui-1 view {lesson} qingshui"),
        "admin login  -".to_owned(),
        "admin account_added shi shiyan".to_owned(),
        "admin grant_given shi school_admin school:shiyan shiyan".to_owned(),
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines:#?}");
    }
    let (_, of_room) = admin.get("/api/audit?who=qingshui-1").await;
    assert_eq!(of_room["lines"].as_array().unwrap().len(), 2);
    assert_eq!(admin.get("/api/audit?to=1000").await.1["lines"], json!([]));

    let once = made["password"].as_str().unwrap();
    let mut school = Browser::of(&server, "shi", once).await;
    assert_eq!(school.post("/api/password", json!({ "old": once, "new": "the school's own" })).await.0, 204);
    let (_, audit) = school.get("/api/audit").await;
    let schools: Vec<_> = audit["lines"].as_array().unwrap().iter().map(|line| line["school"].clone()).collect();
    assert!(!schools.is_empty() && schools.iter().all(|school| school == "shiyan"), "{schools:?}");
}
