//! Listening: so many connections at once, each with so much time to say what it wants.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::accept::{Accept, DefaultAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_http::add_extension::AddExtension;

use super::prompt::Prompt;

/// Headers that take longer than this are not coming (a slow line needs one round trip).
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// Why a door does not open.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenFault {
    /// Where.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
}

/// A bound door that is not served yet.
pub struct Door {
    listener: TcpListener,
    /// Where it is: port 0 has become a real one.
    pub address: SocketAddr,
}

impl Door {
    /// Binds a door.
    pub fn bind(address: SocketAddr) -> Result<Self, ListenFault> {
        let bind = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok(Self { listener, address })
        };
        bind().map_err(|source| ListenFault { address, source })
    }

    /// Serves plain HTTP until `handle` says stop.
    pub async fn serve(self, router: Router, limit: Limit, handle: Handle<SocketAddr>) -> io::Result<()> {
        let server = axum_server::from_tcp(self.listener)?.acceptor(limit.over(DefaultAcceptor::new()));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        patient(server).handle(handle).serve(service).await
    }

    /// Serves HTTPS until `handle` says stop.
    pub async fn serve_tls(
        self,
        router: Router,
        limit: Limit,
        tls: RustlsConfig,
        handle: Handle<SocketAddr>,
    ) -> io::Result<()> {
        let server = axum_server::from_tcp(self.listener)?.acceptor(limit.over(RustlsAcceptor::new(tls)));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        patient(server).handle(handle).serve(service).await
    }
}

/// Ends connections whose headers do not come, or whose peer is gone.
fn patient<A>(mut server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
    server.http_builder().http2().timer(TokioTimer::new()).keep_alive_interval(HEADERS_WITHIN);
    server
}

/// How many connections all doors together may have.
#[derive(Clone)]
pub struct Limit(Arc<Semaphore>);

impl Limit {
    /// So many connections.
    pub fn new(connections: usize) -> Self {
        Self(Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))))
    }

    fn over<A>(&self, inner: A) -> Limited<A> {
        Limited { inner, limit: self.clone() }
    }
}

/// An acceptor that closes connections over the limit at once.
#[derive(Clone)]
struct Limited<A> {
    inner: A,
    limit: Limit,
}

/// A connection's place among all; whoever has a clone of it holds it.
pub(super) type Place = Arc<OwnedSemaphorePermit>;

type Held<S> = AddExtension<S, Place>;

impl<A, I, S> Accept<I, S> for Limited<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Prompt<A::Stream>;
    // The place is held as long as the connection has its service.
    type Service = Held<A::Service>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let place = self.limit.0.clone().try_acquire_owned();
        let accepting = place.is_ok().then(|| self.inner.accept(stream, service));
        Box::pin(async move {
            let (Ok(place), Some(accepting)) = (place, accepting) else {
                return Err(io::Error::other("too many connections"));
            };
            let (stream, service) = accepting.await?;
            Ok((Prompt::new(stream, HEADERS_WITHIN), AddExtension::new(service, Arc::new(place))))
        })
    }
}
