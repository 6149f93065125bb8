//! Heroku's Platform API, as far as the CLI asks for it when it runs `ps`, `ps:exec`, `ps:forward`, `features:*`,
//! `apps:info`, `logs` and `auth:*`. Shapes and error bodies are those that the CLI was seen to rely on and the Platform
//! API reference documents.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{Path, Request, State as Extension};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response, sse};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::world::World;
use crate::{Dyno, Fault, logs};

const EXEC_FEATURE: &str = "runtime-heroku-exec";

type Shared = Extension<Arc<World>>;

pub(crate) fn router(world: Arc<World>) -> Router {
    let of_app = Router::new()
        .route("/", get(app))
        .route("/addons", get(nothing))
        .route("/collaborators", get(collaborators))
        .route("/pipeline-couplings", get(no_pipeline))
        .route("/buildpack-installations", get(buildpacks))
        .route("/config-vars", get(config_vars))
        .route("/features", get(features))
        .route("/features/{feature}", get(feature).patch(switch_feature))
        .route("/dynos", get(dynos).delete(restart_all))
        .route("/dynos/{dyno}", get(dyno).post(run_inside).delete(restart))
        .route("/formation", get(nothing))
        .route("/log-sessions", post(log_session));
    Router::new()
        .route("/account", get(account))
        .route("/account/keys", get(keys))
        .route("/oauth/authorizations", get(nothing))
        .nest("/apps/{app}", of_app)
        .route("/apps/{app}/pre-authorizations", patch(no_second_factor).put(no_second_factor))
        .fallback(|| async { not_found("The requested API endpoint was not found.") })
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&world), admit))
        .route("/logs/{dyno}", get(log_stream))
        .with_state(world)
}

/// Writes the call into the audit, then answers what the faults say before anything else is looked at.
async fn admit(Extension(world): Shared, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    world.audit.api(request.method().as_str(), &path);
    let faults = &world.faults;
    if let Some(status) = faults.take_api_answer() {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let refusal = Refusal { status, id: "rate_limit", message: "Please wait." };
        return ([("retry-after", "1")], refusal).into_response();
    }
    if faults.has(Fault::NotLoggedIn)
        || faults.has(Fault::BadToken)
        || token(request.headers()).as_deref() != Some(world.token.as_str())
    {
        let message = "Invalid credentials provided.";
        return Refusal { status: StatusCode::UNAUTHORIZED, id: "unauthorized", message }.into_response();
    }
    if faults.has(Fault::TwoFactor) {
        let message = "A second authentication factor or pre-authorization is required for this request.";
        return second_factor(message).into_response();
    }
    if let Some(named) = path.strip_prefix("/apps/") {
        let named = named.split('/').next().unwrap_or_default();
        if faults.has(Fault::NoApp) || (named != world.app_name && named != world.app_id) {
            return not_found("Couldn't find that app.").into_response();
        }
    }
    next.run(request).await
}

/// The token of a request: CLI 11 sends Bearer, 8 to 10 Basic with an empty user name.
fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("authorization")?.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(token.to_owned());
    }
    basic(value).map(|(_, password)| password)
}

/// User name and password of an HTTP Basic authorisation.
pub(crate) fn basic(value: &str) -> Option<(String, String)> {
    let decoded = BASE64.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// An error body of the Platform API.
struct Refusal {
    status: StatusCode,
    id: &'static str,
    message: &'static str,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "id": self.id, "message": self.message }))).into_response()
    }
}

const fn not_found(message: &'static str) -> Refusal {
    Refusal { status: StatusCode::NOT_FOUND, id: "not_found", message }
}

const fn second_factor(message: &'static str) -> Refusal {
    Refusal { status: StatusCode::FORBIDDEN, id: "two_factor", message }
}

async fn nothing() -> Json<Value> {
    Json(json!([]))
}

async fn no_pipeline() -> Refusal {
    not_found("Couldn't find that pipeline coupling.")
}

async fn no_second_factor() -> Refusal {
    second_factor("The second factor is wrong.")
}

async fn account(Extension(world): Shared) -> Json<Value> {
    Json(json!({ "id": world.account_id, "email": "dev@example.com", "name": "dev" }))
}

async fn keys(Extension(world): Shared) -> Json<Value> {
    let key = world.inside.as_ref().map(|inside| inside.key.clone());
    let key = key.filter(|_| !world.faults.has(Fault::NoAccountKey));
    Json(
        key.map(|key| json!({ "id": world.account_id, "email": "dev@example.com", "public_key": key }))
            .into_iter()
            .collect(),
    )
}

async fn collaborators() -> Json<Value> {
    Json(json!([{ "user": { "email": "dev@example.com" }, "role": "owner" }]))
}

