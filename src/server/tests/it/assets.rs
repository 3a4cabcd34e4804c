//! The web client's files and the API's description.

use reqwest::Method;

use crate::support::{Answer, TestApp};

#[tokio::test]
async fn the_web_client_is_served_with_a_strict_policy() {
    let app = TestApp::start().await;
    let page = app.get("/").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(page.expect(200).as_str().unwrap().contains("<!doctype html>"));
}

#[tokio::test]
async fn a_browser_that_has_a_file_is_not_sent_it_again() {
    let app = TestApp::start().await;
    let etag = app.get("/").await.header("etag").unwrap().to_owned();
    let again = |tag: String| Answer::of(app.request(Method::GET, "/").header("if-none-match", tag));
    for tag in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let answer = again(tag).await;
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
        assert_eq!(answer.expect(304), serde_json::Value::Null);
    }
    again("\"other\"".to_owned()).await.expect(200);
}

#[tokio::test]
async fn only_files_of_the_client_are_served() {
    let app = TestApp::start().await;
    for path in ["/contacts", "/../Cargo.toml", "/%2e%2e/package.json", "/..%2fpackage.json", "//etc/passwd", "/js/", "/index.html/x"] {
        app.get(path).await.refused(404, "not_found");
    }
    Answer::of(app.request(Method::POST, "/")).await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let app = TestApp::start().await;
    let head = Answer::of(app.request(Method::HEAD, "/")).await;
    assert!(head.header("etag").is_some() && head.header("content-length").is_some());
    assert_eq!(head.expect(200), serde_json::Value::Null);
}

#[tokio::test]
async fn the_api_describes_every_route() {
    let app = TestApp::start().await;
    let description = app.get("/v1/openapi.json").await.expect(200);
    let routes = [
        ("post", "/v1/accounts"),
        ("get", "/v1/me"),
        ("get", "/v1/sessions"),
        ("post", "/v1/sessions"),
        ("delete", "/v1/sessions/current"),
        ("delete", "/v1/sessions/{id}"),
        ("get", "/v1/users"),
        ("get", "/v1/contacts"),
        ("delete", "/v1/contacts/{user_id}"),
        ("post", "/v1/invitations"),
        ("post", "/v1/invitations/{user_id}/accept"),
        ("post", "/v1/invitations/{user_id}/decline"),
        ("delete", "/v1/invitations/{user_id}"),
        ("patch", "/v1/contacts/{user_id}"),
        ("put", "/v1/contacts/{user_id}/labels/{label_id}"),
        ("delete", "/v1/contacts/{user_id}/labels/{label_id}"),
        ("post", "/v1/labels"),
        ("patch", "/v1/labels/{label_id}"),
        ("delete", "/v1/labels/{label_id}"),
        ("get", "/v1/turn-credentials"),
        ("get", "/v1/blocks"),
        ("put", "/v1/blocks/{user_id}"),
        ("delete", "/v1/blocks/{user_id}"),
        ("get", "/v1/settings"),
        ("patch", "/v1/settings"),
        ("get", "/v1/conversations"),
        ("post", "/v1/conversations/{user_id}/clips"),
        ("get", "/v1/clips/{clip_id}"),
        ("get", "/v1/conversations/{user_id}/messages"),
        ("post", "/v1/conversations/{user_id}/messages"),
        ("post", "/v1/conversations/{user_id}/read"),
        ("get", "/v1/calls"),
        ("post", "/v1/calls/seen"),
    ];
    for (method, path) in routes {
        assert!(description["paths"][path][method]["summary"].is_string(), "{method} {path}");
    }
    let described: usize = description["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(described, routes.len());
    assert_eq!(description["paths"]["/v1/users"]["get"]["parameters"][0]["name"], "phone");
    assert!(description["components"]["securitySchemes"]["cookie"].is_object());
}
