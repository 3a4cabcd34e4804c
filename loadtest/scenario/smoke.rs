//! The smoke test: does a call work? Two people register, become contacts, and one calls the other, as often as is asked
//! for. Their media connects while it rings, and nothing is sent before one accepts; then both must see and hear the other,
//! and both must see the end.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use switchboard_protocol::EndReason;
use tokio::time::sleep;
use tokio::try_join;

use crate::cli::SmokeArgs;
use crate::peer::{AudioSource, PeerReport, Plan, VideoSource};
use crate::report::SmokeReport;
use crate::target::switchboard::{Api, Meeting, Participant, ParticipantError};

/// Frames that may be sent before the gates are open; they are gone without anybody missing them.
const STARTING_FRAMES: u64 = 5;

/// What one side of a call saw.
#[derive(Debug)]
pub(crate) struct Side {
    /// From when the callee sent its accept until this side had a frame it could show.
    pub(crate) accept_to_first_frame: Duration,
    pub(crate) peer: PeerReport,
}

/// One call, as both saw it.
#[derive(Debug)]
pub(crate) struct CallOutcome {
    pub(crate) caller: Side,
    pub(crate) callee: Side,
}

/// Runs the scenario.
pub(crate) async fn run(args: &SmokeArgs, meeting: Meeting) -> Result<SmokeReport> {
    // A file that cannot be written is known before the calls are made, not after.
    let mut save = args.save_received.as_ref().map(|file| Recording::create(file)).transpose()?;
    let api = Api::new(meeting.url.clone(), meeting.insecure)?;
    let (mut caller, mut callee) =
        try_join!(Participant::arrive(&api, &meeting, "Smoke caller"), Participant::arrive(&api, &meeting, "Smoke callee"))?;
    api.befriend(caller.account(), callee.account()).await?;
    let mut calls = Vec::new();
    for number in 0..args.repeat {
        let record = number == 0 && save.is_some();
        let script = Script { caller: &mut caller, callee: &mut callee, media_for: args.seconds, record, caller_hangs_up: number % 2 == 0 };
        let call = script.play().await.with_context(|| format!("call {} of {}", number + 1, args.repeat))?;
        check(&call).with_context(|| format!("call {} of {}", number + 1, args.repeat))?;
        calls.push(call);
    }
    if let Some((save, call)) = save.as_mut().zip(calls.first()) {
        save.write(&call.callee.peer)?;
    }
    Ok(SmokeReport::new(&meeting.url, &calls))
}

/// The file that received video is saved to.
struct Recording<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> Recording<'a> {
    fn create(path: &'a Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self { path, file })
    }

    fn write(&mut self, peer: &PeerReport) -> Result<()> {
        let recording = peer.recording.as_ref().context("no video was received that could be saved")?;
        self.file.write_all(recording).with_context(|| format!("{} cannot be written", self.path.display()))
    }
}

struct Script<'a> {
    caller: &'a mut Participant,
    callee: &'a mut Participant,
    media_for: Duration,
    record: bool,
    caller_hangs_up: bool,
}

impl Script<'_> {
    async fn play(self) -> Result<CallOutcome> {
        let Self { caller, callee, .. } = self;
        caller.start_afresh();
        callee.start_afresh();
        let mut calling = caller.prepare(plan(false)).await?;
        let mut answering = callee.prepare(plan(self.record)).await?;

        let call = caller.place(vec![callee.account().id], &calling).await?;
        let from = callee.rings(call).await?;
        ensure!(from.id == caller.account().id, "the call rings as if somebody else had placed it");

        callee.warm(call, &answering).await?;
        try_join!(caller.connects(&mut calling.peer), callee.connects(&mut answering.peer))?;

        let accepted_at = Instant::now();
        // As a person's device does: camera and microphone go on with the accept, and do not wait for the server's reply.
        answering.peer.send();
        let accept = callee.accept(call);
        let learn = async {
            caller.sees_active(call, callee.account()).await?;
            calling.peer.send();
            Ok::<_, ParticipantError>(())
        };
        try_join!(accept, learn)?;
        let (caller_saw, callee_saw) = try_join!(caller.sees_picture(&mut calling.peer), callee.sees_picture(&mut answering.peer))?;
        sleep(self.media_for).await;

        if self.caller_hangs_up {
            caller.hang_up(call).await?
        } else {
            callee.hang_up(call).await?
        }
        let (caller_told, callee_told) = try_join!(caller.sees_end(call), callee.sees_end(call))?;
        ensure!(
            caller_told == EndReason::HungUp && callee_told == EndReason::HungUp,
            "the call was hung up, but ended for the caller as {caller_told:?} and for the callee as {callee_told:?}"
        );
        let (caller_peer, callee_peer) = try_join!(caller.finish(calling.peer), callee.finish(answering.peer))?;
        let since_accept = |at: Instant| at.saturating_duration_since(accepted_at);
        Ok(CallOutcome {
            caller: Side { accept_to_first_frame: since_accept(caller_saw), peer: caller_peer },
            callee: Side { accept_to_first_frame: since_accept(callee_saw), peer: callee_peer },
        })
    }
}

