//! Where clips are kept: a folder of this machine, or whatever a URL names.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, parse_url_opts};
use url::Url;

use super::ClipsError;
use crate::files;

/// Where clips are kept. `Debug` does not show options, which hold keys.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// In a folder, made when it is not there.
    Folder(PathBuf),
    /// Where a URL says, such as `s3://bucket/folder`.
    Url {
        /// The URL.
        url: String,
        /// Options of its kind, such as `aws_region`; the later of two of a name counts. Those it does not know are passed over.
        options: Vec<(String, String)>,
    },
}

impl Location {
    pub(super) fn open(&self) -> Result<(Arc<dyn ObjectStore>, Path), ClipsError> {
        match self {
            Self::Folder(folder) => {
                let bad = |cause: String| ClipsError::Folder { path: folder.clone(), cause };
                files::make_private_folder(folder).map_err(|error| bad(error.to_string()))?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| bad(error.to_string()))?;
                // A message must not outlive its clip when the power fails.
                Ok((Arc::new(store.with_fsync(true)), Path::default()))
            }
            Self::Url { url, options } => {
                let bad = |cause: String| ClipsError::Url { url: without_password(url), cause };
                let parsed = Url::parse(url).map_err(|error| bad(error.to_string()))?;
                if parsed.password().is_some() {
                    return Err(bad("keys are no part of it: they are given as options, or as AWS_ variables".to_owned()));
                }
                let options = options.iter().map(|(name, value)| (name, value));
                let (store, folder) = parse_url_opts(&parsed, options).map_err(|error| bad(error.to_string()))?;
                Ok((store.into(), folder))
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::Url { url, .. } => f.debug_struct("Url").field("url", &without_password(url)).finish_non_exhaustive(),
        }
    }
}

fn without_password(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.password().is_some() => {
            // Only a URL that can have none refuses to have it changed.
            let _ = url.set_password(None);
            url.into()
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use object_store::ObjectStoreExt;

    use super::*;

    fn at(url: &str) -> Location {
        Location::Url { url: url.to_owned(), options: vec![("aws_secret_access_key".to_owned(), "hush".to_owned())] }
    }

    #[tokio::test]
    async fn a_url_may_name_a_folder_of_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let (store, path) = at(&format!("file://{}/voice", folder.path().display())).open().unwrap();
        store.put(&path.join("clip"), b"sound".as_slice().into()).await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("voice/clip")).unwrap(), b"sound");
    }

    #[test]
    fn a_url_that_names_no_place_is_refused_without_telling_secrets() {
        for url in ["voice", "gopher://me:hush@example.org/voice", "gs://bucket/voice", "s3://"] {
            let error = at(url).open().unwrap_err().to_string();
            assert!(error.starts_with("--clips-url ") && !error.contains("hush"), "{error}");
        }
        assert!(!format!("{:?}", at("s3://me:hush@bucket/voice")).contains("hush"));
    }
}
