//! The certificate in use, renewed when its files change: whoever renews it need not start the server again, and one that cannot be used
//! takes nothing away.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use super::acme::{Challenges, Issuer};
use super::pair::{Files, Pair};
use super::{TlsError, now_s};
use crate::config::Acme;
use crate::observe::{Family, Gauges};

/// How often the files are looked at. SIGHUP has them looked at once.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// A certificate from files, and which they were.
pub struct Kept {
    cert: PathBuf,
    key: PathBuf,
    config: RustlsConfig,
    expires_s: u64,
    /// What the files held when they were judged last.
    judged: [u8; 32],
    /// What they held at the last look.
    seen: [u8; 32],
    /// Who has the files written by an authority.
    issuer: Option<Issuer>,
    /// What the authority is shown beside it.
    challenges: Option<Challenges>,
    /// Told when the files are to be looked at once.
    renewed: Arc<Notify>,
}

impl Kept {
    /// Reads the files; `now_s` is in seconds since 1970.
    pub(super) fn read(cert: &Path, key: &Path, now_s: u64) -> Result<Self, TlsError> {
        let files = Files::read(cert, key);
        let Pair { config, expires_s } = files.pair(now_s)?;
        let (judged, config) = (files.fingerprint(), RustlsConfig::from_config(config));
        let (cert, key, renewed) = (cert.to_owned(), key.to_owned(), Arc::default());
        Ok(Self { cert, key, config, expires_s, judged, seen: judged, issuer: None, challenges: None, renewed })
    }

    /// What an authority gave, or one of our own until it gives one.
    pub(super) fn given(acme: &Acme, folder: &Path, now_s: u64) -> Result<Self, TlsError> {
        let (challenges, renewed) = (Challenges::default(), Arc::<Notify>::default());
        let issuer = Issuer::new(acme.clone(), folder, challenges.clone(), renewed.clone());
        issuer.prepare()?;
        let file = Issuer::file(folder);
        let mut kept = Self::read(&file, &file, now_s)?;
        (kept.issuer, kept.renewed) = (Some(issuer), renewed);
        kept.config.reload_from_config(challenges.answered_by(&kept.config.get_inner()));
        kept.challenges = Some(challenges);
        Ok(kept)
    }

    /// What a listener serves with: the same one for all time, whatever is in it.
    pub fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Keeps it up to date. SIGHUP ends nothing from the call on.
    pub fn keep(self, gauges: Arc<Gauges>) -> impl Future<Output = ()> + Send {
        let hang_ups = match signal(SignalKind::hangup()) {
            Ok(hang_ups) => Some(hang_ups),
            Err(error) => {
                tracing::warn!(%error, "SIGHUP cannot be heard; certificates are looked at every {} s", LOOK_EVERY.as_secs());
                None
            }
        };
        self.keep_with(hang_ups, gauges)
    }

    async fn keep_with(mut self, hang_ups: Option<Signal>, gauges: Arc<Gauges>) {
        match self.issuer.take() {
            Some(issuer) => drop(tokio::join!(issuer.run(), self.look_again_and_again(hang_ups, gauges))),
            None => self.look_again_and_again(hang_ups, gauges).await,
        }
    }

