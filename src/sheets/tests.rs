//! Imports, told as stories.

use super::*;
use crate::base::time::Time;
use crate::lesson::Alliance;
use crate::lesson::alliance::Parts;
use crate::lesson::calendar::Day;

fn first_day() -> Day {
    "2026-09-01".parse().unwrap()
}

fn csv(name: &str, text: &str) -> Vec<Sheet> {
    read_bytes(&format!("folder/{name}.csv"), text.as_bytes()).unwrap()
}

fn small() -> Parts {
    Shape::TwoTwoOne.build(first_day()).to_parts()
}

fn faults(parts: Parts, sheets: &[Sheet]) -> Vec<String> {
    import(parts, sheets).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_exported_is_imported_again_the_same_as_csv_and_as_xlsx() {
    for whole in
        [Shape::TwoTwoOne.build(first_day()), Alliance::with_everything(Time::from_micros(1_763_683_200_000_000))]
    {
        // Single lessons are no part of the sheets, and a pairing's term counts whole days.
        let mut parts = whole.to_parts();
        parts.entries.clear();
        let midnight = |time: Time| Day::of(time).at("00:00".parse().unwrap());
        for pairing in &mut parts.pairings {
            pairing.starts = midnight(pairing.starts);
            pairing.ends = midnight(pairing.ends.min(Time::from_micros(1_900_000_000_000_000)));
        }
        let whole = Alliance::new(parts).unwrap();
        let sheets = export(&whole);
        let as_csv: Vec<_> = sheets
            .iter()
            .flat_map(|sheet| read_bytes(&format!("{}.csv", sheet.name), &write_csv(sheet)).unwrap())
            .collect();
        assert_eq!(import(Parts::default(), &as_csv).unwrap().alliance, whole);
        let as_xlsx = read_bytes("plan.xlsx", &write_xlsx(&sheets).unwrap()).unwrap();
        assert_eq!(import(Parts::default(), &as_xlsx).unwrap().alliance, whole);
    }
}

#[test]
fn every_shape_is_as_large_as_it_says_and_comes_in_without_a_fault() {
    let sizes = [
        (Shape::County, 22, 19 + 385, 385),
        (Shape::TwoTwoOne, 0, 5, 3),
        (Shape::ElevenPairs, 0, 11 + 12, 12),
        (Shape::FiftyFiveGroups, 0, 416, 361),
    ];
    for (shape, districts, schools, pairings) in sizes {
        let built = shape.build(first_day());
        let counts = (built.districts().count(), built.schools().count(), built.pairings().count());
        assert_eq!(counts, (districts, schools, pairings), "{}", shape.as_str());
        assert_eq!(Shape::parse(shape.as_str()), Some(shape));
        let imported = import(Parts::default(), &export(&built)).unwrap();
        assert_eq!(imported.alliance, built, "{}", shape.as_str());
    }
    let county = Shape::County.build(first_day());
    let in_districts: std::collections::BTreeSet<_> =
        county.schools().filter_map(|school| school.district.clone()).collect();
    assert_eq!(in_districts.len(), 22);
}

#[test]
fn headings_may_be_english_and_the_file_may_be_of_excel_in_china() {
    let english = csv("people", "ID,School,Name\nli-na,lead-01,李娜\n");
    let gb18030 = encoding_rs::GB18030.encode("编号,学校,名称\nli-na,lead-01,李娜\n").0.into_owned();
    let chinese = read_bytes("人员.CSV", &gb18030).unwrap();
    for sheets in [english, chinese] {
        let imported = import(small(), &sheets).unwrap();
        let person = imported.alliance.person(&"li-na".parse().unwrap()).unwrap();
        assert_eq!((person.name.as_str(), imported.rows[&Kind::People]), ("李娜", 1));
    }
}

#[test]
fn a_row_takes_the_place_of_what_had_its_id() {
    let before = small();
    let sheets = csv("学校", "编号,名称,类型,学区\nlead-01,改名小学,牵头校,\n");
    let imported = import(before.clone(), &sheets).unwrap();
    assert_eq!(imported.alliance.school(&"lead-01".parse().unwrap()).unwrap().name, "改名小学");
    assert_eq!(imported.alliance.schools().count(), before.schools.len());
}

#[test]
fn every_fault_is_named_at_once_with_its_cell_and_nothing_is_taken() {
    let sheets = [
        csv(
            "教室",
            "编号,学校,名称\nRoom 1,lead-01,一班\nr-2,nowhere,二班\nr-3,lead-01,\nr-4,lead-01,四班\nr-4,lead-01,五班\n",
        ),
        csv("学期", "编号,名称,第一天,周数\nt,上学期,9月1日,99\n"),
        csv("作息", "学校,节次,上课时间,分钟\n,1,25:00,40\n"),
        csv("结对", "编号,牵头校,成员校,类型,开始日期\n"),
        csv("食堂", "编号\n"),
        csv("人员", "编号,学校,名称,电话\n"),
    ];
    let said = faults(small(), &sheets.concat());
    for wanted in [
        "folder/教室.csv 第 2 行「编号」(id): 「Room 1」不是编号",
        "folder/教室.csv 第 3 行「学校」(school): 「学校」表里没有「nowhere」",
        "folder/教室.csv 第 4 行「名称」(name): 不能为空",
        "folder/教室.csv 第 6 行: 「r-4」与第 5 行重复",
        "folder/学期.csv 第 2 行「第一天」(first_day): 「9月1日」不是日期",
        "folder/学期.csv 第 2 行「周数」(weeks): 「99」应是 1 到 53 的整数",
        "folder/作息.csv 第 2 行「上课时间」(starts): 「25:00」不是时间",
        "folder/结对.csv 第 1 行「结束日期」(until): 缺少这一列",
        "folder/食堂.csv: 不认识的表「食堂」",
        "folder/人员.csv 第 1 行: 不认识的列「电话」",
    ] {
        assert!(said.iter().any(|line| line.starts_with(wanted)), "{wanted} in {said:#?}");
    }
    assert_eq!(said.len(), 10, "{said:#?}");
    assert!(said.iter().all(|line| line.contains(" | ")), "in both languages");
}

#[test]
fn what_does_not_fit_or_clashes_is_named_with_the_row_of_the_lesson() {
    let head = "编号,学期,星期,节次,学科,教师,牵头校,听讲教室\n";
    let clash = csv("课程表", &format!("{head}extra,term-1,周一,1,数学,teacher-01-0,lead-01,member-001-1\n"));
    let said = faults(small(), &clash);
    assert!(said[0].starts_with("folder/课程表.csv 第 2 行: 教师「teacher-01-0」时间冲突:"), "{said:#?}");
    assert!(said.iter().any(|line| line.contains("教室「member-001-1」时间冲突")), "{said:#?}");

    let rows = "far,term-1,1,6,数学,teacher-01-1,lead-01,member-003-1\nlate,term-1,5,9,数学,teacher-01-1,lead-01,member-001-1\n";
    let said = faults(small(), &csv("课程表", &format!("{head}{rows}")));
    assert!(
        said.iter().any(|line| line.starts_with("folder/课程表.csv 第 2 行: 课程 far-20260907 的听讲教室")),
        "{said:#?}"
    );
    assert!(
        said.iter().any(|line| line.starts_with("folder/课程表.csv 第 3 行: 课程 late 的第 9 节没有作息时间")),
        "{said:#?}"
    );
}

#[test]
fn single_lessons_are_changed_with_their_reasons() {
    let changes = "课程编号,日期,变动,调至日期,调至节次,代课教师,原因\n";
    let good =
        format!("{changes}w-01-1-1,2026-09-07,调课,2026-09-08,6,,外出学习\nw-01-2-1,2026-09-15,停课,,,,运动会\n");
    let imported = import(small(), &csv("调课", &good)).unwrap();
    assert_eq!(imported.alliance.week().amendments.len(), 2);
    let bad = format!("{changes}w-01-1-1,2026-09-08,停课,,,,周二没有这节课\nw-01-1-1,2026-09-14,代课,,,,没写谁\n");
    let said = faults(small(), &csv("调课", &bad));
    assert_eq!(said.len(), 1, "rows are looked at before the whole: {said:#?}");
    assert!(said[0].contains("这一行还要填「代课教师」"), "{said:#?}");
}

#[test]
fn files_that_are_no_sheets_are_refused_in_words() {
    for (name, bytes) in [("plan.xlsx", b"PK\x03\x04 no".as_slice()), ("plan.pdf", b"%PDF"), ("plan", b"")] {
        let fault = read_bytes(name, bytes).unwrap_err().to_string();
        assert!(fault.starts_with(&format!("{name}: ")) && fault.contains(" | "), "{fault}");
    }
    assert!(read_bytes("a.csv", &[b','; 200]).unwrap_err().to_string().contains("64"));
    assert!(read_bytes("a.csv", &vec![b'x'; 33 << 20]).unwrap_err().to_string().contains("32 MiB"));
}
