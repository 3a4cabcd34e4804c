//! Conversations: what contacts write to each other.

use serde_json::json;
use switchboard_ids::MessageId;
use switchboard_protocol::{Event, Message, MessageBody};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

fn text(message: &Message) -> &str {
    match &message.body {
        MessageBody::Text { text } => text,
        MessageBody::Clip { .. } => panic!("{message:?} is text"),
    }
}

fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(text).collect()
}

fn news(event: &Event) -> Option<Message> {
    match event {
        Event::Message { message } => Some(message.clone()),
        _ => None,
    }
}

/// How many messages of `with` this person has not read.
async fn unread(user: &TestUser, with: &TestUser) -> u64 {
    user.conversations().await.iter().find(|(id, ..)| *id == with.id).map_or(0, |(.., unread)| *unread)
}

#[tokio::test]
async fn a_message_is_told_at_once_to_all_devices_of_both_and_is_there_later() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let (mut tab, mut tablet) = (anna.connects().await, boris.connects().await);
    let clara = app.register("Clara").await;
    let mut c = clara.connects().await;
    let message = anna.writes(&boris, "Привет").await;
    assert_eq!((message.from, message.to, text(&message)), (anna.id, boris.id, "Привет"));
    for device in [&mut a, &mut tab, &mut b, &mut tablet] {
        assert_eq!(device.hears("the message", news).await, message);
    }
    assert_eq!(c.heard().await, []);
    assert_eq!(anna.conversation(&boris).await, std::slice::from_ref(&message));
    assert_eq!(boris.conversation(&anna).await, std::slice::from_ref(&message));
    assert_eq!(anna.conversations().await, [(boris.id, message.clone(), 0)]);
    assert_eq!(boris.conversations().await, [(anna.id, message, 1)]);
    assert_eq!(clara.conversations().await, []);
}

#[tokio::test]
async fn markup_and_what_looks_like_commands_is_text() {
    let app = TestApp::start().await;
    let (anna, _a, boris, mut b) = app.anna_and_boris().await;
    for wild in ["<script>alert('1')</script>", "'; DROP TABLE messages; --", "a\n\tb \\ \u{202e}💥 %s {{x}}", "\"}]}"] {
        assert_eq!(text(&anna.writes(&boris, wild).await), wild);
        assert_eq!(text(&b.hears("the message", news).await), wild);
        assert_eq!(text(&boris.conversation(&anna).await[0]), wild);
    }
    assert_eq!(text(&anna.writes(&boris, "  \n one\r\ntwo \n").await), "one\ntwo");
}

#[tokio::test]
async fn text_that_is_none_too_long_or_cannot_be_shown_is_refused() {
    let app = TestApp::start().await;
    let (anna, _a, boris, mut b) = app.anna_and_boris().await;
    b.heard().await;
    anna.writes(&boris, &"💥".repeat(4000)).await;
    for wrong in [String::new(), " \n\t ".to_owned(), "x".repeat(4001), "a\u{0}b".to_owned(), "\u{1b}[2J".to_owned()] {
        anna.tries_to_write(&boris, &wrong).await.refused(422, "bad_text");
    }
    anna.tries_to_write(&boris, &"x".repeat(100 * 1024)).await.refused(413, "too_large");
    let path = format!("/v1/conversations/{}/messages", boris.id);
    for wrong in [json!({"text": "x"}), json!({"key": "x", "text": "x"}), json!({"key": Uuid::now_v7(), "text": 7}), json!([])] {
        anna.posts(&path, wrong).await.refused(400, "bad_request");
    }
    anna.posts("/v1/conversations/boris/messages", json!({"key": Uuid::now_v7(), "text": "x"})).await.refused(400, "bad_request");
    assert_eq!(boris.conversation(&anna).await.len(), 1);
    assert_eq!(b.heard().await.iter().filter_map(news).count(), 1);
}

#[tokio::test]
async fn a_message_sent_again_with_its_key_is_one_message() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let clara = app.register("Clara").await;
    anna.befriends(&clara).await;
    a.heard().await;
    b.heard().await;
    let key = Uuid::now_v7();
    let first: Message = serde_json::from_value(anna.writes_with_key(&boris, key, "one").await.expect(201)).unwrap();
    for again in ["one", "another text"] {
        let message: Message = serde_json::from_value(anna.writes_with_key(&boris, key, again).await.expect(201)).unwrap();
        assert_eq!(message, first);
    }
    assert_eq!(boris.conversation(&anna).await, std::slice::from_ref(&first));
    for device in [&mut a, &mut b] {
        assert_eq!(device.heard().await.iter().filter_map(news).collect::<Vec<_>>(), std::slice::from_ref(&first));
    }
    assert_eq!(unread(&boris, &anna).await, 1);

    // A key names a message among those of one person to one other.
    let theirs: Message = serde_json::from_value(boris.writes_with_key(&anna, key, "two").await.expect(201)).unwrap();
    let to_clara: Message = serde_json::from_value(anna.writes_with_key(&clara, key, "three").await.expect(201)).unwrap();
    assert_eq!((text(&theirs), text(&to_clara)), ("two", "three"));

    anna.delete(&format!("/v1/contacts/{}", boris.id)).await.expect(204);
    let late: Message = serde_json::from_value(anna.writes_with_key(&boris, key, "one").await.expect(201)).unwrap();
    assert_eq!(late, first, "whose answer was lost may ask until it comes");
}

