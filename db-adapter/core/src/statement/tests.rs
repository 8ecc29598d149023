use proptest::prelude::*;

use super::*;
use crate::lexer::{Kind, Lexer};
use crate::schema::SqlDialect::{Postgres, Sqlite};

fn all(sql: &str, dialect: SqlDialect) -> Vec<&str> {
    statements(sql, dialect).map(Statement::text).collect()
}

fn postgres(sql: &str) -> Statement<'_> {
    Statement::new(sql, Postgres)
}

fn sqlite(sql: &str) -> Statement<'_> {
    Statement::new(sql, Sqlite)
}

#[test]
fn statements_end_at_their_own_semicolons() {
    let sql = "CREATE TABLE a (x text DEFAULT ';'); -- one; two\n INSERT INTO a VALUES ('b;c');;
        CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$ /* c */;SELECT 1";
    let found = all(sql, Postgres);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found[2].ends_with("$$ /* c */"));
    assert!(all(" ; -- nothing\n;", Sqlite).is_empty());
    assert_eq!(all("SELECT ';", Postgres), ["SELECT ';"]);
    assert_eq!(all(":a;b", Postgres), [":a", "b"]);
}

#[test]
fn bodies_keep_their_semicolons() {
    for (body, dialect) in [
        (
            "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
            Postgres,
        ),
        ("CREATE PROCEDURE p() BEGIN ATOMIC END", Postgres),
        (
            "CREATE RULE r AS ON INSERT TO x DO INSTEAD (SELECT 1; SELECT (2); SELECT 3)",
            Postgres,
        ),
        (
            "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 2; END",
            Sqlite,
        ),
        // a column of that name, which is not a keyword there
        (
            "CREATE TRIGGER t AFTER UPDATE OF begin ON x BEGIN SELECT begin; SELECT end; END",
            Sqlite,
        ),
        (
            "EXPLAIN QUERY PLAN CREATE TRIGGER t DELETE ON x BEGIN SELECT 1; SELECT 2; END",
            Sqlite,
        ),
    ] {
        assert_eq!(all(&format!("{body}; COMMIT"), dialect), [body, "COMMIT"]);
    }
}

#[test]
fn what_only_looks_like_a_body_ends_at_its_semicolon() {
    for (sql, dialect) in [
        (
            "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            Postgres,
        ),
        (
            "CREATE FUNCTION f(begin int) RETURNS int RETURN 1",
            Postgres,
        ),
        ("CREATE TABLE function (begin int)", Postgres),
        (
            "CREATE TRIGGER t BEFORE INSERT ON x EXECUTE FUNCTION begin()",
            Postgres,
        ),
        ("CREATE TABLE a (x", Postgres),
        ("CREATE TRIGGER t", Sqlite),
        ("SELECT begin, case", Sqlite),
    ] {
        assert_eq!(all(&format!("{sql}; COMMIT"), dialect), [sql, "COMMIT"]);
    }
}

#[test]
fn transaction_control_is_found_wherever_it_hides() {
    for sql in [
        "BEGIN",
        " /* x */ commit",
        "-- c\nRollback to x",
        "-- c\rROLLBACK",
        "START TRANSACTION",
        "PREPARE TRANSACTION 'x'",
        "PREPARE /* a */ TRANSACTION 'x'",
        "prepare--\ntransaction 'x'",
        "COMMIT PREPARED 'x'",
        "end",
        "abort",
        "savepoint a",
        "RELEASE a",
        "; commit",
    ] {
        assert!(postgres(sql).transaction_control().is_some(), "{sql}");
        assert_eq!(postgres(sql).kind(), StatementKind::Transaction, "{sql}");
    }
    for sql in [
        "",
        "SELECT 1",
        "PREPARE x AS SELECT 1",
        "PREPARE transaction AS SELECT 1",
        "PREPARE transaction (int) AS SELECT 1",
        "CREATE TABLE commit (a int)",
        "\"begin\"",
        "'commit'",
    ] {
        assert_eq!(postgres(sql).transaction_control(), None, "{sql}");
    }
}

