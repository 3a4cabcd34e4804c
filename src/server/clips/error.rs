//! What can be wrong with a clip, and with where clips are kept.

use super::container::NoRecording;

/// Why a clip was not kept or not found.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// It is not a recording of sound alone.
    #[error("the clip is not a recording of sound alone")]
    NotAudio,
    /// There is no sound in it.
    #[error("there is no sound in the clip")]
    Empty,
    /// It plays for longer than a clip may.
    #[error("the clip is too long")]
    TooLong,
    /// Too many others are being looked at, or where clips are kept does not answer.
    #[error("clips cannot be looked at or kept in time")]
    TooSlow,
    /// Where clips are kept refuses, or cannot be reached.
    #[error("clips cannot be kept or read: {0}")]
    Store(#[from] object_store::Error),
}

impl From<NoRecording> for ClipError {
    fn from(error: NoRecording) -> Self {
        match error {
            NoRecording::NotAudio => Self::NotAudio,
            NoRecording::Empty => Self::Empty,
        }
    }
}

/// A place for clips that cannot be used. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum ClipsError {
    /// The URL is none, or of a kind this build does not know, or an option of it is wrong.
    #[error("--clips-url {url} cannot be used ({cause}) — give s3://bucket/folder or file:///folder, or leave it out")]
    Url {
        /// What was given; a password in it is left out.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The folder cannot be made.
    #[error("the folder {path} cannot be used ({cause}) — make it writable, or choose another with --data-dir or --clips-url")]
    Folder {
        /// The folder.
        path: std::path::PathBuf,
        /// What the operating system says.
        cause: String,
    },
}
