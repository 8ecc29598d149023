//! A PostgreSQL server of our own in a temporary folder. It never outlives the process that
//! started it, however that process ends, and never touches a server that was there before.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::binaries::{PG_BIN_VARIABLE, find_binaries};
use crate::memory;
use crate::oracle::Oracle;
use crate::unique;
use crate::watchdog::watch;

const USER: &str = "tests";

/// Throw-away speed: nothing here has to survive a power cut. The superuser's password is kept as MD5: tests log
/// in thousands of times, and SCRAM hashes 4096 times for each, in code that is not optimised. Roles that a test
/// makes have SCRAM. A connection that a blocked or abandoned task left half-made holds up every `DROP DATABASE`
/// for the authentication's timeout, which is a minute by default.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 200
authentication_timeout = 10s
fsync = off
synchronous_commit = off
password_encryption = 'scram-sha-256'
full_page_writes = off
timezone = 'UTC'
log_timezone = 'UTC'
";

/// Holds its standard input open as long as the starting process lives. At its end, also by
/// SIGKILL, the read ends: the server is stopped and the folder removed. The loop at the end is
/// for an `initdb` that was still writing.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
folder=$1; shift
while read -r _; do :; done
cd "$folder" || exit 0
if [ -f data/postmaster.pid ]; then "$@" -D "$folder/data" -m immediate -w stop; fi
cd /
for _ in 1 2 3 4 5; do rm -rf "$folder" && exit 0; sleep 1; done
exit 1
"#;

/// How [`PostgresServer::stop`] ends the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Clients are disconnected, data is written: an orderly restart.
    Fast,
    /// As after a crash: the next start recovers.
    Immediate,
}

/// A running server with password authentication on a free port of 127.0.0.1 and on a socket.
///
/// Most tests share one and want [`crate::TestDatabase::postgres`]; a test that stops or breaks
/// its server starts its own.
#[derive(Debug)]
pub struct PostgresServer {
    binaries: PathBuf,
    folder: PathBuf,
    owner: Option<Owner>,
    port: u16,
    password: String,
    /// Settings beyond those of every server.
    more: String,
    watchdog: Child,
}

impl PostgresServer {
    /// Starts a new, empty server and waits until it accepts connections.
    ///
    /// # Panics
    /// When no server is installed or it does not start: the message has the reason and the log.
    #[must_use]
    pub fn start() -> Self {
        watch();
        let overridden = std::env::var_os(PG_BIN_VARIABLE).map(PathBuf::from);
        find_binaries(overridden.as_deref())
            .and_then(Self::start_from)
            .unwrap_or_else(|message| panic!("{message}"))
    }

    fn start_from(binaries: PathBuf) -> Result<Self, String> {
        let password = unique::word() + &unique::word();
        let mut server = Self::in_a_new_folder(binaries, password)?;
        server.create_cluster()?;
        server.start_on_a_free_port()?;
        Ok(server)
    }

    /// A copy of this running server, with its logins, that follows it: a hot standby, on a port
    /// of its own, that can be read as soon as this returns.
    ///
    /// # Panics
    /// When it does not start: the message has the reason and the log.
    #[must_use]
    pub fn standby(&self) -> Self {
        self.try_standby()
            .unwrap_or_else(|message| panic!("{message}"))
    }

    fn try_standby(&self) -> Result<Self, String> {
        let mut standby = Self::in_a_new_folder(self.binaries.clone(), self.password.clone())?;
        standby.copy(self)?;
        standby.start_on_a_free_port()?;
        Ok(standby)
    }

    /// Makes this stopped server a standby of another one, on the port that it had. Its data is
    /// that of the other one from now on.
    ///
    /// # Panics
    /// When it does not start: the message has the reason and the log.
    pub fn follow(&mut self, primary: &Self) {
        fs::remove_dir_all(self.folder.join("data"))
            .map_err(|error| format!("cannot remove the old data: {error}"))
            .and_then(|()| self.copy(primary))
            .and_then(|()| self.write_settings())
            .and_then(|()| self.start_server())
            .unwrap_or_else(|message| panic!("{message}"));
    }