async fn app(Extension(world): Shared) -> Json<Value> {
    let faults = &world.faults;
    let space = (faults.has(Fault::PrivateSpace) || faults.has(Fault::ShieldSpace)).then(
        || json!({ "id": world.app_id, "name": "the-space", "shield": faults.has(Fault::ShieldSpace) }),
    );
    let fir = faults.has(Fault::Fir) || world.inside.is_some();
    let (generation, stack) = if fir { ("fir", "cnb") } else { ("cedar", "heroku-24") };
    let name = &world.app_name;
    Json(json!({
        "id": world.app_id, "name": name, "acm": false, "archived_at": null, "create_status": "complete",
        "build_stack": { "name": stack }, "stack": { "name": stack }, "generation": generation,
        "space": space, "internal_routing": null, "maintenance": false, "process_tier": "production",
        "owner": { "id": world.account_id, "email": "dev@example.com" }, "region": { "name": "us" },
        "git_url": format!("https://git.heroku.com/{name}.git"), "web_url": format!("https://{name}.herokuapp.com/"),
        "repo_size": 5_000_000, "slug_size": 50_000_000, "team": null,
        "created_at": world.created_at.to_string(), "released_at": world.created_at.to_string(), "updated_at": world.created_at.to_string(),
    }))
}

async fn buildpacks() -> Json<Value> {
    Json(
        json!([{ "ordinal": 0, "buildpack": { "url": "https://github.com/heroku/heroku-buildpack-nodejs", "name": "heroku/nodejs" } }]),
    )
}

async fn config_vars(Extension(world): Shared) -> Json<Value> {
    let mut vars = json!({ "NODE_ENV": "production" });
    if world.faults.has(Fault::LegacyExecUrl) {
        vars["HEROKU_EXEC_URL"] = json!("https://user:password@exec.invalid/");
    }
    Json(vars)
}

fn exec_feature(world: &World) -> Value {
    json!({
        "id": "1a2b3c4d-0000-4000-8000-000000000000", "name": EXEC_FEATURE, "state": "general",
        "enabled": !world.faults.has(Fault::FeatureOff), "display_name": "Heroku Exec",
        "description": "Heroku Exec for dynos", "doc_url": "https://devcenter.heroku.com/articles/exec",
        "created_at": world.created_at.to_string(), "updated_at": world.created_at.to_string(),
    })
}

async fn features(Extension(world): Shared) -> Json<Value> {
    Json(json!([exec_feature(&world)]))
}

