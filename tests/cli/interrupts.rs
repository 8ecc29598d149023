//! Signals: what is under way is cancelled in the database, and what is said of it is true. The
//! server and the file are the judges.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use support::{Oracle, TestDatabase, until};

use crate::program::{Run, command};
use crate::project::Project;
use crate::terminal::terminal;

const NOTHING: &str = "error: interrupted; nothing was changed\n";
const ROLLED_BACK: &str =
    "error: interrupted; what was begun is rolled back, nothing was changed\n";
const UNKNOWN: &str = "error: interrupted; the database has not said whether the changes were made\n\
    hint: look at the rows before you run it again\n";
const AGAIN: &str = "error: interrupted again, before the database could say whether the changes were made\n\
    hint: look at the rows before you run it again\n";

/// The row 500 of 1,000 waits for whoever has the lock 7: half of an UPDATE is done then.
const TABLE: &str = "\
CREATE TABLE upd (id integer PRIMARY KEY, i integer NOT NULL);
INSERT INTO upd SELECT n, n FROM generate_series(1, 1000) AS n;
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN IF NEW.id = 500 THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END';
CREATE TRIGGER wait BEFORE UPDATE ON upd FOR EACH ROW EXECUTE FUNCTION wait();";
const UPDATE: &str = "UPDATE upd SET i = -i";
const CHANGED: &str = "SELECT count(*) FROM upd WHERE i < 0";

/// Backends of the program, which the URL gives this name.
const BACKENDS: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND application_name = 'judged'";
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND application_name = 'judged' AND state = 'active' AND wait_event_type = 'Lock'";

/// Never ends by itself.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ";

fn judged(database: &TestDatabase) -> String {
    format!("{}?application_name=judged", database.url())
}

fn signal(child: &Child, name: &str) {
    signal_to(&child.id().to_string(), name);
}

fn signal_to(process: &str, name: &str) {
    let mut kill = Command::new("kill");
    let status = kill.args([&format!("-{name}"), process]).status();
    assert!(status.unwrap().success(), "{name} to {process}");
}

fn ended(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

#[track_caller]
fn is_interrupted(run: &Run, said: &str) {
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(130), said),
        "{run:?}"
    );
}

/// A database with the table, and a session that has the lock.
async fn locked() -> (TestDatabase, Oracle) {
    let database = TestDatabase::postgres().await;
    let mut oracle = database.oracle().await;
    oracle.sql(TABLE).await;
    oracle.sql("SELECT pg_advisory_lock(7)").await;
    (database, oracle)
}

