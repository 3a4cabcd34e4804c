//! Voice clips: sent to contacts, heard by the two of the conversation.

use std::path::Path;
use std::time::Duration;

use reqwest::{Body, Method, RequestBuilder};
use serde_json::json;
use switchboard::clips::MAX_BYTES;
use switchboard_ids::ClipId;
use switchboard_protocol::{Event, Message, MessageBody};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::{Answer, Process, S3, TestApp, TestUser, complaint, eventually};

const WEBM: &[u8] = include_bytes!("../clips/chromium.webm");
const OGG: &[u8] = include_bytes!("../clips/opus.ogg");
const MP4: &[u8] = include_bytes!("../clips/fragments.mp4");
const VIDEO: &[u8] = include_bytes!("../clips/video.webm");

fn news(event: &Event) -> Option<Message> {
    match event {
        Event::Message { message } => Some(message.clone()),
        _ => None,
    }
}

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Status, headers by name, and the bytes.
async fn bytes_of(request: RequestBuilder) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.headers().clone(), response.bytes().await.unwrap().to_vec())
}

async fn befriended(app: &TestApp) -> (TestUser, TestUser) {
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    (anna, boris)
}

#[tokio::test]
async fn a_voice_clip_is_told_at_once_with_its_duration_and_heard_by_both() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    for (clip, content_type, least) in [(WEBM, "audio/webm", 1300), (OGG, "audio/ogg", 900), (MP4, "audio/mp4", 900)] {
        let (message, id) = anna.says(&boris, clip).await;
        let MessageBody::Clip { duration_ms, bytes, .. } = message.body else { unreachable!() };
        assert!((least..least + 300).contains(&duration_ms), "{content_type}: {duration_ms} ms");
        assert_eq!((message.from, message.to, bytes), (anna.id, boris.id, clip.len() as u64));
        for device in [&mut a, &mut b] {
            assert_eq!(device.hears("the clip", news).await, message);
        }
        for person in [&anna, &boris] {
            assert_eq!(person.conversation(if person.id == anna.id { &boris } else { &anna }).await[0], message);
            let (status, headers, heard) = bytes_of(person.hears(id)).await;
            assert_eq!((status, heard.as_slice()), (200, clip));
            let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
            assert_eq!(header("content-type"), content_type);
            assert_eq!(header("content-length"), clip.len().to_string());
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("content-disposition"), "inline");
            assert_eq!((header("cache-control").as_str(), header("accept-ranges").as_str()), ("private, no-cache", "bytes"));
        }
    }
    assert_eq!(boris.conversations().await[0].2, 3);
}

#[tokio::test]
async fn a_player_fetches_the_parts_of_a_clip_it_needs() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    let (_, clip) = anna.says(&boris, WEBM).await;
    let length = WEBM.len();
    let part = async |range: &str| bytes_of(boris.hears(clip).header("range", range)).await;
    for (range, first, last) in [("bytes=0-99", 0, 99), ("bytes=100-", 100, length - 1), ("bytes=-10", length - 10, length - 1)] {
        let (status, headers, heard) = part(range).await;
        assert_eq!((status, heard.as_slice()), (206, &WEBM[first..=last]), "{range}");
        assert_eq!(headers["content-range"], format!("bytes {first}-{last}/{length}"));
        assert_eq!(headers["content-length"], (last - first + 1).to_string());
    }
    assert_eq!(part("bytes=0-1,5-6").await.0, 200);
    let beyond = Answer::of(boris.hears(clip).header("range", format!("bytes={length}-"))).await;
    beyond.refused(416, "bad_range");
    assert_eq!(beyond.header("content-range"), Some(format!("bytes */{length}").as_str()));

    let (status, headers, heard) = bytes_of(boris.request(Method::HEAD, &format!("/v1/clips/{clip}"))).await;
    assert_eq!((status, heard.len(), headers["content-type"].to_str().unwrap()), (200, 0, "audio/webm"));
    assert_eq!(headers["content-length"], length.to_string());
    let (status, _, heard) = bytes_of(boris.hears(clip).header("if-none-match", &headers["etag"])).await;
    assert_eq!((status, heard.len()), (304, 0));
}

#[tokio::test]
async fn only_the_two_of_the_conversation_hear_a_clip() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    let clara = app.register("Clara").await;
    clara.befriends(&anna).await;
    let (_, clip) = anna.says(&boris, WEBM).await;
    for request in [clara.hears(clip), clara.hears(clip).header("range", "bytes=0-1"), clara.hears(ClipId::from_u128(1))] {
        Answer::of(request).await.refused(404, "no_such_clip");
    }
    Answer::of(clara.request(Method::HEAD, &format!("/v1/clips/{clip}"))).await.expect(404);
    app.get(&format!("/v1/clips/{clip}")).await.refused(401, "unauthenticated");
    for wrong in ["/v1/clips/7", "/v1/clips/..%2fswitchboard.db"] {
        boris.get(wrong).await.refused(400, "bad_request");
    }
    boris.delete(&format!("/v1/contacts/{}", anna.id)).await.expect(204);
    assert_eq!(bytes_of(boris.hears(clip)).await.0, 200, "what former contacts said stays");
}

