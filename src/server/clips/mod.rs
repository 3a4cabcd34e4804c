//! Voice clips: what they may be, and where their bytes are kept. Who may hear one is not known here.
//!
//! A clip is looked at before it is kept, and kept before a message names it: a message never names a clip that is not there.
//! What is left when a server dies in between is bytes that nobody can ask for.

mod container;
mod error;
mod location;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
pub use error::{ClipError, ClipsError};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
pub use location::Location;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt};
use switchboard_ids::ClipId;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// The largest clip, in bytes: five minutes of speech at 128 kbit/s, four times what browsers record.
pub const MAX_BYTES: usize = 5_000_000;

/// The longest clip.
pub const MAX_DURATION: Duration = Duration::from_secs(5 * 60);

/// Recorders round up to whole packets, and stop a moment after they are told to.
const TOLERANCE: Duration = Duration::from_secs(2);

/// A clip that waited this long to be looked at, or for where it is kept, is given up: the client is told to try again.
const PATIENCE: Duration = Duration::from_secs(20);

/// A clip that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The clip.
    pub clip: ClipId,
    /// What it is, as a media type.
    pub content_type: &'static str,
    /// How long it plays.
    pub duration: Duration,
}

/// The bytes of a clip, as they come.
pub type ClipStream = BoxStream<'static, Result<Bytes, object_store::Error>>;

/// Keeps clips; clones keep them in the same place.
#[derive(Debug, Clone)]
pub struct Clips {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    /// Those that look at clips at the same time: on half of the cores at most, so that a flood leaves the rest to calls.
    turns: Arc<Semaphore>,
}

impl Clips {
    /// Opens the place where clips are kept, on a machine with this many cores.
    pub fn open(location: &Location, cores: usize) -> Result<Self, ClipsError> {
        let (store, folder) = location.open()?;
        Ok(Self { store, folder, turns: Arc::new(Semaphore::new((cores / 2).max(1))) })
    }

    /// Looks at what claims to be a clip, and keeps it.
    pub async fn keep(&self, bytes: Bytes) -> Result<Kept, ClipError> {
        let (content_type, duration) = self.look_at(bytes.clone()).await?;
        let clip = ClipId::from(Uuid::now_v7());
        within_patience(self.store.put(&self.path(clip), bytes.into())).await?;
        Ok(Kept { clip, content_type, duration })
    }

    async fn look_at(&self, bytes: Bytes) -> Result<(&'static str, Duration), ClipError> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| ClipError::TooSlow)?.map_err(|_| ClipError::TooSlow)?;
        // The work holds its turn itself: it goes on when the client that asked for it is gone.
        let work = move || {
            let _turn = turn;
            container::read(&bytes)
        };
        let recording = tokio::task::spawn_blocking(work).await.map_err(|_| ClipError::NotAudio)??;
        if recording.duration > MAX_DURATION + TOLERANCE {
            return Err(ClipError::TooLong);
        }
        Ok((recording.content_type, recording.duration))
    }

    /// The bytes of a clip, or a range of them that lies within it.
    pub async fn get(&self, clip: ClipId, range: Option<Range<u64>>) -> Result<ClipStream, ClipError> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let got = within_patience(self.store.get_opts(&self.path(clip), options)).await?;
        Ok(got.into_stream().boxed())
    }

    /// Forgets a clip that no message names.
    pub async fn remove(&self, clip: ClipId) -> Result<(), ClipError> {
        within_patience(self.store.delete(&self.path(clip))).await
    }

    fn path(&self, clip: ClipId) -> Path {
        self.folder.clone().join(clip.to_string())
    }
}

async fn within_patience<T>(work: impl Future<Output = Result<T, object_store::Error>>) -> Result<T, ClipError> {
    Ok(tokio::time::timeout(PATIENCE, work).await.map_err(|_| ClipError::TooSlow)??)
}
