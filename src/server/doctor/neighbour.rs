//! Whether a server runs already that has this configuration: it is known by what its admin listener says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server of this machine answers in milliseconds.
const BOUND: Duration = Duration::from_secs(2);

/// More than all metrics of a server are.
const MOST: u64 = 4 * 1024 * 1024;

/// Whether a running switchboard answers at the admin listener's address. That something is alive there would not do: other
/// programs listen on the same port as a matter of custom.
pub(super) async fn is_there(admin: SocketAddr) -> bool {
    matches!(timeout(BOUND, metrics(admin)).await, Ok(Ok(text)) if text.lines().any(|line| line.starts_with("switchboard_")))
}

async fn metrics(mut admin: SocketAddr) -> std::io::Result<String> {
    if admin.ip().is_unspecified() {
        admin.set_ip(if admin.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) });
    }
    let mut stream = TcpStream::connect(admin).await?;
    stream.write_all(format!("GET /metrics HTTP/1.0\r\nHost: {admin}\r\n\r\n").as_bytes()).await?;
    let mut text = Vec::new();
    stream.take(MOST).read_to_end(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
