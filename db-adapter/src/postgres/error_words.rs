//! What codes mean, in our own words: tables to read.

/// Why a connection could not be made or was lost, and what to do.
pub(super) fn io_words(kind: std::io::ErrorKind) -> (&'static str, &'static str) {
    use std::io::ErrorKind;
    match kind {
        ErrorKind::ConnectionRefused => (
            "nothing listens there",
            "is the server running, and is the port right?",
        ),
        ErrorKind::NotFound => ("there is no such host or socket", "check the URL"),
        ErrorKind::TimedOut => (NO_ANSWER, CHECK_NETWORK),
        ErrorKind::PermissionDenied => (
            "the connection is not permitted",
            "check the permissions of the socket",
        ),
        _ => (
            "the connection was lost or could not be made",
            "check that the server runs and that host and port are right",
        ),
    }
}

/// What the driver's message has in it when there is no TLS connection, why that is, and what to
/// do: of the message itself nothing is passed on.
const TLS: [(&[&str], &str, &str); 11] = [
    (
        &["does not support TLS"],
        "the server does not support TLS",
        "turn it on there, or use `sslmode=prefer` where the network is trusted",
    ),
    (
        &["NotValidForName", "not valid for name"],
        "the server's certificate is for another host name",
        "connect by the name in the certificate, or use `sslmode=verify-ca`",
    ),
    (
        &["UnknownIssuer", "CaUsedAsEndEntity"],
        "the server's certificate is not signed by a trusted authority",
        "give its root certificate as `sslrootcert`",
    ),
    (
        &["NotValidYet", "not valid yet"],
        "the server's certificate is not valid yet",
        "check the clocks",
    ),
    (
        &["Expired", "expired"],
        "the server's certificate has expired",
        "renew it, and check the clocks",
    ),
    (
        &["UnsupportedCertVersion"],
        "the server's certificate is of X.509 version 1, which is not supported",
        "give the server a certificate of version 3, or use `sslmode=prefer` where the network is trusted",
    ),
    (
        &[
            "UnsupportedSignatureAlgorithm",
            "RsaKeySize",
            "BadSignature",
        ],
        "the server's certificate has a key or a signature of a kind that is not supported",
        "give the server a certificate with an RSA key of at least 2048 bits or an ECDSA key, signed with SHA-256 or better",
    ),
    (
        &["BadEncoding"],
        "the server's certificate is malformed, or of a form that is not supported",
        "give the server another certificate",
    ),
    (
        &["CertificateRequired", "BadCertificate"],
        "the server wants a certificate of the client",
        "give one as `sslcert` and its key as `sslkey`",
    ),
    (
        &[
            "UnknownCA",
            "UnknownCa",
            "CertificateUnknown",
            "AccessDenied",
        ],
        "the server does not accept the client's certificate",
        "give one that an authority of the server's `ssl_ca_file` has signed",
    ),
    (
        &[
            "ProtocolVersion",
            "HandshakeFailure",
            "peer is incompatible",
        ],
        "server and client have no TLS version or cipher in common",
        "let the server use TLS 1.2 or 1.3 with its default ciphers",
    ),
];

/// Why there is no TLS connection, and what to do.
pub(super) fn tls_words(message: &str) -> (&'static str, &'static str) {
    let found = TLS
        .iter()
        .find(|(signs, _, _)| signs.iter().any(|sign| message.contains(sign)));
    match found {
        Some((_, words, hint)) => (words, hint),
        None => (
            "no TLS connection could be made",
            "check `sslmode`, the certificates and the server's log",
        ),
    }
}

pub(super) const NO_ANSWER: &str = "the server did not answer in time";
pub(super) const CHECK_NETWORK: &str = "check host, port and network, or raise `connect_timeout`";

/// Codes that say that a value does not fit its type.
pub(super) fn invalid_value(code: &str) -> Option<&'static str> {
    Some(match code {
        "22P02" => "the text is not a value of the type",
        "22P03" | "22021" | "22P05" => {
            "the text has characters that the type or encoding cannot hold"
        }
        "22001" => "the value is too long",
        "22003" => "the number is out of range",
        "22007" | "22008" => "it is no such date or time, or out of range",
        "22000" | "22023" | "2202E" | "2203C" | "22025" | "22026" | "22004" => {
            "the value is not allowed"
        }
        "22030" | "22032" | "22033" => "it is no such JSON document",
        "428C9" => "the database alone writes this column, so it must be left out",
        _ => return None,
    })
}

/// Codes that say that the statement is wrong, with the hint. `ours`: the text is no caller's.
pub(super) fn invalid_query(code: &str, ours: bool) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "42601" | "42602" | "42622" => ("the SQL has a syntax error", ""),
        "42883" | "42725" => (
            "there is no such operator or function for these types",
            "cast one side, or use another operator",
        ),
        "42P10" if ours => (
            "there is no unique index for these keys",
            "name the columns of the primary key or of a unique index",
        ),
        "21000" if ours => (
            "two rows of the data have the same keys",
            "give each row keys of its own",
        ),
        "21000" => ("a subquery gave more than one row", ""),
        "42702" => (
            "a column name is ambiguous",
            "put the table's name before it",
        ),
        "42803" => (
            "a column stands neither in GROUP BY nor in an aggregate",
            "",
        ),
        "42804" => ("types do not match", "cast one of them"),
        "42P02" => (
            "a parameter stands where PostgreSQL allows none",
            "statements such as CREATE and ALTER take no parameters",
        ),
        "42P08" | "42P18" => (
            "the type of a parameter cannot be determined",
            "cast it: `:name::type`",
        ),
        "42704" => ("there is no such type, role or other object", ""),
        "42809" => ("the object is not of the right kind for this", ""),
        "42P09" | "42P10" => ("a column reference is wrong", ""),
        "42846" => ("there is no cast between these types", ""),
        _ => return None,
    })
}

/// What any other code means, by its class.
pub(super) fn words_of_class(code: &str) -> &'static str {
    if code == "22012" {
        return "division by zero";
    }
    match code.get(..2).unwrap_or_default() {
        "08" => "a connection that the server itself uses failed",
        "0A" => "the server does not support this",
        "22" => "a value cannot be computed or stored",
        "23" => "a constraint refused the row",
        "25" => "this cannot be done in the state of the transaction",
        "2B" => "other objects depend on it",
        "34" => "there is no such cursor",
        "3F" => "there is no such schema",
        "42" => "the statement is wrong, or an object of this name exists already",
        "44" => "the row would not be visible through the view",
        "53" => "the server is out of memory, disk space or another resource",
        "54" => "the statement is beyond the server's limits",
        "55" => "the object is not in the state that this needs",
        "57" => "an operator intervened",
        "58" => "the server's system failed",
        "P0" => "a trigger or function raised an exception",
        "XX" => "the server had an internal error",
        _ => "the server refused the statement",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_words() {
        for code in ["0A000", "22012", "P0001", "XX000", "", "9"] {
            assert!(!words_of_class(code).is_empty());
        }
        assert!(invalid_value("22012").is_none());
    }
}
