//! Fields of a row as words of the domain; a field that holds something else is a fault of that column.

use std::str::FromStr;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::base::time::Time;
use crate::lesson::id::BadId;

/// A time as a database keeps it; later than its numbers reach is never.
pub(super) fn from_time(time: Time) -> i64 {
    i64::try_from(time.micros()).unwrap_or(i64::MAX)
}

/// Reads the fields of a row by the names of their columns.
pub(super) trait Field {
    /// A text that may be missing.
    fn maybe_text(&self, column: &'static str) -> sqlx::Result<Option<String>>;

    /// A whole number that may be missing.
    fn maybe_number(&self, column: &'static str) -> sqlx::Result<Option<i64>>;

    /// A text.
    fn text(&self, column: &'static str) -> sqlx::Result<String> {
        self.maybe_text(column)?.ok_or_else(|| damaged(column, "nothing"))
    }

    /// A whole number of some size.
    fn number<N: TryFrom<i64>>(&self, column: &'static str) -> sqlx::Result<N> {
        let number = self.maybe_number(column)?.ok_or_else(|| damaged(column, "nothing"))?;
        N::try_from(number).map_err(|_| damaged(column, &number.to_string()))
    }

    /// A time that may be missing.
    fn maybe_time(&self, column: &'static str) -> sqlx::Result<Option<Time>> {
        let time = |micros| match micros {
            i64::MAX => Ok(Time::NEVER),
            _ => u64::try_from(micros).map(Time::from_micros).map_err(|_| damaged(column, &micros.to_string())),
        };
        self.maybe_number(column)?.map(time).transpose()
    }

    /// A time.
    fn time(&self, column: &'static str) -> sqlx::Result<Time> {
        self.maybe_time(column)?.ok_or_else(|| damaged(column, "nothing"))
    }

    /// An id.
    fn id<Id: FromStr<Err = BadId>>(&self, column: &'static str) -> sqlx::Result<Id> {
        self.parsed(column)
    }

    /// An id that may be missing.
    fn maybe_id<Id: FromStr<Err = BadId>>(&self, column: &'static str) -> sqlx::Result<Option<Id>> {
        let text = self.maybe_text(column)?;
        text.map(|text| text.parse().map_err(|_| damaged(column, &text))).transpose()
    }

    /// Anything that is written as text.
    fn parsed<T: FromStr>(&self, column: &'static str) -> sqlx::Result<T> {
        let text = self.text(column)?;
        text.parse().map_err(|_| damaged(column, &text))
    }

    /// One of a set of names.
    fn named<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> sqlx::Result<T> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| damaged(column, &text))
    }
}

impl Field for AnyRow {
    fn maybe_text(&self, column: &'static str) -> sqlx::Result<Option<String>> {
        self.try_get(column)
    }

    fn maybe_number(&self, column: &'static str) -> sqlx::Result<Option<i64>> {
        self.try_get(column)
    }
}

pub(super) fn damaged(column: &str, held: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: format!("it holds {held:?}").into() }
}
