//! SQL text of the caller: named parameters, one statement or a script, nothing spliced.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, error, kind};
use crate::values::{ints, num};

cases! {
    anywhere: [
        parameters_of_every_type, one_name_many_times, null_parameters, execute_counts_changed_rows,
        colons_that_are_no_parameters, results_without_a_table, results_keep_the_canonical_values,
        one_and_optional_of_a_query, statements_that_return_rows,
    ]
    outside: [
        unbound_and_unused_names_are_errors, parameters_of_the_driver_are_refused,
        duplicate_outputs_are_refused, execute_takes_one_statement, script_is_all_or_nothing,
        script_runs_many_statements, transaction_control_is_refused, mistakes_in_sql_are_typed,
        the_same_text_with_other_types, a_row_of_a_text_that_gives_none, a_write_whose_rows_cannot_be_given_is_undone,
        a_row_that_a_trigger_puts_elsewhere,
    ]
}

async fn table(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, b {bool}, i {int8}, f {float8}, n {numeric}, s text, u {uuid},
           z {timestamptz}, d {date}, x {bytea})").await;
    t.db.insert("t", full()).await.unwrap();
    t.db.insert("t", row! { "id": 2 }).await.unwrap();
}

fn full() -> Row {
    row! {
        "id": 1, "b": true, "i": i64::MAX, "f": 0.1, "n": num("1.50"), "s": "it's",
        "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "z": "2026-11-23T01:25:35.896668+00:00",
        "d": "2026-11-23", "x": vec![0_u8, 255],
    }
}

async fn parameters_of_every_type(t: &Case) {
    table(t).await;
    for (name, value) in full().iter() {
        let sql = format!("SELECT id FROM t WHERE {name} = :v");
        let rows = t.db.query(&sql).bind("v", value).await.unwrap();
        assert_eq!(ints(&rows, "id"), [1], "{name}");
        let sql = format!("UPDATE t SET {name} = :v WHERE id = :id");
        if name != "id" {
            assert_eq!(
                t.db.execute(&sql)
                    .bind("v", value)
                    .bind("id", 2)
                    .await
                    .unwrap(),
                1,
                "{name}"
            );
            let row =
                t.db.select("t", [name])
                    .filter(row! { "id": 2 })
                    .one()
                    .await
                    .unwrap();
            assert_eq!(&row[name], value, "{name}, written by execute");
        }
    }
}

async fn one_name_many_times(t: &Case) {
    table(t).await;
    let sql = "SELECT id FROM t WHERE id = :n OR id = :n + 1 OR id = :other ORDER BY id";
    let rows =
        t.db.query(sql)
            .bind("other", 77)
            .bind("n", 1)
            .await
            .unwrap();
    assert_eq!(ints(&rows, "id"), [1, 2]);
}

async fn null_parameters(t: &Case) {
    table(t).await;
    let changed =
        t.db.execute("UPDATE t SET s = :s, n = :n WHERE id = 1")
            .bind("s", None::<&str>)
            .bind("n", ())
            .await;
    assert_eq!(changed.unwrap(), 1);
    assert_eq!(
        t.table("SELECT s, n FROM t WHERE id = 1").await,
        "NULL,NULL"
    );
}

async fn execute_counts_changed_rows(t: &Case) {
    table(t).await;
    let db = &t.db;
    assert_eq!(db.execute("UPDATE t SET s = 'x'").await.unwrap(), 2);
    assert_eq!(
        db.execute("DELETE FROM t WHERE id = :id")
            .bind("id", 99)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        db.execute("INSERT INTO t (id) VALUES (:a), (:b)")
            .bind("a", 3)
            .bind("b", 4)
            .await
            .unwrap(),
        2
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "4");
}

