//! From what a profile says to the URL to connect to: variables, password, provider, relative
//! files. No error quotes a value.

use super::environment::shown;
use super::password_command;
use super::percent;
use super::profile::{DatabaseProfile, PasswordSource, Provider, UrlSource};
use super::template;
use crate::secret_url::{fill_placeholder, has_placeholder};
use crate::url_shape::{self, PostgresUrl};
use crate::{Error, Result, SecretUrl, connect};

pub(crate) fn resolve_url(profile: &DatabaseProfile) -> Result<SecretUrl> {
    let url = match &profile.url {
        UrlSource::Given(url) => {
            url.check()?;
            return Ok(url.clone());
        }
        UrlSource::Variable(name) => variable(profile, "url_env", name)?,
        UrlSource::Template(text) => {
            let url = expand(profile, "url", text)?;
            absolute_sqlite(profile, url)?
        }
    };
    let url = complete(profile, "url", url)?;
    check_provider(profile, &url)?;
    Ok(url)
}

pub(crate) fn resolve_direct_url(profile: &DatabaseProfile) -> Result<Option<SecretUrl>> {
    let Some(text) = &profile.direct_url else {
        return Ok(None);
    };
    let url = expand(profile, "direct_url", text)?;
    complete(profile, "direct_url", url).map(Some)
}

pub(crate) fn resolve_schema(profile: &DatabaseProfile) -> Result<Option<String>> {
    let schema = profile.schema.as_deref();
    schema
        .map(|text| expand(profile, "schema", text))
        .transpose()
}

/// `profile `local``, for messages.
fn of(profile: &DatabaseProfile) -> String {
    format!("profile `{}`", profile.name().unwrap_or_default())
}

/// What an environment variable holds; empty is as good as not set.
fn variable(profile: &DatabaseProfile, key: &str, name: &str) -> Result<String> {
    match profile.origin.environment.get_filled(name)? {
        Some(value) => Ok(value),
        None => Err(Error::config(
            format!(
                "`{key}` of {}: the environment variable {} is not set",
                of(profile),
                shown(name)
            ),
            "set it, or use another profile",
        )),
    }
}

fn expand(profile: &DatabaseProfile, key: &str, text: &str) -> Result<String> {
    template::expand(text, |name, in_login| {
        let value = variable(profile, key, name)?;
        if in_login && value.contains(['@', '/', '?', '#', '[', ']', ' ']) {
            return Err(Error::config(
                format!(
                    "`{key}` of {}: the environment variable {} has characters that would end the login of the URL",
                    of(profile),
                    shown(name)
                ),
                "percent-encode its value, or write `[YOUR-PASSWORD]` in the URL and name the variable in `password_env`, which is encoded for you",
            ));
        }
        Ok(value)
    })
}

/// Fills the password in, and refuses what is not complete or not well formed.
fn complete(profile: &DatabaseProfile, key: &str, url: String) -> Result<SecretUrl> {
    let url = match password(profile)? {
        Some(source) if has_placeholder(&url) => fill_placeholder(&url, &source.encoded()?),
        Some(source) => insert(profile, key, &url, &source)?,
        None if has_placeholder(&url) => {
            return Err(Error::config(
                format!(
                    "`{key}` of {} says `[YOUR-PASSWORD]`, and no source has a password",
                    of(profile)
                ),
                "add `password_env`, `password_command` or `db_password`",
            ));
        }
        None => url,
    };
    let url = SecretUrl::new(url);
    url.check().map_err(|error| within(profile, key, error))?;
    match Provider::from_scheme(&url.scheme()) {
        Some(_) => Ok(url),
        None => Err(within(profile, key, connect::unknown_scheme(&url))),
    }
}

