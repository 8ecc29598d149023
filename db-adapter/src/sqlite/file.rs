//! Which file the connections of an adapter are on: the one that the first of them opened, however
//! names and links change meanwhile. It opens no database.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::location::Location;
use crate::{Error, Result};

/// The file of an adapter, once its first connection has opened it.
#[derive(Default)]
pub(super) struct File(OnceLock<Opened>);

struct Opened {
    /// Without links.
    path: PathBuf,
    id: Option<Id>,
}

/// What the file system calls the file: another file with its name has another one.
type Id = (u64, u64);

impl File {
    /// The file to open, and whether it may be made. Only the first connection makes a file: a later
    /// one would give an empty database in the place of the one that is gone.
    pub(super) fn place<'f>(&'f self, first: &'f Path) -> (&'f Path, bool) {
        match self.0.get() {
            Some(opened) => (&opened.path, false),
            None => (first, true),
        }
    }

    /// After a connection was opened: keeps the first one's file, and refuses any other.
    pub(super) fn opened(&self, location: &Location, target: &str) -> Result<()> {
        let Some(file) = &location.file else {
            return Ok(());
        };
        if self.0.get().is_none() {
            let path = std::fs::canonicalize(file).map_err(|_| gone(target))?;
            let id = id(&path);
            // another thread may have been faster: then it is compared below
            let _ = self.0.set(Opened { path, id });
        }
        self.check(target)
    }

    /// An error when the file was deleted, or another one has its name: what is written would be in
    /// a file that nobody finds.
    pub(super) fn check(&self, target: &str) -> Result<()> {
        match self.0.get() {
            Some(opened) if opened.id.is_none() || id(&opened.path) != opened.id => {
                Err(gone(target))
            }
            _ => Ok(()),
        }
    }
}

fn gone(target: &str) -> Error {
    Error::connection(
        target,
        "the file was deleted or moved, or another one was put in its place",
        "put it back, or connect again",
    )
}

#[cfg(unix)]
fn id(path: &Path) -> Option<Id> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

/// Other systems do not let anybody delete or move a file that is open.
#[cfg(not(unix))]
fn id(path: &Path) -> Option<Id> {
    path.exists().then_some((0, 0))
}
