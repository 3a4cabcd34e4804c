//! What a receiver was sent, decoded by ffmpeg: over layers, people and losses, each picture is one of the sender's.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_clip::{Clip, ivf};
use switchboard_media::SourceKind::Camera;

use crate::client::{Lines, PAIR};
use crate::pictures::Pictures;
use crate::world::{World, limited};

/// The checksums of the decoded pictures of an IVF file, each with its size; fails when the decoder has anything to say.
fn decoded(file: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("received.ivf");
    std::fs::write(&path, file).unwrap();
    // Pictures keep their size, and none is shown twice or left out.
    let arguments = ["-fps_mode", "passthrough", "-autoscale", "0", "-f", "framemd5", "-"];
    let output =
        Command::new("ffmpeg").args(["-v", "error", "-xerror", "-i"]).arg(&path).args(arguments).stdin(Stdio::null()).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "ffmpeg: {complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    // Stream, dts, pts, duration, size, checksum.
    let columns = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').map(str::trim).collect::<Vec<_>>());
    columns.map(|columns| format!("{} {}", columns[4], columns[5])).collect()
}

fn pictures_of(clip: &Clip) -> Vec<String> {
    let mut file = ivf::Writer::starting_with(&clip.frames()[0].data, 0).unwrap();
    for (time, frame) in (1..).zip(&clip.frames()[1..]) {
        file.push(&frame.data, time * clip.timestamp_step());
    }
    decoded(&file.finish())
}

#[test]
fn every_picture_a_receiver_decodes_is_one_of_the_senders() {
    let mut world = World::new();
    let good = NetemConfig::new().latency(Duration::from_millis(20));
    world.call(2, Lines { simulcast: true, ..PAIR }, good);
    world.run(Duration::from_secs(6));
    for rids in [&["q", "h"][..], &["q"], &["q", "h", "f"]] {
        let rids: Vec<String> = rids.iter().map(ToString::to_string).collect();
        world.client(0).want_layers(Camera, true, &rids);
        world.run(Duration::from_secs(5));
    }
    for bps in [400_000, 5_000_000, 200_000, 1_500_000] {
        world.set_link(1, good, limited(bps, Duration::from_millis(20)));
        world.run(Duration::from_secs(8));
    }
    let slot = world.client(1).slot(Camera);
    let shown = slot.frames.len();
    let pictures = decoded(&slot.recording());
    assert_eq!(pictures.len(), shown, "the decoder gives a picture for each frame");
    let clips: Vec<Vec<String>> = std::iter::once(Clip::vp8()).chain(Clip::layers()).map(|clip| pictures_of(&clip)).collect();
    let places = Pictures::new();
    for (at, (frame, picture)) in slot.frames.iter().zip(&pictures).enumerate() {
        let (clip, place) = places.place(frame).expect("somebody sent the frame");
        assert_eq!(*picture, clips[clip][place], "picture {at} of {shown}, frame {place} of clip {clip}");
    }
    let heights: BTreeSet<u16> = slot.heights.iter().map(|(_, height)| *height).collect();
    assert!(heights.len() > 1, "the layer changed on the way: {heights:?}");
}
