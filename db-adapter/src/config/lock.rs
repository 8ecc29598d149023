//! The lock `.db-profile`, beside `db.toml`: which profile was validated last, and which database
//! that was. Its first line is the name alone, as the original writes and reads it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::DatabaseIdentity;
use super::file::is_profile_name;
use crate::file_place::{behind_links, sync_folder};
use crate::{Error, Result};

/// The name of the lock.
const LOCK_NAME: &str = ".db-profile";

/// Larger files are no locks.
const LARGEST: u64 = 1 << 16;

/// The profile that was validated last, and what it was.
///
/// ```
/// use db_adapter::{DatabaseIdentity, ProfileLock};
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let mut lock = ProfileLock::new("local");
/// lock.identity = Some(DatabaseIdentity::File { path: "/srv/app/app.db".into() });
/// lock.write(folder)?;
/// assert_eq!(ProfileLock::read(folder)?, Some(lock));
/// assert!(ProfileLock::clear(folder)?);
/// assert_eq!(ProfileLock::read(folder)?, None);
/// # Ok::<(), db_adapter::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileLock {
    /// The name of the profile.
    pub profile: String,
    /// The database that was validated; `None` in a lock of the original.
    pub identity: Option<DatabaseIdentity>,
    /// The fingerprint of the schema that was found.
    pub fingerprint: Option<String>,
    /// The schemas that were read for it beside the connection's own.
    pub schemas: Vec<String>,
}

impl ProfileLock {
    /// A lock of this profile, with nothing known about its database.
    pub fn new(profile: impl Into<String>) -> Self {
        ProfileLock {
            profile: profile.into(),
            identity: None,
            fingerprint: None,
            schemas: Vec::new(),
        }
    }

    /// The lock in a folder.
    pub fn path(folder: impl AsRef<Path>) -> PathBuf {
        folder.as_ref().join(LOCK_NAME)
    }

    /// Reads the lock of a folder, `None` when there is none; one of the original too.
    ///
    /// # Errors
    /// [`Error::Config`] for a lock that cannot be read or names no profile.
    pub fn read(folder: impl AsRef<Path>) -> Result<Option<Self>> {
        let path = Self::path(folder);
        let mut bytes = Vec::new();
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| failed("read", &path, &error))?,
        };
        let read = file.take(LARGEST).read_to_end(&mut bytes);
        read.map_err(|error| failed("read", &path, &error))?;
        let lock = String::from_utf8(bytes).ok().and_then(|text| parse(&text));
        match lock {
            Some(lock) => Ok(lock),
            None => Err(Error::config(
                format!("`{}` names no profile", path.display()),
                "delete it and run `DB_PROFILE=<name> db-adapter connect`",
            )),
        }
    }

    /// Writes the lock of a folder: at once or not at all, readable by its owner alone.
    ///
    /// # Errors
    /// [`Error::Config`] when the folder cannot be written, or the name is none.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<()> {
        let path = Self::path(folder);
        if !is_profile_name(&self.profile) {
            return Err(Error::config("a lock needs the name of a profile", ""));
        }
        write_aside(&path, &self.text()).map_err(|error| failed("written", &path, &error))
    }

    /// Removes the lock of a folder; whether there was one.
    ///
    /// # Errors
    /// [`Error::Config`] when it cannot be removed.
    pub fn clear(folder: impl AsRef<Path>) -> Result<bool> {
        let path = Self::path(folder);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("removed", &path, &error)),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.profile);
        let mut line = |key: &str, value: &str| {
            text.push_str(&format!("{key} = {}\n", escape(value)));
        };
        match &self.identity {
            Some(DatabaseIdentity::Server {
                host,
                port,
                database,
                system_identifier,
            }) => {
                line("host", host);
                line("port", &port.to_string());
                line("database", database);
                if let Some(identifier) = system_identifier {
                    line("system_identifier", identifier);
                }
            }
            // a path that is no UTF-8 could not be compared later
            Some(DatabaseIdentity::File { path }) => {
                if let Some(path) = path.to_str() {
                    line("file", path);
                }
            }
            None => {}
        }
        if let Some(fingerprint) = &self.fingerprint {
            line("fingerprint", fingerprint);
        }
        for schema in &self.schemas {
            line("schema", schema);
        }
        text
    }
}

/// `None` for what is no lock, `Some(None)` for an empty one. Keys of later versions are skipped.
fn parse(text: &str) -> Option<Option<ProfileLock>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Some(None);
    }
    let mut lines = text.lines();
    let profile = lines.next()?.trim().to_owned();
    if !is_profile_name(&profile) {
        return None;
    }
    let pairs: Vec<(&str, String)> = lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), unescape(value.trim_start_matches(' '))))
        .collect();
    let get = |key: &str| {
        pairs
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, value)| value.clone())
    };
    let server = || {
        Some(DatabaseIdentity::Server {
            host: get("host")?,
            port: get("port")?.parse().ok()?,
            database: get("database")?,
            system_identifier: get("system_identifier"),
        })
    };
    let file = || get("file").map(|path| DatabaseIdentity::File { path: path.into() });
    Some(Some(ProfileLock {
        profile,
        identity: server().or_else(file),
        fingerprint: get("fingerprint"),
        schemas: pairs
            .iter()
            .filter(|(key, _)| *key == "schema")
            .map(|(_, name)| name.clone())
            .collect(),
    }))
}

/// Names of files and databases may have line ends and blanks at their ends.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            c if c.is_whitespace() && c != ' ' => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    match (escaped.strip_prefix(' '), value.strip_suffix(' ')) {
        (None, None) => escaped,
        _ => escaped.replace(' ', "\\u{20}"),
    }
}

fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let (c, after) = unescape_one(after);
        plain.push(c);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// The character that follows a backslash; a backslash that means nothing is itself.
fn unescape_one(after: &str) -> (char, &str) {
    let mut chars = after.chars();
    match chars.next() {
        Some('n') => ('\n', chars.as_str()),
        Some('r') => ('\r', chars.as_str()),
        Some('\\') => ('\\', chars.as_str()),
        Some('u') => {
            let code = chars
                .as_str()
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'));
            let c = code.and_then(|(hex, rest)| {
                let c = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?;
                Some((c, rest))
            });
            c.unwrap_or(('\\', after))
        }
        _ => ('\\', after),
    }
}

/// A file that is complete or absent, and that nobody else reads, whatever happens meanwhile.
fn write_aside(path: &Path, text: &str) -> io::Result<()> {
    let path = &behind_links(path)?;
    let (aside, mut file) = create_aside(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        let _ = fs::remove_file(&aside); // the first error is the one to tell
    }
    written?;
    sync_folder(path)
}

/// A new file beside `path`, under a name that nobody else uses at the same time.
fn create_aside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut attempt = 0;
    loop {
        let aside = path.with_file_name(format!("{LOCK_NAME}.{}-{attempt}", process::id()));
        match options.open(&aside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {
                attempt += 1;
            }
            opened => return opened.map(|file| (aside, file)),
        }
    }
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> Error {
    let message = format!(
        "the lock `{}` cannot be {verb}: {}",
        path.display(),
        error.kind()
    );
    Error::config(message, "check the permissions of the folder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_lock_of_the_original_is_read() {
        for text in ["local", "local\n", "  local \r\n", "\u{feff}local\n\n"] {
            let folder = folder();
            fs::write(ProfileLock::path(&folder), text).unwrap();
            assert_eq!(
                ProfileLock::read(&folder).unwrap(),
                Some(ProfileLock::new("local")),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_first_line_is_the_name() {
        let folder = folder();
        let mut lock = ProfileLock::new("local");
        lock.identity = Some(DatabaseIdentity::Server {
            host: "db.example.com".into(),
            port: 5432,
            database: "shop".into(),
            system_identifier: Some("7301".into()),
        });
        lock.fingerprint = Some("ab12".into());
        lock.write(&folder).unwrap();
        let text = fs::read_to_string(ProfileLock::path(&folder)).unwrap();
        assert_eq!(
            text,
            "local\nhost = db.example.com\nport = 5432\ndatabase = shop\nsystem_identifier = 7301\nfingerprint = ab12\n"
        );
        assert_eq!(ProfileLock::read(&folder).unwrap(), Some(lock));
    }

    #[test]
    fn no_lock_is_no_error_and_nonsense_is_one() {
        let folder = folder();
        assert_eq!(ProfileLock::read(&folder).unwrap(), None);
        assert!(!ProfileLock::clear(&folder).unwrap());
        fs::write(ProfileLock::path(&folder), " \n").unwrap();
        assert_eq!(ProfileLock::read(&folder).unwrap(), None);
        for bytes in [&b"a b\n"[..], b"\xff", b"postgresql://u:canary@h/d"] {
            fs::write(ProfileLock::path(&folder), bytes).unwrap();
            let error = ProfileLock::read(&folder).unwrap_err().to_string();
            assert!(
                error.contains("names no profile") && !error.contains("canary"),
                "{error}"
            );
        }
    }

    #[test]
    fn keys_of_later_versions_are_skipped() {
        let lock = parse("local\nfuture = 1\nport = x\nfile = /a = b\nnonsense\n")
            .unwrap()
            .unwrap();
        assert_eq!(
            lock.identity,
            Some(DatabaseIdentity::File {
                path: "/a = b".into()
            })
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it_and_nothing_is_left_aside() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        fs::write(ProfileLock::path(&folder), "old").unwrap();
        fs::set_permissions(
            ProfileLock::path(&folder),
            fs::Permissions::from_mode(0o644),
        )
        .unwrap();
        ProfileLock::new("local").write(&folder).unwrap();
        let mode = fs::metadata(ProfileLock::path(&folder))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn a_lock_that_cannot_be_written_leaves_nothing_aside() {
        let folder = folder();
        fs::create_dir(ProfileLock::path(&folder)).unwrap();
        assert!(ProfileLock::new("local").write(&folder).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(ProfileLock::new("a\nb").write(&folder).is_err());
        assert!(
            ProfileLock::new("local")
                .write(folder.path().join("missing"))
                .is_err()
        );
    }

    #[test]
    fn many_writers_leave_one_whole_lock() {
        let folder = folder();
        std::thread::scope(|scope| {
            for i in 0..8 {
                let folder = folder.path();
                scope.spawn(move || {
                    for _ in 0..20 {
                        ProfileLock::new(format!("p{i}")).write(folder).unwrap();
                    }
                });
            }
        });
        assert!(ProfileLock::read(&folder).unwrap().is_some());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    proptest! {
        #[test]
        fn every_identity_reads_back(host in ".*", port: u16, database in ".*", id in proptest::option::of("[ \\\\n\u{85}\u{2028}u{}0-9\r\n]*"), file: bool) {
            let mut lock = ProfileLock::new("p");
            lock.fingerprint = id.clone();
            lock.identity = Some(if file {
                DatabaseIdentity::File { path: host.into() }
            } else {
                DatabaseIdentity::Server { host, port, database, system_identifier: id }
            });
            prop_assert_eq!(parse(&lock.text()), Some(Some(lock)));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "(?s).*") {
            let _ = parse(&text);
        }
    }
}