#[tokio::test]
async fn the_same_message_sent_many_times_at_once_is_one() {
    let app = TestApp::start().await;
    let (anna, _a, boris, mut b) = app.anna_and_boris().await;
    b.heard().await;
    let key = Uuid::now_v7();
    let sent = futures_util::future::join_all((0..20).map(|_| anna.writes_with_key(&boris, key, "once"))).await;
    let ids: std::collections::HashSet<String> = sent.into_iter().map(|answer| answer.expect(201)["id"].to_string()).collect();
    assert_eq!((ids.len(), boris.conversation(&anna).await.len()), (1, 1));
    assert_eq!(b.heard().await.iter().filter_map(news).count(), 1);
}

#[tokio::test]
async fn messages_written_at_once_have_ids_in_one_order_and_none_is_lost() {
    let app = TestApp::start().await;
    let (anna, _a, boris, mut b) = app.anna_and_boris().await;
    b.heard().await;
    let texts: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let (from_anna, from_boris) = tokio::join!(
        futures_util::future::join_all(texts.iter().map(|text| anna.writes(&boris, text))),
        futures_util::future::join_all(texts.iter().map(|text| boris.writes(&anna, text))),
    );
    let mut sent: Vec<Message> = from_anna.into_iter().chain(from_boris).collect();
    sent.sort_by_key(|message| std::cmp::Reverse(message.id));
    assert_eq!(anna.conversation(&boris).await, sent);
    assert_eq!(boris.conversation(&anna).await, sent);
    assert_eq!(b.heard().await.iter().filter_map(news).count(), 100);
}

#[tokio::test]
async fn a_conversation_is_read_backwards_page_by_page() {
    let app = TestApp::start().await;
    let (anna, _a, boris, _b) = app.anna_and_boris().await;
    for number in 1..=5 {
        anna.writes(&boris, &number.to_string()).await;
    }
    let path = format!("/v1/conversations/{}/messages", anna.id);
    let page = async |query: &str| {
        let page = boris.get(&format!("{path}?{query}")).await.expect(200);
        let messages: Vec<Message> = serde_json::from_value(page["messages"].clone()).unwrap();
        (texts(&messages).join(" "), messages.last().map(|message| message.id), page["more"].as_bool().unwrap())
    };
    let (latest, last, more) = page("limit=2").await;
    assert_eq!((latest.as_str(), more), ("5 4", true));
    let (earlier, last, more) = page(&format!("limit=2&before={}", last.unwrap())).await;
    assert_eq!((earlier.as_str(), more), ("3 2", true));
    let (first, last, more) = page(&format!("limit=2&before={}", last.unwrap())).await;
    assert_eq!((first.as_str(), more), ("1", false));
    let (none, _, more) = page(&format!("before={}", last.unwrap())).await;
    assert_eq!((none.as_str(), more), ("", false));
    assert!(!page("limit=5").await.2);
    for wrong in ["limit=-1", "limit=two", "before=5"] {
        boris.get(&format!("{path}?{wrong}")).await.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn what_is_unread_is_counted_until_it_is_read_and_never_comes_back() {
    let app = TestApp::start().await;
    let (anna, _a, boris, mut b) = app.anna_and_boris().await;
    let one = anna.writes(&boris, "one").await;
    let two = anna.writes(&boris, "two").await;
    boris.writes(&anna, "mine").await;
    let three = anna.writes(&boris, "three").await;
    assert_eq!((unread(&boris, &anna).await, unread(&anna, &boris).await), (3, 1));

    let told = |event: &Event| match event {
        Event::ConversationRead { with, up_to } => Some((*with, *up_to)),
        _ => None,
    };
    boris.reads(&anna, two.id).await.expect(204);
    assert_eq!(b.hears("the reading on another device", told).await, (anna.id, two.id));
    assert_eq!((unread(&boris, &anna).await, unread(&anna, &boris).await), (1, 1));
    boris.reads(&anna, one.id).await.expect(204);
    boris.reads(&anna, two.id).await.expect(204);
    assert_eq!((unread(&boris, &anna).await, b.heard().await.iter().filter_map(told).count()), (1, 0));
    boris.reads(&anna, three.id).await.expect(204);
    assert_eq!(unread(&boris, &anna).await, 0);
    anna.writes(&boris, "four").await;
    assert_eq!(unread(&boris, &anna).await, 1);
}

#[tokio::test]
async fn the_conversation_with_the_latest_message_comes_first() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    anna.befriends(&clara).await;
    let order = async || anna.conversations().await.into_iter().map(|(with, ..)| with).collect::<Vec<_>>();
    anna.writes(&boris, "one").await;
    clara.writes(&anna, "two").await;
    assert_eq!(order().await, [clara.id, boris.id]);
    boris.writes(&anna, "three").await;
    assert_eq!(order().await, [boris.id, clara.id]);
}

#[tokio::test]
async fn only_contacts_write_and_what_former_contacts_wrote_stays() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let clara = app.register("Clara").await;
    let message = anna.writes(&boris, "one").await;
    a.heard().await;
    b.heard().await;
    anna.tries_to_write(&clara, "x").await.refused(404, "not_a_contact");
    anna.tries_to_write(&anna, "x").await.refused(404, "not_a_contact");
    clara.invites(&anna.phone).await.expect(201);
    clara.tries_to_write(&anna, "x").await.refused(404, "not_a_contact");

    boris.delete(&format!("/v1/contacts/{}", anna.id)).await.expect(204);
    anna.tries_to_write(&boris, "x").await.refused(404, "not_a_contact");
    boris.tries_to_write(&anna, "x").await.refused(404, "not_a_contact");
    for (one, other) in [(&anna, &boris), (&boris, &anna)] {
        assert_eq!(one.conversation(other).await, std::slice::from_ref(&message));
        assert_eq!(one.conversations().await.len(), 1);
    }
    boris.reads(&anna, message.id).await.expect(204);
    assert_eq!(unread(&boris, &anna).await, 0);
    assert_eq!(a.heard().await.iter().chain(&b.heard().await).filter_map(news).count(), 0);
}

