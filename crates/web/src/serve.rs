//! The server: connections, their limits, TLS, and an end that lets what has begun come to its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;
use utoipa::openapi::RefOr;

use crate::app::App;
use crate::config::Tls;
use crate::guard::Peer;
use crate::mount::Mount;

/// How long open requests may take to end once the service is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Why TLS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no certificate or key.
    #[error("read {path}")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: tokio_rustls::rustls::pki_types::pem::Error,
    },
    /// The two do not fit.
    #[error("use the certificate and its key")]
    Fit(#[from] tokio_rustls::rustls::Error),
}

/// What accepts TLS with these files.
///
/// # Errors
/// [`TlsError`].
pub fn tls(files: &Tls) -> Result<TlsAcceptor, TlsError> {
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::{ServerConfig, crypto::ring};
    let fault = |path: &std::path::Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(fault(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(fault(&files.key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves everything that is mounted until the app's `stopping` turns true, then lets open requests end.
pub async fn serve(app: App, mount: Mount, listener: TcpListener, tls: Option<TlsAcceptor>) {
    let (router, api) = mount.build(&app);
    app.describe(describe(api).into());
    let mut stop = app.stopping.subscribe();
    // It ends with the app.
    tokio::spawn(crate::planning::follow_trucks(app.clone()));
    let places = Arc::new(Semaphore::new(app.config.limits.connections));
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        // A place first: what cannot be served is not accepted, and waits in the system's own queue.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, most likely: others have to end first.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers leave at once.
        drop(stream.set_nodelay(true));
        let (app, router, stop, tls) = (app.clone(), router.clone(), stop.clone(), tls.clone());
        tasks.spawn(async move {
            app.counters.connections.fetch_add(1, Ordering::Relaxed);
            match tls {
                None => connection(&app, router, stream, from, stop).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        connection(&app, router, stream, from, stop).await;
                    }
                }
            }
            app.counters.connections.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
        while tasks.try_join_next().is_some() {}
    }
    drop(listener);
    let drained = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("open requests did not end in time");
    }
}

/// The API's description with what the routes themselves do not say.
fn describe(mut api: utoipa::openapi::OpenApi) -> String {
    use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
    api.info = utoipa::openapi::Info::new("Holdfast", env!("CARGO_PKG_VERSION"));
    let components = api.components.get_or_insert_default();
    components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::guard::SESSION_COOKIE));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    for (path, item) in &mut api.paths.paths {
        let reads = [&mut item.get].into_iter().flatten().map(|operation| (operation, false));
        let changes = [&mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        let changes = changes.into_iter().flatten().map(|operation| (operation, true));
        for (operation, changes) in reads.chain(changes) {
            answers_of_all(path, changes, &mut operation.responses.responses);
        }
    }
    // The description is made of strings and numbers alone; if it could not be written, nothing would be described.
    api.to_json().unwrap_or_default()
}

/// Adds what every route may answer, wherever it does not say so itself.
fn answers_of_all(
    path: &str,
    changes: bool,
    responses: &mut std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>>,
) {
    use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
    let mut all = vec![
        ("400", "The path, the query or the body cannot be read"),
        ("429", "Too many requests"),
        ("503", "No room now, or this service follows another one"),
    ];
    if path.starts_with("/api/") {
        all.extend([
            ("401", "Nobody is signed in"),
            ("403", "The caller lacks the right"),
            ("404", "There is no such thing"),
        ]);
        all.push(("422", "Something in it cannot be"));
    }
    if changes {
        all.extend([
            ("409", "The state does not allow it"),
            ("413", "The body is too large"),
            ("415", "It is no JSON"),
        ]);
    }
    for (status, description) in all {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let answer =
            ResponseBuilder::new().description(description).content("application/problem+json", problem);
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(answer.build()));
    }
}

async fn connection<S>(
    app: &App,
    router: Router,
    stream: S,
    from: SocketAddr,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = app.config.limits;
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Peer(from.ip()));
            router.oneshot(request).await
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        // Without a timer the timeout below would silently be none.
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.head_seconds))
        .max_buf_size(limits.head_bytes.max(8_192))
        .keep_alive(true);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let stopped = async {
        // An error means that nobody can stop it any more, which is the same.
        drop(stop.wait_for(|stop| *stop).await);
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