/// The UPDATE, in the middle.
async fn updating(database: &TestDatabase, oracle: &mut Oracle, args: &[&str]) -> Child {
    let url = judged(database);
    let mut update = command(&[&["query", "-D", &url, "--write", UPDATE], args].concat());
    let child = update.spawn().unwrap();
    oracle.until(WAITING, "1").await;
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn every_signal_cancels_a_write_on_the_server() {
    let (database, mut oracle) = locked().await;
    for name in ["INT", "TERM", "HUP"] {
        let child = updating(&database, &mut oracle, &[]).await;
        signal(&child, name);
        let run = ended(child);
        is_interrupted(&run, ROLLED_BACK);
        assert_eq!(run.stdout, "");
        oracle.until(BACKENDS, "0").await;
        let locks = "SELECT count(*) FROM pg_locks WHERE relation = 'upd'::regclass";
        assert_eq!(oracle.scalar_text(locks).await.as_deref(), Some("0"));
    }
    // nothing is left that could still change them
    oracle.sql("SELECT pg_advisory_unlock(7)").await;
    assert_eq!(oracle.scalar_text(CHANGED).await.as_deref(), Some("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_can_read_what_became_of_it() {
    let (database, mut oracle) = locked().await;
    let child = updating(&database, &mut oracle, &["--json"]).await;
    signal(&child, "TERM");
    let run = ended(child);
    is_interrupted(&run, ROLLED_BACK);
    assert_eq!(
        run.stdout,
        "{\"version\":1,\"interrupted\":true,\"outcome\":\"unchanged\"}\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_cancelled_on_the_server() {
    let database = TestDatabase::postgres().await;
    let url = judged(&database);
    let mut read = command(&["query", "-D", &url, "SELECT pg_sleep(60)"]);
    let child = read.spawn().unwrap();
    let mut oracle = database.oracle().await;
    let sleeping = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'judged' AND wait_event = 'PgSleep'";
    oracle.until(sleeping, "1").await;
    signal(&child, "INT");
    is_interrupted(&ended(child), NOTHING);
    oracle.until(BACKENDS, "0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_printed_can_still_be_read() {
    let sqlite = TestDatabase::sqlite();
    sqlite.sql("SELECT 1").await;
    let endless = format!("{ENDLESS} SELECT i FROM n");
    let postgres = TestDatabase::postgres().await;
    for (database, sql) in [
        (&sqlite, endless.as_str()),
        (&postgres, "SELECT generate_series(1, 2000000000) AS i"),
    ] {
        let mut child = command(&["query", "-D", database.url(), "--json", sql])
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while text.lines().count() < 10 {
            stdout.read_line(&mut text).unwrap();
        }
        signal(&child, "INT");
        stdout.read_to_string(&mut text).unwrap();
        is_interrupted(&ended(child), NOTHING);
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["interrupted"], true);
        assert_eq!(answer["outcome"], "unchanged");
        assert_eq!(answer["rows"][9]["i"], 10);
    }
}

/// The program hears of the signal and of the answer in one moment: whatever it says of the two
/// is true.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_is_not_called_undone() {
    let (database, mut oracle) = locked().await;
    let child = updating(&database, &mut oracle, &[]).await;
    signal(&child, "STOP");
    oracle.sql("SELECT pg_advisory_unlock(7)").await;
    oracle.until(CHANGED, "1000").await;
    signal(&child, "INT");
    signal(&child, "CONT");
    let run = ended(child);
    match run.code {
        Some(0) => assert_eq!(run.stderr, "done, 1000 rows changed\n"),
        _ => is_interrupted(&run, UNKNOWN),
    }
    assert_eq!(oracle.scalar_text(CHANGED).await.as_deref(), Some("1000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_in_parts_is_not_called_undone() {
    let database = TestDatabase::postgres().await;
    let mut oracle = database.oracle().await;
    oracle
        .sql(
            "CREATE TABLE t (n integer);
             CREATE PROCEDURE fill() LANGUAGE plpgsql AS
               'BEGIN INSERT INTO t VALUES (1); COMMIT; PERFORM pg_advisory_xact_lock(7); END';
             SELECT pg_advisory_lock(7)",
        )
        .await;
    let url = judged(&database);
    let mut call = command(&["query", "-D", &url, "--write", "CALL fill()"]);
    let child = call.spawn().unwrap();
    oracle.until(WAITING, "1").await;
    signal(&child, "INT");
    is_interrupted(&ended(child), UNKNOWN);
    oracle.until(BACKENDS, "0").await;
    let rows = oracle.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(rows.as_deref(), Some("1"));
}

/// The server's process that works for the program, which answers nobody until this is dropped.
struct Stopped(String);

impl Stopped {
    async fn of(oracle: &mut Oracle) -> Self {
        let process = "SELECT pid FROM pg_stat_activity \
            WHERE datname = current_database() AND application_name = 'judged'";
        let process = oracle.scalar_text(process).await.unwrap();
        signal_to(&process, "STOP");
        Stopped(process)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal_to(&self.0, "CONT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_nothing_is_claimed() {
    let (database, mut oracle) = locked().await;
    let child = updating(&database, &mut oracle, &[]).await;
    let stopped = Stopped::of(&mut oracle).await;
    signal(&child, "TERM");
    is_interrupted(&ended(child), UNKNOWN);
    drop(stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_does_not_wait() {
    let (database, mut oracle) = locked().await;
    let mut child = updating(&database, &mut oracle, &[]).await;
    let stopped = Stopped::of(&mut oracle).await;
    // at first several are one
    until("the end of the program", async || {
        let is_over = child.try_wait().unwrap().is_some();
        if !is_over {
            signal(&child, "INT");
        }
        is_over
    })
    .await;
    is_interrupted(&ended(child), AGAIN);
    drop(stopped);
}

/// `nohup`, and a shell for its jobs in the background, start programs with ignored signals.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_ignored_from_the_start_stays_ignored() {
    let (database, mut oracle) = locked().await;
    let url = judged(&database);
    let update = command(&["query", "-D", &url, "--write", UPDATE]);
    let mut ignoring = Command::new("sh");
    ignoring
        .args(["-c", "trap '' HUP INT; exec \"$@\"", "sh"])
        .arg(update.get_program())
        .args(update.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = ignoring.spawn().unwrap();
    oracle.until(WAITING, "1").await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let signals = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        u64::from_str_radix(line.unwrap().trim(), 16).unwrap()
    };
    // HUP is 1, INT is 2, TERM is 15
    assert_eq!(signals("SigIgn:") & 0b11, 0b11);
    assert_eq!(signals("SigCgt:") & (1 << 14), 1 << 14);
    signal(&child, "TERM");
    is_interrupted(&ended(child), ROLLED_BACK);
}

const SCHEMA: &str = r#"{"tables": [{"name": "books"}]}"#;

/// The second row waits for whoever has the lock 7.
const BOOKS: &str = "\
CREATE TABLE books (id integer PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL);
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN IF NEW.slug = ''y'' THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END';
CREATE TRIGGER wait BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION wait();";

const FILE: &str = r#"{
"metadata": {"created_at": "2026-01-15T10:30:00.123456", "user_id": "ann", "backup_type": "full", "version": "1.1", "books_count": 2},
"books": [
{"id": 1, "user_id": "ann", "slug": "x"},
{"id": 2, "user_id": "ann", "slug": "y"}
]
}
"#;

fn project() -> Project {
    let project = Project::empty();
    project.write("tables.json", SCHEMA);
    project.write("books.json", FILE);
    project
}

fn restore(project: &Project, url: &str) -> Child {
    let schema = ["--backup-schema", "tables.json", "--user-id", "me"];
    let args = [&["restore", "books.json", "--yes", "-D", url], &schema[..]].concat();
    project.command(&args).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_restore_is_rolled_back() {
    let project = project();
    let database = TestDatabase::postgres().await;
    let mut oracle = database.oracle().await;
    oracle.sql(BOOKS).await;
    oracle.sql("SELECT pg_advisory_lock(7)").await;
    for name in ["INT", "TERM", "HUP"] {
        let child = restore(&project, &judged(&database));
        oracle.until(WAITING, "1").await;
        signal(&child, name);
        is_interrupted(&ended(child), ROLLED_BACK);
        oracle.until(BACKENDS, "0").await;
        let rows = "SELECT count(*) FROM books";
        assert_eq!(oracle.scalar_text(rows).await.as_deref(), Some("0"));
        let locks = "SELECT count(*) FROM pg_locks WHERE relation = 'books'::regclass";
        assert_eq!(oracle.scalar_text(locks).await.as_deref(), Some("0"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backup_leaves_no_file() {
    let project = project();
    let database = TestDatabase::postgres().await;
    let mut oracle = database.oracle().await;
    oracle.sql(BOOKS).await;
    // in a transaction the server's statistics stand still: another session has the lock
    let mut holder = database.oracle().await;
    holder.sql("BEGIN; LOCK TABLE books").await;
    let url = judged(&database);
    let folder = project.path().join("backups");
    std::fs::create_dir(&folder).unwrap();
    let schema = ["--backup-schema", "tables.json", "--user-id", "me"];
    let args = [
        &["backup", "-o", "backups/books.json", "-D", &url],
        &schema[..],
    ]
    .concat();
    let child = project.command(&args).spawn().unwrap();
    oracle.until(WAITING, "1").await;
    let files = || std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files(), 1);
    signal(&child, "TERM");
    is_interrupted(&ended(child), NOTHING);
    assert_eq!(files(), 0);
    oracle.until(BACKENDS, "0").await;
}

/// Whenever the signal comes: the lock is there, whole and alone, if and only if the run says so.
#[test]
fn an_interrupted_connect_says_what_became_of_the_lock() {
    let project = Project::empty();
    project.write("db.toml", "[profiles.local]\nurl = \"sqlite:app.db\"\n");
    std::fs::File::create(project.path().join("app.db")).unwrap();
    let files = || {
        let names = std::fs::read_dir(project.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names
            .filter(|name| name.starts_with(".db-profile"))
            .collect();
        names.sort();
        names
    };
    let connect = || {
        project
            .command(&["connect", "--profile", "local"])
            .spawn()
            .unwrap()
    };
    let begin = Instant::now();
    assert_eq!(ended(connect()).code, Some(0));
    let whole = begin.elapsed();
    for n in 0..30 {
        for name in files() {
            std::fs::remove_file(project.path().join(name)).unwrap();
        }
        let child = connect();
        // the moment is what the test is about
        std::thread::sleep(whole * n / 25);
        signal(&child, ["INT", "TERM", "HUP"][n as usize % 3]);
        let run = ended(child);
        match run.code {
            Some(0) => assert_eq!(files(), [".db-profile"], "{run:?}"),
            // before it has begun to listen
            None => assert_eq!(files(), [""; 0], "{run:?}"),
            Some(_) => {
                is_interrupted(&run, NOTHING);
                assert_eq!(files(), [""; 0]);
            }
        }
    }
}

/// Whether nobody is writing to the file, as the program `sqlite3` sees it.
fn is_free(database: &TestDatabase) -> bool {
    let mut sqlite3 = Command::new("sqlite3");
    let asked = sqlite3
        .arg(database.path())
        .arg("BEGIN IMMEDIATE; ROLLBACK");
    asked.output().unwrap().status.success()
}

/// So much that it does not fit into memory.
async fn until_much_is_written(database: &TestDatabase, child: &mut Child) {
    let log = format!("{}-wal", database.path().display());
    until("the program writes", async || {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::fs::metadata(&log).is_ok_and(|log| log.len() > 1_000_000)
    })
    .await;
    assert!(!is_free(database));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_a_file_is_undone() {
    let database = TestDatabase::sqlite();
    database.sql("CREATE TABLE upd (i INTEGER)").await;
    let sql = format!("{ENDLESS} INSERT INTO upd SELECT i FROM n");
    for name in ["INT", "TERM", "HUP"] {
        let mut write = command(&["query", "-D", database.url(), "--write", &sql]);
        let mut child = write.spawn().unwrap();
        until_much_is_written(&database, &mut child).await;
        signal(&child, name);
        is_interrupted(&ended(child), ROLLED_BACK);
        assert!(is_free(&database));
        let rows = database.scalar_text("SELECT count(*) FROM upd").await;
        assert_eq!(rows.as_deref(), Some("0"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_into_a_file_is_undone() {
    let project = project();
    let database = TestDatabase::sqlite();
    let endless = format!("{ENDLESS} SELECT i FROM n");
    database
        .sql(&format!(
            "CREATE TABLE books (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL);
             CREATE TABLE waste (i INTEGER);
             CREATE TRIGGER wait BEFORE INSERT ON books WHEN NEW.slug = 'y' BEGIN
               INSERT INTO waste SELECT i FROM ({endless});
             END;"
        ))
        .await;
    let mut child = restore(&project, database.url());
    until_much_is_written(&database, &mut child).await;
    signal(&child, "TERM");
    is_interrupted(&ended(child), ROLLED_BACK);
    assert!(is_free(&database));
    let rows = database.scalar_text("SELECT count(*) FROM books").await;
    assert_eq!(rows.as_deref(), Some("0"));
}

/// Ctrl-C is typed behind the question; what is said stands on a line of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_can_be_left_by_ctrl_c() {
    let project = project();
    let database = TestDatabase::sqlite();
    database.sql("CREATE TABLE books (id INTEGER)").await;
    let args = format!(
        "restore books.json -D {} --backup-schema tables.json --user-id me",
        database.url()
    );
    let mut script = terminal(&project, "NO_COLOR=1", 200, &args);
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    while !shown.ends_with(b"[y/N] ") {
        let mut byte = [0];
        assert_eq!(screen.read(&mut byte).unwrap(), 1, "it ended by itself");
        shown.push(byte[0]);
    }
    keyboard.write_all(b"\x03").unwrap();
    let mut rest = String::new();
    screen.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    drop(keyboard);
    let rest = rest.replace('\r', "");
    assert!(rest.ends_with(&format!("\n{NOTHING}")), "{rest:?}");
}
