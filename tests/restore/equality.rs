//! Which values are equal is for the database to say: rows are neither lost nor doubled where a collation,
//! citext, an interval or a type of the server compares otherwise than their texts do.

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions, restore_database};
use db_adapter::{BackupSchema, TableDef};
use serde_json::{Value as Json, json};
use support::TestDatabase;

use crate::case::{Backend, Case, counts};

const TYPES: &str = "CREATE EXTENSION citext;
    CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE DOMAIN word AS text COLLATE nocase;
    CREATE TYPE pair AS (a numeric, b text)";

fn schema() -> BackupSchema {
    BackupSchema::new([TableDef::new("t")]).unwrap()
}

fn row(id: usize, slug: &Json) -> Json {
    json!({"id": id, "user_id": "old", "slug": slug, "v": "new"})
}

fn skip() -> RestoreOptions {
    RestoreOptions::default().on_error(OnError::Skip)
}

/// Of the file's rows the first is there, the second is new, and the third has the second's key.
async fn compared(t: &Case, sql_type: &str, there: &str, file: [Json; 3]) {
    t.sql("DROP TABLE IF EXISTS t").await;
    t.sql(&format!(
        "CREATE TABLE t (id {{id}}, user_id text, slug {sql_type}, v text, UNIQUE (user_id, slug));
         INSERT INTO t (user_id, slug, v) VALUES ('ann', '{there}', 'old'), ('bob', '{there}', 'bobs')"
    ))
    .await;
    let rows = t.everything().await;
    let numbered = file.iter().enumerate();
    let path = t.file(&[("t", &numbered.map(|(n, v)| row(n, v)).collect::<Vec<_>>())]);
    let summary = t.restore(&schema(), &path, "ann", skip()).await;
    assert_eq!(
        counts(&summary),
        [[1, 0, 1, 1, 0]],
        "{sql_type} {summary:#?}"
    );
    let reason = &summary.tables[0].failure_details[0].reason;
    assert!(
        reason.contains("natural key of the row on line"),
        "{reason}"
    );
    let after = t.everything().await;
    assert!(rows.iter().all(|row| after.contains(row)), "{after:#?}");
    assert_eq!(after.len(), rows.len() + 1, "{sql_type} {after:#?}");
    // again, everything is there, and each row is found by its key
    let overwrite = skip().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema(), &path, "ann", overwrite).await;
    assert_eq!(
        counts(&summary),
        [[0, 1, 1, 1, 0]],
        "{sql_type} {summary:#?}"
    );
    let bobs = "SELECT count(*) FROM t WHERE user_id = 'bob' AND v = 'bobs'";
    assert_eq!(t.count(bobs).await, 1);
    assert_eq!(t.count("SELECT count(*) FROM t").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_says_what_is_equal() {
    let t = Case::new(Backend::Postgres).await;
    t.sql(TYPES).await;
    let json_word = |word: &str| Json::from(word);
    for (sql_type, there, file) in [
        ("citext", "Größe", ["GRÖßE", "b", "B"].map(json_word)),
        ("text COLLATE nocase", "ä", ["Ä", "a", "A"].map(json_word)),
        (
            "varchar(5) COLLATE nocase",
            "x",
            ["X", "y", "Y"].map(json_word),
        ),
        ("word", "ä", ["Ä", "a", "A"].map(json_word)),
        (
            "interval",
            "30 days",
            ["1 mon", "36:00:00", "1 day 12:00:00"].map(json_word),
        ),
        (
            "citext[]",
            "{a,NULL,B}",
            [json!(["A", null, "b"]), json!(["a"]), json!(["A"])],
        ),
        ("word[]", "{a}", [json!(["A"]), json!(["b"]), json!(["B"])]),
        (
            "jsonb",
            "[1.0]",
            [json!([1]), json!({"a": 1}), json!({"a": 1.00})],
        ),
        (
            "numrange",
            "[1.0,2)",
            ["[1,2.00)", "empty", "(3,3)"].map(json_word),
        ),
        (
            "pair",
            "(1.0,x)",
            ["(1,x)", "(2,X)", "(2.0,X)"].map(json_word),
        ),
        // it cannot be hashed, and only be sorted
        ("bit(3)", "101", ["101", "111", "111"].map(json_word)),
    ] {
        compared(&t, sql_type, there, file).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collation_that_tells_letters_apart_does_so() {
    let t = Case::new(Backend::Postgres).await;
    t.sql("CREATE COLLATION nocase (provider = icu, locale = 'und')")
        .await;
    t.sql("CREATE TABLE t (id {id}, user_id text, slug text COLLATE nocase, v text, UNIQUE (user_id, slug));
           INSERT INTO t (user_id, slug, v) VALUES ('ann', 'a', 'old')")
        .await;
    let path = t.file(&[("t", &[row(1, &json!("A")), row(2, &json!("a"))])]);
    let summary = t.restored(&schema(), &path, "ann").await;
    assert_eq!(counts(&summary), [[1, 0, 1, 0, 0]]);
    assert_eq!(
        t.table("SELECT slug, v FROM t ORDER BY id").await,
        "a,old|A,new"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_locale_c_keeps_umlauts_apart() {
    let database = TestDatabase::postgres_in_locale_c().await;
    let t = Case::of(Backend::Postgres, database).await;
    t.sql("CREATE EXTENSION citext").await;
    t.sql("CREATE TABLE t (id {id}, user_id citext, slug citext, v text, UNIQUE (user_id, slug));
           INSERT INTO t (user_id, slug, v) VALUES ('ann', 'Ä', 'old'), ('ann', 'b', 'old'), ('bob', 'ä', 'bobs')")
        .await;
    let slugs = ["ä", "Ä", "B", "Ö", "ö"];
    let rows: Vec<Json> = slugs
        .iter()
        .enumerate()
        .map(|(n, s)| row(n, &json!(s)))
        .collect();
    let path = t.file(&[("t", &rows)]);
    // the user is the same one as well, in whatever case
    let summary = t.restored(&schema(), &path, "ANN").await;
    assert_eq!(counts(&summary), [[3, 0, 2, 0, 0]], "{summary:#?}");
    assert_eq!(
        t.table("SELECT user_id, slug, v FROM t ORDER BY id").await,
        "ann,Ä,old|ann,b,old|bob,ä,bobs|ANN,ä,new|ANN,Ö,new|ANN,ö,new"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_in_another_spelling_leads_to_its_row() {
    let t = Case::new(Backend::Postgres).await;
    t.sql(TYPES).await;
    t.sql("CREATE TABLE tags (name citext PRIMARY KEY, user_id text, up citext REFERENCES tags, v text);
           CREATE TABLE uses (id {id}, user_id text, tag citext NOT NULL REFERENCES tags, n {int8}, UNIQUE (user_id, tag, n));
           INSERT INTO tags VALUES ('Red', 'ann', NULL, 'old'), ('bobs', 'bob', NULL, 'bobs');
           INSERT INTO uses (user_id, tag, n) VALUES ('ann', 'RED', 1), ('bob', 'BOBS', 1)")
        .await;
    let schema = BackupSchema::new([
        TableDef::new("tags")
            .pk("name")
            .key(["name"])
            .optional_ref("tags", "up"),
        TableDef::new("uses")
            .key(["user_id", "tag", "n"])
            .parent("tags", "tag"),
    ])
    .unwrap();
    let tag = |name: &str, up: Option<&str>| json!({"name": name, "user_id": "old", "up": up, "v": "new"});
    let used = |id: i64, tag: &str, n: i64| json!({"id": id, "user_id": "old", "tag": tag, "n": n});
    let path = t.file(&[
        (
            "tags",
            &[tag("dark", Some("rED")), tag("red", Some("DARK"))],
        ),
        (
            "uses",
            &[used(1, "rEd", 1), used(2, "reD", 2), used(3, "DARK", 1)],
        ),
    ]);
    let summary = t.restored(&schema, &path, "ann").await;
    assert_eq!(
        counts(&summary),
        [[1, 0, 1, 0, 0], [2, 0, 1, 0, 0]],
        "{summary:#?}"
    );
    assert_eq!(
        t.table("SELECT user_id, lower(tag::text), n FROM uses ORDER BY id")
            .await,
        "ann,red,1|bob,bobs,1|ann,red,2|ann,dark,1"
    );
    assert_eq!(
        t.table("SELECT name, lower(up::text), v FROM tags ORDER BY name")
            .await,
        "bobs,NULL,bobs|dark,red,new|Red,NULL,old"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_compare_is_refused() {
    let t = Case::new(Backend::Postgres).await;
    t.sql(
        "CREATE TABLE t (id {id}, user_id text, slug point, v text);
           INSERT INTO t (user_id, slug, v) VALUES ('ann', '(1,2)', 'old')",
    )
    .await;
    let before = t.everything().await;
    let path = t.file(&[("t", &[row(1, &json!("(1,2)")), row(2, &json!("(2,1)"))])]);
    let schema = schema();
    let restored = restore_database(&t.db, &schema, &path, "ann", RestoreOptions::default());
    let error = restored.await.unwrap_err().to_string();
    assert!(error.contains("t.slug` are equal"), "{error}");
    assert_eq!(t.everything().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_compares_by_its_collations_alone() {
    let t = Case::new(Backend::Sqlite).await;
    let word = |word: &str| Json::from(word);
    compared(&t, "text COLLATE NOCASE", "Ab", ["aB", "c", "C"].map(word)).await;
    compared(
        &t,
        "text COLLATE RTRIM",
        "ab",
        ["ab  ", "c", "c "].map(word),
    )
    .await;
    // a name of a type changes nothing there, and NOCASE knows ASCII only
    for (sql_type, there, other) in [
        ("citext", "a", "A"),
        ("interval", "30 days", "1 mon"),
        ("text COLLATE NOCASE", "ä", "Ä"),
    ] {
        t.sql("DROP TABLE t").await;
        t.sql(&format!("CREATE TABLE t (id {{id}}, user_id text, slug {sql_type}, v text, UNIQUE (user_id, slug));
               INSERT INTO t (user_id, slug, v) VALUES ('ann', '{there}', 'old')"))
            .await;
        let path = t.file(&[("t", &[row(1, &word(other)), row(2, &word(there))])]);
        let summary = t.restored(&schema(), &path, "ann").await;
        assert_eq!(
            counts(&summary),
            [[1, 0, 1, 0, 0]],
            "{sql_type} {summary:#?}"
        );
        let slugs = t.table("SELECT slug, v FROM t ORDER BY id").await;
        assert_eq!(slugs, format!("{there},old|{other},new"));
    }
}
