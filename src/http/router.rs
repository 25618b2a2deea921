//! Which door leads where, and what it needs: one list, of which the router is built. There is no other door.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::answer::Problem;
use super::needs::met;
use super::{api, desk, guard, lesson_ws, pages, plan, whip};
use crate::control::gate::Gate;
use crate::control::school::School;
use crate::lesson::{Action, Refusal};
use crate::telemetry::Telemetry;

pub use super::address::OverTls;
pub use super::needs::Needs;

/// What the doors need.
pub struct Doors {
    /// Who is asked.
    pub school: Arc<School>,
    /// Where people log in and rooms get their devices.
    pub gate: Arc<Gate>,
    /// Where requests are counted.
    pub telemetry: Arc<Telemetry>,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// Who may say for whom they ask.
    pub proxies: Vec<IpAddr>,
}

/// One door.
struct Door {
    method: Method,
    path: &'static str,
    needs: Needs,
    serve: MethodRouter<Arc<Doors>>,
    /// Whether it is answered at once; those that wait for something to happen have their own end.
    prompt: bool,
}

/// Every door with what it needs.
#[rustfmt::skip]
fn doors() -> Vec<Door> {
    use Needs as N;
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let (whip, whip_one) = ("/whip/{lesson}", "/whip/{lesson}/{session}");
    let (whep, whep_one) = ("/whep/{lesson}", "/whep/{lesson}/{session}");
    vec![
        door(&get, "/", N::Nothing("it only says that a link is needed"), pages::home),
        door(&get, "/login", N::Nothing("who logs in has nothing yet"), pages::login),
        door(&get, "/teach", N::Page(Action::OpenTeach), pages::teach),
        door(&get, "/classroom", N::Page(Action::OpenClassroom), pages::classroom),
        door(&get, "/devices", N::Page(Action::OpenAdmin), pages::devices),
        door(&get, "/plan", N::Page(Action::OpenAdmin), pages::plan),
        door(&get, "/timetable", N::Nothing("it hangs on the wall, and names no pupil"), pages::timetable),
        door(&get, "/ops", N::Page(Action::OpenOps), pages::ops),
        door(&get, "/assets/{*path}", N::Nothing("code and style, the same for all"), pages::asset),
        door(&get, "/favicon.ico", N::Nothing("browsers ask by themselves"), pages::icon),
        door(&post, "/api/enter", N::Entrance(Action::Enter), api::enter),
        door(&get, "/api/ops", N::Token(Action::ReadFigures), api::ops),
        door(&post, "/api/login", N::Nothing("who logs in has nothing yet"), desk::login),
        door(&post, "/api/logout", N::Login, desk::logout),
        door(&post, "/api/password", N::Login, desk::password),
        door(&get, "/api/me", N::Login, desk::me),
        door(&get, "/api/accounts", N::Power(Action::ManagePeople), desk::accounts),
        door(&post, "/api/accounts", N::Power(Action::ManagePeople), desk::add_account),
        door(&delete, "/api/accounts/{account}", N::Power(Action::ManagePeople), desk::revoke_account),
        door(&post, "/api/accounts/{account}/password", N::Power(Action::ManagePeople), desk::reset_password),
        door(&post, "/api/accounts/{account}/grants", N::Power(Action::ManagePeople), desk::give),
        door(&delete, "/api/grants/{grant}", N::Power(Action::ManagePeople), desk::take),
        door(&post, "/api/keys/revoke", N::Power(Action::Revoke), desk::revoke_key),
        door(&post, "/api/pairing", N::Nothing("a screen without a room shows a code; it opens nothing"), desk::show_code),
        Door { prompt: false, ..door(&get, "/api/device", N::Nothing("a screen asks whether it is a room's"), desk::device_state) },
        door(&get, "/api/devices", N::Power(Action::PairDevice), desk::devices),
        door(&post, "/api/rooms/{room}/device", N::Power(Action::PairDevice), desk::pair),
        door(&delete, "/api/rooms/{room}/device", N::Power(Action::Revoke), desk::unpair),
        door(&get, "/api/timetable", N::Nothing("it hangs on the wall, and names no pupil"), plan::wall),
        door(&get, "/api/timetable/{school}", N::Nothing("it hangs on the wall, and names no pupil"), plan::week),
        door(&get, "/api/plan/lessons", N::Power(Action::ManageTimetable), plan::lessons),
        Door { prompt: false, ..door(&post, "/api/plan/import", N::Power(Action::ManageTimetable), plan::import) },
        door(&post, "/api/lessons/{lesson}/change", N::Power(Action::ManageTimetable), plan::change),
        door(&get, "/api/audit", N::Power(Action::ReadAudit), desk::audit),
        door(&post, whip, N::Token(Action::Publish), whip::publish),
        door(&post, whep, N::Token(Action::Watch), whip::watch),
        door(&Method::OPTIONS, whip, N::Nothing("it says which type an offer has"), whip::options),
        door(&Method::OPTIONS, whep, N::Nothing("it says which type an offer has"), whip::options),
        door(&patch, whip_one, N::Token(Action::Publish), whip::patch),
        door(&patch, whep_one, N::Token(Action::Watch), whip::patch),
        door(&delete, whip_one, N::Token(Action::Publish), whip::delete),
        door(&delete, whep_one, N::Token(Action::Watch), whip::delete),
        Door { prompt: false, ..door(&get, "/lesson/{lesson}/ws", N::Hello(Action::Join), lesson_ws::open) },
    ]
}

