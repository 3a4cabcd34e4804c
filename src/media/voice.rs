//! How audible one microphone is, from the levels its packets carry (RFC 6464) and from time: whoever sends nothing fades.
//!
//! Two measures. The *sound* of the last moment is a bucket that fills while somebody is audible and leaks when not: it tells a word
//! from a cough, holds through the pauses between words, and ends by itself where a codec stops sending in silence (DTX, RFC 7587
//! §3.1.3). The *loudness* ranks those who speak at once.
//!
//! The V bit of the level is not used: browsers set it on every packet, and who does not detect voice clears it on all.

use std::time::{Duration, Instant};

/// The loudest of an ordinary room without anyone speaking, in dBov. Speech is at −20 to −40.
const ROOM: i8 = -55;
/// Louder than this is no more of a voice: a microphone that clips does not outrank one that is set well.
const LOUDEST: i8 = -15;
/// What a packet without a level counts as, in dBov: audible, and quieter than any voice that is known to speak.
const UNKNOWN: i8 = -45;
/// Opus sends a silent frame in one or two bytes, and a voice in no less than 6 kbit/s: 15 bytes in 20 ms.
const SPEECH_BYTES: usize = 10;
/// The time one packet stands for at most: the longest frame of Opus that senders use.
const FRAME: Duration = Duration::from_millis(60);
/// A first packet has no time before it: an ordinary frame.
const FIRST: Duration = Duration::from_millis(20);
/// So much sound is worth an audio slot: a clipped first syllable is heard as a fault, a cough is not.
const SOUNDS_AFTER: Duration = Duration::from_millis(60);
/// So much sound is speech: a cough is shorter.
const SPEAKS_AFTER: Duration = Duration::from_millis(200);
/// The bucket's size. It leaks half as fast as it fills, so a speaker is one for 0.8 s after the last word.
const FULL: Duration = Duration::from_millis(400);
const LEAK: u32 = 2;
/// How fast loudness follows a rise, in seconds.
const ATTACK: f32 = 0.1;
/// How fast it follows a fall, in seconds: over a pause between words.
const DECAY: f32 = 0.6;

/// A codec in silence sends a frame every 0.4 s (DTX); longer without any is a microphone that is not sent.
const HEARD_FOR: Duration = Duration::from_secs(2);

const _: () = assert!(SOUNDS_AFTER.as_millis() < SPEAKS_AFTER.as_millis() && SPEAKS_AFTER.as_millis() < FULL.as_millis());

/// One microphone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Voice {
    /// When the last packet came.
    heard: Option<Instant>,
    /// What the bucket held then.
    sound: Duration,
    /// In decibels above the room, then.
    loudness: f32,
    sounds: bool,
    speaks: bool,
    /// When it was last audible while it spoke.
    spoke: Option<Instant>,
}

impl Voice {
    /// Takes a packet: its level in dBov (−127 to 0) and the size of its payload. True when it begins to sound, or to speak.
    pub(crate) fn hear(&mut self, now: Instant, level: Option<i8>, bytes: usize) -> bool {
        let level = level.unwrap_or(if bytes > SPEECH_BYTES { UNKNOWN } else { i8::MIN });
        let above = f32::from(level.min(LOUDEST)) - f32::from(ROOM);
        let passed = self.heard.map_or(FIRST, |heard| now.saturating_duration_since(heard)).min(FRAME);
        let target = above.max(0.0);
        let time = if target > self.loudness { ATTACK } else { DECAY };
        self.loudness = self.loudness_at(now);
        self.loudness += (target - self.loudness) * (1.0 - (-passed.as_secs_f32() / time).exp());
        self.sound = self.sound_at(now);
        self.sound = if above > 0.0 { (self.sound + passed).min(FULL) } else { self.sound.saturating_sub(passed / LEAK) };
        self.heard = Some(now);
        let before = (self.sounds, self.speaks);
        self.sounds |= self.sound >= SOUNDS_AFTER;
        self.speaks |= self.sound >= SPEAKS_AFTER;
        if self.speaks && above > 0.0 {
            self.spoke = Some(now);
        }
        before != (self.sounds, self.speaks)
    }

    /// Lets the time since the last packet pass.
    pub(crate) fn fade(&mut self, now: Instant) {
        if self.sound_at(now).is_zero() {
            (self.sounds, self.speaks) = (false, false);
        }
    }

    /// It is switched off, and forgotten but for when it last spoke.
    pub(crate) fn mute(&mut self) {
        *self = Self { spoke: self.spoke, ..Self::default() };
    }

    /// Whether there is anything to hear.
    pub(crate) fn sounds(&self) -> bool {
        self.sounds
    }

    /// Whether that is speech.
    pub(crate) fn speaks(&self) -> bool {
        self.speaks
    }