async fn colons_that_are_no_parameters(t: &Case) {
    table(t).await;
    let sql = "SELECT ':no' AS a, 'it''s :no' AS \"b:no\", id /* :no ' */ FROM t -- :no '
               WHERE id = :yes";
    let row = t.db.query(sql).bind("yes", 1).one().await.unwrap();
    assert_eq!(row, row! { "a": ":no", "b:no": "it's :no", "id": 1 });
    // a parameter may follow a word at once
    let sql = "SELECT:n AS n, CASE WHEN id=:n THEN:n ELSE:m END AS c FROM t WHERE id IN(:n)OR:m = 0 LIMIT:n";
    let row = t.db.query(sql).bind("n", 1).bind("m", 2).one().await;
    assert_eq!(row.unwrap(), row! { "n": 1, "c": 1 });
    if t.is_postgres() {
        let sql =
            "SELECT (:n)::text AS a, '1'::int4 AS b, $$ :no $$ AS c, (ARRAY[1,2,3])[1:2] AS d";
        let row = t.db.query(sql).bind("n", "x").one().await.unwrap();
        assert_eq!(row, row! { "a": "x", "b": 1, "c": " :no ", "d": [1, 2] });
    }
    t.db.execute("UPDATE t SET s = 'time 12:30 :word' WHERE id = 1")
        .await
        .unwrap();
    assert_eq!(
        t.scalar("SELECT s FROM t WHERE id = 1").await,
        "time 12:30 :word"
    );
}

/// The statement gives no row, and something was written: for the caller of `.one()` there is none.
async fn a_row_that_a_trigger_puts_elsewhere(t: &Case) {
    t.ddl("CREATE TABLE a (id {int4} PRIMARY KEY); CREATE TABLE b (id {int4} PRIMARY KEY)")
        .await;
    t.ddl(t.either(
        "CREATE FUNCTION puts() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO b VALUES (NEW.id); RETURN NULL; END $$;
         CREATE TRIGGER puts BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION puts()",
        "CREATE TRIGGER puts BEFORE INSERT ON a BEGIN INSERT INTO b VALUES (NEW.id); SELECT RAISE(IGNORE); END",
    ))
    .await;
    let sql = "INSERT INTO a (id) VALUES (1) RETURNING id";
    assert_eq!(kind(t.db.query(sql).one().await), ErrorKind::NoRowsMatched);
    assert_eq!(t.scalar("SELECT count(*) FROM b").await, "0");
    assert_eq!(t.db.query(sql).optional().await.unwrap(), None);
    assert_eq!(t.scalar("SELECT count(*) FROM b").await, "1");
}

