//! A browser as far as the JSON doors see one: it keeps cookies.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::server::Server;

/// The password of every account of a demonstration.
pub(super) const DEMO_PASSWORD: &str = "tongke-demo";

/// A browser: it keeps its cookies and nothing else.
pub(super) struct Browser {
    base: String,
    http: Client,
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// One that has shown nothing yet.
    pub(super) fn at(server: &Server) -> Self {
        let http = Client::builder().no_proxy().build().unwrap();
        Self { base: server.base.clone(), http, cookies: Vec::new() }
    }

    /// One that has logged in.
    pub(super) async fn of(server: &Server, user: &str, password: &str) -> Self {
        let mut browser = Self::at(server);
        let answer = browser.login(user, password).await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        browser
    }

    pub(super) async fn login(&mut self, user: &str, password: &str) -> Response {
        self.ask(Method::POST, "/api/login", Some(json!({ "user": user, "password": password }))).await
    }

    pub(super) async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Response {
        self.ask_with(method, path, body, &[]).await
    }

    /// Hands a file over.
    pub(super) async fn hand_over(&mut self, path: &str, file: &str) -> (u16, Value) {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.post(format!("{}{path}", self.base)).header("cookie", cookies.join("; "));
        said(request.body(file.to_owned()).send().await.unwrap()).await
    }

    pub(super) async fn ask_with(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        more: &[(&str, &str)],
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    pub(super) async fn get(&mut self, path: &str) -> (u16, Value) {
        said(self.ask(Method::GET, path, None).await).await
    }

    pub(super) async fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        said(self.ask(Method::POST, path, Some(body)).await).await
    }

    pub(super) async fn delete(&mut self, path: &str) -> (u16, Value) {
        said(self.ask(Method::DELETE, path, None).await).await
    }

    /// Changes what it has for a token.
    pub(super) async fn enter(&mut self, wish: Value) -> (u16, Value) {
        self.post("/api/enter", wish).await
    }
}

/// Status and body of an answer.
pub(super) async fn said(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}