#[tokio::test]
async fn what_is_no_recording_of_sound_is_refused_and_not_kept() {
    let app = TestApp::start().await;
    let (anna, _a, boris, mut b) = app.anna_and_boris().await;
    b.heard().await;
    let html = "<script>alert(1)</script>".repeat(100);
    for wrong in [html.as_bytes(), VIDEO, b"x", &[0; 10_000], &WEBM[1..]] {
        anna.tries_to_say(&boris, wrong).await.refused(422, "not_audio");
    }
    let cluster = WEBM.windows(4).rposition(|bytes| bytes == [0x1f, 0x43, 0xb6, 0x75]).unwrap();
    for nothing in [b"".as_slice(), &WEBM[..cluster]] {
        anna.tries_to_say(&boris, nothing).await.refused(422, "empty");
    }
    assert_eq!((anna.conversation(&boris).await, files(&app.data().join("clips"))), (vec![], Vec::<String>::new()));
    assert_eq!(b.heard().await.iter().filter_map(news).count(), 0);
    anna.says(&boris, WEBM).await;
}

/// An Ogg recording that says it ends at this second.
fn ogg_of(seconds: u64) -> Vec<u8> {
    let mut clip = OGG.to_vec();
    let last = clip.windows(4).rposition(|bytes| bytes == b"OggS").unwrap();
    clip[last + 6..last + 14].copy_from_slice(&(seconds * 48_000 + 312).to_le_bytes());
    clip
}

#[tokio::test]
async fn a_clip_of_more_than_five_minutes_is_refused() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    anna.tries_to_say(&boris, &ogg_of(5 * 60 + 3)).await.refused(422, "too_long");
    anna.tries_to_say(&boris, &ogg_of(u64::MAX / 96_000)).await.refused(422, "too_long");
    anna.says(&boris, &ogg_of(5 * 60)).await;
    assert_eq!(files(&app.data().join("clips")).len(), 1);
}

#[tokio::test]
async fn a_clip_of_more_than_five_megabytes_is_refused_whether_it_says_so_or_not() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    // What follows the sound is an element that players pass over.
    let padded = |length: usize| {
        let padding = length - WEBM.len() - 9;
        let size = (padding as u64 | 1 << 56).to_be_bytes();
        [WEBM, &[0xec], &size, &vec![0; padding]].concat()
    };
    anna.says(&boris, &padded(MAX_BYTES)).await;
    anna.tries_to_say(&boris, &padded(MAX_BYTES + 1)).await.refused(413, "too_large");
    let parts = padded(MAX_BYTES + 70_000).chunks(60_000).map(|part| Ok::<_, std::io::Error>(part.to_vec())).collect::<Vec<_>>();
    let path = format!("/v1/conversations/{}/clips?key={}", boris.id, Uuid::now_v7());
    let streamed = anna.request(Method::POST, &path).body(Body::wrap_stream(futures_util::stream::iter(parts)));
    Answer::of(streamed).await.refused(413, "too_large");
    assert_eq!(boris.conversation(&anna).await.len(), 1);
}

#[tokio::test]
async fn a_clip_that_breaks_off_is_none() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    let address = app.url.trim_start_matches("http://").to_owned();
    let mut client = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/conversations/{}/clips?key={} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        boris.id,
        Uuid::now_v7(),
        anna.token,
        WEBM.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(&WEBM[..1000]).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(10), client.read_to_string(&mut answer)).await;
    assert!(read.is_ok(), "the connection ends");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(anna.conversation(&boris).await, []);
}

