//! What a row has afterwards: an update that the database swallows is a failure, and a key is a new
//! one only where the database numbers it.

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions, restore_database};
use db_adapter::{BackupSchema, TableDef, connect};
use serde_json::json;

use crate::case::{Case, counts};

on_both! {
    an_update_that_a_trigger_swallows, an_update_that_a_trigger_completes,
    a_default_is_not_a_number, what_numbers_rows_does, a_row_that_a_trigger_makes_another_one,
    a_row_that_a_trigger_removes,
}

const TABLE: &str = "
    CREATE TABLE t (id {id}, user_id text, slug text, v text, touched {int8} DEFAULT 0, code text);
    INSERT INTO t (user_id, slug, v, code) VALUES ('ann', 'a', 'old', '1'), ('ann', 'b', 'new', '2'), ('bob', 'c', 'old', '3')";

fn schema() -> BackupSchema {
    BackupSchema::new([TableDef::new("t")]).unwrap()
}

fn overwrite() -> RestoreOptions {
    RestoreOptions::default()
        .mode(RestoreMode::Overwrite)
        .allow_row_security()
}

fn row(id: i64, slug: &str, code: &str) -> serde_json::Value {
    json!({"id": id, "user_id": "ann", "slug": slug, "v": "new", "code": code})
}

/// `a` would change, `b` is so already.
async fn swallowed(t: &Case) {
    let path = t.file(&[("t", &[row(1, "a", "1"), row(2, "b", "2")])]);
    let before = t.everything().await;
    let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
    assert!(!summary.committed, "{summary:#?}");
    assert_eq!(summary.tables[0].failed, 1, "{summary:#?}");
    let reason = &summary.tables[0].failure_details[0].reason;
    assert!(reason.contains("did not keep the row"), "{reason}");
    let options = overwrite().on_error(OnError::Skip);
    let summary = t.restore(&schema(), &path, "ann", options).await;
    assert_eq!(counts(&summary), [[0, 0, 1, 1, 0]], "{summary:#?}");
    assert_eq!(t.everything().await, before);
}

async fn an_update_that_a_trigger_swallows(t: &Case) {
    t.sql(TABLE).await;
    t.sql(if t.is_postgres() {
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keep BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION keep()"
    } else {
        "CREATE TRIGGER keep BEFORE UPDATE ON t BEGIN SELECT RAISE(IGNORE); END"
    })
    .await;
    swallowed(t).await;
}

