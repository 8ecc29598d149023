//! What a well-formed database URL looks like, stricter than the drivers: a character that a
//! password should have had encoded is refused here, before half of a secret is taken for a host
//! name and sent to a name server. Reasons never quote the URL. Pure text.

/// Why a URL is refused, in words that are true of every such URL.
pub(crate) type Malformed = &'static str;

/// The hint that goes with every [`Malformed`].
pub(crate) const ENCODE: &str = "write `postgresql://user:password@host:5432/name` and percent-encode what is special in user, password and name: `@` as `%40`, `/` as `%2F`, `?` as `%3F`, `#` as `%23`, `%` as `%25`, a space as `%20`";

/// The parts of a well-formed PostgreSQL URL, still percent-encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PostgresUrl<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) user: Option<&'a str>,
    pub(crate) password: Option<&'a str>,
    /// `host:port`, several with commas; empty for a socket.
    pub(crate) hosts: &'a str,
    /// The database, without the slash; `None` when there is no slash.
    pub(crate) name: Option<&'a str>,
    pub(crate) query: Option<&'a str>,
}

/// `postgres://` and `postgresql://`, in any case.
pub(crate) fn is_postgres(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("postgres") || scheme.eq_ignore_ascii_case("postgresql")
}

impl<'a> PostgresUrl<'a> {
    pub(crate) fn parse(url: &'a str) -> Result<Self, Malformed> {
        if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("it has a space or a control character");
        }
        if url.contains('#') {
            return Err("it has a `#`");
        }
        let (scheme, rest) = url.split_once("://").ok_or("it has no `://`")?;
        if !is_postgres(scheme) {
            return Err("it is no PostgreSQL URL");
        }
        let (rest, query) = split(rest, '?');
        let (authority, name) = split(rest, '/');
        let (hosts, login) = match authority.split_once('@') {
            Some((login, hosts)) => (hosts, Some(login)),
            None => (authority, None),
        };
        if [Some(hosts), name, query]
            .into_iter()
            .flatten()
            .any(|part| part.contains('@'))
        {
            return Err("it has an `@` too many");
        }
        let (user, password) = match login {
            Some(login) => (Some(split(login, ':').0), split(login, ':').1),
            None => (None, None),
        };
        let parts = PostgresUrl {
            scheme,
            user,
            password,
            hosts,
            name,
            query,
        };
        parts.check().map(|()| parts)
    }

    fn check(&self) -> Result<(), Malformed> {
        let texts = [self.user, self.password, self.name];
        if texts
            .into_iter()
            .flatten()
            .any(|part| part.contains(['[', ']']))
        {
            return Err("it has a `[` or `]` outside of the host");
        }
        if self.name.is_some_and(|name| name.contains('/')) {
            return Err("it has a `/` too many");
        }
        let everything = [
            self.user,
            self.password,
            Some(self.hosts),
            self.name,
            self.query,
        ];
        if !everything.into_iter().flatten().all(escapes_are_whole) {
            return Err("it has a `%` that does not start an escape such as `%40`");
        }
        if !self.hosts.is_empty() && !self.hosts.split(',').all(is_host) {
            return Err("its host or port is none");
        }
        match self.query {
            Some(query) if !query.is_empty() && !query.split('&').all(is_parameter) => {
                Err("its parameters are not of the form `?name=value&name=value`")
            }
            _ => Ok(()),
        }
    }
}

/// Refuses what looks like a server's address or a login: its error would show it as a file name.
pub(crate) fn check_sqlite(url: &str) -> Result<(), Malformed> {
    let file = sqlite_file(url);
    let unusual = file.strip_prefix("file:").unwrap_or(file);
    if unusual == ":memory:" || !unusual.contains([':', '@']) {
        return Ok(());
    }
    let drive = unusual.trim_start_matches('/');
    let mut start = drive.chars();
    if start.next().is_some_and(|c| c.is_ascii_alphabetic())
        && start.next() == Some(':')
        && matches!(start.next(), Some('/' | '\\'))
        && !start.as_str().contains([':', '@'])
    {
        return Ok(()); // C:\folder\file
    }
    Err("its file name has a `:` or an `@`")
}

