//! The documented Platform API, asked directly: a question costs what the network costs, where the CLI takes 1 to 2 s for it.
//!
//! The token is sent where the CLI would send it and nowhere else. Answers are bounded and only the fields named here are
//! kept: of an app's config vars, which are secrets, only whether one of them exists.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::busy::{PutOff, Told, Waiting};
use super::config::Config;
use super::facts::Generation;
use crate::tail::clean;
use crate::{Environment, Error};

const CALL_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_ANSWER: u64 = 8 * 1024 * 1024;
/// The variant the CLI's own `ps:exec` asks for; it gives `generation` as a word.
const ACCEPT: &str = "application/vnd.heroku+json; version=3.sdk";

/// `GET /apps/A`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct App {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    #[serde(default)]
    generation: NameOrObject,
    #[serde(default)]
    pub(crate) region: NameOrObject,
    #[serde(default)]
    pub(crate) stack: NameOrObject,
    pub(crate) space: Option<AppSpace>,
}

impl App {
    pub(crate) fn generation(&self) -> Generation {
        match self.generation.name().as_deref() {
            None | Some("cedar") => Generation::Cedar,
            Some("fir") => Generation::Fir,
            Some(other) => Generation::Other(other.to_owned()),
        }
    }
}

/// Something the API gives as `"cedar"`, as `{"name": "cedar"}`, or not at all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
pub(crate) enum NameOrObject {
    Name(String),
    Object {
        name: String,
    },
    #[default]
    Absent,
}

impl NameOrObject {
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Name(name) | Self::Object { name } => Some(clean(name, 80)),
            Self::Absent => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AppSpace {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) shield: bool,
}

/// An element of `GET /apps/A/dynos`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dyno {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) state: String,
    pub(crate) size: Option<String>,
    pub(crate) updated_at: Option<String>,
    release: Option<Release>,
}

#[derive(Debug, Clone, Deserialize)]
struct Release {
    version: u64,
}

impl Dyno {
    /// The number of the release that it runs.
    pub(crate) fn version(&self) -> Option<u64> {
        self.release.as_ref().map(|release| release.version)
    }
}

/// `POST /apps/A/log-sessions`
#[derive(Debug, Clone, Deserialize)]
struct LogSession {
    logplex_url: String,
}

/// `GET /apps/A/features/runtime-heroku-exec`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Feature {
    pub(crate) enabled: bool,
}

/// `GET /account`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    pub(crate) email: String,
}

/// `GET /apps/A/config-vars`, of which one key's presence is kept and no value.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ConfigVars {
    #[serde(rename = "HEROKU_EXEC_URL")]
    exec_url: Option<IgnoredAny>,
}

impl ConfigVars {
    pub(crate) fn legacy_addon(&self) -> bool {
        self.exec_url.is_some()
    }
}

/// An element of `GET /apps/A/buildpack-installations`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Installation {
    buildpack: Buildpack,
}

#[derive(Debug, Clone, Deserialize)]
struct Buildpack {
    url: Option<String>,
}

impl Installation {
    pub(crate) fn is_exec(&self) -> bool {
        // The same two prefixes as the CLI's `initFeature`.
        let known = ["https://github.com/heroku/exec-buildpack", "urn:buildpack:heroku/exec"];
        self.buildpack.url.as_deref().is_some_and(|url| known.iter().any(|k| url.starts_with(k)))
    }
}

/// A client of the Platform API for one app.
#[derive(Clone)]
pub(crate) struct Api {
    agent: Agent,
    base: Arc<str>,
    token: Arc<str>,
    app: Arc<str>,
    told: Arc<Told>,
}