fn door<H, T>(method: &Method, path: &'static str, needs: Needs, handler: H) -> Door
where
    H: Handler<T, Arc<Doors>>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).expect("a door has one of the usual methods");
    Door { method: method.clone(), path, needs, serve: on(filter, handler), prompt: true }
}

/// Method, path and need of every door.
pub fn table() -> Vec<(Method, &'static str, Needs)> {
    doors().into_iter().map(|door| (door.method, door.path, door.needs)).collect()
}

/// Every public door.
pub fn router(state: Doors) -> Router {
    let state = Arc::new(state);
    let mut router = Router::new();
    for Door { path, needs, serve, prompt, .. } in doors() {
        let mut serve = serve.layer(from_fn_with_state((state.clone(), needs), met));
        if prompt {
            serve = serve.layer(from_fn_with_state(state.clone(), guard::in_time));
        }
        router = router.route(path, serve);
    }
    router.layer(from_fn_with_state(state.clone(), guard::around)).layer(map_response(worded)).with_state(state)
}

/// Puts the framework's own bare faults into words.
async fn worded(response: Response) -> Response {
    if response.status().is_server_error() && response.extensions().get::<Refusal>().is_none() {
        return Problem::from(Refusal::Internal).into_response();
    }
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lesson::{Role, permits};

    #[test]
    fn every_door_is_declared_once_and_somebody_may_pass_it() {
        let mut seen = BTreeSet::new();
        for (method, path, needs) in table() {
            assert!(seen.insert((method.to_string(), path)), "{method} {path} is there twice");
            let passes = |action| Role::ALL.into_iter().any(|role| permits(role, action));
            match needs {
                Needs::Nothing(why) => assert!(!why.is_empty(), "{method} {path} says why"),
                Needs::Login => {}
                Needs::Page(action)
                | Needs::Entrance(action)
                | Needs::Token(action)
                | Needs::Hello(action)
                | Needs::Power(action) => assert!(passes(action), "nobody may pass {method} {path}"),
            }
        }
    }

    #[test]
    fn what_changes_something_needs_a_power_or_is_the_askers_own() {
        let own = ["/api/login", "/api/logout", "/api/password", "/api/pairing", "/api/enter"];
        let changing =
            table().into_iter().filter(|(method, ..)| [Method::POST, Method::DELETE, Method::PATCH].contains(method));
        for (method, path, needs) in changing.filter(|(_, path, _)| !own.contains(path)) {
            assert!(matches!(needs, Needs::Power(_) | Needs::Token(_)), "{method} {path} needs only {needs:?}");
        }
    }
}
