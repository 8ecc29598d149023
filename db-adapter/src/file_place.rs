//! Where a file really is that is to be written beside its place and then renamed: behind its links,
//! so that a link goes on to be one, and never where a rename would take the place of a device.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// As many links as the systems follow.
const LINKS: usize = 40;

/// The path of the file itself, which need not be there. The folder of the last link must be.
///
/// # Errors
/// `Unsupported` for what is not a file, such as a device, a pipe, or an open file of a process
/// (`/dev/stdout`); else what the system says of the folder.
pub(crate) fn behind_links(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let name = path.file_name().ok_or(ErrorKind::IsADirectory)?.to_owned();
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
        // `/dev/stdout` and the like: whoever opened the file goes on to write to the old one
        if folder.starts_with("/proc") {
            return Err(Error::from(ErrorKind::Unsupported));
        }
        path = folder.join(name);
        match std::fs::read_link(&path) {
            // joined to an absolute one it is that
            Ok(target) => path = folder.join(target),
            Err(_) => return file_or_nothing(path),
        }
    }
    Err(Error::other("too many symbolic links"))
}

fn file_or_nothing(path: PathBuf) -> Result<PathBuf> {
    match std::fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => Err(ErrorKind::Unsupported.into()),
        _ => Ok(path),
    }
}

/// Makes a rename outlast a power failure, where the system can.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_to_the_file_that_they_mean() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("in")).unwrap();
        std::fs::write(root.join("in/file"), "x").unwrap();
        symlink("in/file", root.join("one")).unwrap();
        symlink(root.join("one"), root.join("two")).unwrap();
        symlink("in/none", root.join("dangling")).unwrap();
        symlink("gone/none", root.join("astray")).unwrap();
        symlink("round", root.join("round")).unwrap();
        let at = |name: &str| behind_links(&root.join(name)).map_err(|error| error.kind());
        for name in ["in/file", "one", "two"] {
            assert_eq!(at(name), Ok(root.join("in/file")), "{name}");
        }
        assert_eq!(at("dangling"), Ok(root.join("in/none")));
        assert_eq!(at("new"), Ok(root.join("new")));
        assert_eq!(at("in"), Err(ErrorKind::IsADirectory));
        assert_eq!(at("astray"), Err(ErrorKind::NotFound));
        assert_eq!(at("round"), Err(ErrorKind::Other));
        for device in ["/dev/null", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/0"] {
            let found = behind_links(Path::new(device)).map_err(|error| error.kind());
            assert_eq!(found, Err(ErrorKind::Unsupported), "{device}");
        }
    }
}
