//! Who may read and write `db.toml`: a warning when its secrets lie open, and a refusal to run
//! commands out of a file that somebody else could have written.

use std::fmt;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::{Error, Notice, Result};

/// What is doubtful about a `db.toml` that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigWarning {
    /// It holds a password, and every user of the machine may read it.
    #[non_exhaustive]
    WorldReadable {
        /// The file.
        path: PathBuf,
    },
    /// Another user may have written it, and so decided which database is used.
    #[non_exhaustive]
    WritableByOthers {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigWarning {
    /// What is doubtful, and what to do about it.
    pub fn notice(&self) -> Notice {
        match self {
            ConfigWarning::WorldReadable { path } => {
                let path = path.display();
                Notice::new(format!(
                    "`{path}` holds a password and every user of this machine may read it"
                ))
                .hint(format!(
                    "`chmod 600 {path}`, or use `password_env` or `password_command`"
                ))
            }
            ConfigWarning::WritableByOthers { path } => {
                let path = path.display();
                Notice::new(format!(
                    "another user may write `{path}`, and so decide which database is used"
                ))
                .hint(format!("own it and `chmod go-w {path}`"))
            }
        }
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.notice().fmt(f)
    }
}

/// Who else may do what with a file, as it was when the file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    world_readable: bool,
    world_writable: bool,
    group_writable: bool,
    owner: Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Us,
    Root,
    SomebodyElse,
    /// The system has no such owners.
    #[cfg_attr(unix, allow(dead_code, reason = "every file of Unix has an owner"))]
    Unknown,
}

impl Access {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Access::from_mode(
            metadata.mode(),
            metadata.uid(),
            rustix::process::geteuid().as_raw(),
        )
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_metadata: &Metadata) -> Self {
        Access {
            owner: Owner::Unknown,
            ..Access::none()
        }
    }

    /// Nobody else may do anything: a URL that came from no file.
    pub(crate) fn none() -> Self {
        Access {
            world_readable: false,
            world_writable: false,
            group_writable: false,
            owner: Owner::Us,
        }
    }

    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no such modes"))]
    fn from_mode(mode: u32, owner: u32, us: u32) -> Self {
        Access {
            world_readable: mode & 0o004 != 0,
            world_writable: mode & 0o002 != 0,
            group_writable: mode & 0o020 != 0,
            owner: match owner {
                owner if owner == us => Owner::Us,
                0 => Owner::Root,
                _ => Owner::SomebodyElse,
            },
        }
    }

    pub(crate) fn warnings(self, path: &Path, holds_secret: bool) -> Vec<ConfigWarning> {
        let mut warnings = Vec::new();
        if holds_secret && self.world_readable {
            let path = path.to_owned();
            warnings.push(ConfigWarning::WorldReadable { path });
        }
        if self.world_writable || self.owner == Owner::SomebodyElse {
            let path = path.to_owned();
            warnings.push(ConfigWarning::WritableByOthers { path });
        }
        warnings
    }

    /// Refuses to run a command that somebody else could have put into the file.
    pub(crate) fn allow_commands(self, path: &Path) -> Result<()> {
        let path = path.display();
        let (reason, hint) = match self.owner {
            Owner::Unknown => (
                "this system does not tell who owns it",
                "use `password_env`".to_owned(),
            ),
            Owner::Root | Owner::SomebodyElse => (
                "it belongs to another user",
                format!("own it (`chown`), or use `password_env`: {path}"),
            ),
            Owner::Us if self.group_writable || self.world_writable => {
                ("others may write it", format!("`chmod go-w {path}`"))
            }
            Owner::Us => return Ok(()),
        };
        Err(Error::config(
            format!("the `password_command` of `{path}` is not run: {reason}"),
            hint,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(mode: u32, owner: u32) -> Access {
        Access::from_mode(mode, owner, 1000)
    }

    #[test]
    fn only_our_own_file_may_run_commands() {
        let path = Path::new("db.toml");
        assert_eq!(access(0o644, 1000).allow_commands(path), Ok(()));
        for (mode, owner) in [(0o664, 1000), (0o646, 1000), (0o600, 1001), (0o600, 0)] {
            assert!(
                access(mode, owner).allow_commands(path).is_err(),
                "{mode:o} {owner}"
            );
        }
    }

    #[test]
    fn an_open_secret_is_warned_of() {
        let path = Path::new("db.toml");
        let warned = |mode, owner, secret| access(mode, owner).warnings(path, secret).len();
        assert_eq!(warned(0o644, 1000, true), 1);
        assert_eq!(warned(0o644, 1000, false), 0);
        assert_eq!(warned(0o640, 1000, true), 0);
        assert_eq!(warned(0o600, 1001, true), 1);
        assert_eq!(warned(0o644, 0, false), 0);
        assert_eq!(warned(0o646, 1000, true), 2);
    }
}
