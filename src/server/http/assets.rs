//! The web client's files, from inside the binary. Only `/` and files that exist are served.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::Error;

#[derive(RustEmbed)]
#[folder = "../../web/app"]
struct Files;

/// Files keep their names when they change, so a browser asks each time whether its copy is still good.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("no-cache");

/// Serves a file, or says that there is none.
pub(super) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let path = match uri.path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let file = Files::get(path).ok_or(Error::NotFound)?;
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(Error::MethodNotAllowed);
    }
    let etag = etag(&file);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| is_known(value, &etag));
    let common = [(header::ETAG, etag), (header::CACHE_CONTROL, CACHE_CONTROL)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    Ok((common, [(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)))], body(file.data)).into_response())
}

fn body(data: Cow<'static, [u8]>) -> axum::body::Body {
    match data {
        Cow::Borrowed(bytes) => bytes.into(),
        Cow::Owned(bytes) => bytes.into(),
    }
}

/// An entity tag (RFC 9110 §8.8.3): 128 bits of the content's SHA-256.
fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{digits}\"")).expect("hexadecimal digits in quotes are a header")
}

/// Whether an `If-None-Match` names this tag; the comparison is weak (RFC 9110 §13.1.2).
pub(super) fn is_known(value: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(value), Ok(etag)) = (value.to_str(), etag.to_str()) else { return false };
    value.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("mp3") => "audio/mpeg",
        Some("ogg") => "audio/ogg",
        Some("wav") => "audio/wav",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
