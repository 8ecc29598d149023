//! The shape of `db.toml`: which sections and keys there are, and which go together. Pure: text
//! in, profiles and settings or problems out.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use toml::de::DeTable;

use super::password_command;
use super::profile::{DatabaseProfile, Origin, PasswordSource, PoolSettings, Provider, UrlSource};
use super::reader::{Located, Problems, Section};
use super::settings::SchemaSettings;
use super::template::has_variables;
use crate::{ConfigProblem, Pooler, SecretUrl};

const SECTIONS: &[&str] = &["profiles", "schema", "sync", "defaults"];
const PROFILE: &[&str] = &[
    "url",
    "description",
    "provider",
    "db_password",
    "url_env",
    "password_env",
    "password_command",
    "key_env",
    "direct_url",
    "schema",
    "schemas",
    "pooler",
    "protected",
    "read_only",
    "max_connections",
    "min_connections",
    "acquire_timeout",
    "idle_timeout",
    "max_lifetime",
    "connect_timeout",
    "statement_timeout",
    "lock_timeout",
    "slow_threshold",
];
const SCHEMA: &[&str] = &[
    "file",
    "binary",
    "validate_on_connect",
    "column_defs",
    "backup_schema",
];
const SYNC: &[&str] = &["tables"];
const DEFAULTS: &[&str] = &["user_id_env"];

/// What a file says.
pub(crate) struct Contents {
    /// In the order of the file.
    pub(crate) profiles: Vec<DatabaseProfile>,
    pub(crate) schema: SchemaSettings,
    pub(crate) sync_tables: Vec<String>,
    pub(crate) user_id_env: Option<String>,
    /// Whether it contains a password.
    pub(crate) holds_secret: bool,
}

/// Reads the whole file, and reports all that is wrong with it.
pub(crate) fn parse(text: &str, origin: &Arc<Origin>) -> Result<Contents, Vec<ConfigProblem>> {
    let mut problems = Problems::new(text);
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            // the message is made of fixed words; Display would print the line with its password
            let at = error.span().unwrap_or(text.len()..text.len());
            problems.add(
                &at,
                format!("this is no TOML: {}", error.message()),
                "strings stand in quotes, as in `url = \"sqlite://app.db\"`",
            );
            return Err(problems.into_sorted());
        }
    };
    let top = Section::new(
        "the file",
        SECTIONS,
        document.get_ref(),
        0..0,
        &mut problems,
    );
    let profiles = profiles(&top, origin, &mut problems);
    let schema = schema(&top, origin, &mut problems);
    let sync_tables = top.table("sync", &mut problems).and_then(|(at, table)| {
        Section::new("`[sync]`", SYNC, table, at, &mut problems).texts("tables", &mut problems)
    });
    let user_id_env = top
        .table("defaults", &mut problems)
        .and_then(|(at, table)| {
            Section::new("`[defaults]`", DEFAULTS, table, at, &mut problems)
                .variable("user_id_env", &mut problems)
        });
    let problems = problems.into_sorted();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Contents {
        holds_secret: profiles.iter().any(holds_secret),
        profiles,
        schema,
        sync_tables: sync_tables.unwrap_or_default(),
        user_id_env: user_id_env.map(|name| name.value),
    })
}

fn profiles(
    top: &Section<'_, '_>,
    origin: &Arc<Origin>,
    problems: &mut Problems<'_>,
) -> Vec<DatabaseProfile> {
    let Some((at, table)) = top.table("profiles", problems) else {
        return Vec::new();
    };
    let names: Vec<&str> = table.keys().map(|key| -> &str { key.get_ref() }).collect();
    let section = Section::new("`[profiles]`", &names, table, at, problems);
    let mut profiles = Vec::new();
    for (name, table) in section.tables(problems, "`[profiles.NAME]` with a `url`") {
        if !is_profile_name(name.value) {
            problems.add(
                &name.at,
                "this is no name for a profile",
                "use letters, digits, `-`, `_` and `.`",
            );
            continue;
        }
        let label = format!("`[profiles.{}]`", name.value);
        let section = Section::new(&label, PROFILE, table, name.at, problems);
        profiles.push(profile(name.value, &section, origin, problems));
    }
    profiles
}

