//! Whether frames could be decoded one after the other, told by what they are and not by what their packets say.

use std::collections::HashMap;

use switchboard_clip::Clip;

/// Where each frame of each clip is found.
pub(crate) struct Pictures {
    clips: Vec<Clip>,
    /// Clip and place.
    places: HashMap<Vec<u8>, (usize, usize)>,
}

impl Pictures {
    pub(crate) fn new() -> Self {
        let mut clips = vec![Clip::vp8()];
        clips.extend(Clip::layers());
        let mut places = HashMap::new();
        for (number, clip) in clips.iter().enumerate() {
            places.extend(clip.frames().iter().enumerate().map(|(at, frame)| (frame.data.clone(), (number, at))));
        }
        Self { clips, places }
    }

    /// The clip and the place in it that a frame is; none when it was never sent.
    pub(crate) fn place(&self, frame: &[u8]) -> Option<(usize, usize)> {
        self.places.get(frame).copied()
    }

    /// The first frame, if any, whose references were not shown before it: the encoder of the clips refers to the frame before, or with
    /// temporal layers to what `clip.rs` says.
    pub(crate) fn first_undecodable<'a>(&self, frames: impl IntoIterator<Item = &'a Vec<u8>>) -> Option<usize> {
        // What a decoder holds: the clip, and the places of the last frames, since the last keyframe.
        let mut held: Vec<(usize, usize)> = Vec::new();
        for (count, frame) in frames.into_iter().enumerate() {
            let Some((clip, at)) = self.place(frame) else { return Some(count) };
            if self.clips[clip].frames()[at].keyframe {
                held.clear();
            } else {
                let references = match self.clips[clip].frames()[at].temporal {
                    None => vec![at - 1],
                    Some((0, _)) => vec![at - 4],
                    Some((_, true)) => vec![at / 4 * 4],
                    Some((_, false)) => vec![at / 4 * 4, at - 1],
                };
                let newest = |place: &(usize, usize)| held.contains(place) && held.iter().all(|(other, _)| *other == clip);
                if at <= held.last().map_or(usize::MAX, |(_, last)| *last) || !references.iter().all(|at| newest(&(clip, *at))) {
                    return Some(count);
                }
            }
            held.push((clip, at));
        }
        None
    }
}
