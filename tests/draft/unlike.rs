//! References whose type is not that of the key: every pair of types that the server lets refer to each other.
//! What is drafted for one brings its rows there and back, or the table is not backed up and the draft says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use db_adapter::backup::{BackupOptions, RestoreOptions, backup_database, restore_database};
use db_adapter::schema::{DatabaseSchema, SchemaIntrospector};
use db_adapter::{DatabaseClient, connect};
use db_adapter_core::draft::{DraftOptions, draft};
use support::TestDatabase;

/// A type, and values of it as SQL.
const POSTGRES: [(&str, &str); 30] = [
    ("smallint", "1::smallint, 200::smallint"),
    ("integer", "1, 200"),
    ("bigint", "1::bigint, 200::bigint"),
    ("numeric(8,2)", "1::numeric(8,2), 200.5::numeric(8,2)"),
    ("real", "1.5::real, 0.1::real"),
    ("double precision", "1.5::float8, 0.1::float8"),
    ("text", "'a'::text, 'B c'::text"),
    ("varchar(20)", "'a'::varchar, 'B c'::varchar"),
    ("char(5)", "'a'::char(5), 'B c'::char(5)"),
    ("name", "'a'::name, 'B c'::name"),
    ("\"char\"", "'a'::\"char\", 'B'::\"char\""),
    ("boolean", "true, false"),
    (
        "uuid",
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
    ),
    ("date", "'2024-01-02'::date, '2024-02-03'::date"),
    (
        "timestamp",
        "'2024-01-02'::timestamp, '2024-02-03 04:05:06.5'::timestamp",
    ),
    (
        "timestamptz",
        "'2024-01-02'::timestamptz, '2024-02-03 04:05:06.5'::timestamptz",
    ),
    ("time", "'04:05:06'::time, '05:06:07.5'::time"),
    ("timetz", "'04:05:06+01'::timetz, '05:06:07+02'::timetz"),
    ("interval", "'04:05:06'::interval, '1 day'::interval"),
    ("inet", "'10.0.0.1'::inet, '10.1.0.0/16'::inet"),
    ("cidr", "'10.0.0.1'::cidr, '10.1.0.0/16'::cidr"),
    (
        "macaddr",
        "'08:00:2b:01:02:03'::macaddr, '08:00:2b:01:02:04'::macaddr",
    ),
    (
        "macaddr8",
        "'08:00:2b:01:02:03'::macaddr8, '08:00:2b:01:02:03:04:05'::macaddr8",
    ),
    ("bit(3)", "B'101', B'100'"),
    ("varbit", "B'101'::varbit, B'100'::varbit"),
    ("bytea", "'\\x00'::bytea, '\\x0102'::bytea"),
    ("mood", "'ok'::mood, 'sad'::mood"),
    ("its_mood", "'ok'::its_mood, 'sad'::its_mood"),
    ("few", "1::few, 200::few"),
    ("varchar(9)[]", "'{a}'::varchar[], '{B,NULL}'::varchar[]"),
];

const SQLITE: [(&str, &str); 18] = [
    ("INTEGER", "1, 200"),
    ("SMALLINT", "1, 200"),
    ("INT4", "1, 200"),
    ("REAL", "1.0, 200.0"),
    ("NUMERIC_TEXT", "'1', '200'"),
    ("DECIMAL", "1, 200"),
    ("TEXT", "'a', 'B c'"),
    ("VARCHAR(20)", "'a', 'B c'"),
    ("CHAR(5)", "'a', 'B c'"),
    (
        "UUID",
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    ),
    ("DATE", "'2024-01-02', '2024-02-03'"),
    (
        "TIMESTAMP",
        "'2024-01-02T00:00:00', '2024-02-03T04:05:06.500000'",
    ),
    (
        "TIMESTAMPTZ",
        "'2024-01-02T00:00:00.000000+00:00', '2024-02-03T04:05:06.500000+00:00'",
    ),
    ("TIME", "'04:05:06', '05:06:07.500000'"),
    ("BOOLEAN", "1, 0"),
    ("BLOB", "x'00', x'0102'"),
    ("JSON_TEXT", "'{\"a\":1}', '[1]'"),
    ("", "1, 'a'"),
];

struct Servers {
    database: TestDatabase,
    client: Arc<dyn DatabaseClient>,
}

impl Servers {
    async fn of(database: TestDatabase) -> Servers {
        let client = connect(database.url()).await.unwrap();
        Servers { database, client }
    }

    async fn rows(&self, is_postgres: bool) -> Vec<Vec<Option<String>>> {
        let sql = match is_postgres {
            // a reference has the digits of its key, which is the same number
            true => {
                "SELECT 'p', p::text FROM p UNION ALL SELECT 'c', replace(c::text, '.00', '') FROM c ORDER BY 1, 2"
            }
            false => {
                "SELECT 'p', quote(id), user_id, v FROM p UNION ALL SELECT 'c', id, quote(r), quote(o) FROM c ORDER BY 1, 2"
            }
        };
        self.database.rows_text(sql).await
    }

