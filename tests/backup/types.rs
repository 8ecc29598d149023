//! Every type goes through a backup and a restore, on each backend and across them, judged by what
//! the servers themselves say.

use db_adapter::backup::{RestoreMode, RestoreOptions};
use db_adapter::{BackupSchema, TableDef};

use crate::side::{Backend, Side};
use crate::steps::{back_up, restore, schema};

/// What PostgreSQL calls a type, what SQLite does, and values of it.
type Sort = (&'static str, &'static str, &'static [&'static str]);

const SORTS: &[Sort] = &[
    ("bool", "BOOLEAN", &["true", "false"]),
    ("int2", "SMALLINT", &["0", "-32768", "32767"]),
    ("int4", "INTEGER", &["-2147483648", "2147483647"]),
    (
        "int8",
        "BIGINT",
        &[
            "9007199254740993",
            "-9223372036854775808",
            "9223372036854775807",
        ],
    ),
    ("oid", "BIGINT", &["0", "4294967295"]),
    (
        "float4",
        "REAL",
        &[
            "0.1",
            "16777216",
            "1e-45",
            "3.4028235e38",
            "NaN",
            "-Infinity",
        ],
    ),
    (
        "float8",
        "DOUBLE PRECISION",
        &[
            "0.1",
            "1",
            "5e-324",
            "1.7976931348623157e308",
            "9007199254740993",
            "NaN",
            "Infinity",
        ],
    ),
    (
        "numeric",
        "NUMERIC_TEXT",
        &[
            "0",
            "0.00",
            "1.50",
            "-1.5",
            "123456789012345678901234567890.123456789012345678901234567890",
            "0.000000000000000000001",
            "9007199254740993",
            "NaN",
            "Infinity",
        ],
    ),
    (
        "numeric(38,10)",
        "NUMERIC_TEXT(38,10)",
        &["1.5", "9007199254740993.0000000001"],
    ),
    (
        "text",
        "TEXT",
        &[
            "",
            " ",
            "O'Brien",
            "a\"b\\c",
            "line\nbreak\r\ttab",
            "NULL",
            "null",
            "\\x00",
            "żółć 日本語 🦀👩‍👩‍👧‍👦 e\u{301}",
            "1.10",
            "0123",
            "[1]",
            "true",
            "\u{7f}\u{1}\u{10ffff}",
            "\u{2028}\u{feff}",
        ],
    ),
    ("varchar(5)", "VARCHAR(5)", &["", "äöüßé", "a  "]),
    ("char(5)", "CHAR(5)", &["ab", "abcde", ""]),
    ("name", "TEXT", &["a name"]),
    (
        "uuid",
        "UUID",
        &[
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "00000000-0000-0000-0000-000000000000",
        ],
    ),
    (
        "timestamptz",
        "TIMESTAMPTZ",
        &[
            "2026-11-23 01:25:35.896668+00",
            "2026-11-23 01:25:35+05:30",
            "0044-03-15 00:00:00+00 BC",
            "294276-12-31 23:59:59.999999+00",
            "infinity",
            "-infinity",
        ],
    ),
    (
        "timestamp",
        "TIMESTAMP",
        &[
            "2026-11-23 01:25:35.896668",
            "0044-03-15 12:00:00 BC",
            "10000-01-01",
            "infinity",
        ],
    ),
    (
        "date",
        "DATE",
        &["2026-11-23", "0044-03-15 BC", "10000-01-01", "-infinity"],
    ),
    ("time", "TIME", &["00:00:00", "01:25:35.896668", "24:00:00"]),
    (
        "timetz",
        "TIMETZ",
        &["01:25:35.896668+05:30", "23:59:59.999999-11"],
    ),
    (
        "bytea",
        "BLOB",
        &["\\x", "\\x00", "\\x00ff10", "\\x5c783030"],
    ),
    (
        "json",
        "JSON_TEXT",
        &[
            "{\"b\" : 1.10,  \"a\":2}",
            "[1,2]",
            "\"text\"",
            "null",
            "1.50",
            "{\"n\": 123456789012345678901234567890, \"n\": 1E5}",
        ],
    ),
    (
        "jsonb",
        "JSONB_TEXT",
        &[
            "{\"b\": 1.10, \"a\": [1, {\"c\": null}]}",
            "[]",
            "\"null\"",
            "null",
            "0.1000000000000000000001",
        ],
    ),
    (
        "int4[]",
        "INTEGER[]",
        &["{}", "{1,NULL,-3}", "{{1,2},{3,4}}"],
    ),
    (
        "int8[]",
        "BIGINT[]",
        &["{9007199254740993,-9223372036854775808}"],
    ),
    ("bool[]", "BOOLEAN[]", &["{t,NULL,f}"]),
    ("float8[]", "DOUBLE PRECISION[]", &["{0.1,NaN,Infinity,1}"]),
    (
        "numeric[]",
        "NUMERIC_TEXT[]",
        &["{1.50,NaN,12345678901234567890.1}"],
    ),
    (
        "text[]",
        "TEXT[]",
        &[
            "{}",
            "{a,\"b,c\",\"\",NULL,\"NULL\",\"{x}\",\"q\\\"\\\\\"}",
            "{{a,b},{c,d}}",
        ],
    ),
    (
        "uuid[]",
        "UUID[]",
        &["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}"],
    ),
    (
        "timestamptz[]",
        "TIMESTAMPTZ[]",
        &["{\"2026-11-23 01:25:35.896668+00\",infinity}"],
    ),
    ("date[]", "DATE[]", &["{2026-11-23,-infinity}"]),
    ("bytea[]", "BLOB[]", &["{\"\\\\x00ff\",\"\\\\x\",NULL}"]),
    (
        "interval",
        "INTERVAL",
        &["1 year 2 mons 3 days 04:05:06.789", "-00:00:01"],
    ),
    ("int4range", "INT4RANGE", &["[1,5)", "empty", "(,)"]),
    ("tstzrange", "TSTZRANGE", &["[\"2026-11-23 01:25:35+00\",)"]),
    ("inet", "INET", &["127.0.0.1", "10.0.0.0/8", "::1"]),
    ("bit(3)", "BIT(3)", &["101"]),
    ("varbit", "VARBIT", &["10101", ""]),
    ("money", "MONEY", &["$1,234.50"]),
    ("macaddr", "MACADDR", &["08:00:2b:01:02:03"]),
    ("polygon", "POLYGON", &["((0,0),(1,1),(1,0))"]),
    ("tsvector", "TSVECTOR", &["'a':1 'b':2"]),
    ("xml", "XML", &["<a b=\"1\">x</a>"]),
    ("mood", "TEXT", &["ok", "so so"]),
    ("mood[]", "TEXT[]", &["{ok,\"so so\"}"]),
    ("zip", "TEXT", &["12345"]),
    ("amount", "NUMERIC_TEXT(10,2)", &["1.50"]),
    ("pair", "TEXT", &["(1,\"a b\")", "(,)"]),
];

