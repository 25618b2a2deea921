//! The timetable on the wall, and administrators who change it while the server runs.

use serde_json::{Value, json};
use tongke::io::clock;
use tongke::lesson::calendar::Day;

use super::browser::{Browser, DEMO_PASSWORD};
use super::server::Server;

/// Hands a CSV file over.
async fn import(admin: &mut Browser, name: &str, file: &str, dry_run: bool) -> (u16, Value) {
    let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    admin.hand_over(&format!("/api/plan/import?name={name}&dry_run={dry_run}"), file).await
}

async fn week(server: &Server, day: Day) -> Value {
    let (status, week) = Browser::at(server).get(&format!("/api/timetable/qingshui?from={day}")).await;
    assert_eq!(status, 200, "{week}");
    week
}

/// A lesson of the demo's schools tomorrow, brought in file by file: its id.
async fn a_lesson_tomorrow(admin: &mut Browser) -> (Day, String) {
    let tomorrow = Day::of(clock::now()).plus(1);
    let weekly = format!(
        "编号,学期,星期,节次,课题,学科,教师,牵头校,听讲教室\nw,t,{},1,光的传播,科学,li-na,shiyan,qingshui-1\n",
        tomorrow.weekday()
    );
    for (name, file) in [
        ("人员.csv", "编号,学校,名称\nli-na,shiyan,李娜\nsun-li,shiyan,孙丽\n"),
        ("学期.csv", &format!("编号,名称,第一天,周数\nt,学期,{},3\n", Day::of(clock::now()))),
        ("作息.csv", "学校,节次,上课时间,分钟\n,1,00:10,40\n,2,01:00,40\n"),
        ("课程表.csv", &weekly),
    ] {
        let (status, said) = import(admin, name, file, false).await;
        assert_eq!((status, &said["kept"]), (200, &json!(true)), "{name}: {said}");
    }
    (tomorrow, format!("w-{}", tomorrow.digits()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_is_imported_substituted_moved_and_cancelled_and_the_wall_shows_it() {
    let server = Server::start().await;
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let (tomorrow, lesson) = a_lesson_tomorrow(&mut admin).await;
    let found = async |day: Day| {
        let week = week(&server, day).await;
        let ours = week["lessons"].as_array().unwrap().iter().find(|it| it["id"] == lesson.as_str());
        (ours.cloned().unwrap_or_default(), week["changes"].clone())
    };
    let (shown, changes) = found(tomorrow).await;
    assert_eq!(
        (&shown["starts"], &shown["teacher"], &changes),
        (&json!("00:10"), &json!("李娜"), &json!([])),
        "{shown}"
    );

    let path = format!("/api/lessons/{lesson}/change");
    let substitute = json!({ "what": "substitute", "teacher": "sun-li", "reason": "外出培训" });
    assert_eq!(admin.post(&path, json!({ "what": "substitute", "teacher": "sun-li", "reason": " " })).await.0, 409);
    assert_eq!(admin.post(&path, substitute).await.0, 204);
    let (shown, changes) = found(tomorrow).await;
    assert_eq!((&shown["teacher"], &changes[0]["reason"]), (&json!("孙丽"), &json!("外出培训")));

    let moved = json!({ "what": "move", "day": tomorrow.to_string(), "period": 2, "reason": "停电" });
    let (status, refused) = admin.post(&path, moved.clone()).await;
    assert_eq!((status, &refused["reason"]), (409, &json!("plan_amended")), "{refused}");
    assert!(refused["detail_zh"].as_str().unwrap().contains("请先恢复"));
    assert_eq!(admin.post(&path, json!({ "what": "restore" })).await.0, 204);
    assert_eq!(admin.post(&path, moved).await.0, 204);
    assert_eq!(found(tomorrow).await.0["starts"], "01:00");

    assert_eq!(admin.post(&path, json!({ "what": "cancel", "reason": "大雪" })).await.0, 204);
    let (shown, changes) = found(tomorrow).await;
    assert_eq!((shown, &changes[0]["kind"]), (Value::Null, &json!("cancelled")));
    let (_, day) = admin.get(&format!("/api/plan/lessons?day={tomorrow}")).await;
    assert_eq!(day["cancelled"], json!([{ "id": lesson, "title": "光的传播", "reason": "大雪" }]));
    assert_eq!(admin.post(&path, json!({ "what": "restore" })).await.0, 204);
    assert_eq!(found(tomorrow).await.0["starts"], "00:10");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_file_is_answered_cell_by_cell_and_changes_nothing() {
    let server = Server::start().await;
    let mut admin = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let (status, refused) = import(&mut admin, "教室.csv", "编号,学校,名称\nq-9,nowhere,九班\n", false).await;
    assert_eq!((status, &refused["code"]), (422, &json!("sheets_faulty")), "{refused}");
    let fault = &refused["faults"][0];
    assert_eq!((&fault["row"], &fault["column"]["zh"]), (&json!(2), &json!("学校")), "{fault}");
    assert_eq!(import(&mut admin, "教室.doc", "", false).await.0, 422);
    let (status, tried) = import(&mut admin, "教室.csv", "编号,学校,名称\nq-9,qingshui,九班\n", true).await;
    assert_eq!((status, &tried["kept"]), (200, &json!(false)), "{tried}");
    let (_, rooms) = admin.get("/api/devices").await;
    assert!(!rooms.to_string().contains("q-9"), "a dry run keeps nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_is_open_to_all_and_the_plan_to_those_whose_it_is() {
    let server = Server::start().await;
    let mut anybody = Browser::at(&server);
    let (status, wall) = anybody.get("/api/timetable").await;
    assert_eq!(status, 200);
    assert!(wall["schools"].as_array().unwrap().len() >= 2, "{wall}");
    assert_eq!(anybody.get("/api/timetable/nowhere").await.1["code"], "not_there");
    assert_eq!(anybody.get("/api/timetable/qingshui?from=soon").await.0, 400);
    assert_eq!(anybody.get("/api/plan/lessons").await.0, 401);

    let mut chief = Browser::of(&server, "admin", DEMO_PASSWORD).await;
    let (tomorrow, lesson) = a_lesson_tomorrow(&mut chief).await;
    let mut other = school_admin(&server, &mut chief, "qingshui").await;
    let (_, day) = other.get(&format!("/api/plan/lessons?day={tomorrow}")).await;
    assert_eq!(day["lessons"], json!([]), "it is the lead school's lesson");
    let cancel = json!({ "what": "cancel", "reason": "x" });
    assert_eq!(other.post(&format!("/api/lessons/{lesson}/change"), cancel).await.1["code"], "not_permitted");
    let file = |school: &str| format!("编号,学校,名称\nq-9,{school},九班\n");
    assert_eq!(import(&mut other, "教室.csv", &file("shiyan"), false).await.1["code"], "not_permitted");
    assert_eq!(import(&mut other, "教室.csv", &file("qingshui"), false).await.0, 200, "in their own school");
}

/// An administrator of one school.
async fn school_admin(server: &Server, chief: &mut Browser, school: &str) -> Browser {
    let (status, made) = chief.post("/api/accounts", json!({ "account": "qing" })).await;
    assert_eq!(status, 201, "{made}");
    let grant = json!({ "role": "school_admin", "scope": format!("school:{school}") });
    assert_eq!(chief.post("/api/accounts/qing/grants", grant).await.0, 201);
    let once = made["password"].as_str().unwrap();
    let mut admin = Browser::of(server, "qing", once).await;
    assert_eq!(admin.post("/api/password", json!({ "old": once, "new": "long enough now" })).await.0, 204);
    admin
}