#[tokio::test]
async fn nobody_reads_or_refers_to_messages_of_others() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    clara.befriends(&anna).await;
    let theirs = anna.writes(&boris, "secret").await;
    let mine = clara.writes(&anna, "mine").await;
    assert_eq!(clara.conversation(&boris).await, []);
    assert_eq!(clara.conversation(&anna).await, std::slice::from_ref(&mine));
    for foreign in [theirs.id, MessageId::from_u128(1)] {
        clara.reads(&anna, foreign).await.refused(404, "no_such_message");
        clara.get(&format!("/v1/conversations/{}/messages?before={foreign}", anna.id)).await.refused(404, "no_such_message");
    }
    anna.reads(&boris, mine.id).await.refused(404, "no_such_message");
    anna.posts(&format!("/v1/conversations/{}/read", boris.id), json!({"up_to": "x"})).await.refused(400, "bad_request");
    assert_eq!(unread(&anna, &clara).await, 1);
    for path in ["/v1/conversations", &format!("/v1/conversations/{}/messages", anna.id)] {
        app.get(path).await.refused(401, "unauthenticated");
    }
    app.post(&format!("/v1/conversations/{}/messages", anna.id), json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn what_the_blocked_write_is_kept_on_their_side_alone_for_good() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let before = boris.writes(&anna, "before").await;
    anna.blocks(&boris).await;
    a.heard().await;
    b.heard().await;
    let key = Uuid::now_v7();
    let kept: Message = serde_json::from_value(boris.writes_with_key(&anna, key, "kept away").await.expect(201)).unwrap();
    boris.writes_with_key(&anna, key, "kept away").await.expect(201);
    assert_eq!(b.hears("one's own message", news).await, kept);
    assert_eq!(a.heard().await, []);
    assert_eq!(boris.conversation(&anna).await, [kept.clone(), before.clone()]);
    assert_eq!(boris.conversations().await, [(anna.id, kept.clone(), 0)]);
    assert_eq!(anna.conversation(&boris).await, std::slice::from_ref(&before));
    assert_eq!(anna.conversations().await, [(boris.id, before.clone(), 1)]);
    anna.reads(&boris, kept.id).await.refused(404, "no_such_message");

    anna.unblocks(&boris).await;
    assert_eq!(anna.conversation(&boris).await, std::slice::from_ref(&before));
    let after = boris.writes(&anna, "after").await;
    assert!(after.id > kept.id);
    assert_eq!(a.hears("the message after the block", news).await, after);
    assert_eq!(anna.conversation(&boris).await, [after.clone(), before.clone()]);
    assert_eq!(boris.conversation(&anna).await, [after, kept, before]);
}

#[tokio::test]
async fn one_does_not_write_to_whom_one_has_blocked() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    anna.blocks(&boris).await;
    boris.blocks(&anna).await;
    anna.tries_to_write(&boris, "x").await.refused(409, "blocked");
    anna.unblocks(&boris).await;
    anna.writes(&boris, "kept away by the other").await;
    assert_eq!(boris.conversation(&anna).await, []);
}

#[tokio::test]
async fn an_account_can_write_only_so_often() {
    let app = TestApp::start_with(&["--limit-messages", "2"]).await;
    let (anna, _a, boris, _b) = app.anna_and_boris().await;
    for _ in 0..2 {
        anna.writes(&boris, "x").await;
    }
    anna.tries_to_write(&boris, "x").await.refused(429, "too_many_requests");
    boris.writes(&anna, "x").await;
    assert_eq!(boris.conversation(&anna).await.len(), 3);
}
