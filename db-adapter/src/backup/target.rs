//! Where a backup is written: aside first, then on disk, then under its name. Whatever happens
//! before the last step leaves the file of that name as it was.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use db_adapter_core::temporal;

use super::open::{failed, is_compressed};
use crate::file_place::{behind_links, sync_folder};
use crate::{Error, Result};

/// The folder of files whose name nobody chose.
const FOLDER: &str = "backups";
/// How names that nobody chose begin.
const FRESH: &str = "backup-";
/// How the names of files under way end.
const PARTIAL: &str = ".partial";
/// Attempts to find a name that nobody has.
const ATTEMPTS: u32 = 1000;
/// From the epoch of Unix to that of PostgreSQL.
const EPOCH: i64 = 946_684_800_000_000;

/// A file under way. Dropped without [`keep`](Target::keep) it leaves nothing behind.
pub(crate) struct Target {
    out: Option<Out>,
    aside: PathBuf,
    /// As it was named.
    asked: PathBuf,
    /// The file itself, behind links.
    path: PathBuf,
    /// Whether nobody chose the name, so that a file which has it stays.
    fresh: bool,
}

enum Out {
    Plain(File),
    #[cfg(feature = "zstd")]
    Compressed(Box<zstd::Encoder<'static, File>>),
}

impl Target {
    /// Opens a file beside the one of this name, or of a new name in the folder.
    pub(crate) fn open(path: Option<&Path>, folder: Option<&Path>) -> Result<Target> {
        let (path, fresh) = match path {
            Some(path) => (path.to_owned(), false),
            None => (
                folder.unwrap_or(Path::new(FOLDER)).join(fresh_name(0)),
                true,
            ),
        };
        let asked = path;
        if asked.file_name().is_none() || asked.is_dir() {
            return Err(not_a_file(&asked, "it is a folder", "name a file in it"));
        }
        if let Some(folder) = asked.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed("create", folder, &error))?;
        }
        let path = behind_links(&asked).map_err(|error| match error.kind() {
            ErrorKind::Unsupported => not_a_file(
                &asked,
                "it is a device, a pipe, or what another process writes to: a file would take its place",
                "name a file, or `-` for standard output",
            ),
            _ => failed("write", &asked, &error),
        })?;
        let (file, aside) = aside(&path, fresh)?;
        let mut target = Target {
            out: None,
            aside,
            asked,
            path,
            fresh,
        };
        target.out = Some(target.encoder(file)?);
        Ok(target)
    }

    /// The name for messages.
    pub(super) fn shown(&self) -> &Path {
        &self.asked
    }

    #[cfg(feature = "zstd")]
    fn encoder(&self, file: File) -> Result<Out> {
        if !is_compressed(&self.asked) {
            return Ok(Out::Plain(file));
        }
        match zstd::Encoder::new(file, 3) {
            Ok(encoder) => Ok(Out::Compressed(Box::new(encoder))),
            Err(error) => Err(failed("compress", &self.asked, &error)),
        }
    }

    #[cfg(not(feature = "zstd"))]
    fn encoder(&self, file: File) -> Result<Out> {
        match is_compressed(&self.asked) {
            true => Err(super::open::without_zstd()),
            false => Ok(Out::Plain(file)),
        }
    }

    /// Puts the whole file on disk and gives it its name.
    pub(crate) fn keep(mut self) -> Result<PathBuf> {
        let unwritable = |error: std::io::Error| failed("write", &self.path, &error);
        let file = match self.out.take() {
            Some(Out::Plain(file)) => file,
            #[cfg(feature = "zstd")]
            Some(Out::Compressed(encoder)) => encoder.finish().map_err(unwritable)?,
            None => return Err(unwritable(ErrorKind::BrokenPipe.into())),
        };
        file.sync_all().map_err(unwritable)?;
        drop(file);
        if self.fresh {
            self.path = self.name_unused()?;
            if let Some(name) = self.path.file_name() {
                self.asked.set_file_name(name);
            }
        } else {
            std::fs::rename(&self.aside, &self.path).map_err(unwritable)?;
        }
        // where a folder cannot be synced nothing can be done
        let _ = sync_folder(&self.path);
        Ok(self.asked.clone())
    }

    /// A name that no other backup has taken meanwhile: linking fails where renaming overwrites.
    fn name_unused(&self) -> Result<PathBuf> {
        let mut path = self.path.clone();
        for attempt in 1..ATTEMPTS {
            match std::fs::hard_link(&self.aside, &path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    path = self.path.with_file_name(fresh_name(attempt));
                }
                // a file system without links
                Err(_) if !path.exists() => {
                    let renamed = std::fs::rename(&self.aside, &path);
                    return renamed
                        .map(|()| path.clone())
                        .map_err(|e| failed("write", &path, &e));
                }
                Err(_) => path = self.path.with_file_name(fresh_name(attempt)),
            }
        }
        Err(failed("write", &path, &ErrorKind::AlreadyExists.into()))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // after a rename there is none any more
        let _ = std::fs::remove_file(&self.aside);
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &mut self.out {
            Some(Out::Plain(file)) => file.write(bytes),
            #[cfg(feature = "zstd")]
            Some(Out::Compressed(encoder)) => encoder.write(bytes),
            None => Err(ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match &mut self.out {
            Some(Out::Plain(file)) => file.flush(),
            #[cfg(feature = "zstd")]
            Some(Out::Compressed(encoder)) => encoder.flush(),
            None => Ok(()),
        }
    }
}

