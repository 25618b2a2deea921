//! What is wrong with sheets: where, and in words, in Chinese and in English.

use std::fmt;

use crate::lesson::Misfit;
use crate::lesson::clash::Clash;

use super::columns::Column;

/// How many faults are told: behind so many there is one cause.
const TOLD_MAX: usize = 200;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The file, and the sheet in it; empty if it is about all of them together.
    pub place: String,
    /// The row as spreadsheets count, if it is about one.
    pub row: Option<usize>,
    /// The column, if it is about one.
    pub column: Option<Column>,
    /// What it is.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each says it in words")]
pub enum What {
    UnknownSheet(String),
    NoColumn,
    UnknownColumn(String),
    Empty,
    BadId(String),
    BadDay(String),
    BadTime(String),
    BadNumber { text: String, least: i64, most: i64 },
    BadWord { text: String, words: Vec<&'static str> },
    TooLong(usize),
    NoSuch { sheet: &'static str, id: String },
    Twice { id: String, row: usize },
    Needs(Column),
    OneOf(Column, Column),
    Clash(Clash),
    Misfit(Misfit),
}

impl What {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::UnknownSheet(name) => format!(
                "不认识的表「{name}」,表名应为:学区、学校、教室、人员、集团、结对、教室对、学期、作息、课程表、调课、作息调整"
            ),
            Self::NoColumn => "缺少这一列".into(),
            Self::UnknownColumn(name) => format!("不认识的列「{name}」"),
            Self::Empty => "不能为空".into(),
            Self::BadId(text) => format!("「{text}」不是编号:只能用小写字母、数字和连字符,最长 64 个字符"),
            Self::BadDay(text) => format!("「{text}」不是日期,应写成 2026-09-01"),
            Self::BadTime(text) => format!("「{text}」不是时间,应写成 08:20"),
            Self::BadNumber { text, least, most } => format!("「{text}」应是 {least} 到 {most} 的整数"),
            Self::BadWord { text, words } => format!("「{text}」应是其中之一:{}", words.join("、")),
            Self::TooLong(most) => format!("最多 {most} 个字符"),
            Self::NoSuch { sheet, id } => format!("「{sheet}」表里没有「{id}」"),
            Self::Twice { id, row } => format!("「{id}」与第 {row} 行重复"),
            Self::Needs(column) => format!("这一行还要填「{}」", column.zh),
            Self::OneOf(one, other) => format!("「{}」和「{}」只能填一个", one.zh, other.zh),
            Self::Clash(clash) => clash.zh(),
            Self::Misfit(misfit) => misfit.zh(),
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::UnknownSheet(name) => format!(
                "unknown sheet {name:?}: a sheet is called districts, schools, rooms, people, groups, pairings, room_pairs, terms, bells, timetable, changes or bell_shifts"
            ),
            Self::NoColumn => "the column is missing".into(),
            Self::UnknownColumn(name) => format!("unknown column {name:?}"),
            Self::Empty => "it must not be empty".into(),
            Self::BadId(text) => format!("{text:?} is no id: 1 to 64 characters of a-z, 0-9 and -"),
            Self::BadDay(text) => format!("{text:?} is no day: write it like 2026-09-01"),
            Self::BadTime(text) => format!("{text:?} is no time: write it like 08:20"),
            Self::BadNumber { text, least, most } => format!("{text:?} must be a whole number from {least} to {most}"),
            Self::BadWord { text, words } => format!("{text:?} must be one of {}", words.join(", ")),
            Self::TooLong(most) => format!("at most {most} characters"),
            Self::NoSuch { sheet, id } => format!("there is no {id:?} in sheet {sheet}"),
            Self::Twice { id, row } => format!("{id:?} is in row {row} already"),
            Self::Needs(column) => format!("this row needs {} too", column.en),
            Self::OneOf(one, other) => format!("a row has {} or {}, not both", one.en, other.en),
            Self::Clash(clash) => clash.to_string(),
            Self::Misfit(misfit) => misfit.to_string(),
        }
    }
}

impl fmt::Display for SheetFault {
    /// One line: where, in Chinese, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, row, column, what } = self;
        if !place.is_empty() {
            write!(f, "{place}")?;
            if let Some(row) = row {
                write!(f, " 第 {row} 行")?;
            }
            if let Some(column) = column {
                write!(f, "「{}」({})", column.zh, column.en)?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{} | {}", what.zh(), what.en())
    }
}

/// Everything that is wrong, at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct SheetFaults(pub Vec<SheetFault>);

impl fmt::Display for SheetFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in self.0.iter().take(TOLD_MAX) {
            writeln!(f, "{fault}")?;
        }
        let (all, more) = (self.0.len(), self.0.len().saturating_sub(TOLD_MAX));
        if more > 0 {
            writeln!(f, "… 还有 {more} 处 | and {more} more")?;
        }
        write!(f, "共 {all} 处错误,未导入任何内容 | {all} faults: nothing was imported")
    }
}
