//! Which sheets there are, and which columns each has: in Chinese, and in English.

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its Chinese heading.
    pub zh: &'static str,
    /// Its English heading.
    pub en: &'static str,
    /// Whether every row has to have it.
    pub required: bool,
}

const fn must(zh: &'static str, en: &'static str) -> Column {
    Column { zh, en, required: true }
}

const fn may(zh: &'static str, en: &'static str) -> Column {
    Column { zh, en, required: false }
}

/// What a sheet is about. The order is that in which they are read: what is pointed to comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "docs/timetable.md describes each")]
pub enum Kind {
    Districts,
    Schools,
    Rooms,
    People,
    Groups,
    Pairings,
    RoomPairs,
    Terms,
    Bells,
    Timetable,
    Changes,
    Shifts,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 12] = [
        Self::Districts,
        Self::Schools,
        Self::Rooms,
        Self::People,
        Self::Groups,
        Self::Pairings,
        Self::RoomPairs,
        Self::Terms,
        Self::Bells,
        Self::Timetable,
        Self::Changes,
        Self::Shifts,
    ];

    /// What its sheet is called, in Chinese and in English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Districts => ("学区", "districts"),
            Self::Schools => ("学校", "schools"),
            Self::Rooms => ("教室", "rooms"),
            Self::People => ("人员", "people"),
            Self::Groups => ("集团", "groups"),
            Self::Pairings => ("结对", "pairings"),
            Self::RoomPairs => ("教室对", "room_pairs"),
            Self::Terms => ("学期", "terms"),
            Self::Bells => ("作息", "bells"),
            Self::Timetable => ("课程表", "timetable"),
            Self::Changes => ("调课", "changes"),
            Self::Shifts => ("作息调整", "bell_shifts"),
        }
    }

    /// The kind of a sheet of that name.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::ALL.into_iter().find(|kind| {
            let (zh, en) = kind.names();
            name == zh || name == en
        })
    }

    /// Its columns.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Districts => &[ID, NAME],
            Self::Schools => &[ID, NAME, KIND, DISTRICT],
            Self::Rooms => &[ID, SCHOOL, NAME],
            Self::People => &[ID, SCHOOL, NAME],
            Self::Groups => &[ID, NAME, KIND, SCHOOLS],
            Self::Pairings => &[ID, LEAD, MEMBER, KIND, FROM_DAY, UNTIL_DAY],
            Self::RoomPairs => &[PAIRING, PAIR_LEAD_ROOM, ROOM],
            Self::Terms => &[ID, NAME, FIRST_DAY, WEEK_COUNT],
            Self::Bells => &[OF_SCHOOL, DISTRICT, PERIOD, STARTS, MINUTES],
            Self::Timetable => &[
                ID, TERM, WEEKDAY, PERIOD, WEEKS, FROM_WEEK, UNTIL_WEEK, TITLE, SUBJECT, TEACHER, LEAD, LEAD_ROOM,
                ROOMS,
            ],
            Self::Changes => &[LESSON, DAY, CHANGE, TO_DAY, TO_PERIOD, SUBSTITUTE, REASON],
            Self::Shifts => &[DAY, OF_SCHOOL, DISTRICT, MINUTES, REASON],
        }
    }
}

pub(super) const ID: Column = must("编号", "id");
pub(super) const NAME: Column = must("名称", "name");
pub(super) const KIND: Column = must("类型", "kind");
pub(super) const DISTRICT: Column = may("学区", "district");
pub(super) const SCHOOL: Column = must("学校", "school");
pub(super) const OF_SCHOOL: Column = may("学校", "school");
pub(super) const PAIR_LEAD_ROOM: Column = must("主讲教室", "lead_room");
pub(super) const ROOM: Column = must("听讲教室", "room");
pub(super) const SCHOOLS: Column = must("学校", "schools");
pub(super) const LEAD: Column = must("牵头校", "lead");
pub(super) const MEMBER: Column = must("成员校", "member");
pub(super) const FROM_DAY: Column = must("开始日期", "from");
pub(super) const UNTIL_DAY: Column = must("结束日期", "until");
pub(super) const PAIRING: Column = must("结对", "pairing");
pub(super) const FIRST_DAY: Column = must("第一天", "first_day");
pub(super) const WEEK_COUNT: Column = must("周数", "weeks");
pub(super) const PERIOD: Column = must("节次", "period");
pub(super) const STARTS: Column = must("上课时间", "starts");
pub(super) const MINUTES: Column = must("分钟", "minutes");
pub(super) const TERM: Column = must("学期", "term");
pub(super) const WEEKDAY: Column = must("星期", "weekday");
pub(super) const WEEKS: Column = may("单双周", "weeks");
pub(super) const FROM_WEEK: Column = may("起始周", "from_week");
pub(super) const UNTIL_WEEK: Column = may("结束周", "until_week");
pub(super) const TITLE: Column = may("课题", "title");
pub(super) const SUBJECT: Column = must("学科", "subject");
pub(super) const TEACHER: Column = must("教师", "teacher");
pub(super) const LEAD_ROOM: Column = may("主讲教室", "lead_room");
pub(super) const ROOMS: Column = must("听讲教室", "rooms");
pub(super) const LESSON: Column = must("课程编号", "lesson");
pub(super) const DAY: Column = must("日期", "day");
pub(super) const CHANGE: Column = must("变动", "change");
pub(super) const TO_DAY: Column = may("调至日期", "to_day");
pub(super) const TO_PERIOD: Column = may("调至节次", "to_period");
pub(super) const SUBSTITUTE: Column = may("代课教师", "substitute");
pub(super) const REASON: Column = must("原因", "reason");

/// A word of a cell and what it stands for: in Chinese first, which is also how it is written.
pub(super) type Words<T> = &'static [(T, &'static str, &'static str)];

pub(super) mod words {
    use super::Words;
    use crate::lesson::school::{Bond, Kind};
    use crate::lesson::week::Weeks;

    pub(in crate::sheets) const SCHOOL_KIND: Words<Kind> = &[
        (Kind::Lead, "牵头校", "lead"),
        (Kind::Member, "成员校", "member"),
        (Kind::TeachingPoint, "教学点", "teaching_point"),
    ];
    pub(in crate::sheets) const BOND: Words<Bond> = &[
        (Bond::Integrated, "集团化办学", "integrated"),
        (Bond::UrbanRural, "城乡结对", "urban_rural"),
        (Bond::Network, "网络学校", "network"),
    ];
    pub(in crate::sheets) const WEEKS: Words<Weeks> =
        &[(Weeks::All, "每周", "all"), (Weeks::Odd, "单周", "odd"), (Weeks::Even, "双周", "even")];
    pub(in crate::sheets) const WEEKDAY: Words<u8> = &[
        (1, "星期一", "1"),
        (2, "星期二", "2"),
        (3, "星期三", "3"),
        (4, "星期四", "4"),
        (5, "星期五", "5"),
        (6, "星期六", "6"),
        (7, "星期日", "7"),
        (1, "周一", "mon"),
        (2, "周二", "tue"),
        (3, "周三", "wed"),
        (4, "周四", "thu"),
        (5, "周五", "fri"),
        (6, "周六", "sat"),
        (7, "周日", "sun"),
    ];
    pub(in crate::sheets) const CHANGE: Words<Change> = &[
        (Change::Moved, "调课", "moved"),
        (Change::Substitute, "代课", "substitute"),
        (Change::Cancelled, "停课", "cancelled"),
    ];

    /// What kind of change a row is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::sheets) enum Change {
        Moved,
        Substitute,
        Cancelled,
    }
}
