//! Why a change of the plan cannot be: a code that never changes, and a sentence.

use std::fmt;

use super::super::clash::Clash;
use super::super::fit::Misfit;
use super::super::id::LessonId;
use super::Key;

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// What is to be new is there already.
    Known(Key),
    /// What is to be changed is not there.
    Unknown(Key),
    /// A change of single lessons or of the bells has to say why.
    NoReason,
    /// A lesson that has begun would have been otherwise.
    Begun(LessonId),
    /// There is no such lesson in the weekly timetable.
    NotWeekly(LessonId),
    /// The lesson is different in another way already.
    Amended(LessonId),
    /// Something would not fit.
    Misfits(Vec<Misfit>),
    /// Two lessons would need the same at once.
    Clashes(Vec<Clash>),
}

impl PlanRefusal {
    /// The code; programs may depend on it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Known(_) => "plan_known",
            Self::Unknown(_) => "plan_unknown",
            Self::NoReason => "plan_no_reason",
            Self::Begun(_) => "plan_begun",
            Self::NotWeekly(_) => "plan_not_weekly",
            Self::Amended(_) => "plan_amended",
            Self::Misfits(_) => "plan_misfit",
            Self::Clashes(_) => "plan_clash",
        }
    }

    /// The sentence in Chinese. In English it is its display.
    pub fn zh(&self) -> String {
        match self {
            Self::Known(key) => format!("{key} 已经存在"),
            Self::Unknown(key) => format!("没有 {key}"),
            Self::NoReason => "请填写原因".into(),
            Self::Begun(lesson) => format!("课程 {lesson} 已经开始,不能再改;请让原课程到某天为止,再新增一门"),
            Self::NotWeekly(lesson) => format!("每周课程表里没有 {lesson}"),
            Self::Amended(lesson) => format!("课程 {lesson} 已有别的调整,请先恢复"),
            Self::Misfits(misfits) => joined(misfits, Misfit::zh),
            Self::Clashes(clashes) => joined(clashes, Clash::zh),
        }
    }
}

impl fmt::Display for PlanRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(key) => write!(f, "{key} is there already"),
            Self::Unknown(key) => write!(f, "there is no {key}"),
            Self::NoReason => f.write_str("say why"),
            Self::Begun(lesson) => {
                write!(f, "lesson {lesson} has begun and stays as it was: end the weekly lesson and add another")
            }
            Self::NotWeekly(lesson) => write!(f, "there is no lesson {lesson} in the weekly timetable"),
            Self::Amended(lesson) => write!(f, "lesson {lesson} is different in another way already: restore it first"),
            Self::Misfits(misfits) => f.write_str(&joined(misfits, ToString::to_string)),
            Self::Clashes(clashes) => f.write_str(&joined(clashes, ToString::to_string)),
        }
    }
}

fn joined<T>(all: &[T], say: impl Fn(&T) -> String) -> String {
    all.iter().map(say).collect::<Vec<_>>().join("; ")
}
