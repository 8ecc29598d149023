//! PgBouncer before a test's server: from the Debian package, in a temporary folder, gone with the
//! process that started it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres::{Owner, free_port};
use crate::watchdog::watch;

/// Ends PgBouncer at the end of its standard input, also when this process is killed.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
folder=$1; shift
"$@" >"$folder/out" 2>&1 &
pid=$!
while read -r _; do :; done
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
rm -rf "$folder"
"#;

/// When PgBouncer gives a server's connection to another client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// When the client has disconnected.
    Session,
    /// After each transaction.
    Transaction,
    /// After each statement; transactions of several are refused.
    Statement,
}

/// A running PgBouncer with the fewest settings that a user would need. Above all it ignores no
/// startup parameters.
#[derive(Debug)]
pub struct PgBouncer {
    folder: PathBuf,
    port: u16,
    login: String,
    watchdog: Child,
}

impl PgBouncer {
    /// Starts one in transaction mode before the server of `url`, whose login it uses and asks for,
    /// with so many connections to each database.
    ///
    /// # Panics
    /// When it is not installed or does not start: the message says what to do, or has its log.
    #[must_use]
    pub fn start(url: &str, pool_size: u32) -> Self {
        Self::start_in(PoolMode::Transaction, url, pool_size)
    }

    /// The same in any mode.
    ///
    /// # Panics
    /// As [`PgBouncer::start`].
    #[must_use]
    pub fn start_in(mode: PoolMode, url: &str, pool_size: u32) -> Self {
        Self::start_with(mode, url, pool_size, "")
    }

    /// The same with more lines of settings.
    ///
    /// # Panics
    /// As [`PgBouncer::start`].
    #[must_use]
    pub fn start_with(mode: PoolMode, url: &str, pool_size: u32, more: &str) -> Self {
        watch();
        Self::try_start(mode, url, pool_size, more).unwrap_or_else(|message| panic!("{message}"))
    }

    fn try_start(mode: PoolMode, url: &str, pool_size: u32, more: &str) -> Result<Self, String> {
        let mode = match mode {
            PoolMode::Session => "session",
            PoolMode::Transaction => "transaction",
            PoolMode::Statement => "statement",
        };
        let program = find()?;
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (login, place) = rest.rsplit_once('@').ok_or("a URL without a login")?;
        let (user, password) = login.split_once(':').ok_or("a URL without a password")?;
        let address = place.split('/').next().unwrap_or_default();
        let (host, server_port) = address.rsplit_once(':').ok_or("a URL without a port")?;
        let folder = tempfile::Builder::new()
            .prefix("db-adapter-pgbouncer-")
            .tempdir()
            .map_err(|error| format!("cannot make a temporary folder: {error}"))?
            .keep();
        let owner = Owner::of_server_in(&folder)?;
        let port = free_port()?;
        let path = folder.display();
        let settings = format!(
            "[databases]\n* = host={host} port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {path}/users\n\
             pool_mode = {mode}\ndefault_pool_size = {pool_size}\nmax_client_conn = 500\n{more}"
        );
        let write = |name: &str, text: &str| {
            let file = folder.join(name);
            fs::write(&file, text)
                // it does not run as root; the folder is its owner's alone
                .and_then(|()| fs::set_permissions(&file, fs::Permissions::from_mode(0o644)))
                .map_err(|error| format!("cannot write `{}`: {error}", file.display()))
        };
        write("settings", &settings)?;
        write("users", &format!("\"{user}\" \"{password}\"\n"))?;
        let watchdog = watchdog(&program, &folder, owner)?;
        let bouncer = Self {
            folder,
            port,
            login: login.to_owned(),
            watchdog,
        };
        bouncer.wait()?;
        Ok(bouncer)
    }

    /// The URL of a database through it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://{}@127.0.0.1:{}/{database}",
            self.login, self.port
        )
    }

    /// What it said so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.join("out")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn wait(&self) -> Result<(), String> {
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                return Err(format!(
                    "pgbouncer does not start; it said:\n{}",
                    self.log()
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn find() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            "no `pgbouncer` found in PATH or /usr/sbin\nhint: `apt-get install pgbouncer`"
                .to_owned()
        })
}

fn watchdog(program: &Path, folder: &Path, owner: Option<Owner>) -> Result<Child, String> {
    let mut command = Command::new("sh");
    command.args(["-c", WATCHDOG, "watchdog"]).arg(folder);
    if let Some(owner) = owner {
        command.args(owner.setpriv());
    }
    command
        .arg(program)
        .arg(folder.join("settings"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot run `sh`: {error}"))
}
