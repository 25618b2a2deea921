//! The server's doors, as a client sees them (`docs/protocol.md` §3 to §5).

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::Deserialize;

use super::fault::{Fault, bottom};

/// A door that does not answer within this is not there.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A server at an address.
#[derive(Clone, Debug)]
pub struct Door {
    http: Client,
    base: Url,
}

/// What a key opened.
#[derive(Clone, Debug, Deserialize)]
pub struct Entered {
    /// For every other door.
    pub token: String,
    /// When the token ends, in milliseconds since 1970 by the server's clock.
    pub expires_ms: u64,
    /// The server's clock.
    pub now_ms: u64,
    /// `teacher`, `room` or `ops`.
    pub role: String,
    /// The lesson the key is for now.
    pub lesson: Option<Lesson>,
}

/// A lesson, as far as a robot cares.
#[derive(Clone, Debug, Deserialize)]
pub struct Lesson {
    /// Its name in paths.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// `planned`, `live` or `ended`.
    pub state: String,
}

/// The answer to an offer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The server's side.
    pub sdp: String,
    /// The session's path.
    pub location: String,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    title: String,
}

impl Entered {
    /// How long the token is good from when it was given.
    pub const fn token_life(&self) -> Duration {
        Duration::from_millis(self.expires_ms.saturating_sub(self.now_ms))
    }
}

impl Door {
    /// The server whose addresses begin with `base`; nothing is sent yet.
    pub fn new(base: &str) -> Result<Self, Fault> {
        let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base = url.ok_or_else(|| Fault::NoAddress(base.to_owned()))?;
        // Whoever installed one before us chose it.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder().timeout(ANSWER_WITHIN).no_proxy().build();
        let http = http.map_err(|fault| Fault::Unreachable { base: base.to_string(), cause: bottom(&fault) })?;
        Ok(Self { http, base })
    }

    /// Shows a key.
    pub async fn enter(&self, key: &str) -> Result<Entered, Fault> {
        let answer = self.send(self.request(Method::POST, "/api/enter").bearer_auth(key)).await;
        let answer = answer.map_err(|fault| match fault {
            Fault::Refused { status: 401 | 403, code, title } => Fault::KeyRefused { code, title },
            other => other,
        })?;
        let text = self.text(answer).await?;
        serde_json::from_str(&text).map_err(|fault| Fault::Unreadable(fault.to_string()))
    }

    /// Offers to publish or to watch at `path`.
    pub async fn offer(&self, path: &str, token: &str, sdp: String) -> Result<Answer, Fault> {
        let request = self.request(Method::POST, path).bearer_auth(token);
        let answer = self.send(request.header(header::CONTENT_TYPE, "application/sdp").body(sdp)).await?;
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let location = location.ok_or_else(|| Fault::Unreadable("it names no session".to_owned()))?.to_owned();
        Ok(Answer { sdp: self.text(answer).await?, location })
    }

    /// Ends a session.
    pub async fn hang_up(&self, location: &str, token: &str) -> Result<(), Fault> {
        self.send(self.request(Method::DELETE, location).bearer_auth(token)).await.map(drop)
    }

    /// Where a lesson's WebSocket is.
    pub fn socket_url(&self, lesson: &str) -> String {
        let address = self.url(&format!("/lesson/{lesson}/ws"));
        // Both schemes have one of WebSocket's beside them: http and ws, https and wss.
        address.replacen("http", "ws", 1)
    }

    /// This machine's address on the way to the server: where its packets leave from.
    pub async fn way_out(&self) -> IpAddr {
        let fallback = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let (Some(host), Some(port)) = (self.base.host_str(), self.base.port_or_known_default()) else {
            return fallback;
        };
        let found = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let mut found: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
        found.sort_by_key(SocketAddr::is_ipv6);
        found.into_iter().find_map(|server| route_to(server).ok()).unwrap_or(fallback)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Fault> {
        let answer = request.send().await.map_err(|fault| self.unreachable(&fault))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let text = self.text(answer).await?;
        Err(refusal(status, &text))
    }

    async fn text(&self, answer: Response) -> Result<String, Fault> {
        answer.text().await.map_err(|fault| self.unreachable(&fault))
    }

    fn unreachable(&self, fault: &reqwest::Error) -> Fault {
        Fault::Unreachable { base: self.url(""), cause: bottom(fault) }
    }
}

fn refusal(status: StatusCode, text: &str) -> Fault {
    let Ok(Problem { code, title }) = serde_json::from_str(text) else {
        return Fault::Unreadable(format!("status {status}"));
    };
    match code.as_str() {
        "already_publishing" => Fault::AlreadyTaught,
        "lesson_ended" => Fault::LessonOver,
        _ => Fault::Refused { status: status.as_u16(), code, title },
    }
}

/// Asks the kernel; nothing is sent.
fn route_to(server: SocketAddr) -> std::io::Result<IpAddr> {
    let any: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    Ok(socket.local_addr()?.ip())
}