/// `updated_at` and the like: the row is not what was sent, and was written.
async fn an_update_that_a_trigger_completes(t: &Case) {
    t.sql(TABLE).await;
    t.sql(if t.is_postgres() {
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.v := new.v || ''!''; new.touched := 7; RETURN new; END';
         CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()"
    } else {
        "CREATE TRIGGER touch AFTER UPDATE OF v ON t WHEN new.v = 'new' BEGIN UPDATE t SET v = new.v || '!', touched = 7 WHERE id = new.id; END"
    })
    .await;
    let path = t.file(&[("t", &[row(1, "a", "1"), row(2, "b", "2")])]);
    let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(counts(&summary), [[0, 1, 1, 0, 0]]);
    let sql = "SELECT slug, v, touched FROM t ORDER BY 1";
    assert_eq!(t.table(sql).await, "a,new!,7|b,new,0|c,old,0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_a_policy_swallows() {
    let t = &mut Case::new(crate::case::Backend::Postgres).await;
    t.sql(TABLE).await;
    let role = format!("writer_{}", t.database.name());
    t.sql(&format!(
        "CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role};
         ALTER TABLE t ENABLE ROW LEVEL SECURITY;
         CREATE POLICY sees ON t FOR SELECT USING (true);
         CREATE POLICY keeps ON t FOR UPDATE USING (false)"
    ))
    .await;
    let url = format!("{}?options=-c%20role%3D{role}", t.database.url());
    t.db = connect(&url).await.unwrap();
    // a policy may hide rows that would then come twice
    let path = t.file(&[("t", &[row(1, "a", "1")])]);
    let before = t.everything().await;
    let options = RestoreOptions::default();
    let refused = restore_database(&t.db, &schema(), &path, "ann", options).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("`public.t` may hide rows"), "{refused}");
    assert_eq!(t.everything().await, before);
    swallowed(t).await;
    t.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_a_conflict_swallows() {
    let t = &Case::new(crate::case::Backend::Sqlite).await;
    t.sql(TABLE).await;
    t.sql("CREATE TABLE u (id INTEGER PRIMARY KEY, user_id text, slug text, code text UNIQUE ON CONFLICT IGNORE);
           INSERT INTO u VALUES (1, 'ann', 'a', '1'), (2, 'bob', 'b', '2')")
        .await;
    let schema = BackupSchema::new([TableDef::new("u")]).unwrap();
    let path = t.file(&[(
        "u",
        &[json!({"id": 1, "user_id": "ann", "slug": "a", "code": "2"})],
    )]);
    let before = t.everything().await;
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    assert!(!summary.committed && summary.failed() == 1, "{summary:#?}");
    assert_eq!(t.everything().await, before);
}

/// The time, the session and constants: rows keep what they have.
async fn a_default_is_not_a_number(t: &Case) {
    t.sql(if t.is_postgres() {
        "CREATE TABLE p (id bigint, at timestamptz DEFAULT now(), lang varchar(2) DEFAULT 'en'::varchar(2),
             tenant text DEFAULT current_setting('application_name', true), user_id text, slug text,
             PRIMARY KEY (id, at, lang, tenant));
         CREATE TABLE c (id bigint PRIMARY KEY, slug text, p_id bigint, p_at timestamptz, p_lang varchar(2), p_tenant text,
             FOREIGN KEY (p_id, p_at, p_lang, p_tenant) REFERENCES p)"
    } else {
        "CREATE TABLE p (id BIGINT, at TIMESTAMPTZ DEFAULT (datetime('now')), lang VARCHAR(2) DEFAULT 'en',
             tenant TEXT DEFAULT (lower('X')), user_id text, slug text, PRIMARY KEY (id, at, lang, tenant));
         CREATE TABLE c (id BIGINT PRIMARY KEY, slug text, p_id BIGINT, p_at TIMESTAMPTZ, p_lang VARCHAR(2), p_tenant TEXT,
             FOREIGN KEY (p_id, p_at, p_lang, p_tenant) REFERENCES p)"
    })
    .await;
    let schema = BackupSchema::new([
        TableDef::new("p").pk(["id", "at", "lang", "tenant"]),
        TableDef::new("c")
            .no_user()
            .parent("p", ["p_id", "p_at", "p_lang", "p_tenant"]),
    ])
    .unwrap();
    let at = "2020-01-02T03:04:05.000000+00:00";
    let p = |id: i64| json!({"id": id, "at": at, "lang": "de", "tenant": "t1", "user_id": "ann", "slug": format!("{id}")});
    let c = |id: i64| json!({"id": id, "slug": "c", "p_id": id, "p_at": at, "p_lang": "de", "p_tenant": "t1"});
    let path = t.file(&[("p", &[p(1), p(2)]), ("c", &[c(1), c(2)])]);
    for (inserted, skipped) in [(2, 0), (0, 2)] {
        let summary = t.restored(&schema, &path, "ann").await;
        assert_eq!(counts(&summary), [[inserted, 0, skipped, 0, 0]; 2]);
    }
    let year = if t.is_postgres() {
        "to_char(at AT TIME ZONE 'UTC', 'YYYY')"
    } else {
        "substr(at, 1, 4)"
    };
    let sql = format!(
        "SELECT p.id, {year}, lang, tenant, c.id FROM p JOIN c ON p_id = p.id AND p_at = at AND p_lang = lang AND p_tenant = tenant ORDER BY 1"
    );
    assert_eq!(t.table(&sql).await, "1,2020,de,t1,1|2,2020,de,t1,2");
}

