//! The public face of the configuration: which database is meant, what its URL is, and that no
//! secret is shown on the way. Environments are injected; the process's own is never touched.
#![cfg(all(feature = "config", feature = "postgres-no-tls", feature = "sqlite"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use db_adapter::{
    AdapterOptions, ConnectOptions, DatabaseClientExt, DatabaseConfig, Environment, Error,
    ErrorKind, PasswordCommandFailure, ProfileLock, ProfileSource, Provider, SecretUrl,
    connect_with, get_adapter,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use tempfile::TempDir;

const PROFILES: &str = "[profiles.local]\nurl = 'sqlite://local.db'\ndescription = 'mine'\n\
                        [profiles.rds]\nurl = 'postgresql://app:secret@db.example.com/shop'\n";

fn project(toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::write(folder.path().join("db.toml"), toml).unwrap();
    set_mode(&folder.path().join("db.toml"), 0o600);
    folder
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

fn options(folder: impl AsRef<Path>, variables: &[(&str, &str)]) -> AdapterOptions {
    let environment = Environment::of(variables.iter().copied());
    AdapterOptions::new().environment(environment.in_folder(folder.as_ref()))
}

/// The URL of the one profile `x`, or what is wrong.
fn resolved(keys: &str, variables: &[(&str, &str)]) -> Result<SecretUrl, Error> {
    let folder = project(&format!("[profiles.x]\n{keys}\n"));
    options(&folder, variables)
        .profile("x")
        .resolve()?
        .profile
        .resolve_url()
}

fn url(keys: &str, variables: &[(&str, &str)]) -> String {
    resolved(keys, variables).unwrap().expose().to_owned()
}

fn refusal(keys: &str, variables: &[(&str, &str)]) -> String {
    let message = resolved(keys, variables).unwrap_err().to_string();
    assert!(!message.contains("canary"), "{message}");
    message
}

// --- which database -----------------------------------------------------------------------------

#[test]
fn each_source_beats_those_behind_it() {
    let folder = project(PROFILES);
    let all = [
        ("DB_PROFILE", "rds"),
        ("DATABASE_URL", "sqlite://fallback.db"),
    ];
    let found = |options: &AdapterOptions| {
        let active = options.resolve().unwrap();
        (active.name().map(str::to_owned), active.source)
    };
    ProfileLock::new("local").write(&folder).unwrap();

    let everything = options(&folder, &all)
        .profile("local")
        .database_url("sqlite::memory:");
    assert_eq!(found(&everything), (None, ProfileSource::Url));
    let profile = options(&folder, &all).profile("local");
    assert_eq!(
        found(&profile),
        (Some("local".into()), ProfileSource::Profile)
    );
    let variable = options(&folder, &all);
    assert_eq!(
        found(&variable),
        (
            Some("rds".into()),
            ProfileSource::ProfileVariable("DB_PROFILE".into())
        )
    );
    let lock = options(&folder, &all[1..]);
    let (name, source) = found(&lock);
    assert_eq!(name.as_deref(), Some("local"));
    assert!(matches!(source, ProfileSource::Lock(path) if path.ends_with(".db-profile")));
    ProfileLock::clear(&folder).unwrap();
    assert_eq!(
        found(&lock),
        (None, ProfileSource::UrlVariable("DATABASE_URL".into()))
    );
    assert!(found(&lock).1.is_fallback());
}

#[test]
fn nothing_at_all_says_what_to_run() {
    let folder = project(PROFILES);
    let empty = options(&folder, &[("DB_PROFILE", ""), ("DATABASE_URL", "")]);
    let error = empty.resolve().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoProfile);
    assert_eq!(
        error.to_string(),
        "no database profile configured; hint: run `DB_PROFILE=<name> db-adapter connect`, or set `DATABASE_URL`"
    );
}