    /// The rows of two tables, made anew; `None` where the server refuses the reference.
    async fn make(&self, (child, values): (&str, &str), parent: &str, is_postgres: bool) -> bool {
        let mut sql = format!(
            "DROP TABLE IF EXISTS c; DROP TABLE IF EXISTS p; DROP TABLE IF EXISTS users;
             CREATE TABLE users (id integer PRIMARY KEY NOT NULL);
             CREATE TABLE p (id {parent} PRIMARY KEY NOT NULL, user_id integer NOT NULL REFERENCES users, v text UNIQUE);
             CREATE TABLE c (id integer PRIMARY KEY NOT NULL, r {child} NOT NULL REFERENCES p, o {child} REFERENCES p);
             INSERT INTO users VALUES (1);"
        );
        for (n, value) in split(values).into_iter().enumerate() {
            let key = match is_postgres {
                true => format!("CAST({value} AS {parent})"),
                false => value.to_owned(),
            };
            sql += &format!(
                "INSERT INTO p VALUES ({key}, 1, 'v{n}'); INSERT INTO c VALUES ({n}, {value}, {value});"
            );
        }
        self.database.oracle().await.try_sql(&sql).await.is_ok()
    }

    /// The pairs that PostgreSQL takes, found out at once.
    async fn taken(&self, types: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        let names: Vec<String> = types
            .iter()
            .map(|(name, _)| format!("$t${name}$t$"))
            .collect();
        let names = names.join(", ");
        self.database
            .sql(&format!(
                "CREATE TABLE taken (child text, parent text);
                 DO $$ DECLARE c text; p text; BEGIN
                   FOREACH p IN ARRAY ARRAY[{names}] LOOP
                     EXECUTE format('CREATE TABLE x (id %s PRIMARY KEY)', p);
                     FOREACH c IN ARRAY ARRAY[{names}] LOOP BEGIN
                       EXECUTE format('CREATE TABLE y (r %s REFERENCES x)', c);
                       DROP TABLE y; INSERT INTO taken VALUES (c, p);
                     EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP;
                     DROP TABLE x;
                   END LOOP; END $$"
            ))
            .await;
        let rows = self.database.rows_text("SELECT * FROM taken").await;
        self.database.sql("DROP TABLE taken").await;
        let text = |cell: &Option<String>| cell.clone().unwrap();
        rows.iter()
            .map(|row| (text(&row[0]), text(&row[1])))
            .collect()
    }

    /// Why the draft leaves a table out, or that the rows do not come back.
    async fn there_and_back(&self, is_postgres: bool) -> Result<Option<String>, String> {
        let schema: DatabaseSchema = SchemaIntrospector::new(&self.client)
            .introspect()
            .await
            .unwrap();
        let drafted = draft(&schema, &DraftOptions::default()).unwrap();
        let child = drafted.tables.iter().find(|t| t.def.name == "c").unwrap();
        if !child.backed_up {
            let notes = child.notes.iter().map(|note| note.text.clone());
            return Ok(Some(notes.collect::<Vec<_>>().join("; ")));
        }
        let declared = drafted.schema().unwrap();
        let before = self.rows(is_postgres).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        let options = BackupOptions::default().output(&path);
        backup_database(&self.client, &declared, 1, options)
            .await
            .map_err(|e| format!("backup: {e}"))?;
        self.database.sql("DELETE FROM c; DELETE FROM p").await;
        let options = RestoreOptions::default();
        let done = restore_database(&self.client, &declared, &path, 1, options).await;
        let done = done.map_err(|e| format!("restore: {e}"))?;
        let after = self.rows(is_postgres).await;
        if after != before {
            return Err(format!("{before:?} became {after:?}: {done:?}"));
        }
        Ok(None)
    }
}

/// Between commas that are outside of quotes.
fn split(values: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = values.split(|c| {
        quoted ^= c == '\'';
        c == ',' && !quoted
    });
    parts.map(str::trim).collect()
}

async fn every_pair(
    types: &[(&'static str, &'static str)],
    is_postgres: bool,
) -> BTreeMap<(&'static str, &'static str), Option<String>> {
    let servers = Servers::of(match is_postgres {
        true => TestDatabase::postgres().await,
        false => TestDatabase::sqlite(),
    })
    .await;
    if is_postgres {
        let sql = "CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN its_mood AS mood;
            CREATE DOMAIN few AS integer CHECK (VALUE < 500);";
        servers.database.sql(sql).await;
    }
    let (mut pairs, mut wrong) = (BTreeMap::new(), Vec::new());
    let taken = match is_postgres {
        true => Some(servers.taken(types).await),
        false => None,
    };
    // a third of them, another one with each run
    let first = std::process::id() as usize;
    for (at, child) in types.iter().enumerate() {
        for (other, parent) in types.iter().enumerate() {
            let is_chosen = support::long() || (first + at + other).is_multiple_of(3);
            if at == other || !is_chosen {
                continue;
            }
            let pair = || (child.0.to_owned(), parent.0.to_owned());
            if taken.as_ref().is_some_and(|taken| !taken.contains(&pair())) {
                continue;
            }
            if !servers.make(*child, parent.0, is_postgres).await {
                continue;
            }
            match servers.there_and_back(is_postgres).await {
                Ok(left_out) => _ = pairs.insert((child.0, parent.0), left_out),
                // the key's type does not hold the values of the reference: that is told
                Err(why) if why.contains("does not hold") => {}
                Err(why) => wrong.push(format!("{} refers to {}: {why}", child.0, parent.0)),
            }
        }
    }
    assert!(wrong.is_empty(), "from {first} on: {wrong:#?}");
    pairs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_of_another_type_come_back_on_postgres() {
    let pairs = every_pair(&POSTGRES, true).await;
    assert!(pairs.len() > 8, "{}", pairs.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_of_another_type_come_back_on_sqlite() {
    let pairs = every_pair(&SQLITE, false).await;
    assert!(pairs.len() > 14, "{}", pairs.len());
}