/// The file of a SQLite URL: without scheme, slashes of the scheme, and parameters.
pub(crate) fn sqlite_file(url: &str) -> &str {
    let rest = url.split_once(':').map_or(url, |(_, rest)| rest);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    split(split(rest, '?').0, '#').0
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%')
        .skip(1)
        .all(|after| after.len() >= 2 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

/// A name, an IPv4 address, `[IPv6]` or an encoded socket folder, and maybe `:port`.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, after)) if is_ipv6(address) => match after.strip_prefix(':') {
            Some(port) => (true, Some(port)),
            None => (after.is_empty(), None),
        },
        Some(_) => (false, None),
        None => {
            let (name, port) = split(host, ':');
            (
                name.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._%".contains(&b)),
                port,
            )
        }
    };
    name && port.is_none_or(|port| {
        port.is_empty() || (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
    })
}

fn is_ipv6(address: &str) -> bool {
    let address = split(address, '%').0; // the zone of a link-local address
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_parameter(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-[]".contains(&b)) // options[name]
            && !value.contains('?')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_urls_are_well_formed() {
        for url in [
            "postgresql://app:secret@localhost:5432/shop",
            "postgres://app@localhost/shop",
            "POSTGRESQL://localhost",
            "postgresql://",
            "postgresql:///shop?host=/var/run/postgresql&port=5433",
            "postgresql://app:p%40ss%2Fw:ord@db.example.com/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgresql://app:pw@[::1]:5432/shop",
            "postgresql://app:pw@[fe80::1%25eth0]/shop",
            "postgresql://app:pw@one:5432,two:5433/shop?target_session_attrs=read-write",
            "postgresql://app:pw@%2Fvar%2Frun%2Fpostgresql/shop",
            "postgresql://postgres.ref:pw@aws-0-eu.pooler.supabase.com:6543/postgres?options=-c%20search_path%3Dx",
            "postgresql://größe:паролӂ$&'()*+,;=!~@localhost/büro",
        ] {
            assert_eq!(PostgresUrl::parse(url).err(), None, "{url}");
        }
    }

    #[test]
    fn the_parts_are_told_apart() {
        let url = PostgresUrl::parse("postgres://a:b:c@h:1/n?x=y")
            .ok()
            .unwrap();
        assert_eq!(
            (url.user, url.password, url.hosts),
            (Some("a"), Some("b:c"), "h:1")
        );
        assert_eq!((url.name, url.query), (Some("n"), Some("x=y")));
    }

    #[test]
    fn what_a_password_should_have_had_encoded_is_refused() {
        for url in [
            "postgresql://app:p@ss@localhost/shop",
            "postgresql://app:p/ss@localhost/shop",
            "postgresql://app:12/34@localhost/shop",
            "postgresql://app:p?ss@localhost/shop",
            "postgresql://app:12?a=b@localhost/shop",
            "postgresql://app:p#ss@localhost/shop",
            "postgresql://app:p ss@localhost/shop",
            "postgresql://app:100%@localhost/shop",
            "postgresql://app:%zz@localhost/shop",
            "postgresql://app:[YOUR-PASSWORD]@localhost/shop",
            "postgresql://app:secret",
            "postgresql://app@localhost:99999/shop",
            "postgresql://app@localhost/shop/more",
            "postgresql://app@localhost/shop?secret",
            "postgresql://[::1/shop",
            "postgresql://app@[secret]/shop",
            "app:secret@localhost/shop",
            "mysql://app:secret@localhost/shop",
        ] {
            assert!(PostgresUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_sqlite_file_is_no_server() {
        for url in [
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite:a.db",
            "sqlite:///x/a.db?mode=ro",
            "sqlite:file:a.db",
            "sqlite:///C:/x/a.db",
        ] {
            assert_eq!(check_sqlite(url), Ok(()), "{url}");
        }
        for url in [
            "sqlite://app:secret@host/db",
            "sqlite://app@host",
            "sqlite:a:b",
            "sqlite://C:/x@y",
        ] {
            assert!(check_sqlite(url).is_err(), "{url}");
        }
    }
}