#[test]
fn with_a_prefix_unprefixed_names_are_not_read() {
    let folder = project(PROFILES);
    let other = folder.path().join("other.toml");
    fs::write(&other, "[profiles.other]\nurl = 'sqlite://o.db'\n").unwrap();
    let plain = [
        ("DB_PROFILE", "rds"),
        ("DATABASE_URL", "sqlite://a"),
        ("DB_ADAPTER_CONFIG", "other.toml"),
    ];
    let error = options(&folder, &plain)
        .env_prefix("MC_")
        .resolve()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`MC_DB_PROFILE=<name> db-adapter --env-prefix MC_ connect`"),
        "{error}"
    );

    let prefixed = options(&folder, &[("MC_DB_PROFILE", "local")]).env_prefix("MC_");
    assert_eq!(prefixed.resolve().unwrap().name(), Some("local"));
    let config = options(&folder, &[("MC_DB_ADAPTER_CONFIG", "other.toml")]).env_prefix("MC_");
    assert!(config.load_config().unwrap().profile("other").is_ok());
}

#[test]
fn an_unknown_profile_names_those_that_there_are() {
    let folder = project(PROFILES);
    let error = options(&folder, &[("DB_PROFILE", "locla")])
        .resolve()
        .unwrap_err();
    assert!(
        matches!(&error, Error::UnknownProfile { name, available, .. } if name == "locla" && available == &["local", "rds"])
    );
    assert_eq!(
        error.to_string(),
        "no profile `locla` in `db.toml`; hint: did you mean `local`? available: `local`, `rds`"
    );
    let url = options(&folder, &[])
        .profile("postgresql://app:canary@h/d")
        .resolve()
        .unwrap_err();
    assert!(!format!("{url:?} {url}").contains("canary"), "{url}");
}

#[test]
fn the_search_goes_upward_but_not_out_of_the_repository() {
    let outer = project(PROFILES);
    let inner = outer.path().join("a/b");
    fs::create_dir_all(&inner).unwrap();
    assert_eq!(
        options(&inner, &[])
            .profile("rds")
            .resolve()
            .unwrap()
            .name(),
        Some("rds")
    );
    fs::create_dir(outer.path().join("a/.git")).unwrap();
    let error = options(&inner, &[])
        .profile("rds")
        .resolve()
        .unwrap_err()
        .to_string();
    assert!(error.contains("no `db.toml` from"), "{error}");
}

#[test]
fn a_named_file_that_is_missing_is_never_passed_over() {
    let folder = project(PROFILES);
    let fallback = [("DATABASE_URL", "sqlite://fallback.db")];
    let error = options(&folder, &fallback)
        .config_path("missing.toml")
        .resolve()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("missing.toml`; hint: create it with `db-adapter init`"),
        "{error}"
    );
    assert!(
        options(
            &folder,
            &[("DB_ADAPTER_CONFIG", "missing.toml"), fallback[0]]
        )
        .resolve()
        .is_err()
    );
}

#[test]
fn a_url_needs_no_file() {
    let folder = project("this is no TOML");
    let url = options(&folder, &[])
        .database_url("sqlite::memory:")
        .resolve()
        .unwrap();
    assert_eq!(url.profile.provider(), Some(Provider::Sqlite));
    let error = options(&folder, &[]).profile("x").resolve().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("db.toml:1:"), "{error}");
}

#[test]
fn a_file_that_cannot_be_used_says_where_and_what_to_do() {
    let folder =
        project("[profiles.x]\nurl = 'sqlite://a.db'\ndescripton = 1\n[schema]\nfiel = 'a'\n");
    let path = folder.path().join("db.toml");
    let load = || DatabaseConfig::load(&path, Environment::process()).unwrap_err();
    let shown = path.display();
    assert_eq!(
        load().to_string(),
        format!(
            "{shown}:3:1: unknown key `descripton` in `[profiles.x]`; hint: did you mean `description`?\n{shown}:5:1: unknown key `fiel` in `[schema]`; hint: did you mean `file`?"
        )
    );
    fs::write(&path, b"[sync]\n# \xff").unwrap();
    assert!(load().to_string().contains("db.toml:2:3: this is no UTF-8"));
    fs::write(&path, vec![b'#'; 2 << 20]).unwrap();
    assert!(load().to_string().contains("larger than 1 MiB"));
    fs::remove_file(&path).unwrap();
    assert!(load().to_string().contains("there is no file"));
    fs::create_dir(&path).unwrap();
    assert!(load().to_string().contains("is a folder"));
}