/// Values of which SQLite has no exact form, so that they stay within PostgreSQL.
const POSTGRES_ALONE: &[Sort] = &[
    ("float4", "", &["-0"]),
    ("float8", "", &["-0"]),
    ("float8[]", "", &["{-0}"]),
    ("int4[]", "", &["[0:1]={1,2}"]),
    ("text[]", "", &["[2:3]={a,b}"]),
];

const DECLARATIONS: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'so so');
    CREATE DOMAIN zip AS varchar(5) CHECK (VALUE ~ '^[0-9]+$');
    CREATE DOMAIN amount AS numeric(10,2);
    CREATE TYPE pair AS (a int, b text);";

fn things() -> BackupSchema {
    schema([TableDef::new("things").key(["user_id", "n"]).no_slug()])
}

fn table(sorts: &[Sort], backend: Backend) -> String {
    let columns = sorts.iter().enumerate().map(|(i, sort)| {
        let sql_type = backend.either(sort.0, sort.1);
        format!(", c{i} {sql_type}")
    });
    let columns: String = columns.collect();
    let declarations = backend.either(DECLARATIONS, "");
    format!(
        "{declarations} CREATE TABLE things (id {{id}}, user_id text NOT NULL, n int NOT NULL{columns})"
    )
}

/// A row for the first value of each type, one for the second, and one of NULL alone.
fn rows(sorts: &[Sort]) -> String {
    let most = sorts.iter().map(|sort| sort.2.len()).max().unwrap_or(0);
    let row = |n: usize| {
        let cells = sorts.iter().map(|sort| match sort.2.get(n) {
            Some(text) => format!(", '{}'", text.replace('\'', "''")),
            None => ", NULL".to_owned(),
        });
        format!("('ann', {n}{})", cells.collect::<String>())
    };
    let columns: String = (0..sorts.len()).map(|i| format!(", c{i}")).collect();
    let rows: Vec<String> = (0..=most).map(row).collect();
    format!(
        "INSERT INTO things (user_id, n{columns}) VALUES {}",
        rows.join(",\n")
    )
}