/// One camera and one microphone out, one slot for each in.
fn plan(record: bool) -> Plan {
    Plan {
        audio: Some(AudioSource::Clip),
        video: Some(VideoSource::Clip),
        audio_slots: 1,
        video_slots: 1,
        record,
        keep_flights: true,
        ..Plan::default()
    }
}

/// Whether the media was what the other side sent. Loss alone is no failure: it is the network's, and reported.
fn check(call: &CallOutcome) -> Result<()> {
    let sides = [("the caller", &call.caller.peer, &call.callee.peer), ("the callee", &call.callee.peer, &call.caller.peer)];
    for (who, here, there) in sides {
        let video = &here.video;
        ensure!(here.audio.packets > 0, "{who} heard nothing");
        ensure!(here.counts.foreign_payloads == 0, "{who} received {} payloads that nobody sent", here.counts.foreign_payloads);
        ensure!(video.malformed == 0, "{who} received {} packets that are no VP8", video.malformed);
        let breaks = video.picture_id_breaks + video.tl0_picidx_breaks;
        ensure!(breaks == 0, "{who} saw the picture ids break {breaks} times");
        let back = video.timestamp_regressions + here.audio.timestamp_regressions;
        ensure!(back == 0, "{who} saw time run back {back} times");
        let shown = video.frames_decodable;
        ensure!(
            (shown + STARTING_FRAMES) * 2 >= there.counts.video_frames_sent,
            "{who} could show {shown} of the {} frames that were sent",
            there.counts.video_frames_sent
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use switchboard_clip::{AudioReport, Vp8Report};

    use super::*;
    use crate::peer::Counts;

    fn side() -> Side {
        let audio = AudioReport { packets: 100, ..AudioReport::default() };
        let video = Vp8Report { packets: 80, frames_complete: 30, frames_decodable: 30, ..Vp8Report::default() };
        let counts = Counts { video_frames_sent: 31, ..Counts::default() };
        let peer = PeerReport { counts, audio, video, flights: vec![], recording: None };
        Side { accept_to_first_frame: Duration::from_millis(80), peer }
    }

    fn complaint(spoil: impl FnOnce(&mut PeerReport)) -> String {
        let mut call = CallOutcome { caller: side(), callee: side() };
        spoil(&mut call.callee.peer);
        check(&call).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_good_call_passes_and_loss_is_no_failure() {
        assert_eq!(complaint(|_| {}), "");
        assert_eq!(complaint(|peer| (peer.video.missing, peer.audio.missing) = (7, 3)), "");
    }

    #[test]
    fn what_a_person_would_notice_fails() {
        assert_eq!(complaint(|peer| peer.audio.packets = 0), "the callee heard nothing");
        assert_eq!(complaint(|peer| peer.counts.foreign_payloads = 2), "the callee received 2 payloads that nobody sent");
        assert_eq!(complaint(|peer| peer.video.picture_id_breaks = 1), "the callee saw the picture ids break 1 times");
        assert_eq!(complaint(|peer| peer.audio.timestamp_regressions = 1), "the callee saw time run back 1 times");
        assert_eq!(complaint(|peer| peer.video.frames_decodable = 1), "the callee could show 1 of the 31 frames that were sent");
    }
}