/// Its columns tell that it gives no row, so that it is not run.
async fn a_row_of_a_text_that_gives_none(t: &Case) {
    table(t).await;
    for text in [
        "CREATE TABLE made (id int)",
        "DROP TABLE t",
        "INSERT INTO t (id) VALUES (77)",
        "UPDATE t SET s = 'changed'",
        "DELETE FROM t",
        "ALTER TABLE t ADD COLUMN added int",
    ] {
        let before = t.table("SELECT id, s FROM t ORDER BY id").await;
        assert_eq!(kind(t.db.query(text).one().await), ErrorKind::NoRowsMatched);
        let tx = t.db.begin().await.unwrap();
        tx.insert("t", row! { "id": 78 }).await.unwrap();
        assert_eq!(kind(tx.query(text).one().await), ErrorKind::NoRowsMatched);
        // nothing was sent, so that the transaction goes on
        assert_eq!(tx.delete("t", row! { "id": 78 }).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let after = t.table("SELECT id, s FROM t ORDER BY id").await;
        assert_eq!(after, before, "{text}");
        assert!(t.db.query("SELECT * FROM made").await.is_err(), "{text}");
    }
    // who takes none gets none
    let text = "INSERT INTO t (id) VALUES (79)";
    assert_eq!(t.db.query(text).optional().await.unwrap(), None);
    assert_eq!(t.scalar("SELECT count(*) FROM t WHERE id = 79").await, "1");
}

/// What cannot be given is not done.
async fn a_write_whose_rows_cannot_be_given_is_undone(t: &Case) {
    #[derive(Debug, serde::Deserialize)]
    struct Wrong {
        #[allow(dead_code)]
        s: i64,
    }
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Right {
        s: String,
    }
    table(t).await;
    t.db.delete("t", Filter::all()).await.unwrap();
    let two = "INSERT INTO t (id, s) VALUES (11, 'x'), (12, 'y') RETURNING id, s";
    let one = "INSERT INTO t (id, s) VALUES (13, 'x') RETURNING s";
    let none = async || assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
    let too_many = |refused: db_adapter::Result<()>| {
        assert_eq!(kind(refused), ErrorKind::TooManyRows);
    };
    too_many(t.db.query(two).one().await.map(drop));
    none().await;
    too_many(t.db.query_as::<Right>(two).optional().await.map(drop));
    none().await;
    assert_eq!(
        kind(t.db.query_as::<Wrong>(two).await),
        ErrorKind::Conversion
    );
    none().await;
    assert_eq!(
        kind(t.db.query_as::<Wrong>(one).one().await),
        ErrorKind::Conversion
    );
    none().await;
    let nothing = "DELETE FROM t WHERE id = 99 RETURNING id";
    assert_eq!(
        kind(t.db.query(nothing).one().await),
        ErrorKind::NoRowsMatched
    );
    // in a transaction nothing is committed any more, as after any other error
    let stray = "WITH x AS (SELECT 1 AS one) INSERT INTO t (id, s) SELECT 14, 'x' FROM x WHERE one = 2 RETURNING id";
    for (what, expected) in [
        (two, ErrorKind::TooManyRows),
        (one, ErrorKind::Conversion),
        (stray, ErrorKind::NoRowsMatched),
        (nothing, ErrorKind::NoRowsMatched),
    ] {
        let tx = t.db.begin().await.unwrap();
        tx.insert("t", row! { "id": 20, "s": "z" }).await.unwrap();
        let savepoint = tx.begin().await.unwrap();
        let refused = savepoint.query_as::<Wrong>(what).one().await;
        assert_eq!(kind(refused), expected, "{what}");
        let next = savepoint.insert("t", row! { "id": 21 }).await;
        assert_eq!(kind(next), ErrorKind::TransactionAborted);
        // a savepoint around it saves the rest
        savepoint.rollback().await.unwrap();
        let right = tx.query_as::<Right>("INSERT INTO t (id, s) VALUES (15, 'x') RETURNING s");
        assert_eq!(right.one().await.unwrap().s, "x");
        let refused = tx.query_as::<Wrong>(what).one().await;
        assert_eq!(kind(refused), expected, "{what}");
        assert_eq!(kind(tx.commit().await), ErrorKind::TransactionAborted);
        none().await;
    }
    // what only reads changes nothing
    let tx = t.db.begin().await.unwrap();
    assert_eq!(
        kind(tx.query("SELECT 1 AS one WHERE false").one().await),
        ErrorKind::NoRowsMatched
    );
    tx.insert("t", row! { "id": 20, "s": "z" }).await.unwrap();
    // an error of the database fails the transaction, whoever takes its rows
    let double = tx.query_as::<Right>("INSERT INTO t (id, s) VALUES (20, 'x') RETURNING s");
    assert_eq!(kind(double.one().await), ErrorKind::UniqueViolation);
    assert_eq!(kind(tx.commit().await), ErrorKind::TransactionAborted);
    none().await;
    // several at once queue, as other statements do
    let tx = t.db.begin().await.unwrap();
    let insert = |id: i64| {
        let query = tx.query_as::<Right>("INSERT INTO t (id, s) VALUES (:id, 'q') RETURNING s");
        query.bind("id", id).one()
    };
    let (a, b, c) = tokio::join!(insert(31), insert(32), tx.insert("t", row! { "id": 33 }));
    assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{a:?} {b:?} {c:?}");
    tx.commit().await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "3");
}

async fn results_without_a_table(t: &Case) {
    let row =
        t.db.query("SELECT 1 AS n, 'x' AS s, NULL AS absent")
            .one()
            .await
            .unwrap();
    assert_eq!(row, row! { "n": 1, "s": "x", "absent": () });
    let row =
        t.db.query("SELECT 1 + 1 AS two, upper('é') = 'É' OR true AS yes")
            .one()
            .await
            .unwrap();
    assert_eq!(row["two"], 2);
    assert!(
        t.db.query("SELECT 1 AS n WHERE 1 = 0")
            .await
            .unwrap()
            .is_empty()
    );
}

async fn results_keep_the_canonical_values(t: &Case) {
    table(t).await;
    let row =
        t.db.query("SELECT * FROM t WHERE id = 1")
            .one()
            .await
            .unwrap();
    assert_eq!(row, full());
    let row = t
        .db
        .query("SELECT a.n AS price, a.z, a.x FROM t AS a JOIN t AS b ON b.id = 2 WHERE a.id = :id")
        .bind("id", 1);
    assert_eq!(
        row.one().await.unwrap(),
        row! { "price": num("1.50"), "z": full()["z"].clone(), "x": full()["x"].clone() }
    );
    let row =
        t.db.query("SELECT count(*) AS n, max(i) AS i FROM t")
            .one()
            .await
            .unwrap();
    assert_eq!(row, row! { "n": 2, "i": i64::MAX });
}