    /// Whether packets come, of sound or of silence.
    pub(crate) fn is_heard(&self, now: Instant) -> bool {
        self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < HEARD_FOR)
    }

    /// When it was last audible while it spoke.
    pub(crate) fn spoke(&self) -> Option<Instant> {
        self.spoke
    }

    /// In decibels above a quiet room.
    pub(crate) fn loudness_at(&self, now: Instant) -> f32 {
        self.loudness * (-self.missing(now).as_secs_f32() / DECAY).exp()
    }

    fn sound_at(&self, now: Instant) -> Duration {
        self.sound.saturating_sub(self.missing(now) / LEAK)
    }

    /// How long nothing came that should have come if there were something to hear.
    fn missing(&self, now: Instant) -> Duration {
        self.heard.map_or(Duration::ZERO, |heard| now.saturating_duration_since(heard).saturating_sub(FRAME))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const PACKET: Duration = Duration::from_millis(20);

    /// Hears a level for some time in packets of 20 ms; gives the time at its end.
    pub(crate) fn hears(voice: &mut Voice, from: Instant, time: Duration, level: i8) -> Instant {
        let mut now = from;
        while now < from + time {
            now += PACKET;
            voice.hear(now, Some(level), 80);
            voice.fade(now);
        }
        now
    }

    #[test]
    fn who_speaks_is_heard_at_once_and_a_speaker_soon_after() {
        for level in [-15, -30, -45] {
            let (mut voice, start) = (Voice::default(), Instant::now());
            let now = hears(&mut voice, start, 60 * MS, level);
            assert!(voice.sounds() && !voice.speaks(), "{level} dBov for 60 ms");
            hears(&mut voice, now, 140 * MS, level);
            assert!(voice.speaks(), "{level} dBov for 200 ms");
        }
    }

    #[test]
    fn a_cough_is_no_speech_and_two_are_none_either() {
        let (mut voice, mut now) = (Voice::default(), Instant::now());
        for _ in 0..2 {
            now = hears(&mut voice, now, 100 * MS, -15);
            assert!(!voice.speaks());
            now = hears(&mut voice, now, 500 * MS, -70);
        }
        assert!(!voice.sounds() && voice.spoke().is_none());
    }

    #[test]
    fn a_quiet_room_is_never_a_speaker() {
        let (mut voice, now) = (Voice::default(), Instant::now());
        hears(&mut voice, now, 10_000 * MS, ROOM);
        assert!(!voice.sounds());
    }

    #[test]
    fn a_speaker_stays_one_between_words() {
        let (mut voice, mut now) = (Voice::default(), Instant::now());
        now = hears(&mut voice, now, 1_000 * MS, -30);
        for _ in 0..10 {
            now = hears(&mut voice, now, 300 * MS, -70);
            assert!(voice.speaks());
            now = hears(&mut voice, now, 300 * MS, -30);
        }
    }

    #[test]
    fn a_speaker_fades_by_time_when_packets_stop_as_when_they_are_silent() {
        for silent_packets in [true, false] {
            let (mut voice, start) = (Voice::default(), Instant::now());
            let now = hears(&mut voice, start, 1_000 * MS, -20);
            let later = |voice: &mut Voice, time| {
                if silent_packets { hears(voice, now, time, -127) } else { now + time }
            };
            let then = later(&mut voice, 700 * MS);
            voice.fade(then);
            assert!(voice.speaks(), "a pause");
            let (mut voice, start) = (Voice::default(), Instant::now());
            let now = hears(&mut voice, start, 1_000 * MS, -20);
            let then = if silent_packets { hears(&mut voice, now, 900 * MS, -127) } else { now + 900 * MS };
            voice.fade(then);
            assert!(!voice.speaks() && !voice.sounds(), "an end");
            assert!(voice.loudness_at(then) < 10.0);
            assert_eq!(voice.spoke(), Some(now));
        }
    }

    #[test]
    fn without_levels_the_size_of_packets_tells_sound_from_silence() {
        let (mut voice, mut silent, mut now) = (Voice::default(), Voice::default(), Instant::now());
        for _ in 0..20 {
            now += PACKET;
            voice.hear(now, None, 80);
            silent.hear(now, None, 2);
        }
        assert!(voice.speaks() && !silent.sounds());
        let mut other = Voice::default();
        hears(&mut other, now, 400 * MS, -40);
        assert!(other.loudness_at(now) > voice.loudness_at(now), "a voice that is known to speak goes first");
    }

    #[test]
    fn a_burst_of_packets_in_one_moment_is_not_more_sound() {
        let (mut voice, now) = (Voice::default(), Instant::now());
        for _ in 0..1_000 {
            voice.hear(now, Some(-10), 80);
        }
        assert!(!voice.sounds());
    }

    #[test]
    fn a_muted_voice_is_silent_at_once_and_has_spoken() {
        let (mut voice, start) = (Voice::default(), Instant::now());
        let now = hears(&mut voice, start, 500 * MS, -20);
        voice.mute();
        assert!(!voice.speaks() && !voice.sounds());
        assert_eq!(voice.spoke(), Some(now));
    }
}
