//! Which servers a PostgreSQL URL names, as libpq reads it: several hosts, in the URL itself or in
//! the parameters `host`, `hostaddr` and `port`. Pure text: no name is looked up here.

use crate::{Error, Result};

/// One server of a URL. What it leaves out is the driver's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// A name, an address without brackets, or the folder of a socket.
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
}

/// The servers of `host:port,host:port`, the part of a URL between login and database, which is
/// well formed.
pub(crate) fn of_authority(hosts: &str) -> Vec<Place> {
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
        host: filled(&decode(host)),
        port: port.and_then(|port| port.parse().ok()),
    }
}

/// The text behind the percent escapes; one that is none stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let hex = after.get(..2).filter(|hex| !hex.starts_with('+'));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn filled(host: &str) -> Option<String> {
    let host = host.trim_matches(['[', ']']);
    (!host.is_empty()).then(|| host.to_owned())
}

/// The lists of the parameters `host`, `hostaddr` and `port`, which win over the rest of the URL.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) host: Option<String>,
    pub(crate) hostaddr: Option<String>,
    pub(crate) port: Option<String>,
}

impl Lists {
    /// The servers of a URL. One port is that of all hosts, else each has its own.
    pub(crate) fn over(&self, authority: Vec<Place>) -> Result<Vec<Place>> {
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
}