/// What the server itself says of each value, and on SQLite how it is stored.
async fn says(sorts: &[Sort], side: &mut Side) -> Vec<String> {
    let mut all = Vec::new();
    for (i, sort) in sorts.iter().enumerate() {
        let text = side.backend.either(
            format!("c{i}::text"),
            format!("typeof(c{i}) || ' ' || quote(c{i})"),
        );
        let sql = format!("SELECT n || ': ' || coalesce({text}, 'NULL') FROM things ORDER BY n");
        for row in side.oracle.rows_text(&sql).await {
            all.push(format!("{} {}", sort.0, row[0].as_deref().unwrap_or("")));
        }
    }
    all
}

/// Backs up from one side and restores into a new one.
async fn carry(sorts: &[Sort], from: &mut Side, to: Backend) -> Side {
    let kept = back_up(from, &things(), "ann").await;
    let report = db_adapter::backup::validate_backup(&kept.path, &things()).unwrap();
    assert!(report.valid, "{report:?}");
    let side = Side::with(to, &table(sorts, to)).await;
    let summary = restore(&side, &things(), &kept, "ann", RestoreOptions::default()).await;
    assert!(summary.committed, "{summary:#?}");
    side
}

#[track_caller]
fn assert_says(is: &[String], should: &[String]) {
    for (is, should) in is.iter().zip(should) {
        assert_eq!(is, should);
    }
    assert_eq!(is.len(), should.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_from_postgres_to_postgres() {
    let sorts = [SORTS, POSTGRES_ALONE].concat();
    let mut from = Side::with(Backend::Postgres, &table(&sorts, Backend::Postgres)).await;
    from.sql(&rows(&sorts)).await;
    let mut to = carry(&sorts, &mut from, Backend::Postgres).await;
    assert_says(&says(&sorts, &mut to).await, &says(&sorts, &mut from).await);
}

/// PostgreSQL says after the whole way what it said before it; SQLite says the same after its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_from_postgres_to_sqlite_to_sqlite_to_postgres() {
    let mut from = Side::with(Backend::Postgres, &table(SORTS, Backend::Postgres)).await;
    from.sql(&rows(SORTS)).await;
    let mut first = carry(SORTS, &mut from, Backend::Sqlite).await;
    let mut second = carry(SORTS, &mut first, Backend::Sqlite).await;
    assert_says(
        &says(SORTS, &mut second).await,
        &says(SORTS, &mut first).await,
    );
    let mut back = carry(SORTS, &mut second, Backend::Postgres).await;
    assert_says(&says(SORTS, &mut back).await, &says(SORTS, &mut from).await);
}

/// Values as applications put them into SQLite, of any storage class in any column.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_applications_store_in_sqlite_comes_back_as_it_was_stored() {
    let table = "CREATE TABLE things (id {id}, user_id text, n int, b BOOLEAN, i INTEGER, r REAL,
        t TEXT, x BLOB, u, v TEXT, d DATETIME DEFAULT CURRENT_TIMESTAMP, s VARCHAR(20))";
    let mut from = Side::with(Backend::Sqlite, table).await;
    from.sql(
        "INSERT INTO things (user_id, n, b, i, r, t, x, u, v, s) VALUES
         ('ann', 1, 1, 9223372036854775807, 0.1, 'a', x'00ff', 1, '1.5', 'x'),
         ('ann', 2, 0, -1, 1.0, '', x'', 'text', 'text', ''),
         ('ann', 3, NULL, NULL, 1e300, char(10), NULL, 1.0, '\\x00', '0123'),
         ('ann', 4, TRUE, 0, -5, '1.10', x'5c7830', x'00ff', NULL, '1e5'),
         ('ann', 5, NULL, NULL, NULL, NULL, NULL, '\\x00ff', '9007199254740993', NULL),
         ('ann', 6, NULL, NULL, NULL, NULL, NULL, 9007199254740993, NULL, NULL),
         ('ann', 7, NULL, NULL, NULL, NULL, NULL, 1.5, NULL, NULL)",
    )
    .await;
    let kept = back_up(&from, &things(), "ann").await;
    let mut to = Side::with(Backend::Sqlite, table).await;
    let summary = restore(&to, &things(), &kept, "ann", RestoreOptions::default()).await;
    assert!(summary.committed, "{summary:#?}");
    for column in ["b", "i", "r", "t", "x", "u", "v", "s"] {
        let sql = format!("SELECT n, typeof({column}), quote({column}) FROM things ORDER BY n");
        assert_eq!(to.table(&sql).await, from.table(&sql).await, "{column}");
    }
    let sql = "SELECT n, unixepoch(d) FROM things ORDER BY n";
    assert_eq!(to.table(sql).await, from.table(sql).await);
}

