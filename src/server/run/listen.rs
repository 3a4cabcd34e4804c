//! The two listeners: binding them, and serving routes on them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use socket2::SockRef;

use super::RunError;
use crate::config::Config;

/// A client that takes longer to send its headers is cut off, so that idle connections cannot pile up.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// The sockets of the listeners.
#[derive(Debug)]
pub struct Listeners {
    pub(super) public: TcpListener,
    pub(super) admin: TcpListener,
    /// For other nodes, if there are any.
    pub(super) cluster: Option<TcpListener>,
}

impl Listeners {
    /// Binds all of them.
    pub fn bind(config: &Config) -> Result<Self, RunError> {
        Ok(Self {
            public: bind(config.listen, "--listen")?,
            admin: bind(config.admin_listen, "--admin-listen")?,
            cluster: config.cluster_listen.map(|address| bind(address, "--cluster-listen")).transpose()?,
        })
    }
}

fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, RunError> {
    listen(address).map_err(|cause| {
        let cure = match cause.kind() {
            io::ErrorKind::AddrInUse => format!("stop the program that uses the port, or choose another with {flag}"),
            io::ErrorKind::PermissionDenied => format!("choose a port above 1023 with {flag}, or give the process the right to bind it"),
            _ => format!("choose an address of this machine with {flag}"),
        };
        RunError::Listen { address, cause, cure }
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // Accepted sockets take this over. An event must not wait for the acknowledgement of the one before it: Nagle's algorithm
    // and delayed acknowledgements would cost 40 ms of every answer to a call.
    SockRef::from(&listener).set_tcp_nodelay(true)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until `handle` says to stop.
pub(super) async fn serve(listener: TcpListener, tls: Option<RustlsConfig>, routes: Router, handle: Handle<SocketAddr>) -> io::Result<()> {
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        None => {
            let mut server = axum_server::from_tcp(listener)?.handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
            server.serve(routes).await
        }
        Some(tls) => {
            let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
            server.serve(routes).await
        }
    }
}