/// The lock has the name on a line of its own, and messages show it.
pub(crate) fn is_profile_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

fn profile(
    name: &str,
    section: &Section<'_, '_>,
    origin: &Arc<Origin>,
    problems: &mut Problems<'_>,
) -> DatabaseProfile {
    let url = url(section, problems);
    let provider = provider(section, &url, problems);
    let direct_url = section.template("direct_url", problems);
    let key_env = section.variable("key_env", problems);
    let description = section.string("description", problems);
    let profile = DatabaseProfile {
        name: Some(name.to_owned()),
        url,
        direct_url: direct_url.map(|url| url.value),
        password: password(section, problems),
        provider,
        description: description.map(|text| text.value),
        schema: section
            .template("schema", problems)
            .map(|schema| schema.value),
        schemas: section.texts("schemas", problems).unwrap_or_default(),
        pooler: pooler(section, problems),
        protected: section.flag("protected", problems).unwrap_or(false),
        read_only: section.flag("read_only", problems).unwrap_or(false),
        key_env: None,
        pool: pool(section, problems),
        origin: Arc::clone(origin),
    };
    if let (Some(key), Some(Provider::Postgres | Provider::Sqlite)) = (&key_env, profile.provider())
    {
        problems.add(
            &key.at,
            "`key_env` is for `provider = \"supabase\"`",
            "remove it, or use `password_env`",
        );
    }
    DatabaseProfile {
        key_env: key_env.map(|key| key.value),
        ..profile
    }
}

