//! Tests of the shape of `db.toml`; `reference.toml` is documentation and input at once.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::super::access::Access;
use super::super::environment::Environment;
use super::*;

const REFERENCE: &str = super::super::settings::DatabaseConfig::REFERENCE;

fn read(text: &str) -> Result<Contents, Vec<ConfigProblem>> {
    let origin = Origin {
        path: "/app/db.toml".into(),
        folder: "/app".into(),
        access: Access::none(),
        environment: Environment::of::<&str, &str>([]),
    };
    parse(text, &Arc::new(origin))
}

/// Each problem as a line, its hint included.
fn problems(text: &str) -> Vec<String> {
    match read(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn one_profile(keys: &str) -> String {
    format!("[profiles.local]\nurl = \"sqlite://a.db\"\n{keys}\n")
}

fn every_key() -> [(&'static str, &'static [&'static str]); 4] {
    [
        ("profiles.x", PROFILE),
        ("schema", SCHEMA),
        ("sync", SYNC),
        ("defaults", DEFAULTS),
    ]
}

#[test]
fn the_reference_is_accepted() {
    assert_eq!(problems(REFERENCE), Vec::<String>::new());
    let contents = read(REFERENCE).ok().unwrap();
    let names: Vec<_> = contents
        .profiles
        .iter()
        .filter_map(DatabaseProfile::name)
        .collect();
    assert_eq!(
        names,
        [
            "local",
            "production",
            "staging",
            "legacy",
            "supabase",
            "file"
        ]
    );
    let (local, production) = (&contents.profiles[0], &contents.profiles[1]);
    assert_eq!(local.pool.lock_timeout, Some(Some(Duration::from_secs(5))));
    assert_eq!(
        local.pool.idle_timeout,
        Some(Some(Duration::from_secs(600)))
    );
    assert_eq!(production.pooler(), Pooler::Transaction);
    assert!(production.is_protected() && production.is_read_only());
    assert_eq!(production.schemas(), ["audit", "billing"]);
    assert_eq!(contents.profiles[5].provider(), Some(Provider::Sqlite));
    assert_eq!(
        contents.schema.file.as_deref(),
        Some("/app/schema.sql".as_ref())
    );
    assert_eq!(contents.sync_tables, ["authors", "books"]);
    assert_eq!(contents.user_id_env.as_deref(), Some("APP_USER_ID"));
    assert!(contents.holds_secret);
}

/// `binary` excludes `file`, so it is in a comment.
#[test]
fn the_reference_has_every_key_and_no_other() {
    let document: toml::Table = toml::from_str(REFERENCE).unwrap();
    let mut found = BTreeSet::from([("schema", "binary")]);
    assert!(REFERENCE.contains("`binary = \"target/debug/app\"`"));
    for (section, table) in &document {
        for (key, value) in table.as_table().unwrap() {
            match value.as_table() {
                Some(profile) => {
                    found.extend(profile.keys().map(|key| ("profiles.x", key.as_str())))
                }
                None => _ = found.insert((section, key)),
            }
        }
    }
    let known: BTreeSet<_> = every_key()
        .into_iter()
        .flat_map(|(section, keys)| keys.iter().map(move |key| (section, *key)))
        .collect();
    assert_eq!(found, known);
}

/// A key that is known and never read would be accepted with any value.
#[test]
fn every_key_is_read() {
    for (section, keys) in every_key() {
        for key in keys {
            let found = problems(&format!("[{section}]\n{key} = 1979-05-27\n"));
            assert!(
                found
                    .iter()
                    .any(|problem| problem.starts_with("2:1: ")
                        && problem.contains(&format!("`{key}`"))),
                "{section}.{key}: {found:?}"
            );
        }
    }
}

#[test]
fn unknown_keys_are_named_with_place_and_suggestion() {
    let text = "[profile.a]\n[profiles.local]\nurl = \"sqlite://a.db\"\n  pasword_env = \"A\"\n[schema]\nzzz = 1\n";
    assert_eq!(
        problems(text),
        [
            "1:2: unknown key `profile` in the file; hint: did you mean `profiles`?",
            "4:3: unknown key `pasword_env` in `[profiles.local]`; hint: did you mean `password_env`?",
            "6:1: unknown key in `[schema]`; hint: the known keys are `file`, `binary`, `validate_on_connect`, `column_defs`, `backup_schema`",
        ]
    );
}

#[test]
fn malformed_toml_has_a_place() {
    for (text, place) in [
        (
            "[profiles.local]\nurl = postgresql://u:canary@h/d\n",
            "2:7: ",
        ),
        ("[profiles.local\n", "1:16: "),
        ("a = \"canary\n", "1:"),
        ("url = 'a'\nurl = 'canary'\n", "2:1: "),
        ("ä = 'x' canary", "1:"),
    ] {
        let found = problems(text).join("\n");
        assert!(
            found.starts_with(place) && found.contains("this is no TOML: "),
            "{found}"
        );
        assert!(!found.contains("canary"), "{found}");
    }
}

#[test]
fn a_byte_order_mark_and_crlf_are_fine() {
    assert_eq!(
        problems(&format!("\u{feff}{}", REFERENCE.replace('\n', "\r\n"))),
        Vec::<String>::new()
    );
    assert_eq!(problems(""), Vec::<String>::new());
}

#[test]
fn wrong_values_are_refused_without_being_quoted() {
    for (key, expected) in [
        (
            "max_connections = 0",
            "`max_connections` expects a number from 1 to 100000",
        ),
        (
            "max_connections = \"canary\"",
            "`max_connections` expects a number",
        ),
        (
            "max_connections = 99999999999999999999999",
            "`max_connections` expects a number",
        ),
        (
            "min_connections = 11",
            "`min_connections` is above `max_connections`, which is 10",
        ),
        (
            "acquire_timeout = \"canary\"",
            "`acquire_timeout` expects a duration",
        ),
        (
            "acquire_timeout = \"off\"",
            "`acquire_timeout` expects a duration",
        ),
        (
            "acquire_timeout = 0",
            "`acquire_timeout` expects a duration",
        ),
        (
            "idle_timeout = -5",
            "`idle_timeout` expects `\"off\"`, or a duration",
        ),
        ("statement_timeout = 1.5", "`statement_timeout` expects"),
        (
            "protected = \"yes\"",
            "`protected` expects `true` or `false`",
        ),
        ("provider = \"canary\"", "unknown `provider`"),
        (
            "provider = \"postgresql\"",
            "`provider = \"postgres\"` contradicts the URL, which is that of `sqlite`",
        ),
        ("pooler = \"canary\"", "unknown `pooler`"),
        ("url_env = \"CANARY\"", "a profile has one URL"),
        (
            "password_env = \"can-ary\"",
            "`password_env` is no name of an environment variable",
        ),
        (
            "key_env = \"K\"",
            "`key_env` is for `provider = \"supabase\"`",
        ),
        ("db_password = \" \"", "`db_password` is empty"),
        ("db_password = \"canary\\u0000\"", "`db_password` has a NUL"),
        (
            "db_password = \"${canary\"",
            "`db_password` has `${` without a `}`",
        ),
        (
            "password_command = \"canary '\"",
            "`password_command` has a quote without its partner",
        ),
        (
            "password_command = \"echo ${CANARY}\"",
            "`password_command` takes no `${}`",
        ),
        (
            "db_password = \"canary\"\npassword_env = \"B\"",
            "two sources for one password",
        ),
        (
            "\"postgresql://u:canary@h\" = 1",
            "unknown key in `[profiles.local]`",
        ),
    ] {
        let found = problems(&one_profile(key));
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(found[0].contains(expected), "{key}: {found:?}");
        assert!(
            !found[0].to_lowercase().contains("canary"),
            "{key}: {found:?}"
        );
    }
}

#[test]
fn sections_of_the_wrong_kind_are_refused() {
    for (text, expected) in [
        ("profiles = 1", "1:1: `profiles` is no table"),
        (
            "[profiles]\nlocal = \"sqlite://canary\"",
            "2:1: expected a table",
        ),
        ("[[profiles]]\nurl = \"a\"", "1:3: `profiles` is no table"),
        ("[profiles.local]", "1:11: the profile has no URL"),
        (
            "[profiles.\"a b\"]\nurl = \"sqlite://a\"",
            "1:11: this is no name for a profile",
        ),
        ("[sync]\ntables = \"a,b\"", "2:1: `tables` expects a list"),
        (
            "[sync]\ntables = [\"a\", 1]",
            "2:16: `tables` expects names",
        ),
        (
            "[schema]\nfile = \"a.sql\"\nbinary = \"b\"",
            "3:1: one schema, from `file` or from `binary`",
        ),
    ] {
        let found = problems(text);
        assert!(
            found.len() == 1 && found[0].starts_with(expected),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn passwords_in_the_file_are_noticed() {
    for (keys, holds) in [
        ("url = 'postgresql://u:p@h/d'", true),
        ("url = 'postgresql://u:p/w@h/d'", true),
        ("url = 'postgresql://u@h/d?password=p'", true),
        ("url = 'postgresql://u@h/d'\ndb_password = 'p'", true),
        (
            "url = 'sqlite://a.db'\ndirect_url = 'postgresql://u:p@h/d'",
            true,
        ),
        ("url = 'postgresql://u@h/d'", false),
        ("url = 'postgresql://u:[YOUR-PASSWORD]@h/d'", false),
        (
            "url = 'postgresql://u:${P}@h/d'\ndb_password = '${P}'",
            false,
        ),
        ("url_env = 'U'", false),
    ] {
        let contents = read(&format!("[profiles.a]\n{keys}\n")).ok().unwrap();
        assert_eq!(contents.holds_secret, holds, "{keys}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let text = REFERENCE
        .replace("p@ss/word", "canary")
        .replace(":secret@", ":canary@")
        .replace("pass show", "canary");
    let shown = format!("{:?}", read(&text).ok().unwrap().profiles);
    assert!(!shown.contains("canary"), "{shown}");
}

/// Nested as deep as a file may be long: the stack of a test thread is 2 MiB.
#[test]
fn no_depth_breaks_the_reader() {
    let deep = 100_000;
    for text in [
        format!("{}a = 1", "a.".repeat(deep)),
        format!("[{}a]", "a.".repeat(deep)),
        format!("[profiles.x]\n{}a = 1", "a.".repeat(deep)),
        format!("a = {}", "[".repeat(deep)),
        format!("a = {}", "{a=".repeat(deep)),
    ] {
        assert!(!problems(&text).is_empty());
    }
}

/// The names of profiles are shown, whatever they are.
fn without_profile(problem: &str) -> String {
    match problem.split_once("`[profiles.") {
        Some((before, after)) => {
            let rest = after.split_once("]`").map_or("", |(_, rest)| rest);
            format!("{before}{rest}")
        }
        None => problem.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The reference with a piece cut out, doubled or replaced: never a panic, and never a value
    /// in a message.
    #[test]
    fn no_file_breaks_the_reader(
        from in 0..REFERENCE.len(), length in 0..80usize, put in "[\\[\\]{}=\"'#.,$\n a-c0-9é\u{0}-\u{7f}]{0,8}", place in 0..REFERENCE.len(),
    ) {
        let canary = REFERENCE.replace("p@ss/word", "xCANARYx").replace(":secret@", ":xCANARYx@");
        let boundary = |mut at: usize| { while !canary.is_char_boundary(at) { at -= 1 } at };
        let (from, to) = (boundary(from), boundary((from + length).min(canary.len())));
        let cut = format!("{}{put}{}", &canary[..from], &canary[to..]);
        let mut place = place.min(cut.len());
        while !cut.is_char_boundary(place) { place -= 1 }
        let doubled = format!("{}{}{}", &cut[..place], &canary[from..to], &cut[place..]);
        for text in [cut, doubled] {
            if let Err(problems) = read(&text) {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    let lines = text.lines().count().max(1) + 1;
                    prop_assert!((1..=lines).contains(&problem.line) && problem.column >= 1);
                    prop_assert!(!without_profile(&problem.to_string()).contains("CANARY"), "{problem}\n{text}");
                }
            }
        }
    }
}
