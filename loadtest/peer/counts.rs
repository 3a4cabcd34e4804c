//! What a peer, or many of them, have done and seen since they began.

use std::ops::AddAssign;
use std::time::Duration;

/// Packets of one kind that were received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Each counted once, retransmissions included.
    pub(crate) packets: u64,
    /// Numbers that have not come.
    pub(crate) missing: u64,
    /// Of RTP payloads.
    pub(crate) bytes: u64,
}

/// Sums; of `heights`, one for each picture that was shown last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) connected: u64,
    /// Peers that could not go on.
    pub(crate) failed: u64,
    /// Peers that have shown a picture.
    pub(crate) showing: u64,
    pub(crate) audio_packets_sent: u64,
    pub(crate) video_packets_sent: u64,
    pub(crate) video_frames_sent: u64,
    /// Peers with a camera that is on, and the frames their cameras have made, whether anyone wanted them or not.
    pub(crate) cameras: u64,
    pub(crate) frames_made: u64,
    /// Of RTP payloads.
    pub(crate) bytes_sent: u64,
    /// How often a peer was asked for a keyframe.
    pub(crate) keyframes_asked: u64,
    pub(crate) audio: Flow,
    pub(crate) video: Flow,
    /// Slots in which a voice, or a picture, has come.
    pub(crate) voices: u64,
    pub(crate) pictures: u64,
    /// Places for pictures, and how long all of those together were blank that were so for longer than [`BLANK`](super::BLANK).
    pub(crate) picture_slots: u64,
    pub(crate) blank: Duration,
    pub(crate) frames_shown: u64,
    pub(crate) freezes: u64,
    pub(crate) frozen: Duration,
    /// Payloads received that nobody sent.
    pub(crate) foreign_payloads: u64,
    /// Datagrams that the tester's own sockets had no room for.
    pub(crate) unsent: u64,
    /// Of received pictures whose size is known, in pixels.
    pub(crate) heights: Vec<u16>,
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.connected += other.connected;
        self.failed += other.failed;
        self.showing += other.showing;
        self.audio_packets_sent += other.audio_packets_sent;
        self.video_packets_sent += other.video_packets_sent;
        self.video_frames_sent += other.video_frames_sent;
        self.cameras += other.cameras;
        self.frames_made += other.frames_made;
        self.bytes_sent += other.bytes_sent;
        self.keyframes_asked += other.keyframes_asked;
        for (flow, of) in [(&mut self.audio, other.audio), (&mut self.video, other.video)] {
            flow.packets += of.packets;
            flow.missing += of.missing;
            flow.bytes += of.bytes;
        }
        self.voices += other.voices;
        self.pictures += other.pictures;
        self.picture_slots += other.picture_slots;
        self.blank += other.blank;
        self.frames_shown += other.frames_shown;
        self.freezes += other.freezes;
        self.frozen += other.frozen;
        self.foreign_payloads += other.foreign_payloads;
        self.unsent += other.unsent;
        self.heights.extend(&other.heights);
    }
}

impl Counts {
    /// What was added since `before`; a count that went back, as `missing` does when a packet comes late, is 0.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let flow = |now: Flow, before: Flow| Flow {
            packets: now.packets.saturating_sub(before.packets),
            missing: now.missing.saturating_sub(before.missing),
            bytes: now.bytes.saturating_sub(before.bytes),
        };
        Self {
            connected: self.connected,
            failed: self.failed,
            showing: self.showing,
            audio_packets_sent: self.audio_packets_sent.saturating_sub(before.audio_packets_sent),
            video_packets_sent: self.video_packets_sent.saturating_sub(before.video_packets_sent),
            video_frames_sent: self.video_frames_sent.saturating_sub(before.video_frames_sent),
            cameras: self.cameras,
            frames_made: self.frames_made.saturating_sub(before.frames_made),
            bytes_sent: self.bytes_sent.saturating_sub(before.bytes_sent),
            keyframes_asked: self.keyframes_asked.saturating_sub(before.keyframes_asked),
            audio: flow(self.audio, before.audio),
            video: flow(self.video, before.video),
            voices: self.voices,
            pictures: self.pictures,
            picture_slots: self.picture_slots,
            blank: self.blank.saturating_sub(before.blank),
            frames_shown: self.frames_shown.saturating_sub(before.frames_shown),
            freezes: self.freezes.saturating_sub(before.freezes),
            frozen: self.frozen.saturating_sub(before.frozen),
            foreign_payloads: self.foreign_payloads.saturating_sub(before.foreign_payloads),
            unsent: self.unsent.saturating_sub(before.unsent),
            heights: self.heights.clone(),
        }
    }

    /// Packets received, of audio and video.
    pub(crate) fn packets_received(&self) -> u64 {
        self.audio.packets + self.video.packets
    }
}