    /// The data of a running server, and from where to follow it.
    fn copy(&mut self, primary: &Self) -> Result<(), String> {
        let primary = format!(
            "host=127.0.0.1 port={} user={USER} password={}",
            primary.port, primary.password
        );
        let copy = ["-D", "data", "-c", "fast", "-X", "stream", "--no-sync"];
        self.run("pg_basebackup", &[&copy[..], &["-d", &primary]].concat())?;
        self.write("data/standby.signal", "")?;
        // it asks again at once when the primary is not there yet
        self.more =
            format!("primary_conninfo = '{primary}'\nwal_retrieve_retry_interval = 100ms\n");
        Ok(())
    }

    /// Makes a standby the primary, and waits until it can be written.
    ///
    /// # Panics
    /// When it is not a standby.
    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", "data", "-w", "promote"])
            .unwrap_or_else(|message| panic!("{message}\nthe server's log:\n{}", self.log()));
    }

    /// Waits until this standby shows all that its primary has written so far.
    ///
    /// # Panics
    /// When it does not within a minute.
    pub async fn caught_up_with(&self, primary: &Self) {
        let mut ahead = Oracle::postgres(&primary.admin_url()).await;
        // these servers commit without waiting for the log: a commit that does takes the rest
        // along. It waits only when its transaction has written a record before
        ahead.sql("SET synchronous_commit = on").await;
        ahead
            .scalar_text("SELECT pg_logical_emit_message(true, 'tests', '')::text")
            .await;
        let written = ahead.scalar_text("SELECT pg_current_wal_lsn()").await;
        let written = written.expect("a place in the log");
        let mut behind = Oracle::postgres(&self.admin_url()).await;
        let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        let started = Instant::now();
        while behind.scalar_text(&sql).await.as_deref() != Some("t") {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "the standby does not follow:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn in_a_new_folder(binaries: PathBuf, password: String) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("db-adapter-pg-")
            .tempdir_in(memory::folder().unwrap_or_else(std::env::temp_dir))
            .map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let owner = Owner::of_server_in(folder.path())?;
        // from here on the watchdog removes the folder
        let folder = folder.keep();
        let watchdog = watchdog(&binaries, &folder, owner)?;
        Ok(Self {
            binaries,
            folder,
            owner,
            port: 0,
            password,
            more: String::new(),
            watchdog,
        })
    }

    /// The URL of a database on this server, over TCP.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://{USER}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    /// The URL of the superuser's database `postgres`.
    #[must_use]
    pub fn admin_url(&self) -> String {
        self.url("postgres")
    }

    /// The TCP port on 127.0.0.1; it stays the same over [`Self::stop`] and [`Self::start_again`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The temporary folder: `data`, `log` and the socket `.s.PGSQL.<port>` are in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the server logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Stops the server; its data stays for [`Self::start_again`].
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.run("pg_ctl", &["-D", "data", "-m", mode, "-w", "stop"])
            .unwrap_or_else(|message| panic!("{message}"));
    }

    /// Starts the stopped server again, on the same port.
    ///
    /// # Panics
    /// When it does not start: the message has the log.
    pub fn start_again(&self) {
        self.start_server()
            .unwrap_or_else(|message| panic!("{message}"));
    }

    fn create_cluster(&self) -> Result<(), String> {
        self.write("password", &self.password)?;
        self.run(
            "initdb",
            &[
                "--pgdata=data",
                "--username",
                USER,
                "--auth=md5",
                "--pwfile=password",
                "--locale=C.UTF-8",
                "--encoding=UTF8",
                "--no-sync",
            ],
        )?;
        fs::remove_file(self.folder.join("password"))
            .map_err(|error| format!("cannot remove the password file: {error}"))
    }

    /// Another process can take the port between the choice and the start: then the next one.
    fn start_on_a_free_port(&mut self) -> Result<(), String> {
        let mut attempts = 10;
        loop {
            self.port = free_port()?;
            self.write_settings()?;
            attempts -= 1;
            match self.start_server() {
                Err(message) if attempts > 0 && message.contains("could not bind") => {
                    let _ = fs::remove_file(self.folder.join("log"));
                }
                result => return result,
            }
        }
    }

    fn write_settings(&self) -> Result<(), String> {
        let settings = format!(
            "{SETTINGS}{}port = {}\nunix_socket_directories = '{}'\n",
            self.more,
            self.port,
            self.folder.display()
        );
        // read last, so it wins over postgresql.conf
        self.write("data/postgresql.auto.conf", &settings)
    }

    fn start_server(&self) -> Result<(), String> {
        self.run(
            "pg_ctl",
            &["-D", "data", "-l", "log", "-w", "-t", "60", "start"],
        )
        .map_err(|message| format!("{message}\nthe server's log:\n{}", self.log()))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let output = command(&self.binaries, program, self.owner)
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot run `{program}`: {error}"))?;
        succeeded(program, &output)
    }

    /// Writes a file that the server's user owns.
    fn write(&self, name: &str, contents: &str) -> Result<(), String> {
        let path = self.folder.join(name);
        fs::write(&path, contents)
            .and_then(|()| {
                self.owner.map_or(Ok(()), |owner| {
                    chown(&path, Some(owner.user), Some(owner.group))
                })
            })
            .map_err(|error| format!("cannot write `{}`: {error}", path.display()))
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        match self.watchdog.wait() {
            Ok(status) if status.success() => {}
            result => eprintln!(
                "the test server in `{}` was not removed: {result:?}",
                self.folder.display()
            ),
        }
    }
}

