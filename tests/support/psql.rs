//! What libpq makes of a URL: `psql`, the judge of ours.

use std::process::{Command, Stdio};

use crate::client::client_program;

/// Runs one statement over a connection of its own: what it answers, without headers, or what
/// `psql` says when it fails.
///
/// # Errors
/// When it cannot connect, or the statement fails.
///
/// # Panics
/// When there is no `psql`.
pub fn psql(url: &str, sql: &str) -> Result<String, String> {
    let mut command = Command::new(client_program("psql"));
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG"))
    {
        command.env_remove(name);
    }
    let output = command
        .args(["-X", "-A", "-t", "-d", url, "-c", sql])
        // no root certificate of the user who runs the tests is used
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .expect("hint: `apt-get install postgresql-client`");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}