#[tokio::test]
async fn a_clip_sent_again_with_its_key_is_one_message_and_one_file() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    let key = Uuid::now_v7();
    let sent = futures_util::future::join_all((0..8).map(|_| anna.says_with_key(&boris, key, WEBM))).await;
    let messages: Vec<Message> = sent.into_iter().map(|answer| serde_json::from_value(answer.expect(201)).unwrap()).collect();
    assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
    assert_eq!(boris.conversation(&anna).await, std::slice::from_ref(&messages[0]));
    let MessageBody::Clip { clip, .. } = messages[0].body else { panic!("a clip was sent") };
    assert_eq!(files(&app.data().join("clips")), [clip.to_string()]);
    for wrong in ["", "?key=7"] {
        anna.post(&format!("/v1/conversations/{}/clips{wrong}", boris.id)).await.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn only_contacts_are_sent_clips_and_no_file_stays_of_others() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    let clara = app.register("Clara").await;
    anna.tries_to_say(&clara, WEBM).await.refused(404, "not_a_contact");
    anna.blocks(&boris).await;
    anna.tries_to_say(&boris, WEBM).await.refused(409, "blocked");
    assert_eq!(files(&app.data().join("clips")), Vec::<String>::new());
    app.post(&format!("/v1/conversations/{}/clips?key={}", boris.id, Uuid::now_v7()), json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_clip_whose_message_cannot_be_stored_is_removed_again() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    app.sql("ALTER TABLE messages RENAME COLUMN clip_type TO not_to_be_written").await;
    anna.tries_to_say(&boris, WEBM).await.refused(500, "internal");
    assert_eq!(files(&app.data().join("clips")), Vec::<String>::new());
    app.sql("ALTER TABLE messages RENAME COLUMN not_to_be_written TO clip_type").await;
    anna.says(&boris, WEBM).await;
    assert_eq!(files(&app.data().join("clips")).len(), 1);
}

#[tokio::test]
async fn a_clip_of_somebody_blocked_is_heard_by_its_sender_alone() {
    let app = TestApp::start().await;
    let (anna, boris) = befriended(&app).await;
    anna.blocks(&boris).await;
    let (message, clip) = boris.says(&anna, WEBM).await;
    assert_eq!(bytes_of(boris.hears(clip)).await.0, 200);
    Answer::of(anna.hears(clip)).await.refused(404, "no_such_clip");
    anna.unblocks(&boris).await;
    Answer::of(anna.hears(clip)).await.refused(404, "no_such_clip");
    assert_eq!((boris.conversation(&anna).await, anna.conversation(&boris).await), (vec![message], vec![]));
}

#[tokio::test]
async fn an_account_can_send_only_so_many_clips() {
    let app = TestApp::start_with(&["--limit-clips", "1"]).await;
    let (anna, boris) = befriended(&app).await;
    anna.says(&boris, WEBM).await;
    anna.tries_to_say(&boris, WEBM).await.refused(429, "too_many_requests");
    boris.says(&anna, WEBM).await;
}

#[tokio::test]
async fn clips_are_kept_in_a_bucket_by_signed_requests() {
    let s3 = S3::start().await;
    let flags = s3.flags();
    let app = TestApp::start_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (anna, boris) = befriended(&app).await;
    let (_, clip) = anna.says(&boris, WEBM).await;
    let kept = s3.objects();
    assert_eq!(kept.keys().collect::<Vec<_>>(), [&format!("voice/{clip}")]);
    assert_eq!(kept[&format!("voice/{clip}")], WEBM);
    assert_eq!(bytes_of(boris.hears(clip)).await.2, WEBM);
    let (status, _, part) = bytes_of(boris.hears(clip).header("range", "bytes=10-19")).await;
    assert_eq!((status, part.as_slice()), (206, &WEBM[10..20]));

    app.sql("ALTER TABLE messages RENAME COLUMN clip_type TO not_to_be_written").await;
    anna.tries_to_say(&boris, OGG).await.refused(500, "internal");
    app.sql("ALTER TABLE messages RENAME COLUMN not_to_be_written TO clip_type").await;
    eventually("the clip without a message is removed", 1, async || s3.objects().len()).await;
    assert!(!app.data().join("clips").exists(), "nothing is kept here");

    s3.forget();
    let lost = Answer::of(boris.hears(clip)).await;
    lost.refused(503, "clips_unavailable");
    assert_eq!(lost.header("retry-after"), Some("1"));
}

#[test]
fn a_place_for_clips_that_is_none_is_told_in_one_line_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let common = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0", "--log", "error"];
    let flags = ["--data-dir", folder.path().to_str().unwrap(), "--clips-url", "nowhere"];
    let (line, status) = complaint(&Process::output(&[common.as_slice(), &flags].concat()));
    assert_eq!(status, 1, "{line}");
    assert!(line.contains("--clips-url nowhere") && line.contains("s3://bucket/folder"), "{line}");
}

#[tokio::test]
async fn a_bucket_that_refuses_leaves_no_message() {
    let s3 = S3::start().await;
    let mut flags = s3.flags();
    flags.extend(["--clips-option".to_owned(), "aws_access_key_id=stranger".to_owned()]);
    let app = TestApp::start_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (anna, boris) = befriended(&app).await;
    anna.tries_to_say(&boris, WEBM).await.refused(503, "clips_unavailable");
    assert_eq!((anna.conversation(&boris).await, s3.objects().len()), (vec![], 0));
    anna.writes(&boris, "text still passes").await;
}