async fn feature(
    Extension(world): Shared,
    Path((_, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    if name != EXEC_FEATURE || world.inside.is_some() {
        return Err(not_found("Couldn't find that feature."));
    }
    Ok(Json(exec_feature(&world)))
}

/// Switching the feature makes a release, and a release restarts every dyno.
async fn switch_feature(
    Extension(world): Shared,
    Path((_, name)): Path<(String, String)>,
    Json(wanted): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    if name != EXEC_FEATURE {
        return Err(not_found("Couldn't find that feature."));
    }
    let enabled = !world.faults.has(Fault::FeatureOff);
    let wanted = wanted["enabled"].as_bool().unwrap_or(enabled);
    if wanted != enabled {
        if wanted {
            world.faults.clear(Fault::FeatureOff);
        } else {
            world.faults.set(Fault::FeatureOff);
        }
        world.release.fetch_add(1, Ordering::Relaxed);
        restart_in_background(world.dynos());
    }
    Ok(Json(exec_feature(&world)))
}

fn shown(world: &World, dyno: &Dyno) -> Value {
    let plan = dyno.plan();
    json!({
        "id": world.app_id, "name": world.name_of(dyno), "type": dyno.name().split('.').next(), "state": dyno.state().name(),
        "command": plan.app.command(), "size": plan.dyno_type, "attach_url": null,
        "app": { "id": world.app_id, "name": world.app_name }, "release": { "id": world.app_id, "version": world.release.load(Ordering::Relaxed) },
        "created_at": dyno.since().to_string(), "updated_at": dyno.since().to_string(),
    })
}

async fn dynos(Extension(world): Shared) -> Json<Value> {
    let dynos = world.dynos();
    let seen = dynos.iter().filter(|_| !world.faults.has(Fault::NoDyno));
    Json(seen.map(|dyno| shown(&world, dyno)).collect())
}

fn found(world: &World, name: &str) -> Result<Dyno, Refusal> {
    let named = world.dynos().into_iter().find(|dyno| world.name_of(dyno) == name);
    let dyno = named.filter(|_| !world.faults.has(Fault::NoDyno));
    dyno.ok_or(not_found("Couldn't find that dyno."))
}

async fn dyno(
    Extension(world): Shared,
    Path((_, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(shown(&world, &found(&world, &name)?)))
}

/// Keeps a command that is to run in a dyno of Fir, and says where to connect to.
async fn run_inside(
    Extension(world): Shared,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    Json(wanted): Json<Value>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let dyno = found(&world, &name)?;
    let variant = headers.get("accept").and_then(|value| value.to_str().ok());
    let inside = world.inside.as_ref().filter(|_| variant.is_some_and(|it| it.ends_with("run-inside")));
    let (Some(inside), Some(command)) = (inside, wanted["command"].as_str()) else {
        return Err(not_found("The requested API endpoint was not found."));
    };
    // What the platform would have done when the dyno came up.
    let key = if world.faults.has(Fault::KeyRefused) { "" } else { &inside.key };
    let url = dyno.takes_key(key).ok().and_then(|()| inside.keep(dyno.clone(), command.to_owned()).ok());
    let mut body = shown(&world, &dyno);
    body["attach_url"] = url.map(Value::from).ok_or(not_found("Couldn't find that dyno."))?;
    Ok((StatusCode::CREATED, Json(body)))
}

async fn restart(
    Extension(world): Shared,
    Path((_, name)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    restart_in_background(vec![found(&world, &name)?]);
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

async fn restart_all(Extension(world): Shared) -> Response {
    restart_in_background(world.dynos());
    (StatusCode::ACCEPTED, Json(json!({}))).into_response()
}

/// As on Heroku: the call is answered at once, the dynos go down and come up on their own.
fn restart_in_background(dynos: Vec<Dyno>) {
    for dyno in dynos {
        // A dyno that does not come up again shows it by its state.
        tokio::task::spawn_blocking(move || drop(dyno.restart()));
    }
}

async fn log_session(Extension(world): Shared, Json(wanted): Json<Value>) -> Response {
    if world.faults.has(Fault::NoLog) {
        let (status, message) = (StatusCode::FORBIDDEN, "You do not have access to the log of this app.");
        return Refusal { status, id: "forbidden", message }.into_response();
    }
    let dyno = wanted["dyno"].as_str().unwrap_or("all");
    // Of a Fir app there is what comes, and nothing that came before.
    let fir = world.inside.is_some();
    let tail = fir || wanted["tail"].as_bool().unwrap_or(false);
    let lines = if fir { 0 } else { wanted["lines"].as_u64().unwrap_or(100) };
    let source = wanted["source"].as_str().unwrap_or("all");
    let session = world.log_sessions.first.load(Ordering::Relaxed);
    let url =
        format!("{}/logs/{dyno}?tail={tail}&num={lines}&source={source}&session={session}", world.api_url());
    let body =
        json!({ "id": world.app_id, "logplex_url": url, "created_at": jiff::Timestamp::now().to_string() });
    (StatusCode::CREATED, Json(body)).into_response()
}

/// The log as server-sent events: what is kept, then (with `tail`) what comes.
async fn log_stream(Extension(world): Shared, Path(dyno): Path<String>, uri: axum::http::Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let sessions = &world.log_sessions;
    let session: u64 = value("session").and_then(|session| session.parse().ok()).unwrap_or(0);
    if session < sessions.first.load(Ordering::Relaxed) {
        return not_found("The log session is over.").into_response();
    }
    let mut cuts = sessions.cuts.subscribe();
    let number = value("num").and_then(|number| number.parse().ok()).unwrap_or(100);
    let source = value("source").filter(|source| *source != "all").map(str::to_owned);
    let wanted =
        move |line: &logs::Line| line.is_of((dyno != "all").then_some(dyno.as_str()), source.as_deref());
    let (mut kept, following) = world.logs.follow();
    kept.retain(&wanted);
    kept.drain(..kept.len().saturating_sub(number));
    // A client that is cut off connects again after so long; without that, after three seconds.
    let event = |line: logs::Line| {
        let event = sse::Event::default().data(line.shown()).retry(Duration::from_millis(50));
        Ok::<_, std::convert::Infallible>(event)
    };
    let kept = futures_util::stream::iter(kept.into_iter().map(event));
    if !query.contains("tail=true") {
        return sse::Sse::new(kept).into_response();
    }
    let coming = futures_util::stream::unfold(following, |mut following| async move {
        loop {
            match following.recv().await {
                Ok(line) => return Some((line, following)),
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return None,
            }
        }
    });
    let coming = coming.filter(move |line| std::future::ready(wanted(line))).map(event);
    sessions.streams.fetch_add(1, Ordering::Relaxed);
    let cut = async move { drop(cuts.changed().await) };
    sse::Sse::new(kept.chain(coming).take_until(Box::pin(cut))).into_response()
}