/// The other side: a clone within one database gets keys of its own.
async fn what_numbers_rows_does(t: &Case) {
    t.sql(if t.is_postgres() {
        "CREATE SEQUENCE s;
         CREATE TABLE a (id bigint PRIMARY KEY DEFAULT nextval('s'), user_id text, slug text);
         CREATE TABLE b (id text PRIMARY KEY DEFAULT (gen_random_uuid())::text, user_id text, slug text);
         INSERT INTO a VALUES (100, 'ann', 'x'); INSERT INTO b VALUES ('100', 'ann', 'x')"
    } else {
        "CREATE TABLE a (id INTEGER PRIMARY KEY, user_id text, slug text);
         CREATE TABLE b (id text PRIMARY KEY DEFAULT (lower(hex(randomblob(4))) || '-' || substr(lower(hex(randomblob(2))), 2)),
             user_id text, slug text);
         INSERT INTO a VALUES (100, 'ann', 'x'); INSERT INTO b VALUES ('100', 'ann', 'x')"
    })
    .await;
    let schema = BackupSchema::new([TableDef::new("a"), TableDef::new("b")]).unwrap();
    let path = t.file(&[
        ("a", &[json!({"id": 100, "user_id": "ann", "slug": "x"})]),
        ("b", &[json!({"id": "100", "user_id": "ann", "slug": "x"})]),
    ]);
    let summary = t.restored(&schema, &path, "bea").await;
    assert_eq!(counts(&summary), [[1, 0, 0, 0, 0]; 2]);
    for table in ["a", "b"] {
        let sql = format!("SELECT count(DISTINCT id), count(*) FROM {table}");
        assert_eq!(t.table(&sql).await, "2,2");
    }
}

fn with_children() -> BackupSchema {
    let children = TableDef::new("c").parent("t", "t_id");
    BackupSchema::new([TableDef::new("t"), children]).unwrap()
}

/// Two rows of bob's with the keys that the file has, and what a trigger does with ann's.
async fn nothing_is_restored(t: &Case, then: &str) {
    t.sql(
        "CREATE TABLE t (id {int8} PRIMARY KEY, user_id text, slug text, v text);
         CREATE TABLE c (id {id}, user_id text, t_id {int8} NOT NULL, slug text);
         INSERT INTO t VALUES (1, 'bob', 'x', 'his'), (2, 'bob', 'y', 'his');",
    )
    .await;
    t.sql(then).await;
    let child = |id: i64, of: i64| json!({"id": id, "user_id": "ann", "t_id": of, "slug": "c"});
    let parent =
        |id: i64| json!({"id": id, "user_id": "ann", "slug": format!("s{id}"), "v": "hers"});
    let path = t.file(&[
        ("t", &[parent(11), parent(12)]),
        ("c", &[child(1, 11), child(2, 12)]),
    ]);
    let before = t.everything().await;
    let summary = t
        .restore(&with_children(), &path, "ann", RestoreOptions::default())
        .await;
    assert!(!summary.committed, "{summary:#?}");
    let reason = &summary.tables[0].failure_details[0].reason;
    assert!(
        reason.contains("did not keep the row as it was sent"),
        "{reason}"
    );
    assert_eq!(t.everything().await, before);
    let options = RestoreOptions::default().on_error(OnError::Skip);
    let summary = t.restore(&with_children(), &path, "ann", options).await;
    assert_eq!(
        counts(&summary),
        [[0, 0, 0, 2, 0], [0, 0, 0, 2, 0]],
        "{summary:#?}"
    );
    assert_eq!(t.everything().await, before);
}

/// Its children would lead to whoever has the key that was sent.
async fn a_row_that_a_trigger_makes_another_one(t: &Case) {
    let then = if t.is_postgres() {
        "CREATE FUNCTION numbers() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN NEW.id = NEW.id - 10; RETURN NEW; END';
         CREATE TRIGGER numbers BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.user_id = 'ann') EXECUTE FUNCTION numbers();
         DELETE FROM t"
    } else {
        "DELETE FROM t;
         CREATE TRIGGER numbers AFTER INSERT ON t WHEN new.user_id = 'ann' BEGIN UPDATE t SET id = id - 10 WHERE id = new.id; END"
    };
    nothing_is_restored(t, then).await;
}

async fn a_row_that_a_trigger_removes(t: &Case) {
    let then = if t.is_postgres() {
        "CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN NEW.user_id = ''bob''; RETURN NEW; END';
         CREATE TRIGGER moves BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.slug = 's11') EXECUTE FUNCTION moves();
         CREATE FUNCTION removes() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN DELETE FROM t WHERE slug = ''s12''; RETURN NULL; END';
         CREATE TRIGGER removes AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION removes()"
    } else {
        "CREATE TRIGGER moves AFTER INSERT ON t WHEN new.slug = 's11' BEGIN UPDATE t SET user_id = 'bob' WHERE id = new.id; END;
         CREATE TRIGGER removes AFTER INSERT ON t WHEN new.slug = 's12' BEGIN DELETE FROM t WHERE id = new.id; END"
    };
    nothing_is_restored(t, then).await;
}
