//! What a door is told when something cannot be done.

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
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, detail: None }
    }
}

impl From<OfferFault> for Refused {
    fn from(fault: OfferFault) -> Self {
        match fault {
            OfferFault::Unreadable(detail) => Self { refusal: Refusal::OfferUnreadable, detail: Some(detail) },
            OfferFault::Unusable(detail) => Self { refusal: Refusal::OfferUnusable, detail: Some(detail) },
        }
    }
}

impl From<Busy> for Refused {
    fn from(_: Busy) -> Self {
        Refusal::Busy.into()
    }
}
