//! What a door is told when something cannot be done.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::negotiate::OfferFault;
use super::planning::Unplanned;
use crate::io::mailbox::Busy;
use crate::lesson::{PlanRefusal, Refusal};
use crate::sheets::{FileFault, SheetFault, SheetFaults};

/// How many faults of sheets are told: behind so many there is one cause.
const SHEET_FAULTS_TOLD_MAX: usize = 200;

/// A refusal, with what only the asker can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which, with its stable code.
    pub refusal: Refusal,
    /// Where in what was sent the trouble lies.
    pub detail: Option<String>,
    /// How long it stays so, where that is known.
    pub wait: Option<Duration>,
    /// What is told besides, by its name.
    pub more: Map<String, Value>,
}

impl Refused {
    /// For so long.
    pub fn for_now(refusal: Refusal, wait: Duration) -> Self {
        Self { refusal, detail: None, wait: Some(wait), more: Map::new() }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, detail: None, wait: None, more: Map::new() }
    }
}

impl From<OfferFault> for Refused {
    fn from(fault: OfferFault) -> Self {
        match fault {
            OfferFault::Unreadable(detail) => Self { detail: Some(detail), ..Refusal::OfferUnreadable.into() },
            OfferFault::Unusable(detail) => Self { detail: Some(detail), ..Refusal::OfferUnusable.into() },
        }
    }
}

impl From<Busy> for Refused {
    fn from(_: Busy) -> Self {
        Refusal::Busy.into()
    }
}

impl From<Unplanned> for Refused {
    fn from(unplanned: Unplanned) -> Self {
        match unplanned {
            Unplanned::Forbidden(refusal) => refusal.into(),
            Unplanned::Refused(refusal) => refusal.into(),
            Unplanned::Sheets(faults) => faults.into(),
            Unplanned::Busy => Refusal::Busy.into(),
            Unplanned::Fault(fault) => {
                tracing::error!(%fault, "a change of the plan could not be kept");
                Refusal::Internal.into()
            }
        }
    }
}

impl From<PlanRefusal> for Refused {
    fn from(refusal: PlanRefusal) -> Self {
        let more = [("reason", Value::from(refusal.code())), ("detail_zh", Value::from(refusal.zh()))];
        Self { detail: Some(refusal.to_string()), more: named(more), ..Refusal::PlanRefused.into() }
    }
}

impl From<FileFault> for Refused {
    fn from(fault: FileFault) -> Self {
        let words = fault.to_string();
        let more = [
            ("faults", json!([{ "place": "", "row": null, "column": null, "zh": words, "en": words }])),
            ("more", 0.into()),
        ];
        Self { more: named(more), ..Refusal::SheetsFaulty.into() }
    }
}

impl From<SheetFaults> for Refused {
    fn from(SheetFaults(faults): SheetFaults) -> Self {
        let told: Vec<_> = faults.iter().take(SHEET_FAULTS_TOLD_MAX).map(fault_view).collect();
        let left = faults.len() - told.len();
        let more = [("faults", Value::from(told)), ("more", Value::from(left))];
        Self { more: named(more), ..Refusal::SheetsFaulty.into() }
    }
}

fn named<const N: usize>(more: [(&str, Value); N]) -> Map<String, Value> {
    more.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn fault_view(fault: &SheetFault) -> Value {
    let column = fault.column.map(|column| json!({ "zh": column.zh, "en": column.en }));
    json!({ "place": fault.place, "row": fault.row, "column": column, "zh": fault.what.zh(), "en": fault.what.en() })
}
