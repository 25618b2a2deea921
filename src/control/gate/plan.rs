//! Those who look after schools change the plan here.

use super::{Gate, LoggedIn};
use crate::control::planning::{Asked, Outcome, PlanWish};
use crate::control::refused::Refused;

impl Gate {
    /// Changes the plan as somebody wants, or only says what would come of it if it is a `trial`.
    ///
    /// # Errors
    /// Why not, in words; nothing is different then.
    pub async fn plan(&self, who: &LoggedIn, wish: PlanWish, trial: bool) -> Result<Outcome, Refused> {
        let asked = Asked { by: who.account.id.to_string(), powers: who.powers.clone(), wish };
        Ok(self.school.plan(&*self.store, asked, trial).await?)
    }
}
