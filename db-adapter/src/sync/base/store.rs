//! The file of a base: read whole, and written aside, put on disk and named when the sync is committed.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::format::Base;
use crate::backup::open::failed;
use crate::backup::target::Target;
use crate::{Error, Notice, Result};

/// The base of this name; `None` where there is no such file.
///
/// # Errors
/// [`Error::File`] where it cannot be read, [`Error::SyncRefused`] where it is not a whole base.
pub(in crate::sync) fn read(path: &Path) -> Result<Option<Base>> {
    // a pipe would be waited for
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(failed("read", path, &ErrorKind::InvalidInput.into()));
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    match Base::of(&bytes) {
        Ok(base) => Ok(Some(base)),
        Err(why) => Err(Error::SyncRefused {
            problems: vec![
                Notice::new(format!("the base `{}` cannot be used: {why}", path.display())).hint(
                    "name another file, which is made by a sync without deletes, or put back the one that was written",
                ),
            ],
        }),
    }
}

/// A file under way. Dropped it leaves the one of its name as it was.
pub(in crate::sync) struct Store(Target);

impl Store {
    /// Begins one, so that it is known before anything is written whether it can be.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot.
    pub(in crate::sync) fn begin(path: &Path) -> Result<Store> {
        let is_compressed = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("zst"));
        if path.as_os_str() == "-" || is_compressed {
            return Err(Error::invalid_query(
                "a base is a file of its own, and not compressed",
                "name a file that does not end in `.zst`",
            ));
        }
        Ok(Store(Target::open(Some(path), None)?))
    }

    /// Writes it, and gives it its name.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be written: the one of the name is as it was.
    pub(in crate::sync) fn keep(mut self, base: &Base, path: &Path) -> Result<()> {
        let bytes = base.bytes()?;
        self.0
            .write_all(&bytes)
            .map_err(|error| failed("write", path, &error))?;
        self.0.keep().map(drop)
    }
}
