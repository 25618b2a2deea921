//! What each door wants to see before it opens. It is declared with the door, and held here for all of them.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Problem;
use super::router::Doors;
use super::{cookie, guard, pages};
use crate::control::gate::LoggedIn;
use crate::lesson::{Action, Refusal, permits};

/// What a door wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing, and why that is right.
    Nothing(&'static str),
    /// A key, or the cookie of somebody whose role may open this page; who may not sees a page that says so.
    Page(Action),
    /// A key, or a cookie of a login or a device: to be changed for a token.
    Entrance(Action),
    /// A token whose role may do this.
    Token(Action),
    /// A token in the first message, whose role may do this.
    Hello(Action),
    /// Somebody who has logged in, to do with what is their own.
    Login,
    /// Somebody who has logged in and may do this somewhere; whether here, is asked of the thing itself.
    Power(Action),
}

/// Lets a request through to a door if it shows what the door needs.
pub(super) async fn met(State((doors, needs)): State<(Arc<Doors>, Needs)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match shown(&doors, needs, &mut parts) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refusal) if matches!(needs, Needs::Page(_)) => pages::refused(refusal),
        Err(refusal) => Problem::from(refusal).into_response(),
    }
}

/// Checks what is shown, and leaves whose it is with the request.
fn shown(doors: &Doors, needs: Needs, parts: &mut Parts) -> Result<(), Refusal> {
    match needs {
        Needs::Nothing(_) => cookie::from_own_page(parts),
        // The connection's first message is heard by the lesson.
        Needs::Hello(_) => Ok(()),
        Needs::Page(action) => pages::may_open(doors, parts, action),
        Needs::Entrance(_) => {
            let by_cookie =
                [cookie::LOGIN, cookie::DEVICE].iter().any(|name| cookie::read(&parts.headers, name).is_some());
            if guard::bearer(&parts.headers) == Err(Refusal::TokenMissing) && !by_cookie {
                return Err(Refusal::TokenMissing);
            }
            cookie::from_own_page(parts)
        }
        Needs::Token(action) => {
            let pass = doors.school.check_token(guard::bearer(&parts.headers)?)?;
            if !permits(pass.actor.role, action) {
                return Err(Refusal::NotPermitted);
            }
            parts.extensions.insert(pass);
            Ok(())
        }
        Needs::Login => {
            let who = logged_in(doors, parts)?;
            parts.extensions.insert(who);
            Ok(())
        }
        Needs::Power(action) => {
            let who = logged_in(doors, parts)?;
            if who.account.must_change {
                return Err(Refusal::PasswordExpired);
            }
            if !who.powers.iter().any(|actor| permits(actor.role, action)) {
                return Err(Refusal::NotPermitted);
            }
            parts.extensions.insert(who);
            Ok(())
        }
    }
}

fn logged_in(doors: &Doors, parts: &Parts) -> Result<LoggedIn, Refusal> {
    cookie::from_own_page(parts)?;
    doors.gate.logged_in(cookie::read(&parts.headers, cookie::LOGIN).ok_or(Refusal::TokenMissing)?)
}