/// Whatever SQLite has in a column of whatever declared type is there again, to the byte and in its storage class.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_values_come_back_to_the_byte() {
    let types = "TEXT|INTEGER|REAL|NUMERIC|BLOB||DATETIME|BOOLEAN|NUMERIC(10,2)|VARCHAR(5)|CHAR(3)|JSON|JSONB|UUID|\
        DOUBLE PRECISION|SMALLINT|TEXT[]|INTEGER[]|BYTEA|ANY|INTERVAL|INET|MONEY|NUMERIC_TEXT|JSONB_TEXT|BIT(3)|citext";
    let types: Vec<&str> = types.split('|').collect();
    let values = "9e999|-9e999|-0.0|1e308|1e-320|2.0|''|'01'|'-0'|'1.50'|'1e400'|'Infinity'|'-Infinity'|'NaN'|'Inf'|\
        '{a,b}'|'{1,2}'|'[1, 2]'|'a'||char(0)||'b'|char(0)|x'00ff'|'ab  '|'{\"$text\":\"q\"}'|'null'|'1e5'|'24:00:00'|\
        'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'|123456789012345680000.0|'true'|'+1'|'1.'|'.5'";
    let mut sql = String::new();
    for (n, value) in values
        .replace("'a'||char(0)||'b'", "'a\\0b'")
        .split('|')
        .enumerate()
    {
        let value = value.replace("'a\\0b'", "'a'||char(0)||'b'");
        let row = vec![value.as_str(); types.len()].join(", ");
        sql.push_str(&format!(
            "INSERT INTO things VALUES (NULL, 'ann', {n}, {row});"
        ));
    }
    let column = |(i, declared): (usize, &&str)| format!("c{i} {declared}");
    let columns: Vec<String> = types.iter().enumerate().map(column).collect();
    let table = format!(
        "CREATE TABLE things (id {{id}}, user_id text, n int, {})",
        columns.join(", ")
    );
    let mut from = Side::with(Backend::Sqlite, &table).await;
    from.sql(&sql).await;
    let kept = back_up(&from, &things(), "ann").await;
    let mut to = Side::with(Backend::Sqlite, &table).await;
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = RestoreOptions::default().mode(mode);
        let summary = restore(&to, &things(), &kept, "ann", options).await;
        assert!(summary.committed, "{summary:#?}");
        for (i, declared) in types.iter().enumerate() {
            let sql =
                format!("SELECT n, typeof(c{i}), quote(c{i}), hex(c{i}) FROM things ORDER BY n");
            assert_eq!(to.table(&sql).await, from.table(&sql).await, "{declared}");
        }
    }
}

/// Bytes under the names of types that nobody knows are as they were; PostgreSQL takes such types as
/// text alone, so there the row is named and nothing is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_of_unknown_types_stay_in_sqlite() {
    let table = |bit, polygon| {
        format!("CREATE TABLE things (id {{id}}, user_id text, n int, b {bit}, g {polygon})")
    };
    let mut from = Side::with(Backend::Sqlite, &table("FOO", "GEOMETRY")).await;
    from.sql(
        "INSERT INTO things (user_id, n, b, g) VALUES
         ('ann', 1, x'00ff', 'POINT(1 2)'), ('ann', 2, x'', x'01'), ('ann', 3, '1.5', NULL)",
    )
    .await;
    let kept = back_up(&from, &things(), "ann").await;
    let mut to = Side::with(Backend::Sqlite, &table("FOO", "GEOMETRY")).await;
    let summary = restore(&to, &things(), &kept, "ann", RestoreOptions::default()).await;
    assert!(summary.committed, "{summary:#?}");
    let sql = "SELECT n, quote(b), quote(g) FROM things ORDER BY n";
    assert_eq!(to.table(sql).await, from.table(sql).await);

    let mut server = Side::with(Backend::Postgres, &table("varbit", "polygon")).await;
    let summary = restore(&server, &things(), &kept, "ann", RestoreOptions::default()).await;
    assert!(!summary.committed, "{summary:#?}");
    assert!(
        format!("{summary:?}").contains("column `b`: found bytes"),
        "{summary:#?}"
    );
    assert_eq!(server.table("SELECT count(*) FROM things").await, "0");
}
