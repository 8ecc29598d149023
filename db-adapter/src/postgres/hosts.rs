//! Which servers a URL names, and which of them is wanted: several hosts and
//! `target_session_attrs`, as libpq reads them. Pure text: no name is looked up here.

use crate::{Error, Result};

/// One server of a URL. What it leaves out is the driver's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// A name, an address without brackets, or the folder of a socket.
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
}

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

/// The servers of `host:port,host:port`, the part of a URL between login and database, which is
/// well formed.
pub(super) fn of_authority(hosts: &str) -> Vec<Place> {
    hosts.split(',').map(place).collect()
}

fn place(text: &str) -> Place {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    Place {
        host: filled(&super::url::decoded_host(host)),
        port: port.and_then(|port| port.parse().ok()),
    }
}

fn filled(host: &str) -> Option<String> {
    let host = host.trim_matches(['[', ']']);
    (!host.is_empty()).then(|| host.to_owned())
}

/// The lists of the parameters `host`, `hostaddr` and `port`, which win over the rest of the URL.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) host: Option<String>,
    pub(super) hostaddr: Option<String>,
    pub(super) port: Option<String>,
}

impl Lists {
    /// The servers of a URL. One port is that of all hosts, else each has its own.
    pub(super) fn over(&self, authority: Vec<Place>) -> Result<Vec<Place>> {
        let counts = self.host.as_deref().zip(self.hostaddr.as_deref());
        if counts.is_some_and(|(hosts, addresses)| count(hosts) != count(addresses)) {
            return Err(unequal("host", "hostaddr"));
        }
        let mut places = match self.hostaddr.as_deref().or(self.host.as_deref()) {
            None => authority,
            // the ports of the URL go with its hosts, in number
            Some(hosts) => {
                let hosts = hosts.split(',').map(filled);
                let ports = authority.iter().map(|place| place.port);
                with_ports(hosts.collect(), &ports.collect::<Vec<_>>())?
            }
        };
        if let Some(ports) = &self.port {
            let ports: Result<Vec<_>> = ports.split(',').map(port).collect();
            let hosts = places.into_iter().map(|place| place.host);
            places = with_ports(hosts.collect(), &ports?)?;
        }
        Ok(places)
    }
}

fn count(list: &str) -> usize {
    list.split(',').count()
}

fn with_ports(hosts: Vec<Option<String>>, ports: &[Option<u16>]) -> Result<Vec<Place>> {
    let port_of = |at: usize| match ports {
        [one] => Some(*one),
        several => several.get(at).copied(),
    };
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err(unequal("host", "port"));
    }
    let places = hosts.into_iter().enumerate().map(|(at, host)| Place {
        host,
        port: port_of(at).flatten(),
    });
    Ok(places.collect())
}

fn port(text: &str) -> Result<Option<u16>> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(port @ 1..) => Ok(Some(port)),
        _ => Err(Error::config(
            "`port` in the database URL is not a port number",
            "write for example `port=5432`, or `port=5432,5433` for two hosts",
        )),
    }
}

fn unequal(one: &str, other: &str) -> Error {
    Error::config(
        format!("`{one}` and `{other}` in the database URL are lists of different lengths"),
        "name as many of one as of the other, or one port for all hosts",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(places: &[Place]) -> String {
        let one = |place: &Place| {
            let port = place.port.map(|port| format!("={port}"));
            place.host.clone().unwrap_or_default() + &port.unwrap_or_default()
        };
        places.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn hosts_and_ports_are_read_as_libpq_reads_them() {
        for (authority, host, hostaddr, port, expected) in [
            ("a", "", "", "", "a"),
            ("a:1,b:2", "", "", "", "a=1 b=2"),
            ("a,b:2", "", "", "", "a b=2"),
            ("[::1]:3,[fe80::1],c", "", "", "", "::1=3 fe80::1 c"),
            ("%2Frun%2Fpg:4,b", "", "", "", "/run/pg=4 b"),
            ("", "", "", "", ""),
            ("", "a,b", "", "5,6", "a=5 b=6"),
            ("", "a,b", "", "5", "a=5 b=5"),
            ("", "a,,/run/pg", "", ",6,", "a =6 /run/pg"),
            ("a:1,b:2", "", "", "7", "a=7 b=7"),
            ("h:1", "a,b", "", "", "a=1 b=1"),
            ("", "a,b", "::1,10.0.0.1", "", "::1 10.0.0.1"),
        ] {
            let list = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let lists = Lists {
                host: list(host),
                hostaddr: list(hostaddr),
                port: list(port),
            };
            let places = lists.over(of_authority(authority)).unwrap();
            assert_eq!(shown(&places), expected, "{authority} {host} {port}");
        }
        for (host, hostaddr, port) in [
            ("a,b", "", "1,2,3"),
            ("a", "", "1,2"),
            ("a,b", "", "1,secret"),
            ("a,b", "::1", ""),
        ] {
            let list = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let lists = Lists {
                host: list(host),
                hostaddr: list(hostaddr),
                port: list(port),
            };
            let error = lists.over(of_authority("")).unwrap_err().to_string();
            assert!(
                error.contains("hint") && !error.contains("secret"),
                "{error}"
            );
        }
    }

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
