//! Two peers with nothing between them but a link in virtual time.

use super::*;

/// One way of the link.
const DELAY: Duration = Duration::from_millis(20);

fn clips() -> Plan {
    let (audio, video) = (Some(AudioSource::Clip), Some(VideoSource::Clip));
    Plan { audio, video, audio_slots: 1, video_slots: 1, record: true, keep_flights: true, ..Plan::default() }
}

struct Link {
    now: Instant,
    peers: [Peer; 2],
    /// Arrival, destination, source, bytes.
    under_way: VecDeque<(Instant, usize, SocketAddr, Vec<u8>)>,
    events: [Vec<PeerEvent>; 2],
    transmitted: u64,
    /// Loses every so many datagrams.
    loses_every: Option<u64>,
}

impl Link {
    fn between_two(loses_every: Option<u64>) -> Self {
        Self::between([clips(), clips()], loses_every)
    }

    fn between([offers, answers]: [Plan; 2], loses_every: Option<u64>) -> Self {
        let now = Instant::now();
        let common = Common::starting(now);
        let [a, b] = [1, 2].map(|host| SocketAddr::from(([127, 0, 0, host], 5_000)));
        let (mut offering, offer) = Peer::offering(now, &common, a, offers).unwrap();
        let (answering, answer) = Peer::answering(now, &common, b, answers, &offer.sdp).unwrap();
        offering.handle_answer(&answer).unwrap();
        let mut peers = [offering, answering];
        for peer in &mut peers {
            peer.start_sending(now).unwrap();
        }
        Self { now, peers, under_way: VecDeque::new(), events: [vec![], vec![]], transmitted: 0, loses_every }
    }

    fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            let wake = [0, 1].map(|at| self.drain(at)).into_iter().min().unwrap();
            let arrival = self.under_way.front().map_or(end, |(arrival, ..)| *arrival);
            self.now = wake.min(arrival).clamp(self.now, end);
            while self.under_way.front().is_some_and(|(arrival, ..)| *arrival <= self.now) {
                let (_, to, source, datagram) = self.under_way.pop_front().unwrap();
                self.peers[to].handle_datagram(self.now, source, &datagram).unwrap();
                self.drain(to);
            }
            for peer in &mut self.peers {
                peer.handle_timeout(self.now).unwrap();
            }
        }
    }

    fn drain(&mut self, at: usize) -> Instant {
        loop {
            match self.peers[at].poll_output().unwrap() {
                Output::Timeout(wake) => return wake,
                Output::Event(event) => self.events[at].push(event),
                Output::Transmit(transmit) => {
                    self.transmitted += 1;
                    if self.loses_every.is_none_or(|every| !self.transmitted.is_multiple_of(every)) {
                        self.under_way.push_back((self.now + DELAY, 1 - at, transmit.source, transmit.contents.to_vec()));
                    }
                }
            }
        }
    }

    fn reports(self) -> [PeerReport; 2] {
        self.peers.map(Peer::into_report)
    }
}

#[test]
fn two_peers_see_and_hear_each_other_without_a_flaw() {
    let mut link = Link::between_two(None);
    link.run_for(Duration::from_secs(8));
    for events in &link.events {
        assert!(matches!(events[..], [PeerEvent::Connected(_), PeerEvent::FirstFrame(_)]), "{events:?}");
    }
    for report in link.reports() {
        assert!(report.audio.is_flawless() && report.video.is_flawless(), "{report:?}");
        assert!(report.video.frames_decodable > 90 && report.audio.packets > 300, "{report:?}");
        assert_eq!(report.counts.foreign_payloads, 0);
        // At most one frame is still under way.
        assert!(report.counts.video_frames_sent - report.video.frames_complete <= 1, "{report:?}");
        assert!(report.flights.iter().all(|flight| *flight >= DELAY && *flight < DELAY * 2));
        let recording = report.recording.unwrap();
        assert_eq!(switchboard_clip::ivf::Reader::new(&recording).unwrap().count() as u64, report.video.frames_decodable);
    }
}

#[test]
fn what_the_link_loses_is_sent_again() {
    let mut link = Link::between_two(Some(25));
    link.run_for(Duration::from_secs(10));
    for report in link.reports() {
        assert!(report.video.frames_decodable > 120, "{report:?}");
        assert_eq!(report.video.missing, 0, "{report:?}");
        assert!(report.audio.missing > 0, "audio is not sent again: {report:?}");
    }
}

#[test]
fn nothing_is_sent_before_it_is_asked_for() {
    let mut link = Link::between_two(None);
    link.peers[0].sending = false;
    link.run_for(Duration::from_secs(3));
    let [silent, talking] = link.reports();
    assert_eq!((silent.counts.audio_packets_sent, silent.counts.video_packets_sent), (0, 0));
    assert_eq!((talking.audio.packets, talking.video.packets), (0, 0));
    assert!(silent.video.is_flawless(), "{silent:?}");
}