/// Why a call came to nothing.
enum Refused {
    /// It may be asked again.
    PutOff(PutOff),
    Final(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl Api {
    pub(crate) fn new(config: &Config, major: u32, token: &str) -> Result<Self, Error> {
        let base = base_url(config.environment.text("HEROKU_HOST"), major);
        if !may_have_the_token(&base) {
            let request = format!("asking {base}");
            return Err(Error::Api {
                request,
                detail: "HEROKU_HOST is no host of Heroku's, so it gets no token".into(),
            });
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(CALL_TIMEOUT))
            .user_agent(concat!("leakhunt/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy(&config.environment, &base))
            .tls_config(tls)
            .build()
            .new_agent();
        Ok(Self {
            agent,
            base: base.into(),
            token: token.into(),
            app: config.app.as_str().into(),
            told: Arc::default(),
        })
    }

    /// `GET /apps/APP` + `path`, or `GET` of `path` itself when that begins with `/`; with the time it took.
    pub(crate) async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
    ) -> Result<(T, Duration), Error> {
        self.call("GET", path, None).await
    }

    /// `PATCH` with a JSON body.
    pub(crate) async fn patch<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        body: serde_json::Value,
    ) -> Result<(T, Duration), Error> {
        self.call("PATCH", path, Some(body)).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> Result<Duration, Error> {
        self.call::<IgnoredAny>("DELETE", path, None).await.map(|(_, took)| took)
    }

    async fn call<T: DeserializeOwned + Send + 'static>(
        &self,
        method: &'static str,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Result<(T, Duration), Error> {
        let path = match path.strip_prefix('/') {
            Some(_) => path.to_owned(),
            None if path.is_empty() => format!("/apps/{}", self.app),
            None => format!("/apps/{}/{path}", self.app),
        };
        let body: Arc<str> = body.map_or_else(String::new, |body| body.to_string()).into();
        let start = Instant::now();
        let mut waiting = Waiting::default();
        loop {
            let (this, asked, body) = (self.clone(), path.clone(), Arc::clone(&body));
            let call = tokio::task::spawn_blocking(move || this.call_blocking(method, &asked, &body));
            let answer =
                call.await.map_err(|e| Error::io("asking the Platform API", std::io::Error::other(e)))?;
            let put_off = match answer {
                Ok(answer) => return Ok((answer, start.elapsed())),
                Err(Refused::Final(error)) => return Err(error),
                Err(Refused::PutOff(put_off)) => put_off,
            };
            let Some(wait) = waiting.next(put_off) else {
                let request = format!("{method} {path}");
                let PutOff { status, retry_after } = put_off;
                return Err(Error::Busy { request, status, tries: waiting.tries, retry_after });
            };
            self.told.note(put_off);
            tokio::time::sleep(wait).await;
        }
    }

    /// The last lines that the platform itself, not the app, logged of a dyno.
    pub(crate) async fn log(&self, dyno: &str, lines: u32) -> Result<String, Error> {
        let wanted = serde_json::json!({ "dyno": dyno, "source": "heroku", "lines": lines, "tail": false });
        let (session, _) = self.call::<LogSession>("POST", "log-sessions", Some(wanted)).await?;
        let url = session.logplex_url;
        // A session's address is its own credential, and is on another host: the token does not go there.
        let (scheme, authority) = url.split_once("://").unwrap_or_default();
        let loopback = self.base.starts_with("http://") && authority.starts_with("127.0.0.1:");
        if scheme != "https" && !loopback {
            return Err(Error::Api { request: "the log's address".into(), detail: "is not https".into() });
        }
        let agent = self.agent.clone();
        let read = move || {
            let mut answer = agent.get(&url).call()?;
            answer.body_mut().with_config().limit(MAX_ANSWER).read_to_string()
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|error| Error::io("reading the log", std::io::Error::other(error)))?
            .map_err(|error| unreachable("the log's host", &error))
    }

    /// What is to be told of questions that the platform put off.
    pub(crate) fn warning(&self) -> Option<String> {
        self.told.warning()
    }

    fn call_blocking<T: DeserializeOwned>(&self, method: &str, path: &str, body: &str) -> Result<T, Refused> {
        let request = || format!("{method} {path}");
        let failed = |detail: String| Error::Api { request: request(), detail };
        let call = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Accept", ACCEPT)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .body(body.to_owned())
            .map_err(|error| failed(error.to_string()))?;
        let unreachable = |error: ureq::Error| unreachable(&self.base, &error);
        let mut response = self.agent.run(call).map_err(unreachable)?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        // The one thing that is POSTed here is the wish to read a log.
        let reads = matches!(method, "GET" | "POST");
        if let Some(put_off) = PutOff::of(status, retry_after, reads) {
            return Err(Refused::PutOff(put_off));
        }
        let text =
            response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().map_err(unreachable)?;
        if !(200..300).contains(&status) {
            return Err(self.refusal(status, &text, request()).into());
        }
        // serde's message names the place and never quotes a value of the kinds asked for here.
        serde_json::from_str(&text)
            .map_err(|error| failed(format!("an answer that is not as documented: {error}")).into())
    }

    /// Errors have `{"id": "...", "message": "..."}` (Platform API reference, "Errors").
    fn refusal(&self, status: u16, text: &str, request: String) -> Error {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Problem {
            id: String,
            message: String,
        }
        let problem: Problem = serde_json::from_str(text).unwrap_or_default();
        let detail = leakhunt_text::cut(&clean(&problem.message, 200));
        match status {
            401 => Error::NotLoggedIn { detail: "the Platform API does not accept the token".into() },
            403 if problem.id == "two_factor" => Error::TwoFactor { target: self.app.to_string() },
            403 => Error::Forbidden { target: self.app.to_string(), detail },
            404 if request.ends_with(&format!("/apps/{}", self.app)) => {
                Error::NoSuchApp { app: self.app.to_string() }
            }
            _ => Error::Api { request, detail: format!("HTTP {status} {detail}").trim_end().to_owned() },
        }
    }
}

/// As the CLI's `vars.js` makes it: a HEROKU_HOST that begins with `http` is the API's own address, any other is a domain
/// under which `api.` is. From major 9 on one that is not Heroku's or this machine is ignored.
fn base_url(heroku_host: Option<&str>, major: u32) -> String {
    let host = heroku_host.filter(|host| major <= 8 || is_valid_host(host)).unwrap_or("heroku.com");
    if !host.starts_with("http") {
        return format!("https://api.{host}");
    }
    // Of a URL the CLI takes scheme, host and port.
    let (scheme, rest) = host.split_once("://").unwrap_or(("https", host));
    format!("{scheme}://{}", rest.split(['/', '?', '#']).next().unwrap_or_default())
}

fn is_valid_host(host: &str) -> bool {
    let bare = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://")).unwrap_or(host);
    is_herokus(bare) || ["localhost", "127.0.0.1"].iter().any(|local| bare.contains(local))
}

fn is_herokus(host: &str) -> bool {
    ["heroku.com", "herokai.com", "herokuspace.com", "herokudev.com"]
        .iter()
        .any(|domain| host == *domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// Major 11 sends its token to Heroku's domains and to this machine. Over plain http it goes to this machine alone.
fn may_have_the_token(base: &str) -> bool {
    let Some((scheme, authority)) = base.split_once("://") else { return false };
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let local = host == "localhost" || host == "127.0.0.1";
    !authority.contains('@') && (local || (scheme == "https" && is_herokus(host)))
}

/// What happened to the connection, in words that tell a person where to look.
fn unreachable(base: &str, error: &ureq::Error) -> Error {
    let host = base.split_once("://").map_or(base, |(_, host)| host).to_owned();
    let why = match error {
        ureq::Error::Timeout(_) => format!("no answer within {} s", CALL_TIMEOUT.as_secs()),
        ureq::Error::HostNotFound => "its name could not be resolved".into(),
        ureq::Error::ConnectionFailed => "no connection could be made".into(),
        other => clean(&other.to_string(), 200),
    };
    Error::Unreachable { host, why }
}

fn proxy(env: &Environment, base: &str) -> Option<ureq::Proxy> {
    if !base.starts_with("https://") {
        return None;
    }
    let url = ["HTTPS_PROXY", "https_proxy"].iter().find_map(|name| env.text(name))?;
    ureq::Proxy::new(url).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: Option<&str>, major: u32, expected: &str, token: bool) {
        let base = base_url(host, major);
        assert_eq!((base.as_str(), may_have_the_token(&base)), (expected, token), "{host:?} of {major}");
    }

    #[test]
    fn heroku_host_is_honoured_as_the_cli_does() {
        check(None, 11, "https://api.heroku.com", true);
        check(Some("herokudev.com"), 11, "https://api.herokudev.com", true);
        check(Some("http://127.0.0.1:4000"), 11, "http://127.0.0.1:4000", true);
        check(Some("http://localhost:4000/x"), 8, "http://localhost:4000", true);
        check(Some("evil.example"), 11, "https://api.heroku.com", true);
        check(Some("evil.example"), 8, "https://api.evil.example", false);
        check(Some("http://127.0.0.1.evil.example"), 11, "http://127.0.0.1.evil.example", false);
        check(Some("http://127.0.0.1:80@evil.example"), 11, "http://127.0.0.1:80@evil.example", false);
        check(Some("notheroku.com"), 8, "https://api.notheroku.com", false);
        check(Some("http://api.heroku.com"), 11, "http://api.heroku.com", false);
    }

    #[test]
    fn of_the_config_vars_only_a_keys_presence_is_kept() {
        let vars: ConfigVars =
            serde_json::from_str(r#"{"SECRET": "s3cret", "HEROKU_EXEC_URL": "u"}"#).unwrap();
        assert!(vars.legacy_addon());
        assert!(!format!("{vars:?}").contains("s3cret"));
        let vars: ConfigVars = serde_json::from_str(r#"{"SECRET": "s3cret"}"#).unwrap();
        assert!(!vars.legacy_addon());
    }

    #[test]
    fn an_app_is_read_in_either_shape() {
        let sdk: App = serde_json::from_str(
            r#"{"id":"i","name":"a","generation":"fir","region":{"name":"us"},"build_stack":{"name":"cnb"},"space":null}"#,
        )
        .unwrap();
        assert_eq!(sdk.generation(), Generation::Fir);
        let v3: App = serde_json::from_str(
            r#"{"id":"i","name":"a","generation":{"id":"x","name":"cedar"},"space":{"name":"s","shield":true}}"#,
        )
        .unwrap();
        assert_eq!(v3.generation(), Generation::Cedar);
        assert!(v3.space.unwrap().shield);
    }
}
