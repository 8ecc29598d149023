//! What PostgreSQL takes although a value or its meaning becomes another one: the plan does not do it unasked, and
//! does it where it is allowed.

use db_adapter_core::fix::{FixOptions, Hazard};
use support::TestDatabase;

use crate::run::{expected, fix_to, plan, read, run};

/// From a type with a value to another one: the plan leaves it, with this permission or this reason.
const LOSSY: [(&str, &str, &str, &str); 22] = [
    ("varchar(10)", "'abc   '", "varchar(3)", "narrow:t.a"),
    (
        "varchar(10)",
        "'abcd'",
        "varchar(3)",
        "1 rows have a value that the new type refuses",
    ),
    ("numeric(9,4)", "1.2345", "numeric(9,2)", "narrow:t.a"),
    ("numeric(9,4)", "1.2345", "int", "narrow:t.a"),
    ("float8", "0.1234567890123", "float4", "narrow:t.a"),
    ("float8", "1.5", "int", "narrow:t.a"),
    ("bigint", "9007199254740993", "float8", "narrow:t.a"),
    ("bigint", "16777217", "real", "narrow:t.a"),
    (
        "bigint",
        "3000000000",
        "int",
        "1 rows have a value that the new type refuses",
    ),
    (
        "timestamptz",
        "'2026-01-01 12:00+00'",
        "date",
        "in which time zone",
    ),
    (
        "timestamptz(6)",
        "'2026-01-01 12:00:00.5+00'",
        "timestamptz(0)",
        "narrow:t.a",
    ),
    (
        "timestamptz",
        "'2026-01-01 12:00+00'",
        "timestamp",
        "in which time zone",
    ),
    (
        "timestamp",
        "'2026-01-01 12:00'",
        "timestamptz",
        "in which time zone",
    ),
    (
        "timestamp",
        "'2026-01-01 12:00'",
        "time",
        "no conversion is known",
    ),
    ("timestamp", "'2026-01-01 12:00'", "date", "narrow:t.a"),
    ("json", "'{\"a\": 1, \"a\": 2}'", "jsonb", "narrow:t.a"),
    ("int", "7", "bool", "reinterpret:t.a"),
    ("inet", "'10.0.0.1/24'", "cidr", "narrow:t.a"),
    ("interval", "'1.5 seconds'", "interval(0)", "narrow:t.a"),
    ("text", "'007'", "int", "narrow:t.a"),
    ("text", "'abc'", "int", "a value cannot be converted"),
    ("text", "'ab '", "char(3)", "narrow:t.a"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_becomes_another_one_unasked() {
    let (database, other) = (
        TestDatabase::postgres().await,
        TestDatabase::postgres().await,
    );
    for (from, value, to, left) in LOSSY {
        database
            .sql(&format!(
                "DROP TABLE IF EXISTS t; CREATE TABLE t (a {from}); INSERT INTO t VALUES ({value})"
            ))
            .await;
        other
            .sql(&format!("DROP TABLE IF EXISTS t; CREATE TABLE t (a {to})"))
            .await;
        let before = database.scalar_text("SELECT a::text FROM t").await;
        let wanted = read(&other).await;
        let refused = plan(&database, &wanted, FixOptions::new()).await;
        assert!(refused.is_empty(), "{from} to {to}\n{}", refused.sql());
        let entry = &refused.not_fixed[0];
        let allow = entry
            .allow
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            allow == left || entry.reason.contains(left),
            "{from} to {to}: {entry}"
        );
        run(&database, &refused).await;
        assert_eq!(database.scalar_text("SELECT a::text FROM t").await, before);
        if !left.starts_with("narrow") {
            continue;
        }
        let allowed = FixOptions::new().allow(left.parse().unwrap());
        let done = fix_to(&database, &wanted, allowed).await;
        let mut steps = done.steps();
        assert!(
            steps.any(|step| step.hazards.contains(&Hazard::ChangesValues)),
            "{from} to {to}"
        );
        assert_eq!(done.tables_to_back_up(), ["t"], "{from} to {to}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_stand_in_the_way_are_counted_and_nothing_is_done() {
    for (columns, rows, wanted, reason) in [
        ("a int", "(1), (NULL)", "a int NOT NULL", "1 rows have NULL"),
        (
            "a int",
            "(1), (1), (NULL)",
            "a int UNIQUE",
            "1 keys are there twice",
        ),
        (
            "a int",
            "(1), (NULL)",
            "a int PRIMARY KEY",
            "1 rows have NULL",
        ),
        (
            "a int",
            "(1), (-1), (NULL)",
            "a int CHECK (a > 0)",
            "1 rows violate it",
        ),
        (
            "a int",
            "(1), (9), (NULL)",
            "a int REFERENCES p",
            "1 rows refer to what is not in `p`",
        ),
        (
            "a int",
            "(1)",
            "a int, b int NOT NULL",
            "the table has rows",
        ),
    ] {
        let database = TestDatabase::postgres().await;
        let parent = "CREATE TABLE p (id int PRIMARY KEY);";
        database.sql(&format!("{parent} INSERT INTO p VALUES (1); CREATE TABLE t ({columns}); INSERT INTO t VALUES {rows}")).await;
        let wanted = expected(&database, &format!("{parent} CREATE TABLE t ({wanted})")).await;
        let refused = plan(&database, &wanted, FixOptions::new()).await;
        assert!(refused.is_empty(), "{}", refused.sql());
        assert!(
            refused.not_fixed.iter().any(|n| n.reason.contains(reason)),
            "{reason}: {:#?}",
            refused.not_fixed
        );
        database.sql("DELETE FROM t").await;
        let done = plan(&database, &wanted, FixOptions::new()).await;
        run(&database, &done).await;
        assert!(plan(&database, &wanted, FixOptions::new()).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_depends_on_a_column_is_named() {
    for dependant in [
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE MATERIALIZED VIEW v AS SELECT a FROM t",
        "CREATE POLICY v ON t USING (a > 0)",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
         CREATE TRIGGER v BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()",
    ] {
        let database = TestDatabase::postgres().await;
        database
            .sql(&format!(
                "CREATE TABLE t (a int); INSERT INTO t VALUES (1); {dependant}"
            ))
            .await;
        let wanted = expected(
            &database,
            &format!("CREATE TABLE t (a bigint); {dependant}"),
        )
        .await;
        let refused = plan(&database, &wanted, FixOptions::new()).await;
        assert!(refused.is_empty(), "{dependant}\n{}", refused.sql());
        let reasons: Vec<&str> = refused
            .not_fixed
            .iter()
            .map(|n| n.reason.as_str())
            .collect();
        let named = reasons
            .iter()
            .any(|reason| reason.contains("it is used by") && reason.contains(" v"));
        assert!(named, "{dependant}: {reasons:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_set_of_an_index_is_not_lost_with_it() {
    const SET: &str = "SELECT c.relname || coalesce(array_to_string(c.reloptions, ','), '') \
        || x.indisclustered || x.indisreplident || coalesce(obj_description(c.oid), '') \
        || coalesce((SELECT obj_description(k.oid) FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype = 'u'), '') \
        || (SELECT max(coalesce(a.attstattarget, -1)) FROM pg_attribute a WHERE a.attrelid = c.oid) \
        FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = 't'::regclass ORDER BY 1";
    let set = [
        "ALTER INDEX i SET (fillfactor = 70)",
        "CLUSTER t USING i",
        "ALTER TABLE t REPLICA IDENTITY USING INDEX u",
        "ALTER INDEX e ALTER COLUMN 1 SET STATISTICS 300",
        "CREATE VIEW v AS SELECT a, b FROM t GROUP BY p",
    ];
    for by_hand in set {
        let database = TestDatabase::postgres().await;
        database
            .sql(&format!(
                "CREATE TABLE t (p int PRIMARY KEY, a int NOT NULL, b int); \
                 CREATE INDEX i ON t (a); CREATE INDEX e ON t ((a + 1)); \
                 ALTER TABLE t ADD CONSTRAINT u UNIQUE (a); {by_hand}"
            ))
            .await;
        let wanted = "CREATE TABLE t (p int, a int NOT NULL, b int, CONSTRAINT t_pkey PRIMARY KEY (p) DEFERRABLE); \
                 CREATE INDEX i ON t (a DESC); CREATE INDEX e ON t ((a + 1), b); \
                 ALTER TABLE t ADD CONSTRAINT u UNIQUE (a, p)";
        let wanted = expected(&database, wanted).await;
        let planned = plan(&database, &wanted, FixOptions::new()).await;
        let left: Vec<String> = planned.not_fixed.iter().map(ToString::to_string).collect();
        let why = if by_hand.contains("VIEW") {
            "it is used by view v"
        } else {
            "would be lost"
        };
        assert!(
            left.iter()
                .filter(|entry| !entry.starts_with("view"))
                .count()
                == 1
                && left.iter().any(|entry| entry.contains(why)),
            "{by_hand}: {left:?}"
        );
        assert_eq!(planned.steps().count(), 3, "{by_hand}");
        run(&database, &planned).await;
        let of_hand = database
            .scalar_text(&format!("SELECT string_agg(a, ';') FROM ({SET}) AS t (a)"))
            .await;
        let kept = ["fillfactor=70", "truefalse", "falsetrue", "300", "t_pkey"];
        let at = set.iter().position(|own| *own == by_hand).unwrap();
        assert!(
            of_hand.as_ref().unwrap().contains(kept[at]),
            "{by_hand}: {of_hand:?}"
        );
    }
    // and comments come along
    let database = TestDatabase::postgres().await;
    database
        .sql(
            "CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a)); CREATE INDEX i ON t (a); \
              COMMENT ON INDEX i IS 'of i'; COMMENT ON CONSTRAINT u ON t IS 'it''s u'",
        )
        .await;
    let wanted =
        "CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a, b)); CREATE INDEX i ON t (b)";
    fix_to(
        &database,
        &expected(&database, wanted).await,
        FixOptions::new(),
    )
    .await;
    let now = database
        .scalar_text(&format!("SELECT string_agg(a, ';') FROM ({SET}) AS t (a)"))
        .await;
    assert_eq!(now.unwrap(), "ifalsefalseof i-1;ufalsefalseit's u-1");
}

/// What is allowed for a table is not allowed for those that inherit from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_inherits_is_not_changed_with_its_parent() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE p (a int DEFAULT 1, x bigint, y int, CONSTRAINT ck CHECK (a > 0)); CREATE TABLE c (z int) INHERITS (p); \
              ALTER TABLE c ALTER a SET DEFAULT 7; INSERT INTO p VALUES (1, 16777217, 2); INSERT INTO c VALUES (2, 16777217, 3, 4)")
        .await;
    let wanted = "CREATE TABLE p (a int DEFAULT 2, x real); CREATE TABLE c (z int) INHERITS (p); ALTER TABLE c ALTER a SET DEFAULT 7";
    let wanted = expected(&database, wanted).await;
    let options = ["column:p.y", "narrow:p.x", "check:p.ck"]
        .iter()
        .fold(FixOptions::new(), |options, allow| {
            options.allow(allow.parse().unwrap())
        });
    let state = "SELECT (SELECT string_agg(p::text, ';' ORDER BY a) FROM p) || (SELECT string_agg(c::text, ';') FROM c) \
        || (SELECT count(*) FROM pg_constraint WHERE contype = 'c')";
    let before = database.scalar_text(state).await;
    let planned = plan(&database, &wanted, options).await;
    let told: Vec<String> = planned.not_fixed.iter().map(ToString::to_string).collect();
    let told = told
        .iter()
        .filter(|entry| entry.contains("c inherits from the table"));
    assert_eq!(told.count(), 3, "{:#?}", planned.not_fixed);
    run(&database, &planned).await;
    assert_eq!(database.scalar_text(state).await, before);
    let defaults =
        "SELECT string_agg(pg_get_expr(adbin, adrelid), ',' ORDER BY adrelid) FROM pg_attrdef";
    assert_eq!(database.scalar_text(defaults).await.as_deref(), Some("2,7"));
}

/// What is changed with a table of parts is looked at as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_set_of_a_part_is_not_lost_with_the_whole() {
    for (by_hand, state) in [
        (
            "ALTER TABLE c ALTER x SET STORAGE EXTERNAL",
            "SELECT attstorage FROM pg_attribute WHERE attrelid = 'c'::regclass AND attname = 'x'",
        ),
        (
            "ALTER INDEX c_a_idx SET (fillfactor = 60)",
            "SELECT reloptions::text FROM pg_class WHERE relname = 'c_a_idx'",
        ),
        (
            "COMMENT ON INDEX c_a_idx IS 'of a part'",
            "SELECT obj_description('c_a_idx'::regclass)",
        ),
        (
            "CLUSTER c USING c_pkey",
            "SELECT indisclustered::text FROM pg_index WHERE indexrelid = 'c_pkey'::regclass",
        ),
        (
            "ALTER TABLE c ALTER d SET DEFAULT 77",
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'c'::regclass",
        ),
    ] {
        let database = TestDatabase::postgres().await;
        database
            .sql(&format!(
                "CREATE TABLE p (a int NOT NULL, b int NOT NULL, x varchar(9), d int DEFAULT 5, CONSTRAINT p_pkey PRIMARY KEY (a)) \
                 PARTITION BY LIST (a); CREATE INDEX p_a_idx ON p (a); CREATE TABLE c PARTITION OF p DEFAULT; {by_hand}"
            ))
            .await;
        let before = database.scalar_text(state).await;
        assert!(before.is_some(), "{by_hand}");
        let wanted = "CREATE TABLE p (a int NOT NULL, b int NOT NULL, x text, d int DEFAULT 6, \
              CONSTRAINT p_pkey PRIMARY KEY (a) DEFERRABLE) PARTITION BY LIST (a); \
              CREATE INDEX p_a_idx ON p (a DESC); CREATE TABLE c PARTITION OF p DEFAULT";
        let wanted = expected(&database, wanted).await;
        let planned = plan(&database, &wanted, FixOptions::new()).await;
        run(&database, &planned).await;
        assert_eq!(
            database.scalar_text(state).await,
            before,
            "{by_hand}\n{}",
            planned.sql()
        );
    }
}
