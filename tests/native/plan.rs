//! Plans from spreadsheets, taken by the program beside a server that runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;
use tongke::base::time::Time;
use tongke::control::admit::Admission;
use tongke::io::clock;
use tongke::lesson::calendar::Day;
use tongke::lesson::{Actor, RoomId};

use super::server::{Server, fresh_folder, tongke, within};

/// Runs the program on the plan in this data folder.
async fn plan(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let config = config(data);
    let (first, rest) = arguments.split_first().unwrap();
    let output = tongke(&[&[first, "--config", config.to_str().unwrap()], rest].concat(), &[]).await;
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    (output.status.code(), said)
}

fn config(data: &Path) -> PathBuf {
    let file = data.with_file_name("plan.toml");
    std::fs::write(&file, format!("[server]\ndata_dir = {data:?}\n")).unwrap();
    file
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Sheets that give the demo's member school a second room with a lesson that runs now.
fn a_second_room(folder: &Path, title: &str) -> Vec<String> {
    let now = clock::now();
    let today = Day::of(now);
    let midnight = today.at("00:00".parse().unwrap());
    let minute = now.since(midnight).as_secs() / 60;
    let begins = format!("{:02}:{:02}", minute.saturating_sub(1) / 60, minute.saturating_sub(1) % 60);
    let weekday = today.weekday();
    vec![
        write(folder, "教室.csv", "编号,学校,名称\nqingshui-2,qingshui,六年级2班\n"),
        write(folder, "人员.csv", "编号,学校,名称\nli-na,shiyan,李娜\n"),
        write(folder, "学期.csv", &format!("编号,名称,第一天,周数\nt,学期,{today},1\n")),
        write(folder, "作息.csv", &format!("学校,节次,上课时间,分钟\n,1,{begins},60\n")),
        write(
            folder,
            "课程表.csv",
            &format!(
                "编号,学期,星期,节次,课题,学科,教师,牵头校,听讲教室\nw,t,{weekday},1,{title},科学,li-na,shiyan,qingshui-2\n"
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_reaches_the_rooms_of_a_running_server_within_five_seconds() {
    let server = Server::start().await;
    let (data, folder) = (server.data(), fresh_folder());
    let admission = Admission::load_or_make(&data.join("secret"), Duration::from_secs(60)).unwrap();
    let room = Actor::room(RoomId::new("qingshui-2").unwrap());
    let key = admission.key(&room, Time::NEVER - Duration::from_secs(1));
    assert!(server.door().enter(&key).await.is_err(), "nobody knows the room yet");

    for title in ["光的传播", "声音的传播"] {
        let files = a_second_room(&folder, title);
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let (code, said) = plan(&data, &[&["import"], &files[..]].concat()).await;
        assert_eq!(code, Some(0), "{said}");
        let imported = Instant::now();
        let seen = within(Duration::from_secs(5), async || {
            let lesson = server.door().enter(&key).await.ok()?.lesson?;
            (lesson.title == title).then_some(())
        });
        seen.await.expect("the lesson is seen in time");
        println!("{title}: seen {} ms after the import", imported.elapsed().as_millis());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_and_a_faulty_import_change_nothing() {
    let folder = fresh_folder();
    let data = folder.join("data");
    let schools = write(&folder, "学校.csv", "编号,名称,类型\ns-1,一校,牵头校\n");
    let (code, said) = plan(&data, &["import", "--dry-run", &schools]).await;
    assert_eq!((code, said.contains("试运行")), (Some(0), true), "{said}");
    let faulty = write(&folder, "rooms.csv", "id,school,name\nr-1,s-1,一班\n");
    let (code, said) = plan(&data, &["import", &faulty]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("rooms.csv 第 2 行「学校」(school): 「学校」表里没有「s-1」"), "{said}");
    assert!(said.contains("there is no \"s-1\""), "{said}");
    let to = folder.join("out");
    let (code, said) = plan(&data, &["export", to.to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 0, "there is no plan");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_leaves_the_plan_whole_as_it_was_or_as_it_should_be() {
    let folder = fresh_folder();
    let data = folder.join("data");
    let county = |shape: &str, to: &str| {
        let to = folder.join(to).to_str().unwrap().to_owned();
        let arguments = ["county".to_owned(), "--shape".into(), shape.into(), to.clone()];
        async move { (tongke(&arguments.each_ref().map(String::as_str), &[]).await, to) }
    };
    let (made, large) = county("11-pairs", "large.xlsx").await;
    assert!(made.status.success());
    let (_, small) = county("2+2+1", "small.xlsx").await;
    assert_eq!(plan(&data, &["import", &small]).await.0, Some(0));
    let config = config(&data);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..12_u64 {
        let mut import = Command::new(env!("CARGO_BIN_EXE_tongke"));
        import.arg("import").arg("--config").arg(&config).arg(&large).stdout(Stdio::null()).stderr(Stdio::null());
        let mut import = import.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(10 + round * 25));
        import.kill().unwrap();
        let finished = import.wait().unwrap().success();
        let to = folder.join(format!("after-{round}"));
        assert_eq!(plan(&data, &["export", to.to_str().unwrap()]).await.0, Some(0), "round {round}");
        let schools = std::fs::read_to_string(to.join("学校.csv")).unwrap().lines().count() - 1;
        assert!(schools == 5 || schools == 23, "round {round}: {schools} schools");
        assert!(!finished || schools == 23, "round {round}: acknowledged and lost");
        seen.insert(schools);
    }
    println!("schools seen after kills: {seen:?}");
    std::fs::remove_dir_all(folder).unwrap();
}