/// A new file beside this one, which only its owner may read. Its lock says that somebody writes
/// it; those without one were left by runs that were killed, and go.
fn aside(path: &Path, fresh: bool) -> Result<(File, PathBuf)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    sweep(path, fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for _ in 0..ATTEMPTS {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let aside = path.with_file_name(format!(".{name}.{process}-{number}{PARTIAL}"));
        match options.open(&aside) {
            Ok(file) if is_mine(&file, &aside) => return Ok((file, aside)),
            Ok(_) => {} // swept away before it was locked
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("write", path, &error)),
        }
    }
    Err(failed("write", path, &ErrorKind::AlreadyExists.into()))
}

/// Locks a file that was just made. False when another run has taken it for one that was left.
fn is_mine(file: &File, aside: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => aside.exists(),
        Err(TryLockError::WouldBlock) => false,
        // a file system without locks: nobody sweeps there
        Err(TryLockError::Error(_)) => true,
    }
}

/// Removes what killed runs left beside the file of this name, or of any that nobody chose. Best
/// effort: no backup depends on it.
fn sweep(path: &Path, fresh: bool) {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return;
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let start = match fresh {
        true => format!(".{FRESH}"),
        false => format!(".{name}."),
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_left = name.strip_prefix(&start).is_some_and(is_of_a_writer);
        if is_left
            // a pipe would keep us waiting
            && entry.file_type().is_ok_and(|found| found.is_file())
            && let Ok(file) = OpenOptions::new().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a name ends in the process and the number of who writes it, after a dot or alone.
fn is_of_a_writer(name: &str) -> bool {
    let writer = name.strip_suffix(PARTIAL).unwrap_or_default();
    let writer = writer.rsplit('.').next().unwrap_or_default();
    writer.split_once('-').is_some_and(|(process, number)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits(process) && digits(number)
    })
}

fn not_a_file(path: &Path, message: &str, hint: &str) -> Error {
    Error::File {
        path: path.display().to_string(),
        action: "write",
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    }
}

/// Microseconds of Unix time.
fn micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| {
        i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
    })
}

/// Now, in UTC.
pub(super) fn now() -> String {
    temporal::format_timestamptz(micros().saturating_sub(EPOCH))
}

/// `backup-2026-11-27-203015.json`, with a number after the first attempt.
fn fresh_name(attempt: u32) -> String {
    let now = temporal::format_timestamp(micros().saturating_sub(EPOCH));
    let mut time: String = now
        .chars()
        .take_while(|c| *c != '.')
        .filter(|c| *c != ':')
        .map(|c| if c == 'T' { '-' } else { c })
        .collect();
    if attempt > 0 {
        time.push_str(&format!("-{}", attempt + 1));
    }
    format!("{FRESH}{time}.json")
}