#[test]
fn a_keyframe_that_is_asked_for_comes_with_the_next_frame() {
    let mut link = Link::between_two(None);
    link.run_for(Duration::from_secs(3));
    let before = link.peers[1].receiver.reports().1;
    let camera = link.peers[0].streams.iter().find(|stream| stream.is_video()).unwrap().mid();
    let ssrc = link.peers[1].rtc.direct_api().stream_rx_by_mid(camera, None).unwrap().ssrc();
    link.peers[1].rtc.direct_api().stream_rx(&ssrc).unwrap().request_keyframe(str0m::media::KeyframeRequestKind::Pli);
    link.run_for(Duration::from_millis(200));
    let after = link.peers[1].receiver.reports().1;
    assert_eq!(link.peers[0].keyframes_asked, 1);
    assert!(after.keyframes > before.keyframes && after.is_flawless(), "{before:?} {after:?}");
}

/// 30 frames a second of 9 packets of 1,100 bytes, and 50 voice packets of 100.
fn synthetic() -> Plan {
    let every = Duration::from_secs(1) / 30;
    let video = Some(VideoSource::Synthetic(Synthetic { every, burst: 9, payload_bytes: 1_100 }));
    let audio = Some(AudioSource::Synthetic(Synthetic { every: Duration::from_millis(20), burst: 1, payload_bytes: 100 }));
    Plan { audio, video, judge: Judge::Sequence, ..Plan::default() }
}

#[test]
fn a_synthetic_source_is_exact_in_rate_and_size_and_is_judged_by_number_and_time() {
    let audience = Plan { audio_slots: 1, video_slots: 1, judge: Judge::Sequence, ..Plan::default() };
    // Who offers has the slots; who answers sends into them.
    let mut link = Link::between([audience, synthetic()], None);
    link.run_for(Duration::from_secs(2));
    let (before, flights) = (link.peers[0].counts(link.now), link.peers[0].take_flights().count());
    assert!(flights > 0);
    link.run_for(Duration::from_secs(10));
    let flights: Vec<_> = link.peers[0].take_flights().collect();
    let seen = link.peers[0].counts(link.now).since(&before);
    assert!(seen.video.packets.abs_diff(2_700) <= 9 && seen.audio.packets.abs_diff(500) <= 1, "{seen:?}");
    assert!(seen.video.bytes.abs_diff(2_700 * 1_100) <= 9 * 1_100 && seen.audio.bytes.abs_diff(50_000) <= 100, "{seen:?}");
    assert_eq!((seen.video.missing, seen.audio.missing, seen.foreign_payloads, seen.freezes), (0, 0, 0, 0));
    assert!(seen.frames_shown.abs_diff(300) <= 1, "{seen:?}");
    assert_eq!(flights.len() as u64, seen.packets_received());
    assert!(flights.iter().all(|flight| flight.took >= DELAY && flight.took < DELAY * 2), "{flights:?}");
}

#[test]
fn what_a_synthetic_stream_loses_for_good_is_missing() {
    let audience = Plan { audio_slots: 1, video_slots: 1, judge: Judge::Sequence, ..Plan::default() };
    let mut link = Link::between([audience, synthetic()], Some(50));
    link.run_for(Duration::from_secs(6));
    let seen = link.peers[0].counts(link.now);
    assert!(seen.audio.missing > 0, "audio is not sent again: {seen:?}");
    assert!(seen.video.missing < seen.video.packets / 200, "video is: {seen:?}");
}

#[test]
fn a_layer_nobody_wants_is_not_sent_and_comes_back_with_a_keyframe() {
    let mut link = Link::between_two(None);
    link.run_for(Duration::from_secs(3));
    link.peers[0].want_video(false, &[]);
    link.run_for(Duration::from_millis(200));
    let before = link.peers[1].receiver.reports().1;
    link.run_for(Duration::from_secs(2));
    assert_eq!(link.peers[1].receiver.reports().1.packets, before.packets);
    link.peers[0].want_video(true, &[]);
    link.run_for(Duration::from_millis(200));
    let after = link.peers[1].receiver.reports().1;
    assert!(after.keyframes == before.keyframes + 1 && after.is_flawless(), "{before:?} {after:?}");
}

#[test]
fn garbage_on_the_socket_disturbs_nothing() {
    let mut link = Link::between_two(None);
    link.run_for(Duration::from_secs(2));
    for length in 0..200 {
        let garbage: Vec<u8> = (0..length).map(|_| fastrand::u8(..)).collect();
        link.peers[0].handle_datagram(link.now, SocketAddr::from(([127, 0, 0, 9], 9)), &garbage).unwrap();
        link.drain(0);
    }
    link.run_for(Duration::from_secs(2));
    let [report, _] = link.reports();
    assert!(report.video.is_flawless(), "{report:?}");
}

#[test]
fn an_answer_that_is_no_session_description_is_refused() {
    let common = Common::starting(Instant::now());
    let local = SocketAddr::from(([127, 0, 0, 1], 5_000));
    let (mut peer, _) = Peer::offering(Instant::now(), &common, local, clips()).unwrap();
    assert!(matches!(peer.handle_answer("v=nonsense"), Err(PeerError::BadAnswer(_))));
}