    async fn look_again_and_again(mut self, mut hang_ups: Option<Signal>, gauges: Arc<Gauges>) {
        let renewed = self.renewed.clone();
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            gauges.set(Family::CertificateExpiry, self.expires_s as f64);
            let asked = async {
                match &mut hang_ups {
                    Some(hang_ups) => hang_ups.recv().await,
                    None => std::future::pending().await,
                }
            };
            let at_once = tokio::select! {
                _ = looks.tick() => false,
                _ = asked => true,
                () = renewed.notified() => true,
            };
            let cert = self.cert.display().to_string();
            match self.look(now_s(), at_once) {
                None => {}
                Some(Ok(())) => tracing::info!(cert, "the certificate was renewed"),
                Some(Err(error)) => tracing::error!("the certificate in use stays: {error}"),
            }
        }
    }

    /// Looks at the files and uses what they hold: once they have held it for two looks, or `at_once`, for whoever renews them writes
    /// one after the other. `None` when that is nothing new.
    fn look(&mut self, now_s: u64, at_once: bool) -> Option<Result<(), TlsError>> {
        let files = Files::read(&self.cert, &self.key);
        let found = files.fingerprint();
        let settled = std::mem::replace(&mut self.seen, found) == found;
        if found == self.judged || !(settled || at_once) {
            return None;
        }
        self.judged = found;
        Some(files.pair(now_s).map(|Pair { config, expires_s }| {
            self.config.reload_from_config(self.dressed(config));
            self.expires_s = expires_s;
        }))
    }

    fn dressed(&self, config: Arc<ServerConfig>) -> Arc<ServerConfig> {
        self.challenges.as_ref().map_or_else(|| config.clone(), |challenges| challenges.answered_by(&config))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use tempfile::TempDir;

    use super::*;

    /// 1 January 2026.
    const NOW: u64 = 1_767_225_600;

    struct Bench {
        folder: TempDir,
    }

    impl Bench {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn cert(&self) -> PathBuf {
            self.folder.path().join("cert.pem")
        }

        fn key(&self) -> PathBuf {
            self.folder.path().join("key.pem")
        }

        fn put(&self, (cert, key): &(String, String)) {
            std::fs::write(self.cert(), cert).unwrap();
            std::fs::write(self.key(), key).unwrap();
        }

        fn kept(&self) -> Kept {
            Kept::read(&self.cert(), &self.key(), NOW).unwrap()
        }
    }

    /// A pair that ends with the year before this one.
    fn pair(until: i32) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[test]
    fn files_that_stay_the_same_are_nothing_new() {
        let bench = Bench::new();
        bench.put(&pair(2027));
        let mut kept = bench.kept();
        assert!(kept.look(NOW, false).is_none() && kept.look(NOW, true).is_none());
        assert_eq!(kept.expires_s, NOW + 365 * 24 * 60 * 60);
    }

    #[test]
    fn a_renewed_pair_is_used_once_it_has_settled() {
        let bench = Bench::new();
        bench.put(&pair(2027));
        let (mut kept, renewed) = (bench.kept(), pair(2028));
        let (before, config) = (kept.config.get_inner(), kept.config());
        // The certificate is there, its key not yet.
        std::fs::write(bench.cert(), &renewed.0).unwrap();
        assert!(kept.look(NOW, false).is_none());
        bench.put(&renewed);
        assert!(kept.look(NOW, false).is_none());
        assert!(matches!(kept.look(NOW, false), Some(Ok(()))));
        assert!(!Arc::ptr_eq(&before, &config.get_inner()), "the listener serves with the new one");
        assert_eq!(kept.expires_s, NOW + 730 * 24 * 60 * 60);
        bench.put(&pair(2029));
        assert!(matches!(kept.look(NOW, true), Some(Ok(()))), "who asks for it has it at once");
    }

    #[test]
    fn what_cannot_be_used_is_told_once_and_the_old_one_stays() {
        let bench = Bench::new();
        bench.put(&pair(2027));
        let mut kept = bench.kept();
        let before = kept.config.get_inner();
        let (other, old) = (pair(2028), pair(2025));
        let cases: [(&str, &dyn Fn()); 5] = [
            ("both belong together", &|| std::fs::write(bench.key(), &other.1).unwrap()),
            ("has expired 365 days ago", &|| bench.put(&old)),
            ("cert.pem cannot be read as a certificate chain", &|| std::fs::write(bench.cert(), "no PEM").unwrap()),
            ("key.pem cannot be read as a private key", &|| bench.put(&(other.0.clone(), "no PEM".to_owned()))),
            ("cert.pem cannot be read as a certificate chain", &|| std::fs::remove_file(bench.cert()).unwrap()),
        ];
        for (cause, put) in cases {
            put();
            let Some(Err(error)) = kept.look(NOW, true) else { panic!("{cause}") };
            let line = error.to_string();
            assert!(line.contains(cause) && line.contains(" — ") && !line.contains('\n'), "{line}");
            assert!(kept.look(NOW, true).is_none(), "once");
            assert!(Arc::ptr_eq(&before, &kept.config.get_inner()), "{cause}");
        }
        bench.put(&other);
        assert!(matches!(kept.look(NOW, true), Some(Ok(()))));
    }
}
