//! What `profiles`, `status`, `connect` and `init` say in each state: status, stdout and stderr.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use support::TestDatabase;

use crate::project::{Project, sqlite_version};

const TWO: &str = "\
[profiles.local]
url = \"sqlite://local.db\"
description = \"Local development\"

[profiles.production]
url = \"sqlite://production.db\"
description = \"Where \\u001B[31mthe money\\nis\"
protected = true
";

/// Two profiles whose databases are there.
async fn two() -> Project {
    let mut project = Project::new(TWO);
    project.replace(&sqlite_version(), "[VERSION]");
    for name in ["local", "production"] {
        let sql = "CREATE TABLE authors (id INTEGER PRIMARY KEY)";
        let run = project.command(&["query", "-p", name, "--target", name, "--write", sql]);
        assert!(crate::program::run(run).code == Some(0));
    }
    project
}

const VERBS: [&str; 3] = ["profiles", "status", "connect"];

#[test]
fn no_db_toml() {
    let mut project = Project::empty();
    for verb in VERBS {
        project.run(&[verb]);
    }
    project.run(&["status", "--json"]);
    project.run_with(&[("DB_PROFILE", "local")], &["connect"]);
    project.run(&["profiles", "--config", "elsewhere.toml"]);
    project.run_with(&[("DB_ADAPTER_CONFIG", "elsewhere.toml")], &["status"]);
    project.matches("no_db_toml");
}

