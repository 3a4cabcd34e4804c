//! What a server tells the person at the terminal.

use std::net::SocketAddr;

use super::Server;
use crate::config::{Tls, local_ips};
use crate::demo;

impl Server {
    /// Where the public listener is reached, such as `http://127.0.0.1:8080`.
    pub fn public_url(&self) -> String {
        self.url_of(self.public_address)
    }

    /// Where the admin listener is reached.
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin_address)
    }

    /// What to tell the person at the terminal, line by line; programs read the first two.
    pub fn announcement(&self) -> Vec<String> {
        let mut lines = vec![format!("listening on {}", self.public_url()), format!("admin on {}", self.admin_url())];
        let urls = self.urls();
        if self.config.tls == Tls::SelfSigned {
            lines.push("people on this network open one of these, and accept the certificate once:".to_owned());
            lines.extend(urls.iter().map(|url| format!("  {url}")));
        }
        if let (true, Some(url)) = (self.config.demo, urls.first()) {
            lines.extend(demo::lines(url));
        }
        lines
    }

    /// What people can open: the public URL, or every address listened on.
    fn urls(&self) -> Vec<String> {
        if let Some(origin) = &self.config.public_origin {
            return vec![origin.clone()];
        }
        let address = self.public_address;
        if !address.ip().is_unspecified() {
            return vec![self.public_url()];
        }
        let ips = local_ips().unwrap_or_default().into_iter().filter(|ip| ip.is_ipv4() || address.is_ipv6());
        ips.map(|ip| self.url_of(SocketAddr::new(ip, address.port()))).collect()
    }

    fn url_of(&self, address: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }
}