#[cfg(unix)]
#[test]
fn a_password_that_lies_open_is_a_warning() {
    let folder = project(PROFILES);
    let path = folder.path().join("db.toml");
    let warnings = || {
        let config = options(&folder, &[]).load_config().unwrap();
        config
            .warnings()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert!(warnings().is_empty());
    set_mode(&path, 0o644);
    assert!(warnings()[0].contains("chmod 600"), "{:?}", warnings());
    fs::write(&path, "[profiles.x]\nurl_env = 'X'\n").unwrap();
    assert!(warnings().is_empty());
}

// --- the URL of a profile -----------------------------------------------------------------------

#[test]
fn the_placeholder_is_filled_with_the_encoded_password() {
    let placeholder = "url = 'postgresql://app:[YOUR-PASSWORD]@h/d?sslmode=require'\n";
    let filled = "postgresql://app:p%40%2F%3F%23%25%20%C3%A9@h/d?sslmode=require";
    let secret = [("PW", "p@/?#% é")];
    for source in [
        "db_password = 'p@/?#% é'",
        "db_password = '${PW}'",
        "password_env = 'PW'",
    ] {
        assert_eq!(
            url(&format!("{placeholder}{source}"), &secret),
            filled,
            "{source}"
        );
    }
    assert_eq!(
        url(
            "url_env = 'U'\npassword_env = 'PW'",
            &[("U", "postgres://a:%5byour-password%5d@h/d"), ("PW", "x")]
        ),
        "postgres://a:x@h/d"
    );
    assert_eq!(
        url(
            "url = 'postgresql://app@h/d'\npassword_env = 'PW'",
            &[("PW", "a:b")]
        ),
        "postgresql://app:a%3Ab@h/d"
    );
}

#[test]
fn a_url_without_its_password_is_refused() {
    let placeholder = "url = 'postgresql://app:[YOUR-PASSWORD]@h/d'\n";
    let message = refusal(placeholder, &[]);
    assert!(
        message.contains("`url` of profile `x` says `[YOUR-PASSWORD]`"),
        "{message}"
    );
    for (keys, expected) in [
        (
            "password_env = 'PW'",
            "`password_env` of profile `x`: the environment variable `PW` is not set",
        ),
        (
            "password_env = 'canary'",
            "the environment variable that it names is not set",
        ),
        (
            "db_password = '${PW}'",
            "`db_password` of profile `x`: the environment variable `PW` is not set",
        ),
    ] {
        let message = refusal(&format!("{placeholder}{keys}"), &[("PWD", "")]);
        assert!(message.contains(expected), "{message}");
    }
    let folder = tempfile::tempdir().unwrap();
    let bare = options(
        &folder,
        &[("DATABASE_URL", "postgresql://app:[YOUR-PASSWORD]@h/d")],
    );
    let error = bare
        .resolve()
        .unwrap()
        .profile
        .resolve_url()
        .unwrap_err()
        .to_string();
    assert!(error.contains("still says `[YOUR-PASSWORD]`"), "{error}");
}

#[test]
fn two_passwords_at_odds_are_refused() {
    for (url, expected) in [
        ("postgresql://app:canary@h/d", "has another one"),
        (
            "postgresql://app@h/d?password=canary",
            "among its parameters",
        ),
        ("postgresql://h/d", "names no user"),
        ("sqlite://a.db", "takes none"),
        ("postgresql://app:ca/nary@h/d", "malformed"),
    ] {
        let message = refusal(&format!("url = '{url}'\ndb_password = 'canary'"), &[]);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn variables_are_filled_in() {
    let variables = [
        ("H", "db:5433"),
        ("P", "a%40b"),
        ("BAD", "can@ary/x"),
        ("URL", "postgresql://u:p@h/d"),
    ];
    assert_eq!(
        url("url = 'postgresql://u:${P}@${H}/d'", &variables),
        "postgresql://u:a%40b@db:5433/d"
    );
    assert_eq!(url("url = '${URL}'", &variables), "postgresql://u:p@h/d");
    assert_eq!(url("url_env = 'URL'", &variables), "postgresql://u:p@h/d");
    let message = refusal("url = 'postgresql://u:${BAD}@${H}/d'", &variables);
    assert!(
        message.contains("variable `BAD` has characters that would end the login"),
        "{message}"
    );
    let message = refusal("url = 'postgresql://u@${NONE}/d'", &variables);
    assert!(
        message.contains("`url` of profile `x`: the environment variable `NONE` is not set"),
        "{message}"
    );
    let message = refusal("url_env = 'NONE'", &variables);
    assert!(message.contains("`url_env` of profile `x`"), "{message}");
}

#[test]
fn a_provider_that_contradicts_the_url_is_refused() {
    let message = refusal(
        "url_env = 'U'\nprovider = 'sqlite'",
        &[("U", "postgresql://u:canary@h/d")],
    );
    assert!(
        message
            .contains("`provider = \"sqlite\"` contradicts the URL, which is that of `postgres`"),
        "{message}"
    );
    let message = refusal("url = 'mysql://u:canary@h/d'", &[]);
    assert!(
        message.contains("`url` of profile `x`: `mysql://` is no database that we know"),
        "{message}"
    );
    let message = refusal("url = 'postgresql+asyncpg://u:canary@h/d'", &[]);
    assert!(
        message.contains("write it without the driver: `postgresql://***@h/d`"),
        "{message}"
    );
}

#[test]
fn a_relative_file_of_sqlite_lies_beside_the_file() {
    let folder = project(
        "[profiles.x]\nurl = 'sqlite://data/a.db?mode=rwc'\n[profiles.m]\nurl = 'sqlite::memory:'\n",
    );
    let real = fs::canonicalize(&folder).unwrap();
    let get = |name: &str| {
        let active = options(&folder, &[]).profile(name).resolve().unwrap();
        active.profile.resolve_url().unwrap().expose().to_owned()
    };
    assert_eq!(
        get("x"),
        format!("sqlite://{}/data/a.db?mode=rwc", real.display())
    );
    assert_eq!(get("m"), "sqlite::memory:");
    assert_eq!(url("url = 'sqlite:///a.db'", &[]), "sqlite:///a.db");
}

#[cfg(unix)]
#[test]
fn a_command_prints_the_password() {
    let command = "url = 'postgresql://app:[YOUR-PASSWORD]@h/d'\npassword_command = ";
    assert_eq!(
        url(&format!("{command}'echo a b'"), &[]),
        "postgresql://app:a%20b@h/d"
    );
    for (script, expected) in [
        (
            "'sh -c \"echo canary; exit 7\"'",
            PasswordCommandFailure::Failed(Some(7)),
        ),
        ("'true'", PasswordCommandFailure::Empty),
        ("'canary'", PasswordCommandFailure::NotStarted),
        (
            "'printf \"canary\\ncanary\"'",
            PasswordCommandFailure::NotOneLine,
        ),
    ] {
        let error = resolved(&format!("{command}{script}"), &[]).unwrap_err();
        assert!(
            matches!(&error, Error::PasswordCommand { profile, failure, .. } if profile == "x" && *failure == expected),
            "{error:?}"
        );
        assert!(!format!("{error:?} {error}").contains("canary"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_command_runs_only_from_a_file_that_nobody_else_may_write() {
    let folder = project(
        "[profiles.x]\nurl = 'postgresql://a:[YOUR-PASSWORD]@h/d'\npassword_command = 'touch ran'\n",
    );
    for mode in [0o660, 0o606] {
        set_mode(&folder.path().join("db.toml"), mode);
        let active = options(&folder, &[]).profile("x").resolve().unwrap();
        let error = active.profile.resolve_url().unwrap_err().to_string();
        assert!(
            error.contains("is not run: others may write it; hint: `chmod go-w"),
            "{error}"
        );
    }
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn the_options_of_a_profile_reach_the_adapter() {
    let folder = project(
        "[profiles.x]\nurl = 'postgresql://a@h/d'\nschema = '${S}'\npooler = 'transaction'\nread_only = true\nmax_connections = 3\nacquire_timeout = '250ms'\ndirect_url = 'postgresql://a@direct/d'\n",
    );
    let active = options(&folder, &[("S", "shop")])
        .profile("x")
        .resolve()
        .unwrap();
    let shown = format!("{:?}", active.connect_options().unwrap());
    for part in [
        "***@h/d",
        "max_connections: 3",
        "acquire_timeout: 250ms",
        "Some(\"shop\")",
        "Transaction",
        "read_only: true",
        "Some(\"x\")",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let direct = active.profile.resolve_direct_url().unwrap().unwrap();
    assert_eq!(direct.expose(), "postgresql://a@direct/d");
}

// --- get_adapter --------------------------------------------------------------------------------

#[tokio::test]
async fn get_adapter_refuses_what_cannot_be_connected_to() {
    let folder = project("[profiles.s]\nurl = 'https://p.supabase.co'\nkey_env = 'K'\n");
    let kind = async |options| get_adapter(options).await.err().map(|error| error.kind());
    assert_eq!(
        kind(options(&folder, &[])).await,
        Some(ErrorKind::NoProfile)
    );
    assert_eq!(
        kind(options(&folder, &[]).profile("x")).await,
        Some(ErrorKind::UnknownProfile)
    );
    assert_eq!(
        kind(options(&folder, &[]).profile("s")).await,
        Some(ErrorKind::Unsupported)
    );
    assert_eq!(
        kind(options(&folder, &[]).database_url("x")).await,
        Some(ErrorKind::Config)
    );
}

#[test]
fn get_adapter_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&get_adapter(AdapterOptions::new()));
}

#[tokio::test]
async fn get_adapter_gives_a_new_adapter_each_time() {
    let folder = project("[profiles.x]\nurl = 'sqlite://a.db?mode=rwc'\n");
    for options in [
        options(&folder, &[]).profile("x"),
        options(&folder, &[]).database_url("sqlite::memory:"),
    ] {
        let (one, other) = (
            get_adapter(options.clone()).await.unwrap(),
            get_adapter(options).await.unwrap(),
        );
        one.close().await.unwrap();
        other.ping().await.unwrap();
        other.close().await.unwrap();
    }
    assert!(folder.path().join("a.db").exists());
}

// --- secrets ------------------------------------------------------------------------------------

const CANARY: &str = "xCANARYx";

/// A secret around the canary, with what breaks URLs in it.
fn secret() -> impl Strategy<Value = String> {
    (
        "[ @/?#%:&=+\\[\\]!,;a-z0-9é]{0,6}",
        "[ @/?#%:&=+\\[\\]!,;a-z0-9é]{0,6}",
    )
        .prop_map(|(before, after)| format!("{before}{CANARY}{after}"))
}

/// A URL whose secret was put in as people do, with something wrong around it.
fn malformed_url() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![
        4 => Just("postgresql://"), 2 => Just("postgres://"), 1 => Just("POSTGRESQL://"),
        1 => Just("sqlite://"), 1 => Just("sqlite:"), 1 => Just("mysql://"), 1 => Just("https://"),
        1 => Just("postgresql+asyncpg://"), 1 => Just("postgresql:/"), 1 => Just("postgresql:"),
        1 => Just("postgresq://"), 1 => Just(" postgresql://"), 2 => Just(""),
    ];
    let user = prop_oneof![
        Just("app"),
        Just(""),
        Just("a b"),
        Just("a@b"),
        Just("a%zz")
    ];
    let host = prop_oneof![
        3 => Just("@localhost:5432/shop"), 2 => Just("@localhost"), 2 => Just(""), 1 => Just("@"),
        1 => Just("@@h/d"), 1 => Just("@h@i/d"), 1 => Just("/d"), 1 => Just("@h:port/d"),
        1 => Just("@[::1/d"), 1 => Just("@h/d/e"), 1 => Just("@h/d?%"), 1 => Just(" @h/d"),
    ];
    (scheme, user, secret(), host, 0..6u8).prop_map(|(scheme, user, secret, host, shape)| {
        match shape {
            0 => format!("{scheme}{user}{host}?password={secret}"),
            1 => format!("{scheme}{user}{host}?sslmode=require&password={secret}&x"),
            2 => format!("{scheme}{secret}{host}"), // the password alone
            3 => format!("{scheme}{user}:{secret}{host}#{secret}"),
            _ => format!("{scheme}{user}:{secret}{host}"),
        }
    })
}

/// What is a well-formed URL names its host, its database and its file by definition: only the
/// password and the parameters of such a URL are secret. Nothing else can be told apart.
fn shown_by_definition(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "sqlite" => !rest.contains([':', '@']) && rest.contains(CANARY),
        "postgres" | "postgresql" | "postgresql+asyncpg" => {
            let after = rest.split_once('@').map_or("", |(_, after)| after);
            !after.contains('@') && after.contains(CANARY) && after.contains('/')
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, max_global_rejects: 100_000, failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))), ..ProptestConfig::default() })]

    #[test]
    fn no_secret_is_shown_whatever_the_url_looks_like(url in malformed_url()) {
        prop_assume!(!shown_by_definition(&url));
        let hidden = |text: String| {
            prop_assert!(!text.contains(CANARY), "{url:?} is shown: {text}");
            Ok(())
        };
        let secret = SecretUrl::new(url.as_str());
        hidden(format!("{secret} {secret:?} {:?}", ConnectOptions::new(url.as_str())))?;

        // as an option, as a variable, as a profile's name
        let environment = Environment::of([("DATABASE_URL", url.as_str()), ("U", url.as_str())]).in_folder("/");
        let options = AdapterOptions::new().environment(environment.clone());
        for options in [options.clone(), options.clone().database_url(url.as_str())] {
            hidden(format!("{options:?}"))?;
            let active = options.resolve().unwrap();
            hidden(format!("{active:?} {:?}", active.connect_options()))?;
        }
        let resolved = options.database_url(url.as_str()).resolve().unwrap().profile.resolve_url();
        if let Err(error) = &resolved {
            hidden(format!("{error} {error:?}"))?;
        }
        let well_formed = resolved.is_ok_and(|url| url.scheme().starts_with("postgres") || url.scheme() == "sqlite");
        if !well_formed { // or connecting would look for the host
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let error = runtime.block_on(connect_with(ConnectOptions::new(url.as_str()))).err().unwrap();
            hidden(format!("{error} {error:?}"))?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, max_global_rejects: 100_000, failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))), ..ProptestConfig::default() })]

    /// The same in a file: in `url`, behind `url_env`, and as every source of a password.
    #[test]
    fn no_secret_of_a_profile_is_shown(url in malformed_url(), secret in secret()) {
        prop_assume!(!shown_by_definition(&url));
        let toml = |text: &str| toml::Value::from(text.replace("${", "$${")).to_string();
        let folder = project(&format!(
            "[profiles.a]\nurl = {url}\n[profiles.b]\nurl_env = 'U'\npassword_env = 'P'\n[profiles.c]\nurl = 'postgresql://app:[YOUR-PASSWORD]@h/d'\ndb_password = {secret}\n[profiles.d]\nurl = {url}\ndb_password = {secret}\n[profiles.e]\nurl = 'postgresql://u:${{P}}@h/d'\n",
            url = toml(&url), secret = toml(&secret),
        ));
        let options = options(&folder, &[("U", &url), ("P", &secret)]);
        for name in ["a", "b", "c", "d", "e"] {
            let active = options.clone().profile(name).resolve();
            prop_assert!(!format!("{active:?}").contains(CANARY), "{name}");
            let shown = match active.map(|active| active.profile.resolve_url()) {
                Ok(Ok(resolved)) => {
                    if name == "c" {
                        let encoded = resolved.expose().strip_prefix("postgresql://app:").and_then(|rest| rest.strip_suffix("@h/d"));
                        prop_assert!(encoded.is_some_and(|password| !password.contains(['@', '/', '?', '#', ':', ' '])));
                    }
                    format!("{resolved} {resolved:?}")
                }
                Ok(Err(error)) | Err(error) => format!("{error} {error:?}"),
            };
            prop_assert!(!shown.contains(CANARY), "{name}: {shown}");
        }
    }
}