/// A password is in no hurry: a URL that cannot take it is refused before a command is run.
fn insert(
    profile: &DatabaseProfile,
    key: &str,
    url: &str,
    source: &Password<'_>,
) -> Result<String> {
    let refused = |what: &str, hint: &str| {
        Err(Error::config(
            format!("{} has a password, but its `{key}` {what}", of(profile)),
            hint,
        ))
    };
    let scheme = SecretUrl::new(url).scheme();
    if !url_shape::is_postgres(&scheme) {
        return refused(
            "takes none",
            "remove the password, or write a `postgresql://` URL",
        );
    }
    let Ok(parts) = PostgresUrl::parse(url) else {
        // the check that follows knows what to say; nothing is sent
        SecretUrl::new(url)
            .check()
            .map_err(|error| within(profile, key, error))?;
        return refused("is malformed", url_shape::ENCODE);
    };
    let in_query = parts.query.is_some_and(|query| {
        query
            .split('&')
            .any(|parameter| parameter.starts_with("password="))
    });
    match (parts.user, parts.password) {
        _ if in_query => refused("has another one among its parameters", "keep one"),
        (Some(user), None) if !user.is_empty() => {
            let start = parts.scheme.len() + "://".len();
            let rest = url.get(start + user.len()..).unwrap_or_default();
            Ok(format!(
                "{}://{user}:{}{rest}",
                parts.scheme,
                source.encoded()?
            ))
        }
        (_, Some(_)) => refused(
            "has another one",
            "keep one, or write `[YOUR-PASSWORD]` in the URL",
        ),
        _ => refused(
            "names no user",
            "write `postgresql://user:[YOUR-PASSWORD]@host/name`",
        ),
    }
}

/// A source that has been checked as far as possible without running anything.
enum Password<'a> {
    Known(String),
    Command(&'a DatabaseProfile, &'a [String]),
}

impl Password<'_> {
    fn encoded(&self) -> Result<String> {
        match self {
            Password::Known(password) => Ok(percent::encode(password)),
            Password::Command(profile, words) => {
                let password = run(profile, words)?;
                Ok(percent::encode(&password))
            }
        }
    }
}

fn password(profile: &DatabaseProfile) -> Result<Option<Password<'_>>> {
    Ok(match &profile.password {
        PasswordSource::None => None,
        PasswordSource::Template(text) => {
            Some(Password::Known(expand(profile, "db_password", text)?))
        }
        PasswordSource::Variable(name) => {
            Some(Password::Known(variable(profile, "password_env", name)?))
        }
        PasswordSource::Command(words) => Some(Password::Command(profile, words)),
    })
}

fn run(profile: &DatabaseProfile, words: &[String]) -> Result<String> {
    let origin = &profile.origin;
    origin.access.allow_commands(&origin.path)?;
    password_command::run(words, &origin.folder, password_command::TIMEOUT).map_err(|failure| {
        Error::PasswordCommand {
            profile: profile.name().unwrap_or_default().to_owned(),
            failure,
        }
    })
}

fn check_provider(profile: &DatabaseProfile, url: &SecretUrl) -> Result<()> {
    match (profile.provider, Provider::from_scheme(&url.scheme())) {
        (Some(said), Some(found)) if said != found => Err(Error::config(
            format!(
                "{}: `provider = \"{said}\"` contradicts the URL, which is that of `{found}`",
                of(profile)
            ),
            format!("remove the key, or write `provider = \"{found}\"`"),
        )),
        _ => Ok(()),
    }
}

/// Paths in `db.toml` are relative to it, wherever the program runs.
fn absolute_sqlite(profile: &DatabaseProfile, url: String) -> Result<String> {
    if SecretUrl::new(&url).scheme() != "sqlite" {
        return Ok(url);
    }
    let file = url_shape::sqlite_file(&url);
    let relative = !file.is_empty() && !file.starts_with(['/', '\\']) && !file.contains(':');
    if !relative {
        return Ok(url);
    }
    let folder = profile.origin.folder.to_str().ok_or_else(|| {
        Error::config(
            "the folder of `db.toml` has a name that is no UTF-8",
            "write an absolute path into the URL",
        )
    })?;
    let query = url.split_once('?').map(|(_, query)| format!("?{query}"));
    let folder = percent::encode_path(folder);
    Ok(format!(
        "sqlite://{}/{file}{}",
        folder.trim_end_matches('/'),
        query.unwrap_or_default()
    ))
}

/// Says whose URL it is.
fn within(profile: &DatabaseProfile, key: &str, error: Error) -> Error {
    match error {
        Error::Config { message, hint } => Error::Config {
            message: format!("`{key}` of {}: {message}", of(profile)),
            hint,
        },
        other => other,
    }
}
