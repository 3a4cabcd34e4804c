//! Two peers with nothing between them but a link in virtual time.

use str0m::change::SdpOffer;

use super::*;

/// One way of the link.
const DELAY: Duration = Duration::from_millis(20);

/// An answer to an offer, with sources where the other side has slots.
fn answering(now: Instant, local: SocketAddr, sent: Arc<Flights>, received: Arc<Flights>, offer: &Offer) -> (Peer, String) {
    let mut rtc = new_rtc(now, local).unwrap();
    let answer = rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(&offer.sdp).unwrap()).unwrap();
    let slot = |role| Mid::from(offer.tracks.iter().find(|track| track.role == role).unwrap().mid.as_str());
    let sources = (Sender::microphone(slot(TrackRole::AudioSlot)), Sender::camera(slot(TrackRole::VideoSlot)));
    (Peer::new(now, rtc, local, None, sources, (sent, received), true), answer.to_sdp_string())
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
        let now = Instant::now();
        let [a, b] = [1, 2].map(|host| SocketAddr::from(([127, 0, 0, host], 5_000)));
        let [from_a, from_b] = [(); 2].map(|()| Arc::<Flights>::default());
        let (mut offering, offer) = Peer::offering(now, a, Arc::clone(&from_a), Arc::clone(&from_b), true).unwrap();
        let (answering, answer) = answering(now, b, from_b, from_a, &offer);
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
        assert!(matches!(events[..], [PeerEvent::Connected, PeerEvent::FirstFrame(_)]), "{events:?}");
    }
    for report in link.reports() {
        assert!(report.audio.is_flawless() && report.video.is_flawless(), "{report:?}");
        assert!(report.video.frames_decodable > 90 && report.audio.packets > 300, "{report:?}");
        assert_eq!(report.foreign_payloads, 0);
        // At most one frame is still under way.
        assert!(report.video_frames_sent - report.video.frames_complete <= 1, "{report:?}");
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
    assert_eq!((silent.audio_packets_sent, silent.video_packets_sent), (0, 0));
    assert_eq!((talking.audio.packets, talking.video.packets), (0, 0));
    assert!(silent.video.is_flawless(), "{silent:?}");
}

#[test]
fn a_keyframe_that_is_asked_for_comes_with_the_next_frame() {
    let mut link = Link::between_two(None);
    link.run_for(Duration::from_secs(3));
    let before = link.peers[1].receiver.video.report();
    let camera = link.peers[0].camera.mid();
    let ssrc = link.peers[1].rtc.direct_api().stream_rx_by_mid(camera, None).unwrap().ssrc();
    link.peers[1].rtc.direct_api().stream_rx(&ssrc).unwrap().request_keyframe(str0m::media::KeyframeRequestKind::Pli);
    link.run_for(Duration::from_millis(200));
    let after = link.peers[1].receiver.video.report();
    assert_eq!(link.peers[0].keyframes_asked, 1);
    assert!(after.keyframes > before.keyframes && after.is_flawless(), "{before:?} {after:?}");
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
    let flights = Arc::<Flights>::default();
    let local = SocketAddr::from(([127, 0, 0, 1], 5_000));
    let (mut peer, _) = Peer::offering(Instant::now(), local, Arc::clone(&flights), flights, false).unwrap();
    assert!(matches!(peer.handle_answer("v=nonsense"), Err(PeerError::BadAnswer(_))));
}
