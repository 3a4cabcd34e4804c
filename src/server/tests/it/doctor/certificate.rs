//! Certificates, made as people get them.

use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::tempdir;

use super::{Report, doctor};

/// A pair for calls.example.org that is valid for these years.
fn pair(folder: &Path, name: &str, years: (i32, i32)) -> (PathBuf, PathBuf) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["calls.example.org".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
    let (cert, key_file) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}-key.pem")));
    std::fs::write(&cert, params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    (cert, key_file)
}

fn with(folder: &Path, cert: &Path, key: &Path, more: &[&str]) -> Report {
    doctor(folder, &[&["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()], more].concat())
}

#[test]
fn a_pair_that_is_valid_for_years_is_well() {
    let folder = tempdir().unwrap();
    let (cert, key) = pair(folder.path(), "good", (2020, 2090));
    with(folder.path(), &cert, &key, &["--public-url", "https://calls.example.org"]).ticks("certificate", "until 2090-01-01");
}

#[test]
fn a_certificate_whose_time_is_over_or_has_not_come_fails() {
    let folder = tempdir().unwrap();
    let (cert, key) = pair(folder.path(), "old", (2020, 2021));
    with(folder.path(), &cert, &key, &[]).fails("certificate", "has ended on 2021-01-01");
    let (cert, key) = pair(folder.path(), "early", (2090, 2091));
    with(folder.path(), &cert, &key, &[]).fails("certificate", "only from 2090-01-01");
}

#[test]
fn a_certificate_with_the_key_of_another_fails() {
    let folder = tempdir().unwrap();
    let (cert, _) = pair(folder.path(), "one", (2020, 2090));
    let (_, key) = pair(folder.path(), "two", (2020, 2090));
    with(folder.path(), &cert, &key, &[]).fails("certificate", "cannot be used");
}

#[test]
fn a_certificate_for_another_name_than_people_open_fails() {
    let folder = tempdir().unwrap();
    let (cert, key) = pair(folder.path(), "good", (2020, 2090));
    with(folder.path(), &cert, &key, &["--public-url", "https://talk.example.org"]).fails("certificate", "not for talk.example.org");
}

#[test]
fn what_is_no_certificate_fails() {
    let folder = tempdir().unwrap();
    let (cert, key) = pair(folder.path(), "good", (2020, 2090));
    std::fs::write(&cert, "-----BEGIN NOTHING-----").unwrap();
    with(folder.path(), &cert, &key, &[]).fails("certificate", "cannot be read as a certificate chain");
}

#[test]
fn plain_http_beyond_this_machine_is_warned_of_but_not_behind_a_proxy() {
    let folder = tempdir().unwrap();
    let everywhere = ["--listen", "0.0.0.0:0"];
    doctor(folder.path(), &everywhere).warns("certificate", "plain HTTP");
    let behind = [&everywhere[..], &["--public-url", "https://calls.example.org"]].concat();
    doctor(folder.path(), &behind).ticks("certificate", "reverse proxy");
    doctor(folder.path(), &["--lan"]).ticks("certificate", "made at first start");
}