fn url(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> UrlSource {
    // read both, so that each is checked
    let (url, url_env) = (
        section.template("url", problems),
        section.variable("url_env", problems),
    );
    match (url, url_env) {
        (Some(_), Some(variable)) => {
            problems.add(
                &variable.at,
                "a profile has one URL: `url` or `url_env`",
                "remove one",
            );
            UrlSource::Variable(variable.value)
        }
        (Some(url), None) => UrlSource::Template(url.value),
        (None, Some(variable)) => UrlSource::Variable(variable.value),
        (None, None) => {
            if !section.has("url") && !section.has("url_env") {
                problems.add(
                    &section.at,
                    "the profile has no URL",
                    "add `url = \"postgresql://user@host/name\"`, or `url_env`",
                );
            }
            UrlSource::Template(String::new())
        }
    }
}

fn provider(
    section: &Section<'_, '_>,
    url: &UrlSource,
    problems: &mut Problems<'_>,
) -> Option<Provider> {
    let name = section.text("provider", problems)?;
    let Some(provider) = Provider::from_name(&name.value) else {
        problems.add(
            &name.at,
            "unknown `provider`",
            "write `\"postgres\"`, `\"sqlite\"` or `\"supabase\"`, or leave it to the URL",
        );
        return None;
    };
    if let UrlSource::Template(url) = url {
        let from_url = Provider::from_scheme(&SecretUrl::new(url).scheme());
        if let Some(other) = from_url.filter(|other| *other != provider) {
            problems.add(
                &name.at,
                format!(
                    "`provider = \"{provider}\"` contradicts the URL, which is that of `{other}`"
                ),
                format!("remove the key, or write `provider = \"{other}\"`"),
            );
        }
    }
    Some(provider)
}

fn password(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> PasswordSource {
    let text = section.template("db_password", problems);
    let variable = section.variable("password_env", problems);
    let command = section
        .text("password_command", problems)
        .and_then(|command| words(command, problems));
    let at: Vec<Range<usize>> = [
        text.as_ref().map(|text| text.at.clone()),
        variable.as_ref().map(|variable| variable.at.clone()),
        command.as_ref().map(|command| command.at.clone()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let [_, second, ..] = at.as_slice() {
        problems.add(
            second,
            "two sources for one password",
            "keep one of `db_password`, `password_env` and `password_command`",
        );
    }
    match (text, variable, command) {
        (Some(text), _, _) => PasswordSource::Template(text.value),
        (_, Some(variable), _) => PasswordSource::Variable(variable.value),
        (_, _, Some(command)) => PasswordSource::Command(command.value),
        _ => PasswordSource::None,
    }
}

fn words(command: Located<String>, problems: &mut Problems<'_>) -> Option<Located<Vec<String>>> {
    match password_command::words(&command.value) {
        Some(value) => Some(Located {
            value,
            at: command.at,
        }),
        None => {
            problems.add(&command.at, "`password_command` has a quote without its partner", "it is split into words at spaces, without a shell; `'..'` and `\"..\"` keep words together");
            None
        }
    }
}

fn pooler(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Pooler {
    match section.text("pooler", problems) {
        None => Pooler::None,
        Some(name) => match name.value.as_str() {
            "none" => Pooler::None,
            "session" => Pooler::Session,
            "transaction" => Pooler::Transaction,
            _ => {
                problems.add(&name.at, "unknown `pooler`", "write `\"transaction\"` or `\"session\"` for PgBouncer or Supavisor in that mode, else `\"none\"`");
                Pooler::None
            }
        },
    }
}

fn pool(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> PoolSettings {
    let max = section.count("max_connections", 1, problems);
    let min = section.count("min_connections", 0, problems);
    if let (Some(min), most) = (&min, max.as_ref().map_or(10, |max| max.value))
        && min.value > most
    {
        problems.add(
            &min.at,
            format!("`min_connections` is above `max_connections`, which is {most}"),
            "raise the one or lower the other",
        );
    }
    PoolSettings {
        max_connections: max.map(|max| max.value),
        min_connections: min.map(|min| min.value),
        acquire_timeout: section.duration("acquire_timeout", problems),
        idle_timeout: section.duration_or_off("idle_timeout", problems),
        max_lifetime: section.duration_or_off("max_lifetime", problems),
        connect_timeout: section.duration("connect_timeout", problems),
        statement_timeout: section.duration_or_off("statement_timeout", problems),
        lock_timeout: section.duration_or_off("lock_timeout", problems),
        slow_threshold: section.duration("slow_threshold", problems),
    }
}

fn schema(top: &Section<'_, '_>, origin: &Origin, problems: &mut Problems<'_>) -> SchemaSettings {
    let Some((at, table)) = top.table("schema", problems) else {
        return SchemaSettings::default();
    };
    let section = Section::new("`[schema]`", SCHEMA, table, at, problems);
    let (file, binary) = (
        section.text("file", problems),
        section.text("binary", problems),
    );
    if let (Some(_), Some(binary)) = (&file, &binary) {
        problems.add(
            &binary.at,
            "one schema, from `file` or from `binary`",
            "remove one",
        );
    }
    let path = |text: Option<Located<String>>| -> Option<PathBuf> {
        text.map(|text| origin.folder.join(text.value))
    };
    SchemaSettings {
        file: path(file),
        binary: path(binary),
        validate_on_connect: section
            .flag("validate_on_connect", problems)
            .unwrap_or(true),
        column_defs: path(section.text("column_defs", problems)),
        backup_schema: path(section.text("backup_schema", problems)),
    }
}

/// Whether the file itself contains a password. In doubt it does.
fn holds_secret(profile: &DatabaseProfile) -> bool {
    let literal =
        matches!(&profile.password, PasswordSource::Template(text) if !has_variables(text));
    let url = match &profile.url {
        UrlSource::Template(url) => Some(url),
        _ => None,
    };
    literal
        || url
            .into_iter()
            .chain(&profile.direct_url)
            .any(|url| url_holds_secret(url))
}

fn url_holds_secret(url: &str) -> bool {
    if url.to_ascii_lowercase().contains("password=") {
        return true;
    }
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let login = rest.rsplit_once('@').map_or("", |(login, _)| login);
    let password = login.split_once(':').map_or("", |(_, password)| password);
    !password.is_empty()
        && !has_variables(password)
        && !crate::secret_url::has_placeholder(password)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