#[test]
fn kinds_are_told_by_words() {
    use StatementKind::*;
    for (sql, kind) in [
        ("", Empty),
        ("-- SELECT", Empty),
        ("((SELECT 1) UNION SELECT 2)", Select),
        ("table t", Select),
        ("SELECT a INTO t FROM b", SelectInto),
        ("WITH a AS (SELECT 1) SELECT * INTO t FROM a", SelectInto),
        ("SELECT a AS into, b.into FROM c", Select),
        (
            "WITH a AS (INSERT INTO t VALUES (1) RETURNING x) SELECT * FROM a",
            Select,
        ),
        (
            "WITH RECURSIVE update (a) AS (SELECT 1), delete AS (SELECT 2) SELECT 3",
            Select,
        ),
        ("WITH a AS MATERIALIZED (SELECT 1) DELETE FROM t", Delete),
        (
            "WITH a AS (SELECT 1) SEARCH DEPTH FIRST BY b SET c INSERT INTO t SELECT 1",
            Insert,
        ),
        ("(WITH a AS (SELECT 1) SELECT 2)", Select),
        ("replace into t values (1)", Insert),
        ("Update t SET a = 1", Update),
        (
            "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
            Merge,
        ),
        ("copy t from stdin", Copy),
        ("EXPLAIN ANALYZE SELECT 1", Explain),
        ("DO $$ $$", Call),
        ("create table t ()", Schema),
        ("TRUNCATE t", Schema),
        ("PREPARE a AS SELECT 1", Session),
        ("\"select\"", Schema),
    ] {
        assert_eq!(postgres(sql).kind(), kind, "{sql}");
    }
    assert_eq!(postgres("/* a */ Select 1").keyword(), "Select");
    assert_eq!(postgres("(SELECT 1)").keyword(), "");
}

