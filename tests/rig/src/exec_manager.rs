//! Heroku's exec-manager: takes a client's public key for a dyno and names the tunnel's entrance. https only, for the CLI
//! knows no other; its certificate comes from a throw-away authority that the CLI is told to trust.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Path, State as Extension};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::dyno::State;
use crate::world::World;
use crate::{Error, Fault, platform};

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new().route("/api/v2", get(status)).route("/api/v2/{dyno}", put(admit)).with_state(world)
}

/// Whether the request carries `app:token`, and which fault is to be played.
async fn checked(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    if world.faults.has(Fault::ExecManagerHangs) {
        std::future::pending::<()>().await;
    }
    let status = world.faults.find(|fault| match fault {
        Fault::ExecManagerAnswers(status) => StatusCode::from_u16(*status).ok(),
        _ => None,
    });
    if let Some(status) = status {
        return Err((status, Json(json!({ "message": "refused" }))).into_response());
    }
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let (user, password) = authorization.and_then(platform::basic).unwrap_or_default();
    if user != world.app_name || password != world.token {
        return Err((StatusCode::UNAUTHORIZED, Json(json!({ "message": "unauthorized" }))).into_response());
    }
    Ok(())
}

/// `--status`: the dynos that have an SSH server.
async fn status(Extension(world): Extension<Arc<World>>, headers: HeaderMap) -> Response {
    world.audit.exec("GET", "/api/v2");
    if let Err(refused) = checked(&world, &headers).await {
        return refused;
    }
    let up = world.dynos().into_iter().filter(|dyno| dyno.state() == State::Up);
    Json(up.map(|dyno| json!({ "dyno_name": dyno.name() })).collect::<Value>()).into_response()
}

/// Lets a client's key into a dyno.
async fn admit(
    Extension(world): Extension<Arc<World>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Json(wanted): Json<Value>,
) -> Response {
    world.audit.exec("PUT", &format!("/api/v2/{name}"));
    if let Err(refused) = checked(&world, &headers).await {
        return refused;
    }
    let not_found = || (StatusCode::NOT_FOUND, Json(json!({ "message": "no such dyno" }))).into_response();
    if world.faults.has(Fault::NoDyno) {
        return not_found();
    }
    let Some(dyno) = world.dyno(&name) else { return not_found() };
    let key = wanted["client_key"].as_str().filter(|key| key.starts_with("ssh-") && !key.contains('\n'));
    let Some(key) = key else { return StatusCode::UNPROCESSABLE_ENTITY.into_response() };
    if dyno.admit(key).is_err() {
        return not_found();
    }
    let mut host_key = world.host_public_key.clone();
    if world.faults.has(Fault::WrongHostKey) {
        // Still base64, and another key.
        host_key = host_key.replacen("AAAA", "AAAB", 1);
    }
    Json(json!({
        "tunnel_host": dyno.plan().tunnel_address, "client_user": "dyno", "dyno_ip": "127.0.0.1",
        "proxy_public_key": host_key,
    }))
    .into_response()
}

/// The authority's certificate (PEM), and what a server needs to speak in its name for 127.0.0.1.
pub(crate) fn certificates() -> Result<(String, TlsAcceptor), Error> {
    let failed = |error: rcgen::Error| Error::Certificates(error.to_string());
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "leakhunt rig");
    let authority =
        CertifiedIssuer::self_signed(authority, KeyPair::generate().map_err(failed)?).map_err(failed)?;
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(failed)?;
    params.subject_alt_names.push(rcgen::SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let certificate = params.signed_by(&key, &authority).map_err(failed)?;
    Ok((authority.pem(), acceptor(certificate.der().clone(), &key)?))
}

/// What speaks in the name of a certificate.
pub(crate) fn acceptor(
    certificate: rustls::pki_types::CertificateDer<'static>,
    key: &KeyPair,
) -> Result<TlsAcceptor, Error> {
    let failed = |error: rustls::Error| Error::Certificates(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .map_err(failed)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A TCP listener whose connections have done their TLS handshake.
pub(crate) struct TlsListener {
    pub(crate) tcp: TcpListener,
    pub(crate) acceptor: TlsAcceptor,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // A client that gives up its handshake concerns nobody else.
            if let Ok((stream, address)) = self.tcp.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