async fn one_and_optional_of_a_query(t: &Case) {
    table(t).await;
    let query = |sql: &str| t.db.query(sql);
    assert_eq!(
        query("SELECT id FROM t WHERE id = 2").one().await.unwrap()["id"],
        2
    );
    assert_eq!(
        query("SELECT id FROM t WHERE id = 3")
            .optional()
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        kind(query("SELECT id FROM t WHERE id = 3").one().await),
        ErrorKind::NoRowsMatched
    );
    assert_eq!(
        kind(query("SELECT id FROM t").one().await),
        ErrorKind::TooManyRows
    );
}

async fn statements_that_return_rows(t: &Case) {
    table(t).await;
    let rows =
        t.db.query("INSERT INTO t (id, n) VALUES (:id, :n) RETURNING id, n")
            .bind("id", 7)
            .bind("n", num("2.50"));
    assert_eq!(rows.await.unwrap(), [row! { "id": 7, "n": num("2.50") }]);
    let rows =
        t.db.query("WITH x AS (SELECT id FROM t) SELECT count(*) AS n FROM x")
            .await
            .unwrap();
    assert_eq!(ints(&rows, "n"), [3]);
    let rows = t.db.query("VALUES (1), (2)").await.unwrap();
    assert_eq!(rows.len(), 2);
}

async fn unbound_and_unused_names_are_errors(t: &Case) {
    table(t).await;
    let error = error(
        t.db.query("SELECT * FROM t WHERE id = :id AND s = :s")
            .bind("id", 1)
            .await,
    );
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains(":s"), "{error}");
    let error = crate::case::error(t.db.query("SELECT * FROM t").bind("id", 1).await);
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains(":id"), "{error}");
    let outcome = t.db.execute("UPDATE t SET s = ':id'").bind("id", 1).await;
    assert_eq!(kind(outcome), ErrorKind::InvalidQuery);
    let outcome =
        t.db.query("SELECT :id AS x")
            .bind("id", 1)
            .bind("id", 2)
            .await;
    assert_eq!(kind(outcome), ErrorKind::InvalidQuery);
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE s = ':id'").await,
        "0"
    );
}

async fn parameters_of_the_driver_are_refused(t: &Case) {
    table(t).await;
    for sql in t.either(
        vec!["SELECT * FROM t WHERE id = $1"],
        vec![
            "SELECT * FROM t WHERE id = ?",
            "SELECT ?1",
            "SELECT @x",
            "SELECT $x",
        ],
    ) {
        assert_eq!(
            kind(t.db.query(sql).await),
            ErrorKind::InvalidQuery,
            "{sql}"
        );
        assert_eq!(
            kind(t.db.execute(sql).await),
            ErrorKind::InvalidQuery,
            "{sql}"
        );
    }
}

async fn duplicate_outputs_are_refused(t: &Case) {
    table(t).await;
    let error = error(t.db.query("SELECT a.id, b.id FROM t a, t b").await);
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
    assert!(error.to_string().contains("`AS`"), "{error}");
    let rows =
        t.db.query("SELECT a.id, b.id AS other FROM t a, t b WHERE a.id = 1 AND b.id = 2")
            .await
            .unwrap();
    assert_eq!(rows, [row! { "id": 1, "other": 2 }]);
}

async fn execute_takes_one_statement(t: &Case) {
    table(t).await;
    let two = "UPDATE t SET s = 'x'; DELETE FROM t";
    let error = error(t.db.execute(two).await);
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains("execute_script"), "{error}");
    assert_eq!(
        kind(t.db.query("SELECT 1 AS a; SELECT 2 AS b").await),
        ErrorKind::InvalidQuery
    );
    for empty in ["", " ", ";", "-- nothing"] {
        assert_eq!(
            kind(t.db.execute(empty).await),
            ErrorKind::InvalidQuery,
            "{empty:?}"
        );
        assert_eq!(
            kind(t.db.query(empty).await),
            ErrorKind::InvalidQuery,
            "{empty:?}"
        );
    }
    assert_eq!(t.db.execute("UPDATE t SET s = 'a;b';").await.unwrap(), 2);
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE s = 'a;b'").await,
        "2"
    );
}

