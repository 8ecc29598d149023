//! A backup or a restore in a process of its own.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use db_adapter::BackupSchema;
use tokio::process::{Child, Command};

/// How a process ended, and what it said.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) said: String,
    pub(super) took: Duration,
}

impl Ended {
    /// The most memory that it held.
    pub(super) fn peak_kib(&self) -> u64 {
        let after = self
            .said
            .split("peak ")
            .nth(1)
            .expect("a process that said its peak");
        after.split(' ').next().unwrap().parse().unwrap()
    }
}

/// One run of `test-backup`.
pub(super) struct Run<'a> {
    pub(super) what: &'a str,
    pub(super) url: &'a str,
    pub(super) schema: &'a BackupSchema,
    pub(super) file: &'a Path,
}

impl Run<'_> {
    /// Started below a shell that sets `limits` first, such as `ulimit -v 100000;`.
    pub(super) fn start(&self, limits: &str) -> Child {
        let program = env!("CARGO_BIN_EXE_test-backup");
        Command::new("sh")
            .args(["-c", &format!("{limits} exec \"$@\""), "limits", program])
            .args([self.what, self.url])
            .arg(serde_json::to_string(self.schema).unwrap())
            .arg("ann")
            .arg(self.file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    pub(super) async fn to_its_end(&self, limits: &str) -> Ended {
        let started = Instant::now();
        let output = self.start(limits).wait_with_output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        Ended {
            status: output.status,
            said: String::from_utf8_lossy(&said).into_owned(),
            took: started.elapsed(),
        }
    }

    /// SIGKILL after some time, unless it has ended before.
    pub(super) async fn killed_after(&self, time: Duration) {
        let mut child = self.start("");
        tokio::time::sleep(time).await;
        child.kill().await.unwrap();
    }
}
