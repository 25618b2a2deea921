//! The server's doors: keys in, tokens out; offers in, answers out (`docs/protocol.md` §3 to §5).

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, Url, header};
use serde::Deserialize;

use super::fault::{Fault, bottom};

/// A door that does not answer within this is not there; many watchers may stand before us.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A server at an address.
#[derive(Clone, Debug)]
pub(super) struct Door {
    http: Client,
    base: Url,
}

#[derive(Deserialize)]
struct Entered {
    token: String,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    title: String,
}

/// An offer that was answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) sdp: String,
    /// The session's path.
    pub(super) location: String,
}

impl Door {
    /// The server whose addresses begin with `base`. A certificate that nobody vouches for is taken on this machine, and
    /// elsewhere if `insecure`.
    pub(super) fn new(base: &str, insecure: bool) -> Result<Self, Fault> {
        let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base = url.ok_or_else(|| Fault::NoAddress(base.to_owned()))?;
        // Whoever installed one before us chose it.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let here = matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let http = Client::builder().timeout(ANSWER_WITHIN).no_proxy();
        let http = http.tls_danger_accept_invalid_certs(insecure || here).build();
        let http = http.map_err(|fault| Fault::Unreachable { base: base.to_string(), cause: bottom(&fault) })?;
        Ok(Self { http, base })
    }

    /// Shows a key: a token for every other door.
    pub(super) async fn enter(&self, key: &str) -> Result<String, Fault> {
        let answer = self.send(self.request(Method::POST, "/api/enter").bearer_auth(key)).await;
        let answer = answer.map_err(|fault| match fault {
            Fault::Refused { status: 401 | 403, code, title } => Fault::LinkRefused { code, title },
            other => other,
        })?;
        let text = self.text(answer).await?;
        let entered: Entered = serde_json::from_str(&text).map_err(|fault| Fault::Unreadable(fault.to_string()))?;
        Ok(entered.token)
    }

    /// Offers to publish or to watch at `path`.
    pub(super) async fn offer(&self, path: &str, token: &str, sdp: String) -> Result<Answered, Fault> {
        let request = self.request(Method::POST, path).bearer_auth(token);
        let answer = self.send(request.header(header::CONTENT_TYPE, "application/sdp").body(sdp)).await?;
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let location = location.ok_or_else(|| Fault::Unreadable("it names no session".to_owned()))?.to_owned();
        Ok(Answered { sdp: self.text(answer).await?, location })
    }

    /// Ends a session.
    pub(super) async fn hang_up(&self, location: &str, key: &str) -> Result<(), Fault> {
        // The first token may be over by now.
        let token = self.enter(key).await?;
        self.send(self.request(Method::DELETE, location).bearer_auth(token)).await.map(drop)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Fault> {
        let answer = request.send().await.map_err(|fault| self.unreachable(&fault))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let text = self.text(answer).await?;
        let problem = serde_json::from_str(&text);
        let Problem { code, title } = problem.map_err(|_| Fault::Unreadable(format!("status {status}")))?;
        Err(Fault::Refused { status: status.as_u16(), code, title })
    }

    async fn text(&self, answer: Response) -> Result<String, Fault> {
        answer.text().await.map_err(|fault| self.unreachable(&fault))
    }

    fn unreachable(&self, fault: &reqwest::Error) -> Fault {
        Fault::Unreachable { base: self.url(""), cause: bottom(fault) }
    }
}
