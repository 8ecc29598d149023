//! Which server is wanted (`target_session_attrs`), as libpq means it. Pure.

use crate::{Error, Result};

/// Which of the servers is wanted (`target_session_attrs`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

const KINDS: [(&str, Wanted); 6] = [
    ("any", Wanted::Any),
    ("read-write", Wanted::ReadWrite),
    ("read-only", Wanted::ReadOnly),
    ("primary", Wanted::Primary),
    ("standby", Wanted::Standby),
    ("prefer-standby", Wanted::PreferStandby),
];

/// What a server says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    /// It replays the log of another server.
    pub(super) standby: bool,
    /// Its transactions are read only by default, because of the role's or the server's settings.
    pub(super) read_only: bool,
}

impl Wanted {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let found = KINDS.iter().find(|(name, _)| *name == text);
        found.map(|(_, wanted)| *wanted).ok_or_else(|| {
            Error::config(
                "the database URL has an unknown `target_session_attrs`",
                "write `any`, `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`",
            )
        })
    }

    /// Why a server is not the wanted one; `None` when it is. A primary is only the second choice
    /// of `prefer-standby`, which the caller knows.
    pub(super) fn refusal(self, role: Role) -> Option<&'static str> {
        let writable = !role.standby && !role.read_only;
        match self {
            Wanted::Any => None,
            Wanted::ReadWrite if role.standby => Some("it is a standby, which cannot be written"),
            Wanted::ReadWrite => (!writable).then_some("its sessions are read only by default"),
            Wanted::ReadOnly => writable.then_some("it can be written"),
            Wanted::Primary => role.standby.then_some("it is a standby, not a primary"),
            Wanted::Standby | Wanted::PreferStandby => {
                (!role.standby).then_some("it is a primary, not a standby")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_server_is_told_from_the_others() {
        let roles = [(false, false), (false, true), (true, false), (true, true)];
        for (kind, fits) in [
            ("any", [true; 4]),
            ("read-write", [true, false, false, false]),
            ("read-only", [false, true, true, true]),
            ("primary", [true, true, false, false]),
            ("standby", [false, false, true, true]),
            ("prefer-standby", [false, false, true, true]),
        ] {
            let wanted = Wanted::parse(kind).unwrap();
            for ((standby, read_only), fits) in roles.into_iter().zip(fits) {
                let role = Role { standby, read_only };
                assert_eq!(wanted.refusal(role).is_none(), fits, "{kind} {role:?}");
            }
        }
        let error = Wanted::parse("secret").unwrap_err().to_string();
        assert!(
            error.contains("prefer-standby`") && !error.contains("secret"),
            "{error}"
        );
    }
}