async fn script_runs_many_statements(t: &Case) {
    let script = t.spell(
        "
        CREATE TABLE a (id {id}, s text); -- a comment; with a semicolon
        INSERT INTO a (s) VALUES ('x;y'), (':word');
        /* another; */
        CREATE INDEX a_s ON a (s);
        UPDATE a SET s = s || '!';
    ",
    );
    t.db.execute_script(script).await.unwrap();
    assert_eq!(t.table("SELECT s FROM a ORDER BY id").await, "x;y!|:word!");
    t.db.execute_script("").await.unwrap();
    assert_eq!(t.db.select("a", "s").await.unwrap().len(), 2);
}

async fn script_is_all_or_nothing(t: &Case) {
    table(t).await;
    for broken in [
        "DELETE FROM t; INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (1)",
        "CREATE TABLE made (id int); DELETE FROM t; SELECT nonsense FROM nowhere",
        "DELETE FROM t; THIS IS NO SQL",
    ] {
        assert!(t.db.execute_script(broken).await.is_err(), "{broken}");
        assert_eq!(t.scalar("SELECT count(*) FROM t").await, "2", "{broken}");
    }
    assert_eq!(
        kind(t.db.select("made", "*").await),
        ErrorKind::UndefinedTable
    );
}

async fn transaction_control_is_refused(t: &Case) {
    table(t).await;
    for sql in [
        "BEGIN",
        "begin transaction",
        "COMMIT",
        "ROLLBACK",
        "END",
        "SAVEPOINT a",
        "RELEASE a",
        "/* x */ COMMIT",
        "ROLLBACK TO a",
    ] {
        for error in [
            error(t.db.execute(sql).await),
            error(t.db.query(sql).await),
            error(
                t.db.execute_script(format!("DELETE FROM t; {sql}; DELETE FROM t"))
                    .await,
            ),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{sql}: {error}");
            assert!(error.to_string().contains("begin()"), "{error}");
        }
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "2");
    t.db.insert("t", row! { "id": 3 }).await.unwrap();
    assert_eq!(
        t.scalar("SELECT count(*) FROM t").await,
        "3",
        "no transaction was left open"
    );
}

async fn mistakes_in_sql_are_typed(t: &Case) {
    table(t).await;
    for (sql, expected) in [
        ("SELECT * FROM nowhere", ErrorKind::UndefinedTable),
        ("SELECT absent FROM t", ErrorKind::UndefinedColumn),
        ("SELEC 1", ErrorKind::InvalidQuery),
        ("SELECT * FROM t WHERE", ErrorKind::InvalidQuery),
        ("INSERT INTO t (id) VALUES (1)", ErrorKind::UniqueViolation),
    ] {
        assert_eq!(kind(t.db.query(sql).await), expected, "query {sql}");
        assert_eq!(kind(t.db.execute(sql).await), expected, "execute {sql}");
    }
}

/// sqlx caches statements by their text alone: the same text with another type of parameter must
/// not give another's plan.
async fn the_same_text_with_other_types(t: &Case) {
    t.ddl("CREATE TABLE u (id {id}, s text, n {numeric})").await;
    for value in [
        Value::from(1),
        num("2.5"),
        1.5.into(),
        "3".into(),
        Value::Null,
        num("10"),
    ] {
        t.db.execute("INSERT INTO u (n) VALUES (:v)")
            .bind("v", &value)
            .await
            .unwrap();
        t.db.insert("u", row! { "n": &value }).await.unwrap();
    }
    for value in ["text", "1", ""] {
        t.db.execute("INSERT INTO u (s) VALUES (:v)")
            .bind("v", value)
            .await
            .unwrap();
        t.db.insert("u", row! { "s": value }).await.unwrap();
    }
    let rows = t.db.select("u", "n, s").order_by("id").await.unwrap();
    let numbers: Vec<Value> = rows.iter().map(|row| row["n"].clone()).take(12).collect();
    let expected = [
        num("1"),
        num("2.5"),
        num("1.5"),
        num("3"),
        Value::Null,
        num("10"),
    ];
    let expected: Vec<Value> = expected
        .into_iter()
        .flat_map(|value| [value.clone(), value])
        .collect();
    assert_eq!(numbers, expected);
    let texts: Vec<&str> = rows[12..]
        .iter()
        .map(|row| row["s"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["text", "text", "1", "1", "", ""]);
}
