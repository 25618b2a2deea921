//! One row at a time, cell by cell: what a cell holds, or what is wrong with it.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::lesson::calendar::{Day, Minute};
use crate::lesson::id::BadId;

use super::Sheet;
use super::columns::{Column, Kind, Words};
use super::fault::{SheetFault, What};

/// The longest name or sentence: what fits a line of the big screen many times over.
const TEXT_CHARS_MAX: usize = 200;

/// Where a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) place: String,
    pub(super) row: usize,
}

impl At {
    pub(super) fn fault(&self, column: Option<Column>, what: What) -> SheetFault {
        SheetFault { place: self.place.clone(), row: Some(self.row), column, what }
    }
}

/// Reads the rows of a sheet, and keeps what is wrong with them.
pub(super) struct Reader<'a> {
    sheet: &'a Sheet,
    kind: Kind,
    /// The place of each column that is there.
    places: BTreeMap<&'static str, usize>,
    pub(super) faults: Vec<SheetFault>,
}

impl<'a> Reader<'a> {
    /// Looks at the headings.
    pub(super) fn new(sheet: &'a Sheet, kind: Kind) -> Self {
        let mut reader = Self { sheet, kind, places: BTreeMap::new(), faults: Vec::new() };
        for (place, heading) in sheet.headings.iter().enumerate() {
            let name = heading.trim().to_lowercase();
            match kind.columns().iter().find(|column| column.zh == name || column.en == name) {
                Some(column) => _ = reader.places.entry(column.en).or_insert(place),
                None if name.is_empty() => {}
                None => reader.fault_of_headings(None, What::UnknownColumn(heading.clone())),
            }
        }
        for column in kind.columns().iter().filter(|column| column.required) {
            if !reader.places.contains_key(column.en) {
                reader.fault_of_headings(Some(*column), What::NoColumn);
            }
        }
        reader
    }

    fn fault_of_headings(&mut self, column: Option<Column>, what: What) {
        self.faults.push(SheetFault { place: self.sheet.place.clone(), row: Some(1), column, what });
    }

    /// Makes a thing of each row that is whole; empty rows are none. What is wrong is kept, for every cell.
    pub(super) fn rows<T>(&mut self, read: impl Fn(&mut Row<'_>) -> Option<T>) -> Vec<(At, T)> {
        // Without its columns nothing of a row can be read, and that is told once.
        if !self.faults.is_empty() {
            return Vec::new();
        }
        let mut things = Vec::new();
        for (number, cells) in &self.sheet.rows {
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let at = At { place: self.sheet.place.clone(), row: *number };
            let mut row = Row { at: &at, kind: self.kind, places: &self.places, cells, faults: Vec::new() };
            let thing = read(&mut row);
            let faults = std::mem::take(&mut row.faults);
            match thing.filter(|_| faults.is_empty()) {
                Some(thing) => things.push((at, thing)),
                None => self.faults.extend(faults),
            }
        }
        things
    }
}

/// One row.
pub(super) struct Row<'a> {
    at: &'a At,
    kind: Kind,
    places: &'a BTreeMap<&'static str, usize>,
    cells: &'a [String],
    faults: Vec<SheetFault>,
}

impl Row<'_> {
    /// What stands there, without the space around it; none if nothing does.
    fn cell(&self, column: Column) -> Option<&str> {
        debug_assert!(self.kind.columns().iter().any(|known| known.en == column.en), "a column of this sheet");
        let place = self.places.get(column.en)?;
        self.cells.get(*place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    pub(super) fn fault(&mut self, column: Column, what: What) {
        self.faults.push(self.at.fault(Some(column), what));
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self, column: Column) -> Option<String> {
        let text = self.maybe_text(column);
        if text.is_none() && self.cell(column).is_none() {
            self.fault(column, What::Empty);
        }
        text
    }

    /// A text that may be missing.
    pub(super) fn maybe_text(&mut self, column: Column) -> Option<String> {
        let text = self.cell(column)?.to_owned();
        if text.chars().count() > TEXT_CHARS_MAX {
            self.fault(column, What::TooLong(TEXT_CHARS_MAX));
            return None;
        }
        Some(text)
    }

    /// An id that has to be there.
    pub(super) fn id<Id: FromStr<Err = BadId>>(&mut self, column: Column) -> Option<Id> {
        self.parsed(column, |text| text.to_lowercase().parse().map_err(|_| What::BadId(text.to_owned())))
    }

    /// An id that may be missing.
    pub(super) fn maybe_id<Id: FromStr<Err = BadId>>(&mut self, column: Column) -> Option<Id> {
        self.cell(column)?;
        self.id(column)
    }

    /// Ids with commas, semicolons or spaces between them.
    pub(super) fn ids<Id: FromStr<Err = BadId>>(&mut self, column: Column) -> Option<Vec<Id>> {
        let between = [',', ';', '、', '，', '；', ' ', '\n'];
        self.parsed(column, |text| {
            let ids = text.split(between).map(str::trim).filter(|id| !id.is_empty());
            ids.map(|id| id.to_lowercase().parse().map_err(|_| What::BadId(id.to_owned()))).collect()
        })
    }

    /// A day.
    pub(super) fn day(&mut self, column: Column) -> Option<Day> {
        self.parsed(column, |text| text.parse().map_err(|_| What::BadDay(text.to_owned())))
    }

    /// A time of a day.
    pub(super) fn minute(&mut self, column: Column) -> Option<Minute> {
        self.parsed(column, |text| text.parse().map_err(|_| What::BadTime(text.to_owned())))
    }

    /// A whole number within bounds.
    pub(super) fn number<N: TryFrom<i64>>(&mut self, column: Column, (least, most): (i64, i64)) -> Option<N> {
        self.parsed(column, |text| {
            let number = text.parse::<i64>().ok().filter(|number| (least..=most).contains(number));
            let number = number.and_then(|number| N::try_from(number).ok());
            number.ok_or_else(|| What::BadNumber { text: text.to_owned(), least, most })
        })
    }

    /// A whole number that may be missing.
    pub(super) fn number_or<N: TryFrom<i64>>(&mut self, column: Column, bounds: (i64, i64), other: N) -> Option<N> {
        if self.cell(column).is_none() { Some(other) } else { self.number(column, bounds) }
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, column: Column, words: Words<T>) -> Option<T> {
        self.parsed(column, |text| {
            let wanted = text.to_lowercase();
            let found = words.iter().find(|(_, zh, en)| wanted == *zh || wanted == *en);
            let all = || words.iter().map(|(_, zh, _)| *zh).collect();
            found.map(|(word, ..)| *word).ok_or_else(|| What::BadWord { text: text.to_owned(), words: all() })
        })
    }

    /// One of some words, or what no word means.
    pub(super) fn word_or<T: Copy>(&mut self, column: Column, words: Words<T>, other: T) -> Option<T> {
        if self.cell(column).is_none() { Some(other) } else { self.word(column, words) }
    }

    fn parsed<T>(&mut self, column: Column, parse: impl Fn(&str) -> Result<T, What>) -> Option<T> {
        let Some(text) = self.cell(column) else {
            self.fault(column, What::Empty);
            return None;
        };
        parse(text).map_err(|what| self.fault(column, what)).ok()
    }
}