/// The system user `postgres`: the server refuses to run as root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    /// Gives the folder to `postgres` when root made it; anybody else runs the server themselves.
    pub(crate) fn of_server_in(folder: &Path) -> Result<Option<Self>, String> {
        let failed = |error| {
            format!(
                "cannot give `{}` to the user `postgres`: {error}",
                folder.display()
            )
        };
        if fs::metadata(folder).map_err(failed)?.uid() != 0 {
            return Ok(None);
        }
        let owner = Self {
            user: id("-u")?,
            group: id("-g")?,
        };
        chown(folder, Some(owner.user), Some(owner.group)).map_err(failed)?;
        Ok(Some(owner))
    }

    /// The words before a command that run it as this user.
    pub(crate) fn setpriv(self) -> [String; 5] {
        owner_words(self.user, self.group)
    }
}

fn owner_words(user: u32, group: u32) -> [String; 5] {
    [
        "setpriv".to_owned(),
        format!("--reuid={user}"),
        format!("--regid={group}"),
        "--clear-groups".to_owned(),
        "--".to_owned(),
    ]
}

fn id(flag: &str) -> Result<u32, String> {
    let output = Command::new("id")
        .args([flag, "postgres"])
        .output()
        .map_err(|error| format!("cannot run `id`: {error}"))?;
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .parse()
        .map_err(|_| {
            "the tests run as root, PostgreSQL does not, and there is no user `postgres`\n\
         hint: `apt-get install postgresql` makes one"
                .to_owned()
        })
}

/// A server program, as the server's user, untouched by the caller's PostgreSQL settings.
fn command(binaries: &Path, program: &str, owner: Option<Owner>) -> Command {
    let program = binaries.join(program);
    let mut command = match owner {
        None => Command::new(program),
        Some(Owner { user, group }) => {
            let [setpriv, arguments @ ..] = owner_words(user, group);
            let mut command = Command::new(setpriv);
            command.args(arguments).arg(program);
            command
        }
    };
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG"))
    {
        command.env_remove(name);
    }
    // the messages are read
    command.env("LC_ALL", "C");
    command
}

fn watchdog(binaries: &Path, folder: &Path, owner: Option<Owner>) -> Result<Child, String> {
    let stop = command(binaries, "pg_ctl", owner);
    Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(folder)
        .arg(stop.get_program())
        .args(stop.get_args())
        .stdin(Stdio::piped())
        // a test runner waits for everybody who holds its pipes
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // out of reach of Ctrl-C and of runners that kill the test's group
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot run `sh`: {error}"))
}

pub(crate) fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on 127.0.0.1: {error}"))
}

fn succeeded(program: &str, output: &Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "`{program}` failed with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}