#[test]
fn init_writes_a_first_one() {
    let mut project = Project::empty();
    project.run(&["init"]);
    let metadata = std::fs::metadata(project.path().join("db.toml")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    let written = project.read("db.toml");
    project.run(&["init"]);
    assert_eq!(project.read("db.toml"), written);
    project.run(&["profiles"]);
    project.run(&["connect", "-p", "local"]);
    project.run(&["init", "--json", "--config", "other.toml", "-q"]);
    project.run(&["init", "--config", "no/folder/db.toml"]);
    project.matches("init");
}

#[test]
fn a_file_that_cannot_be_used() {
    for (name, text) in [
        ("malformed", "[profiles.local\nurl = \"sqlite://a.db\"\n"),
        (
            "unknown_keys",
            "[profiles.local]\nurl = \"sqlite://a.db\"\nprotcted = true\n\n[shema]\nfile = \"a.sql\"\n",
        ),
        ("no_profiles", "[sync]\ntables = [\"a\"]\n"),
    ] {
        let mut project = Project::new(text);
        for verb in VERBS {
            project.run(&[verb]);
        }
        project.run_with(&[("DB_PROFILE", "local")], &["query", "SELECT 1"]);
        project.matches(name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_everybody_reads_is_warned_of() {
    let mut project = Project::new(
        "[profiles.local]\nurl = \"postgresql://app:canary@localhost:1/d\"\n[profiles.file]\nurl = \"sqlite::memory:\"\n",
    );
    project.replace(&sqlite_version(), "[VERSION]");
    project.set_mode("db.toml", 0o644);
    for args in [
        &["profiles"][..],
        &["profiles", "-q"],
        &["status", "-p", "file"],
    ] {
        project.run(args);
    }
    project.set_mode("db.toml", 0o600);
    project.run(&["profiles"]);
    project.matches("world_readable");
}

#[tokio::test(flavor = "multi_thread")]
async fn which_profile() {
    let mut project = two().await;
    for verb in VERBS {
        project.run(&[verb]);
    }
    for verb in VERBS {
        project.run(&[verb, "-p", "prodution"]);
        project.run_with(&[("DB_PROFILE", "staging")], &[verb]);
    }
    project.run(&["connect", "-p", "postgresql://app:canary@h/d"]);
    project.matches("which_profile");
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_switches() {
    let mut project = two().await;
    project.run_with(&[("DB_PROFILE", "local")], &["connect"]);
    let lock = project.read(".db-profile");
    assert!(lock.starts_with("local\nfile = /"), "{lock}");
    project.run(&["connect", "-p", "production"]);
    project.run(&["connect"]);
    for verb in ["profiles", "status", "connect"] {
        project.run(&[verb, "--json"]);
        project.run(&[verb, "-q"]);
    }
    project.run_with(&[("DB_PROFILE", "local")], &["profiles"]);
    // a profile that has gone since, and a lock that is none
    project.write(".db-profile", "gone\n");
    for verb in VERBS {
        project.run(&[verb]);
    }
    project.write(".db-profile", "a b\n");
    for verb in VERBS {
        project.run(&[verb]);
    }
    project.run(&["connect", "-p", "local"]);
    assert_eq!(project.read(".db-profile"), lock);
    project.matches("connect");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_decides() {
    let mut project = two().await;
    let url = format!("sqlite://{}/local.db", project.path().display());
    let database_url = ("DATABASE_URL", url.as_str());
    project.run_with(&[database_url], &["status"]);
    project.run_with(&[database_url], &["connect"]);
    assert!(!project.path().join(".db-profile").exists());
    project.run(&["connect", "-p", "local", "-q"]);
    project.run_with(&[database_url], &["status"]);
    let profile = ("DB_PROFILE", "production");
    project.run_with(&[database_url, profile], &["status"]);
    project.run_with(&[database_url, profile], &["-p", "local", "status"]);
    project.run_with(
        &[database_url, profile],
        &["-D", "sqlite::memory:", "status"],
    );
    project.run_with(
        &[("X_DB_PROFILE", "production"), ("DB_PROFILE", "no")],
        &["--env-prefix", "X_", "status"],
    );
    project.run(&["-D", "sqlite::memory:", "-p", "local", "status"]);
    std::fs::remove_file(project.path().join(".db-profile")).unwrap();
    project.run_with(
        &[("DB_PROFILE", "local")],
        &["--env-prefix", "X_", "connect"],
    );
    project.matches("who_decides");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dotenv_file_never_overrides() {
    let mut project = two().await;
    project.write(
        ".env",
        "DB_PROFILE='production' # a comment\nSECRET=canary\n",
    );
    project.run(&["status"]);
    project.run(&["status", "--json"]);
    project.run_with(&[("DB_PROFILE", "local")], &["status"]);
    project.run(&["status", "--no-dotenv"]);
    project.write(".env", "A=1\nSECRET = canary is this\n");
    project.run(&["status"]);
    project.run(&["status", "--no-dotenv", "-q"]);
    project.matches("dotenv");
}

#[tokio::test(flavor = "multi_thread")]
async fn guards() {
    let mut project = two().await;
    project.write(
        "db.toml",
        &format!("{TWO}\n[profiles.frozen]\nurl = \"sqlite://local.db\"\nread_only = true\n"),
    );
    let insert = "INSERT INTO authors VALUES (1)";
    project.run(&["query", "-p", "production", insert, "--write"]);
    project.run(&[
        "query",
        "-p",
        "production",
        insert,
        "--write",
        "--target",
        "local",
    ]);
    project.run(&[
        "query",
        "-p",
        "production",
        insert,
        "--write",
        "--target",
        "production",
    ]);
    project.run(&[
        "query", "-p", "frozen", insert, "--write", "--target", "frozen",
    ]);
    project.run(&["query", "-p", "frozen", insert]);
    let url = format!("sqlite://{}/local.db", project.path().display());
    let fallback = [("DATABASE_URL", url.as_str())];
    project.run_with(&fallback, &["query", insert, "--write", "--yes"]);
    project.run_with(
        &fallback,
        &["query", insert, "--write", "--target", "local.db"],
    );
    project.run(&["query", "-p", "local", "SELECT count(*) AS n FROM authors"]);
    project.run(&["status", "-p", "frozen"]);
    project.matches("guards");
}

#[test]
fn a_server_that_is_away() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut project = Project::new(&format!(
        "[profiles.away]\nurl = \"postgresql://app:canary@127.0.0.1:{port}/shop\"\n"
    ));
    project.replace(&port.to_string(), "[PORT]");
    for args in [
        &["connect"][..],
        &["status"],
        &["status", "--json"],
        &["query", "SELECT 1"],
    ] {
        project.run(&[args, &["-p", "away"]].concat());
    }
    assert!(!project.path().join(".db-profile").exists());
    project.matches("away");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server() {
    let database = TestDatabase::postgres().await;
    database.sql("CREATE TABLE \"Odd \"\"name\" (n integer); INSERT INTO \"Odd \"\"name\" VALUES (1), (2); CREATE SCHEMA other; CREATE TABLE other.t (n integer)").await;
    let (login, host) = database.url().rsplit_once('@').unwrap();
    let (user, password) = login.rsplit_once(':').unwrap();
    let mut project = Project::new(&format!(
        "[profiles.local]\nurl = \"{user}:[YOUR-PASSWORD]@{host}\"\npassword_env = \"PW\"\ndescription = \"A server\"\n[schema]\nfile = \"schema.sql\"\n"
    ));
    let version = database.scalar_text("SHOW server_version").await.unwrap();
    project.replace(version.split(' ').next().unwrap(), "[VERSION]");
    project.replace(host.split('?').next().unwrap(), "[SERVER]");
    project.replace(host.split(['?', '/']).next().unwrap(), "[SERVER]");
    project.replace(&format!("PW={password} "), "PW=[PASSWORD] ");
    project.write("schema.sql", "CREATE TABLE \"Odd \"\"name\" (n integer);");
    let right = [("PW", password)];
    for args in [&["connect"][..], &["status", "--json"]] {
        project.run_with(&right, &[args, &["-p", "local"]].concat());
    }
    let lock = project.read(".db-profile");
    let keys: Vec<_> = lock
        .lines()
        .map(|l| l.split(" = ").next().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "local",
            "host",
            "port",
            "database",
            "system_identifier",
            "fingerprint"
        ],
        "{lock}"
    );
    assert!(
        lock.contains(&format!("database = {}\n", database.name())),
        "{lock}"
    );
    for (name, value) in [("PW", "canary"), ("OTHER", "")] {
        for verb in ["connect", "status"] {
            project.run_with(&[(name, value)], &[verb]);
        }
    }
    assert_eq!(project.read(".db-profile"), lock);
    project.matches("server");
}

#[test]
fn passwords_that_nobody_has() {
    let profile = |name: &str, rest: &str| {
        format!(
            "[profiles.{name}]\nurl = \"postgresql://app:[YOUR-PASSWORD]@127.0.0.1:1/shop\"\n{rest}\n"
        )
    };
    let mut project = Project::new(
        &[
            profile("none", ""),
            profile("unset", "password_env = \"NOT_SET\""),
            profile(
                "missing",
                "password_command = \"db-adapter-no-such-program\"",
            ),
            profile(
                "fails",
                "password_command = \"sh -c 'echo canary; exit 3'\"",
            ),
            profile("silent", "password_command = \"true\""),
            profile("hangs", "password_command = \"sleep 60\""),
            profile(
                "talks",
                "password_command = \"printf 'canary\\\\ncanary\\\\n'\"",
            ),
            profile("works", "password_command = \"echo canary\""),
        ]
        .concat(),
    );
    for name in [
        "none", "unset", "missing", "fails", "silent", "hangs", "talks", "works",
    ] {
        let run = project.run(&["connect", "-p", name]);
        assert!(!run.stderr.contains("canary"), "{run:?}");
    }
    project.run(&["status", "-p", "fails"]);
    project.set_mode("db.toml", 0o666);
    project.run(&["connect", "-p", "works"]);
    project.matches("passwords");
}

#[test]
fn providers_at_odds() {
    let login = "postgresql://app:canary@127.0.0.1:1/shop";
    let mut project = Project::new(&format!(
        "[profiles.odd]\nurl = \"{login}\"\nprovider = \"sqlite\"\n"
    ));
    project.run(&["profiles"]);
    project.run(&["connect", "-p", "odd"]);
    // only the environment knows
    project.write(
        "db.toml",
        "[profiles.odd]\nurl_env = \"ODD_URL\"\nprovider = \"sqlite\"\n",
    );
    project.run(&["profiles"]);
    project.run_with(&[("ODD_URL", login)], &["connect", "-p", "odd"]);
    project.run_with(&[("ODD_URL", login)], &["status", "-p", "odd"]);
    project.write(
        "db.toml",
        "[profiles.http]\nurl = \"https://x.supabase.co\"\nkey_env = \"KEY\"\n",
    );
    project.run(&["connect", "-p", "http"]);
    project.replace(login, "[URL]");
    project.matches("providers");
}
