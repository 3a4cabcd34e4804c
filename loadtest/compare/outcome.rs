//! What a round reported, as far as two are compared, and the measures that are.

use serde::{Deserialize, Serialize};

use super::side::Side;

/// A round that was played to its end.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) round: u32,
    pub(super) side: Side,
    /// Load averages when it began.
    pub(super) load_before: String,
    pub(super) outcome: Outcome,
}

/// A scenario's report; the rest of it is left out.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Outcome {
    pub(super) definition: String,
    pub(super) target_version: Option<String>,
    pub(super) ended_early: Option<String>,
    peers: f64,
    loss: f64,
    packets_received_per_s: f64,
    audio: Flow,
    video: Flow,
    join_ms: Option<Spread>,
    accept_to_first_frame_ms: Option<Spread>,
    receivers: Receivers,
    server: Option<Server>,
    tester: Tester,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Flow {
    latency_ms: Option<Spread>,
    /// Frames a second in each place for a picture: whether both carried the same.
    frames_per_slot_s: Option<f64>,
    /// Frames a second that should have been shown there.
    frames_made_per_s: Option<f64>,
    freezes: f64,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Spread {
    p50: f64,
    p95: f64,
    p99: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Receivers {
    count: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Server {
    cpu_us_per_packet: Option<f64>,
    cores: f64,
    rss_per_peer_idle_bytes: Option<f64>,
    rss_per_peer_loaded_bytes: Option<f64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Tester {
    cores: f64,
}

/// A number that two SFUs are compared by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    /// In JSON.
    pub(super) key: &'static str,
    /// For people, with its unit.
    pub(super) name: &'static str,
    digits: usize,
    of: fn(&Outcome) -> Option<f64>,
}

pub(super) const MEASURES: [Measure; 16] = [
    Measure { key: "cpu_us_per_packet", name: "CPU a forwarded packet, µs", digits: 2, of: |run| run.server.as_ref()?.cpu_us_per_packet },
    Measure { key: "server_cores", name: "CPU of the server, cores", digits: 2, of: |run| Some(run.server.as_ref()?.cores) },
    Measure { key: "packets_per_s", name: "packets received a second", digits: 0, of: |run| Some(run.packets_received_per_s) },
    Measure { key: "frames_per_s", name: "pictures a second, each shown", digits: 1, of: |run| run.video.frames_per_slot_s },
    Measure { key: "shown_share", name: "pictures shown of those made, share", digits: 3, of: Outcome::shown_share },
    Measure { key: "loss", name: "loss, share", digits: 5, of: |run| Some(run.loss) },
    Measure { key: "freezes", name: "freezes", digits: 0, of: |run| Some(run.video.freezes) },
    Measure { key: "audio_p50_ms", name: "audio one way, ms, p50", digits: 2, of: |run| Some(run.audio.latency_ms?.p50) },
    Measure { key: "audio_p99_ms", name: "audio one way, ms, p99", digits: 2, of: |run| Some(run.audio.latency_ms?.p99) },
    Measure { key: "video_p50_ms", name: "video one way, ms, p50", digits: 2, of: |run| Some(run.video.latency_ms?.p50) },
    Measure { key: "video_p99_ms", name: "video one way, ms, p99", digits: 2, of: |run| Some(run.video.latency_ms?.p99) },
    Measure { key: "join_p95_ms", name: "join, ms, p95", digits: 0, of: |run| Some(run.join_ms?.p95) },
    Measure { key: "first_frame_p95_ms", name: "first frame, ms, p95", digits: 0, of: |run| Some(run.accept_to_first_frame_ms?.p95) },
    Measure {
        key: "rss_idle_kb_per_receiver",
        name: "memory a receiver, kB, idle",
        digits: 0,
        of: |run| run.memory(|of| of.rss_per_peer_idle_bytes),
    },
    Measure {
        key: "rss_loaded_kb_per_receiver",
        name: "memory a receiver, kB, loaded",
        digits: 0,
        of: |run| run.memory(|of| of.rss_per_peer_loaded_bytes),
    },
    Measure { key: "tester_cores", name: "CPU of the load tester, cores", digits: 2, of: |run| Some(run.tester.cores) },
];

/// A side that shows a smaller part than this of the frames that cameras made has carried less than it was given: what it cost is not
/// comparable. The rest is what is under way when the measuring begins and ends.
pub(super) const SHOWN: f64 = 0.97;

/// Values by the key of their measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Values(pub(super) std::collections::BTreeMap<&'static str, Option<f64>>);

impl Measure {
    /// Whether it is what the server cost.
    pub(super) fn is_cost(&self) -> bool {
        ["cpu_us_per_packet", "server_cores"].contains(&self.key)
    }

    pub(super) fn of(&self, outcome: &Outcome) -> Option<f64> {
        (self.of)(outcome)
    }

    /// As people read it.
    pub(super) fn show(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.*}", self.digits))
    }
}

impl Outcome {
    /// Of the frames that cameras made, the part that was shown.
    fn shown_share(&self) -> Option<f64> {
        Some(self.video.frames_per_slot_s? / self.video.frames_made_per_s.filter(|made| *made > 0.0)?)
    }

    #[cfg(test)]
    pub(super) fn shows(&mut self, frames: f64, made: f64) {
        (self.video.frames_per_slot_s, self.video.frames_made_per_s) = (Some(frames), Some(made));
    }

    /// Whether it carried less than it was given.
    pub(super) fn shows_less(&self) -> bool {
        self.shown_share().is_some_and(|share| share < SHOWN)
    }

    /// An SFU may need two connections for a person; what is compared is memory for each person who receives.
    fn memory(&self, of: fn(&Server) -> Option<f64>) -> Option<f64> {
        let per_peer = of(self.server.as_ref()?)?;
        (self.receivers.count > 0.0).then(|| per_peer * self.peers / self.receivers.count / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_for_each_receiver_however_many_connections_it_takes() {
        let server = Server { rss_per_peer_idle_bytes: Some(50_000.0), rss_per_peer_loaded_bytes: None, ..Server::default() };
        let outcome = Outcome { peers: 20.0, receivers: Receivers { count: 10.0 }, server: Some(server), ..Outcome::default() };
        let by = |key| MEASURES.iter().find(|measure| measure.key == key).unwrap().of(&outcome);
        assert_eq!((by("rss_idle_kb_per_receiver"), by("rss_loaded_kb_per_receiver")), (Some(100.0), None));
    }

    #[test]
    fn a_side_that_leaves_frames_out_is_found_out_and_one_whose_last_is_under_way_is_not() {
        let shows = |frames_per_slot_s| {
            let video = Flow { frames_per_slot_s, frames_made_per_s: Some(30.0), ..Flow::default() };
            Outcome { video, ..Outcome::default() }.shows_less()
        };
        assert_eq!([Some(30.1), Some(29.2), Some(29.0), Some(0.0), None].map(shows), [false, false, true, true, false]);
    }

    #[test]
    fn no_two_measures_have_one_key() {
        let keys: std::collections::BTreeSet<_> = MEASURES.iter().map(|measure| measure.key).collect();
        assert_eq!(keys.len(), MEASURES.len());
    }
}
