//! What a door is told when something cannot be done.

use std::time::Duration;

use super::negotiate::OfferFault;
use crate::io::mailbox::Busy;
use crate::lesson::Refusal;

/// A refusal, with what only the asker can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which, with its stable code.
    pub refusal: Refusal,
    /// Where in what was sent the trouble lies.
    pub detail: Option<String>,
    /// How long it stays so, where that is known.
    pub wait: Option<Duration>,
}

impl Refused {
    /// For so long.
    pub const fn for_now(refusal: Refusal, wait: Duration) -> Self {
        Self { refusal, detail: None, wait: Some(wait) }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, detail: None, wait: None }
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