#[test]
fn what_outlasts_its_transaction_is_found() {
    for (sql, word) in [
        ("SET search_path = x", "SET"),
        ("/* set local */ SET x.y = 1", "SET"),
        ("SET -- local\n x.y = 1", "SET"),
        ("SET localx.y = 1", "SET"),
        ("SET local.y = 1", "SET"),
        ("SET local TO 1", "SET"),
        ("SET transaction.y = 1", "SET"),
        ("SET \"local\" = 1", "SET"),
        (
            "set session characteristics AS TRANSACTION READ ONLY",
            "set",
        ),
        ("SET SESSION AUTHORIZATION x", "SET"),
        ("SET ROLE x", "SET"),
        ("SET TIME ZONE 'UTC'", "SET"),
        ("RESET ALL", "RESET"),
        ("LISTEN c", "LISTEN"),
        ("UNLISTEN *", "UNLISTEN"),
        ("PREPARE p AS SELECT 1", "PREPARE"),
        ("EXECUTE p", "EXECUTE"),
        ("EXPLAIN ANALYZE EXECUTE p", "EXECUTE"),
        ("DEALLOCATE ALL", "DEALLOCATE"),
        ("DISCARD TEMP", "DISCARD"),
        ("LOAD 'x'", "LOAD"),
        (
            "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1",
            "DECLARE",
        ),
        ("CREATE TEMP TABLE t (a int)", "CREATE"),
        ("create or replace temporary view v AS SELECT 1", "create"),
        ("CREATE LOCAL TEMPORARY SEQUENCE s", "CREATE"),
        (
            "CREATE TEMP TABLE t (a int) ON COMMIT DELETE ROWS",
            "CREATE",
        ),
        ("CREATE TABLE pg_temp.t (a int)", "CREATE"),
        ("CREATE FUNCTION pg_temp.f() RETURNS int RETURN 1", "CREATE"),
        ("SELECT 1 AS a INTO TEMP t", "SELECT"),
        (
            "EXPLAIN (ANALYZE, VERBOSE) CREATE TEMP TABLE t AS SELECT 1",
            "CREATE",
        ),
        ("SELECT set_config('a.b', 'c', false)", "set_config"),
        (
            "SELECT pg_catalog.\"set_config\" /* x */ ('a', 'c', false)",
            "\"set_config\"",
        ),
        (
            "SELECT set_config('a', 'true', true AND false)",
            "set_config",
        ),
        ("SELECT set_config('a', f('b', true), :local)", "set_config"),
        (
            "SELECT set_config('a', set_config('b', 'c', false), true)",
            "set_config",
        ),
        ("UPDATE t SET a = set_config('a', 'b', 'f')", "set_config"),
        (
            "EXPLAIN ANALYZE SELECT set_config('a', 'b', false)",
            "set_config",
        ),
        (
            "CREATE TABLE t AS SELECT set_config('a', 'b', false)",
            "set_config",
        ),
        (
            "UPDATE pg_settings SET setting = 'x' WHERE name = 'search_path'",
            "pg_settings",
        ),
        (
            "WITH a AS (UPDATE pg_catalog.pg_settings SET setting = 1) SELECT 1",
            "pg_settings",
        ),
        ("SELECT pg_advisory_lock(1)", "pg_advisory_lock"),
        (
            "SELECT * FROM pg_try_advisory_lock_shared (1, 2)",
            "pg_try_advisory_lock_shared",
        ),
        ("select PG_ADVISORY_UNLOCK_ALL()", "PG_ADVISORY_UNLOCK_ALL"),
        (
            "SELECT U&\"set\\005fconfig\"('a', 'b', false)",
            "U&\"set\\005fconfig\"",
        ),
        ("SELECT setseed(0.5)", "setseed"),
        (
            "SELECT pg_create_physical_replication_slot('s', false, true)",
            "pg_create_physical_replication_slot",
        ),
        (
            "SELECT query_to_xml('SELECT set_config(''a'', ''b'', false)', true, false, '')",
            "query_to_xml",
        ),
        (
            "SELECT set_config('search_path', 'pg_temp', true)",
            "set_config",
        ),
        ("SET LOCAL search_path TO pg_temp, public", "SET"),
        ("CREATE TABLE pg_temp_3.t (a int)", "CREATE"),
        ("DO $$ BEGIN SET work_mem = '71MB'; END $$", "SET"),
        (
            "DO LANGUAGE plpgsql $x$ BEGIN IF true THEN listen c; END IF; END $x$",
            "listen",
        ),
        (
            "DO 'BEGIN PERFORM set_config(''a.b'', ''c'', false); END'",
            "set_config",
        ),
        ("DO $$ BEGIN CREATE TEMP TABLE t (a int); END $$", "CREATE"),
        ("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "EXECUTE"),
        (
            "DO $$begin execute 'se'||'t search_path=s2'; end$$",
            "execute",
        ),
        (
            "DO $$declare s text := 'set statement_timeout = 77'; begin execute s; end$$",
            "execute",
        ),
        (
            "DO LANGUAGE plpgsql 'begin execute chr(83)||''ET search_path=s2''; end'",
            "execute",
        ),
        (
            "DO $$begin for r in execute format('%s x', 'set') loop end loop; end$$",
            "execute",
        ),
        (
            "DO $$begin perform query_to_xml('se' || 't x = 1', true, false, ''); end$$",
            "query_to_xml",
        ),
        (
            "DO $$begin perform U&\"set\\005fconfig\"('a', 'b', false); end$$",
            "U&\"set\\005fconfig\"",
        ),
        (
            "DO LANGUAGE plperl $$ spi_exec_query('SE' . 'T x = 1') $$",
            "DO",
        ),
        (
            "DO $$ BEGIN EXECUTE format('SET ROLE %I', 'x'); END $$",
            "EXECUTE",
        ),
        ("DO E'BEGIN END'", "DO"),
    ] {
        assert_eq!(postgres(sql).session_change(), Some(word), "{sql}");
        assert_eq!(sqlite(sql).session_change(), None, "{sql}");
    }
}

#[test]
fn what_ends_with_its_transaction_is_left_alone() {
    for sql in [
        "",
        "SET LOCAL search_path = x",
        "set /* a */ local \"x y\".z TO 1",
        "SET LOCAL TIME ZONE 'UTC'",
        "SET LOCAL SESSION AUTHORIZATION x",
        "SET TRANSACTION READ ONLY",
        "SET CONSTRAINTS ALL DEFERRED",
        "SHOW search_path",
        "SELECT 'SET x = 1; LISTEN c'",
        "SELECT set_config('a.b', 'c', true)",
        "SELECT set_config('a.b', f(g('c'), 'd'), 'true'), set_config('x', :y, TRUE)",
        "SELECT set_config, pg_advisory_lock FROM t",
        "SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock(2)",
        "DECLARE c CURSOR FOR WITH hold AS (SELECT 1) SELECT * FROM hold",
        "DECLARE c CURSOR WITHOUT HOLD FOR SELECT 1",
        "CREATE TEMP TABLE t (a int) ON COMMIT DROP",
        "CREATE TABLE temp (a int)",
        "CREATE TABLE t (temp int)",
        "DROP TABLE pg_temp.t",
        "SELECT 1 AS a INTO t",
        "EXPLAIN EXECUTE p",
        "EXPLAIN (ANALYZE off) SELECT set_config('a', 'b', false)",
        "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO x",
        "CREATE FUNCTION f() RETURNS text SET search_path = x RETURN set_config('a', 'b', false)",
        "SELECT setting FROM pg_settings WHERE name = 'x'",
        "UPDATE t SET a = b.setting FROM pg_settings b",
        "NOTIFY c, 'x'",
        "COMMIT",
        "CALL p()",
        "DO $$ BEGIN UPDATE t SET a = 1; SET LOCAL work_mem = '71MB'; END $$",
        "DO LANGUAGE 'plpgsql' $$ DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP UPDATE t SET a = 1; \
            RAISE NOTICE 'set and reset %', r; END LOOP; END $$",
        "DO $$ BEGIN CREATE TEMP TABLE t (a int) ON COMMIT DROP; END $$",
        "SELECT query_to_xml('SELECT 1', true, false, '')",
        "CREATE FUNCTION f() RETURNS int SET search_path = a, pg_temp RETURN 1",
    ] {
        assert_eq!(postgres(sql).session_change(), None, "{sql}");
    }
    let deep = format!(
        "SELECT {}1{}",
        "set_config(".repeat(9_000),
        ")".repeat(9_000)
    );
    assert_eq!(postgres(&deep).session_change(), Some("set_config"));
}

#[test]
fn only_what_is_proven_leaves_the_session_alone() {
    for sql in [
        "",
        "SELECT 1",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
        "UPDATE t SET a = 1",
        "TABLE t",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "SELECT 1 AS a INTO t",
        "CREATE TABLE t (temp int)",
        "CREATE TEMP TABLE t (a int) ON COMMIT DROP",
        "ALTER TABLE t ADD a int",
        "TRUNCATE t",
        "SET LOCAL work_mem = '71MB'",
        "SELECT set_config('a.b', 'c', true), pg_advisory_xact_lock(1)",
        "DECLARE c CURSOR FOR SELECT 1",
        "NOTIFY c",
        "EXPLAIN ANALYZE SELECT dblink FROM t",
    ] {
        assert!(postgres(sql).leaves_session_alone(), "{sql}");
    }
    for sql in [
        "SET work_mem = '71MB'",
        "LISTEN c",
        "CREATE TEMP TABLE t (a int)",
        "CREATE TYPE pg_temp.t AS (a int)",
        "SET LOCAL search_path = x, pg_temp",
        "SELECT set_config('search_path', 'pg_temp', true)",
        "SELECT pg_advisory_lock(1)",
        "SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t (a int)",
        "SELECT query_to_xml('SELECT f()', true, false, '')",
        "SELECT U&\"f\"()",
        "DO $$ $$",
        "CALL p()",
        "CREATE EXTENSION x",
        "EXPLAIN ANALYZE EXECUTE p",
        "LOAD 'x'",
        "frobnicate",
        "UPDATE pg_settings SET setting = 1",
    ] {
        assert!(!postgres(sql).leaves_session_alone(), "{sql}");
        assert!(sqlite(sql).leaves_session_alone(), "{sql}");
    }
}

#[test]
fn data_beside_the_rows_is_found() {
    for sql in [
        "COPY t FROM STDIN",
        "copy t (a, b) from stdin with (format csv)",
        "COPY (SELECT 1 FROM t) TO /* a */ STDOUT",
        "COPY BINARY t TO stdout",
        "COPY t TO STDIN",
    ] {
        assert!(postgres(sql).copies_with_client(), "{sql}");
    }
    for sql in [
        "COPY t FROM '/stdin'",
        "COPY t FROM PROGRAM 'stdin'",
        "COPY stdout TO PROGRAM 'cat'",
        "COPY t FROM \"stdin\"",
        "COPY (SELECT a FROM stdin) TO '/x'",
        "SELECT 'COPY t FROM STDIN'",
        "INSERT INTO t SELECT a FROM stdin",
    ] {
        assert!(!postgres(sql).copies_with_client(), "{sql}");
    }
}

#[test]
fn only_what_leaves_the_schema_alone_is_known_to() {
    for sql in [
        "SELECT 1",
        "(SELECT 1)",
        "insert into t values (1)",
        "-- x\nWITH a AS (SELECT 1) SELECT 2",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "COPY t FROM '/x'",
        "SHOW x",
        "EXPLAIN CREATE TABLE t AS SELECT 1",
        "NOTIFY c",
    ] {
        assert!(!postgres(sql).may_change_schema(), "{sql}");
    }
    for sql in [
        "CREATE TABLE t ()",
        "DROP TABLE t",
        "DO $$ $$",
        "CALL f()",
        "SET search_path = x",
        "SET ROLE x",
        "SELECT set_config('search_' || 'path', 'x', false)",
        "UPDATE pg_settings SET setting = 'x'",
        "SELECT f('Search_Path')",
        "SELECT 1 AS a INTO t",
        "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
        "TRUNCATE t",
    ] {
        assert!(postgres(sql).may_change_schema(), "{sql}");
    }
    for (sql, may) in [
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", false),
        ("SELECT 'search_path'", false),
        ("EXPLAIN DROP TABLE t", false),
        ("PRAGMA main.table_info(t)", false),
        ("PRAGMA foreign_keys = 1", true),
        ("ATTACH 'x' AS y", true),
        ("VACUUM", true),
    ] {
        assert_eq!(sqlite(sql).may_change_schema(), may, "{sql}");
    }
}

#[test]
fn reading_is_told_from_writing() {
    for (sql, reads) in [
        ("select 1", true),
        ("", true),
        ("/* x */ VALUES (1)", true),
        ("SHOW x", true),
        ("WITH a AS (SELECT 1) SELECT * FROM a", true),
        ("SELECT 1 FOR UPDATE", true),
        ("EXPLAIN DELETE FROM t", true),
        ("EXPLAIN ANALYZE SELECT 1", true),
        ("EXPLAIN ANALYZE DELETE FROM t", false),
        (
            "EXPLAIN (costs, Analyse true) INSERT INTO t VALUES (1)",
            false,
        ),
        ("EXPLAIN VERBOSE ANALYZE DELETE FROM t", false),
        (
            "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
            false,
        ),
        (
            "(WITH a AS NOT MATERIALIZED (UPDATE t SET x = 1 RETURNING *) SELECT 1)",
            false,
        ),
        ("SELECT 1 AS a INTO t", false),
        ("CALL f()", false),
        ("LOCK t", false),
    ] {
        assert_eq!(postgres(sql).only_reads(), reads, "{sql}");
    }
    for (sql, reads) in [
        (
            "WITH a AS (SELECT 1) SELECT replace(x, 'delete', 'update') FROM a",
            true,
        ),
        ("WITH a AS (SELECT 1) insert INTO t SELECT * FROM a", false),
        ("EXPLAIN DELETE FROM t", true),
        ("INSERT INTO t VALUES (1) RETURNING *", false),
        ("PRAGMA user_version = 3", false),
        ("PRAGMA user_version(3)", false),
        ("PRAGMA main.user_version;", true),
        ("PRAGMA table_info(t)", true),
        ("PRAGMA /* = */ main.table_info('a=b')", true),
        ("PRAGMA table_info = t", false),
        ("PRAGMA journal_mode", false),
    ] {
        assert_eq!(sqlite(sql).only_reads(), reads, "{sql}");
    }
}

#[test]
fn rows_that_are_changed_are_counted() {
    for (sql, counts, only) in [
        ("INSERT INTO t VALUES (1)", true, true),
        ("\n update t SET a = 1", true, true),
        ("UPDATE\"t\" SET a = 1", true, true),
        (
            "WITH a AS (DELETE FROM t RETURNING x) INSERT INTO u SELECT x FROM a",
            true,
            true,
        ),
        ("INSERT INTO t VALUES (1) returning a", true, false),
        ("DELETE FROM t RETURNING*", true, false),
        ("INSERT INTO t SELECT 1 AS returning", true, true),
        ("COPY t TO '/x'", true, false),
        ("WITH a AS (SELECT 1) SELECT 2", false, false),
        ("-- UPDATE\nSELECT 1", false, false),
        ("EXPLAIN ANALYZE DELETE FROM t", false, false),
        ("CREATE TABLE t AS SELECT 1", false, false),
        ("updates", false, false),
        ("", false, false),
    ] {
        let told = (
            postgres(sql).counts_rows(),
            postgres(sql).only_changes_rows(),
        );
        assert_eq!(told, (counts, only), "{sql}");
    }
}

#[test]
fn a_no_break_space_is_a_part_of_a_name() {
    for dialect in [Postgres, Sqlite] {
        let found: Vec<_> =
            statements(" \u{a0} ;\n SELECT 1 AS a\u{a0} ; SELECT 2 -- b\n", dialect)
                .map(|statement| statement.text())
                .collect();
        assert_eq!(found, ["\u{a0}", "SELECT 1 AS a\u{a0}", "SELECT 2 -- b"]);
    }
}

fn ask(text: &str) {
    for dialect in [Postgres, Sqlite] {
        let mut found = 0;
        for statement in statements(text, dialect) {
            found += 1;
            let last = Lexer::new(statement.text(), dialect)
                .last()
                .map(|token| token.kind);
            // the mark of a file's encoding is a blank at the start of a text alone: behind another blank it
            // is a name, and a statement by itself
            let is_mark = dialect == Postgres && statement.text() == "\u{feff}";
            let ends_well = last.is_some_and(|kind| kind != Kind::Blank);
            assert!(ends_well || is_mark, "{text:?}");
            let _ = statement.kind();
            let _ = statement.keyword();
            let _ = statement.session_change();
            assert!(!statement.leaves_session_alone() || statement.session_change().is_none());
            let _ = statement.may_change_schema();
            let _ = statement.only_changes_rows();
            if statement.transaction_control().is_some() {
                assert!(!statement.only_reads() && statement.session_change().is_none());
            }
        }
        assert!(found <= text.len());
    }
}

proptest! {
    #[test]
    fn any_text_has_answers(text in ".{0,80}") {
        ask(&text);
    }

    #[test]
    fn any_words_have_answers(words in proptest::collection::vec("(?i)(with|as|\\(|\\)|select|into|temp|update|set|local|explain|analyze|create|trigger|function|begin|atomic|end|;|prepare|transaction|pragma|set_config|,|true|'|\\.|x|=|hold|for|declare|do|execute|copy|stdin|\\$\\$|pg_temp)", 0..16)) {
        ask(&words.join(" "));
    }
}

#[test]
fn what_commits_in_parts_is_known_by_its_words() {
    for sql in [
        "call p()",
        "/* a */ DO $$ BEGIN COMMIT; END $$",
        "VACUUM (ANALYZE) t",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
        "reindex table t",
    ] {
        assert!(postgres(sql).commits_in_parts(), "{sql}");
    }
    for sql in [
        "",
        "UPDATE t SET concurrently = 1",
        "CREATE INDEX i ON t (a)",
        "CREATE INDEX \"concurrently\" ON t (a)",
        "SELECT 'call'",
    ] {
        assert!(!postgres(sql).commits_in_parts(), "{sql}");
    }
    assert!(!sqlite("VACUUM").commits_in_parts());
}

#[test]
fn what_changes_the_text_of_values_is_told_by_its_name() {
    for (sql, word) in [
        ("SET LOCAL array_nulls = off", "array_nulls"),
        ("set session \"datestyle\" to 'German'", "\"datestyle\""),
        ("SET LOCAL \"DateStyle\" = German", "\"DateStyle\""),
        (
            "SET LOCAL U&\"dat\\0065style\" = German",
            "U&\"dat\\0065style\"",
        ),
        ("SET LOCAL extra_float_digits = -10", "extra_float_digits"),
        (
            "SET LOCAL standard_conforming_strings = off",
            "standard_conforming_strings",
        ),
        ("DO $$ BEGIN SET LOCAL datestyle = German; END $$", "DO"),
        (
            "DO LANGUAGE 'plpgsql' $$ BEGIN SET LOCAL array_nulls = off; END $$",
            "DO",
        ),
        ("DO 'BEGIN SET LOCAL array'\n'_nulls = off; END'", "DO"),
        ("DO E'BEGIN SET LOCAL array\\137nulls = off; END'", "DO"),
        ("DO U&'BEGIN SET LOCAL array\\005fnulls = off; END'", "DO"),
        (
            "DO $$ BEGIN EXECUTE 'SET LOCAL array' || '_nulls = off'; END $$",
            "DO",
        ),
        (
            "SET LOCAL U&\"array!005fnulls\" UESCAPE '!' = off",
            "UESCAPE",
        ),
        (
            "SELECT U&\"set\\005fconfig\"('array' || '_nulls', 'off', true)",
            "U&\"set\\005fconfig\"",
        ),
        (
            "UPDATE U&\"pg\\005fsettings\" SET setting = 'off'",
            "U&\"pg\\005fsettings\"",
        ),
        (
            "SELECT query_to_xml('select set_config(''a'', ''b'', true)', true, true, '')",
            "query_to_xml",
        ),
        (
            "EXPLAIN ANALYZE UPDATE pg_catalog.pg_settings SET setting = 'x'",
            "pg_settings",
        ),
        (
            "UPDATE pg_settings SET setting = :x WHERE name = :name",
            "pg_settings",
        ),
        (
            "SELECT set_config(E'date\\163tyle', 'x', true)",
            "set_config",
        ),
        (
            "SELECT set_config('date'\n'style', 'x', true)",
            "set_config",
        ),
        ("SELECT set_config(:name, 'x', true)", "set_config"),
        (
            "SELECT set_config('work_' || 'mem', 'x', true)",
            "set_config",
        ),
        (
            "SELECT set_config('a.b', 'x', true), set_config(x, 'x', true)",
            "set_config",
        ),
        ("SET IntervalStyle TO iso_8601;", "IntervalStyle"),
        ("SET NAMES 'LATIN1'", "NAMES"),
        ("SET XML OPTION DOCUMENT", "XML"),
        ("RESET quote_all_identifiers", "quote_all_identifiers"),
        ("RESET ALL", "ALL"),
        (
            "SELECT set_config('DateStyle', 'German', true)",
            "set_config",
        ),
    ] {
        assert_eq!(postgres(sql).value_setting(), Some(word), "{sql}");
        assert_eq!(sqlite(sql).value_setting(), None, "{sql}");
    }
    for sql in [
        "",
        "SET",
        "SET LOCAL",
        "SET LOCAL TIME ZONE 'UTC'",
        "SET LOCAL names.x = 1",
        "SET CONSTRAINTS ALL DEFERRED",
        "SET TRANSACTION READ ONLY",
        "SELECT set_config('app.user', :user, true), set_config('work_mem', '1GB', true)",
        "DO $$ BEGIN PERFORM 1; END $$",
        "DO LANGUAGE plpgsql $$ BEGIN EXECUTE format('CREATE TABLE %I (id int)', 't'); END $$",
        "DO $$ BEGIN UPDATE t SET a = 1; END $$ LANGUAGE 'plpgsql'",
        "SELECT setting FROM pg_settings WHERE name = :name",
        "SELECT set_config('work_mem', 'datestyles', true), datestyle FROM t",
        "SELECT 'SET DateStyle'",
        // texts are values of somebody, and nobody runs them
        "INSERT INTO t VALUES (1, 'hunter2 pg_settings')",
        "SELECT * FROM t WHERE body LIKE '%set_config(%'",
        "COMMENT ON TABLE t IS $$ set_config('datestyle', ..) $$",
        "INSERT INTO t SELECT setting FROM pg_settings",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('datestyle', 'x', true) $$",
    ] {
        let is_known = sql.contains("datestyles");
        assert_eq!(postgres(sql).value_setting().is_some(), is_known, "{sql}");
    }
}

#[test]
fn what_a_with_is_for_has_a_place() {
    for (before, main) in [
        ("WITH a AS (SELECT 1) ", "SELECT * FROM a"),
        (
            "with recursive a(x) AS MATERIALIZED (DELETE FROM t RETURNING x), \"select\" AS (SELECT 1)\n-- c\n",
            "INSERT INTO t SELECT * FROM a",
        ),
        (
            "WITH a AS (VALUES (1)) ",
            "(SELECT x FROM a) UNION (TABLE b)",
        ),
        (
            "WITH values AS (SELECT 1), a AS (TABLE t) /* (select */",
            "TABLE a",
        ),
    ] {
        let text = format!("{before}{main}");
        assert_eq!(postgres(&text).behind_with(), Some(before.len()), "{text}");
    }
    for sql in [
        "",
        "SELECT 1",
        "(WITH a AS (SELECT 1) SELECT 1)",
        "WITH a AS (SELECT 1)",
    ] {
        assert_eq!(postgres(sql).behind_with(), None, "{sql}");
    }
}

#[test]
fn a_text_that_nobody_can_read_is_taken_to_change_the_session() {
    let change = |sql: &'static str| Statement::new(sql, SqlDialect::Postgres).session_change();
    for sql in [
        "SELECT query_to_xml('select set_con'||'fig(''work_mem'',''9MB'',false)', true, true, '')",
        "SELECT x FROM xmltable('/a' PASSING query_to_xml('select set_con'||'fig(1)', true, true, '') COLUMNS x text)",
        "SELECT query_to_xml('select set_con'\n'fig(''work_mem'',''9MB'',false)', true, true, '')",
        "SELECT query_to_xml('select ''--'', set_config(''work_mem'',''9MB'',false)', true, true, '')",
        "DO 'BEGIN PERFORM ''/*'', set_config(''work_mem'',''9MB'',false), ''*/''; END'",
        "SELECT ts_stat(:q)",
        "SELECT * FROM ts_stat((SELECT q FROM texts))",
        "SELECT ts_stat(q) FROM texts",
        "SELECT ts_rewrite('a'::tsquery, E'select \\x73et')",
        "SELECT * FROM crosstab('set work_mem = 1')",
        "DO LANGUAGE plpgsql 'BEGIN EXEC'\n'UTE ''x''; END'",
        "SELECT U&\"set!005fconfig\" UESCAPE '!' ('work_mem','9MB',false)",
        "CREATE TABLE U&\"pg\\005ftemp\".t (a int)",
        "DO $$ BEGIN PERFORM set_config('search_path','pg_temp',true); CREATE TABLE t (a int); END $$",
        "SELECT set_config('search_path', U&'pg\\005ftemp', true)",
    ] {
        assert!(change(sql).is_some(), "{sql}");
    }
    for sql in [
        "SELECT * FROM crosstab('SELECT a, b, c FROM t ORDER BY 1', 'SELECT 1') AS x (a int, b int)",
        "SELECT query_to_xml('SELECT * FROM t WHERE a = ''x''', true, false, '')",
        "SELECT ts_rewrite('a & b'::tsquery, 'a'::tsquery, 'c'::tsquery)",
        "DO $$ BEGIN PERFORM set_config('app.user', '1', true); END $$ LANGUAGE 'plpgsql'",
        "DO LANGUAGE plpgsql 'BEGIN UPDATE t SET a = 1; END'",
    ] {
        assert_eq!(change(sql), None, "{sql}");
    }
}
