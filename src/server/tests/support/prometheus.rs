//! The real Prometheus and its promtool, which `.ci/prepare` unpacks beside what is built.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::eventually;

/// A program of Prometheus: of the machine where it is installed, else the one that was unpacked.
fn program(name: &str) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| file.is_file());
    let target = Path::new(env!("CARGO_BIN_EXE_switchboard")).ancestors().nth(2).unwrap();
    let unpacked = target.join("prometheus/usr/bin").join(name);
    let found = installed.or_else(|| unpacked.is_file().then_some(unpacked));
    found.unwrap_or_else(|| panic!("{name} of Prometheus is needed: run .ci/prepare"))
}

/// Runs promtool in a folder, with this on its standard input.
pub fn promtool(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(program("promtool"));
    let piped = command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A running Prometheus on loopback. It is killed, and what it stored is gone, when it is dropped.
pub struct Prometheus {
    child: Child,
    url: String,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that reads the metrics at this admin URL once a second, and waits until it has.
    pub async fn scrapes(admin_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = admin_url.strip_prefix("http://").unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: switchboard\n    static_configs: [{{targets: ['{target}']}}]\n"
        );
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        // It does not tell which port it took, so one that is free is named to it.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program("prometheus"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let this = Self { child, url: format!("http://{address}"), http: reqwest::Client::new(), _folder: folder };
        eventually("Prometheus reads the metrics", true, async || this.has_data(r#"up{job="switchboard"} == 1"#).await == Ok(true)).await;
        this
    }

    /// Whether a query gives a number at this moment, and what is wrong with it when it is refused.
    pub async fn has_data(&self, query: &str) -> Result<bool, String> {
        let url = url::Url::parse_with_params(&format!("{}/api/v1/query", self.url), [("query", query)]).unwrap();
        let answer = self.http.get(url).send().await.map_err(|error| error.to_string())?;
        let answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        if answer["status"] != "success" {
            return Err(answer["error"].to_string());
        }
        let series = answer["data"]["result"].as_array().cloned().unwrap_or_default();
        let number = |series: &Value| series["value"][1].as_str().and_then(|value| value.parse::<f64>().ok());
        Ok(series.iter().filter_map(number).any(f64::is_finite))
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
