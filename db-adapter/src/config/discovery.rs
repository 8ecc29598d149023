//! Where `db.toml` is: from a folder upward, but never out of the project, the home folder or the
//! file system, so that nobody's file in a parent folder decides where our data goes.

use std::fs;
use std::path::{Path, PathBuf};

use super::FILE_NAME;

/// What the search wants to know of the file system.
pub(crate) trait Listing {
    /// Whether there is such a file or folder.
    fn exists(&self, path: &Path) -> bool;
    /// The file system that a folder is on, where that can be told.
    fn device(&self, folder: &Path) -> Option<u64>;
}

/// The nearest `db.toml` from `start` upward. The repository's root (which holds `.git`) and the
/// home folder are the last that are looked into; another file system is not entered.
pub(crate) fn find(start: &Path, home: Option<&Path>, listing: &impl Listing) -> Option<PathBuf> {
    let mut device = None;
    for folder in start.ancestors() {
        let here = listing.device(folder);
        if device.is_some() && here != device {
            return None;
        }
        device = here;
        let file = folder.join(FILE_NAME);
        if listing.exists(&file) {
            return Some(file);
        }
        if listing.exists(&folder.join(".git")) || home == Some(folder) {
            return None;
        }
    }
    None
}

/// The file system itself.
pub(crate) struct Disk;

impl Listing for Disk {
    fn exists(&self, path: &Path) -> bool {
        // a file that may not be read exists too: reading it says so
        !matches!(fs::metadata(path), Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory))
    }

    #[cfg(unix)]
    fn device(&self, folder: &Path) -> Option<u64> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(folder).ok().map(|metadata| metadata.dev())
    }

    #[cfg(not(unix))]
    fn device(&self, _folder: &Path) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths that exist, and the folders where another file system begins.
    struct Fake(&'static [&'static str], &'static [&'static str]);

    impl Listing for Fake {
        fn exists(&self, path: &Path) -> bool {
            self.0.iter().any(|known| Path::new(known) == path)
        }
        fn device(&self, folder: &Path) -> Option<u64> {
            let mounts = self.1.iter().filter(|mount| folder.starts_with(mount));
            Some(mounts.count() as u64)
        }
    }

    fn found(exist: &'static [&'static str], mounts: &'static [&'static str]) -> Option<PathBuf> {
        find(
            Path::new("/home/me/project/src"),
            Some(Path::new("/home/me")),
            &Fake(exist, mounts),
        )
    }

    #[test]
    fn the_nearest_file_wins() {
        let files = &["/home/me/project/src/db.toml", "/home/me/project/db.toml"];
        assert_eq!(found(files, &[]), Some(PathBuf::from(files[0])));
    }

    #[test]
    fn the_repository_is_not_left() {
        let git = &["/home/me/project/.git", "/home/me/db.toml"];
        assert_eq!(found(git, &[]), None);
        let root = &["/home/me/project/.git", "/home/me/project/db.toml"];
        assert_eq!(
            found(root, &[]),
            Some(PathBuf::from("/home/me/project/db.toml"))
        );
    }

    #[test]
    fn the_home_folder_is_not_left() {
        assert_eq!(found(&["/home/db.toml"], &[]), None);
        assert_eq!(
            found(&["/home/me/db.toml"], &[]),
            Some(PathBuf::from("/home/me/db.toml"))
        );
    }

    #[test]
    fn the_file_system_is_not_left() {
        assert_eq!(found(&["/home/me/db.toml"], &["/home/me/project"]), None);
        let inside = &["/home/me/project/db.toml"];
        assert_eq!(
            found(inside, &["/home/me/project"]),
            Some(PathBuf::from(inside[0]))
        );
    }

    #[test]
    fn the_disk_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        assert!(!Disk.exists(&folder.path().join(FILE_NAME)));
        fs::write(folder.path().join(FILE_NAME), "").unwrap();
        assert_eq!(
            find(&inner, None, &Disk),
            Some(folder.path().join(FILE_NAME))
        );
    }
}
