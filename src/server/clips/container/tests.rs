#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

const OGG: &[u8] = include_bytes!("../../tests/clips/opus.ogg");
const WEBM: &[u8] = include_bytes!("../../tests/clips/chromium.webm");
const SLICED: &[u8] = include_bytes!("../../tests/clips/chromium-sliced.webm");
const MP4: &[u8] = include_bytes!("../../tests/clips/chromium.mp4");
const FRAGMENTS: &[u8] = include_bytes!("../../tests/clips/fragments.mp4");
const M4A: &[u8] = include_bytes!("../../tests/clips/whole.m4a");

const RECORDINGS: [(&str, &[u8], u64, u64); 8] = [
    ("audio/webm", WEBM, 1380, 1500),
    ("audio/webm", SLICED, 1380, 1500),
    ("audio/webm", include_bytes!("../../tests/clips/whole.webm"), 980, 1030),
    ("audio/ogg", OGG, 980, 1030),
    ("audio/ogg", include_bytes!("../../tests/clips/vorbis.ogg"), 980, 1030),
    ("audio/mp4", MP4, 1380, 1500),
    ("audio/mp4", FRAGMENTS, 980, 1070),
    ("audio/mp4", M4A, 980, 1070),
];

const VIDEOS: [&[u8]; 4] = [
    include_bytes!("../../tests/clips/video.webm"),
    include_bytes!("../../tests/clips/video.mp4"),
    include_bytes!("../../tests/clips/video.ogg"),
    include_bytes!("../../tests/clips/silent-video.webm"),
];

#[test]
fn what_browsers_record_is_known_with_its_duration() {
    for (content_type, clip, least, most) in RECORDINGS {
        let recording = read(clip).unwrap();
        assert_eq!(recording.content_type, content_type);
        let millis = u64::try_from(recording.duration.as_millis()).unwrap();
        assert!((least..=most).contains(&millis), "{content_type}: {millis} ms");
    }
}

#[test]
fn video_is_no_audio_also_where_there_is_sound_with_it() {
    for video in VIDEOS {
        assert_eq!(read(video), Err(NoRecording::NotAudio));
    }
}

#[test]
fn what_is_no_recording_is_told_so() {
    let html = "<!doctype html><script>alert(1)</script>".repeat(10);
    let wave = [b"RIFF\x24\x00\x00\x00WAVEfmt ".as_slice(), &[0; 64]].concat();
    let two = [OGG, OGG].concat();
    for other in [b"".as_slice(), b"O", b"OggS", &EBML_ALONE, b"ID3\x04", b"\x89PNG\r\n\x1a\n", html.as_bytes(), &wave, &[0; 4096], &two] {
        assert_eq!(read(other), Err(NoRecording::NotAudio), "{:?}", &other[..other.len().min(8)]);
    }
}

const EBML_ALONE: [u8; 5] = [0x1a, 0x45, 0xdf, 0xa3, 0x80];

#[test]
fn a_header_without_sound_is_empty() {
    // The index at the start of the file names the id of clusters too.
    let cluster = WEBM.windows(4).rposition(|bytes| bytes == [0x1f, 0x43, 0xb6, 0x75]).unwrap();
    assert_eq!(read(&WEBM[..cluster]), Err(NoRecording::Empty));
    let fragment = FRAGMENTS.windows(4).position(|bytes| bytes == b"moof").unwrap() - 4;
    assert_eq!(read(&FRAGMENTS[..fragment]), Err(NoRecording::Empty));
    let second = OGG[4..].windows(4).position(|bytes| bytes == b"OggS").unwrap() + 4;
    assert_eq!(read(&OGG[..second]), Err(NoRecording::Empty));
}

#[test]
fn a_recording_that_is_cut_off_is_as_long_as_what_is_there() {
    for clip in [WEBM, SLICED, FRAGMENTS] {
        let whole = read(clip).unwrap().duration;
        let most = read(&clip[..clip.len() - clip.len() / 8]).unwrap().duration;
        assert!(most <= whole && most > whole / 3, "{most:?} of {whole:?}");
    }
}

/// Whatever is done to a clip, reading it ends, and soon: a panic here would end every call.
#[test]
fn clips_that_are_broken_on_purpose_harm_nobody() {
    let runs = std::env::var("CASES").map_or(30_000, |cases| cases.parse().unwrap());
    let clips: Vec<&[u8]> = RECORDINGS.iter().map(|(_, clip, ..)| *clip).chain(VIDEOS).collect();
    let mut random = Random(0x5eed);
    for run in 0..runs {
        let mut clip = clips[random.below(clips.len())].to_vec();
        if random.below(4) == 0 {
            clip.truncate(random.below(clip.len()) + 1);
        }
        // Half of the damage goes where the headers are.
        let zone = if random.below(2) == 0 { clip.len().min(700) } else { clip.len() };
        for _ in 0..=random.below(8) {
            let at = random.below(zone);
            let end = clip.len().min(at + 1 + random.below(8));
            let value = [0, 1, 0x7f, 0x80, 0xff, u8::try_from(random.below(256)).unwrap()][random.below(6)];
            clip[at..end].fill(value);
        }
        let start = std::time::Instant::now();
        let _ = read(&clip);
        assert!(start.elapsed() < Duration::from_secs(2), "run {run} takes longer than its size explains");
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}
