//! Rows that a trigger or a rule changes after the restore has written them, or has looked at them: for a row of
//! another table, or of the same one. The restore is refused as a whole, and the whole database stays as it was.

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions, restore_database};
use db_adapter::{BackupSchema, Error, TableDef};
use serde_json::json;

use crate::case::{Case, counts};

on_both! {
    a_trigger_of_a_table_that_comes_later, a_trigger_that_changes_other_rows_of_its_table,
    a_trigger_that_removes_a_row, a_trigger_behind_a_cascade, a_trigger_that_leaves_such_columns_alone,
}

const TABLES: &str = "
    CREATE TABLE tenants (id {int8} PRIMARY KEY NOT NULL);
    CREATE TABLE p (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text NOT NULL, v {int8},
        UNIQUE (tenant_id, slug));
    CREATE TABLE c (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text NOT NULL, p_id {int8} NOT NULL REFERENCES p);
    INSERT INTO tenants VALUES (1), (2), (3)";

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("p").owner("tenants", "tenant_id"),
        TableDef::new("c")
            .owner("tenants", "tenant_id")
            .parent("p", "p_id"),
    ])
    .unwrap()
}

/// A trigger after rows of `table` were written.
async fn after(t: &Case, event: &str, table: &str, then: &str) {
    t.sql(&if t.is_postgres() {
        format!(
            "CREATE FUNCTION acts() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {then}; RETURN NULL; END$$;
             CREATE TRIGGER acts AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION acts()"
        )
    } else {
        format!("CREATE TRIGGER acts AFTER {event} ON {table} BEGIN {then}; END")
    })
    .await;
}

/// Restores two rows of each table as tenant 2, in every way.
async fn is_refused(t: &Case, table: &str) {
    let p = |id: i64, slug: &str| json!({"id": id, "tenant_id": 1, "slug": slug, "v": 1});
    let c =
        |id: i64, slug: &str, p: i64| json!({"id": id, "tenant_id": 1, "slug": slug, "p_id": p});
    let path = t.file(&[
        ("p", &[p(1, "x"), p(2, "y")]),
        ("c", &[c(1, "cx", 1), c(2, "cy", 2)]),
    ]);
    for dry in [true, false] {
        for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
            let before = t.everything().await;
            let options = RestoreOptions::default()
                .mode(mode)
                .on_error(OnError::Skip)
                .dry_run(dry);
            let error = restore_database(&t.db, &schema(), &path, 2, options)
                .await
                .unwrap_err();
            assert!(
                matches!(&error, Error::RestoreRefused { .. })
                    && error.to_string().contains(&format!("of `{table}` got")),
                "{mode:?} {error}"
            );
            assert_eq!(t.everything().await, before);
        }
    }
}

async fn a_trigger_of_a_table_that_comes_later(t: &Case) {
    t.sql(TABLES).await;
    after(
        t,
        "INSERT",
        "c",
        "UPDATE p SET tenant_id = 3 WHERE id = new.p_id AND slug = 'y'",
    )
    .await;
    is_refused(t, "p").await;
    // and where the row was there before, and was only looked at
    t.sql("INSERT INTO p (tenant_id, slug, v) VALUES (2, 'y', 1)")
        .await;
    is_refused(t, "p").await;
}

async fn a_trigger_that_changes_other_rows_of_its_table(t: &Case) {
    t.sql(TABLES).await;
    t.sql("INSERT INTO p (tenant_id, slug, v) VALUES (3, 'theirs', 1)")
        .await;
    after(
        t,
        "INSERT",
        "c",
        "UPDATE c SET p_id = (SELECT id FROM p WHERE slug = 'theirs')
         WHERE tenant_id = 2 AND slug <> new.slug",
    )
    .await;
    is_refused(t, "c").await;
}

async fn a_trigger_that_removes_a_row(t: &Case) {
    t.sql(TABLES).await;
    after(
        t,
        "INSERT",
        "c",
        "DELETE FROM c WHERE slug = 'cx' AND new.slug = 'cy'",
    )
    .await;
    is_refused(t, "c").await;
}

/// The trigger's own table is not in the backup: its rows follow a column that is.
async fn a_trigger_behind_a_cascade(t: &Case) {
    t.sql(TABLES).await;
    t.sql(
        "INSERT INTO p (tenant_id, slug, v) VALUES (2, 'y', 7);
         CREATE UNIQUE INDEX p_v ON p (v);
         CREATE TABLE follows (id {int8} PRIMARY KEY, v {int8} REFERENCES p (v) ON UPDATE CASCADE);
         INSERT INTO follows VALUES (1, 7)",
    )
    .await;
    after(
        t,
        "UPDATE",
        "follows",
        "UPDATE p SET tenant_id = 3 WHERE v = new.v",
    )
    .await;
    let row = json!({"id": 1, "tenant_id": 1, "slug": "y", "v": 8});
    let path = t.file(&[("p", &[row]), ("c", &[])]);
    let before = t.everything().await;
    let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema(), &path, 2, options).await;
    assert!(!summary.committed, "{summary:#?}");
    // whose that row is, nobody knows
    let reason = &summary.table("p").unwrap().failure_details[0].reason;
    assert!(
        reason.contains("rows of `follows` that refer to it"),
        "{reason}"
    );
    assert_eq!(t.everything().await, before);
}

/// Counters and dates of change are what triggers are for.
async fn a_trigger_that_leaves_such_columns_alone(t: &Case) {
    t.sql(TABLES).await;
    after(
        t,
        "INSERT",
        "c",
        "UPDATE p SET v = v + 1 WHERE id = new.p_id",
    )
    .await;
    let p = json!({"id": 1, "tenant_id": 1, "slug": "x", "v": 1});
    let c = |id: i64, slug: &str| json!({"id": id, "tenant_id": 1, "slug": slug, "p_id": 1});
    let path = t.file(&[("p", &[p]), ("c", &[c(1, "a"), c(2, "b")])]);
    let summary = t.restored(&schema(), &path, 2).await;
    assert_eq!(counts(&summary), [[1, 0, 0, 0, 0], [2, 0, 0, 0, 0]]);
    assert_eq!(t.count("SELECT v FROM p").await, 3);
}

/// A rule runs beside the statement, or in its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules() {
    let t = Case::new(crate::case::Backend::Postgres).await;
    t.sql(TABLES).await;
    t.sql(
        "CREATE RULE moves AS ON INSERT TO c DO ALSO UPDATE p SET tenant_id = 3 WHERE slug = 'y'",
    )
    .await;
    is_refused(&t, "p").await;
    t.sql("DROP RULE moves ON c; CREATE RULE keeps AS ON UPDATE TO p DO INSTEAD NOTHING")
        .await;
    let path = t.file(&[("p", &[]), ("c", &[])]);
    let before = t.everything().await;
    let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let error = restore_database(&t.db, &schema(), &path, 2, options)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("rule `keeps` of `p`"), "{error}");
    assert_eq!(t.everything().await, before);
}

/// The trigger is one of a partition.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_of_a_partition() {
    let t = Case::new(crate::case::Backend::Postgres).await;
    t.sql(
        "CREATE TABLE p (id bigint NOT NULL, user_id text NOT NULL, slug text NOT NULL, up bigint,
            PRIMARY KEY (id, user_id)) PARTITION BY LIST (user_id);
         CREATE TABLE one PARTITION OF p DEFAULT;
         CREATE FUNCTION acts() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF new.slug = 'b' THEN UPDATE p SET slug = 'z' WHERE slug = 'a'; END IF; RETURN NULL; END $$;
         CREATE TRIGGER acts AFTER INSERT ON one FOR EACH ROW EXECUTE FUNCTION acts()",
    )
    .await;
    let schema = BackupSchema::new([TableDef::new("p").pk(["id", "user_id"])]).unwrap();
    let row = |id: i64, slug: &str| json!({"id": id, "user_id": "old", "slug": slug, "up": null});
    let path = t.file(&[("p", &[row(1, "a"), row(2, "b")])]);
    let before = t.everything().await;
    let refused = restore_database(&t.db, &schema, &path, "me", RestoreOptions::default()).await;
    match refused {
        Ok(summary) => assert!(!summary.committed, "{summary:#?}"),
        Err(error) => assert!(matches!(error, Error::RestoreRefused { .. }), "{error}"),
    }
    assert_eq!(t.everything().await, before);
}

/// The trigger would run at the commit, behind the last look: another one has put it off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_that_is_put_off_to_the_commit() {
    let t = Case::new(crate::case::Backend::Postgres).await;
    t.sql(TABLES).await;
    t.sql(
        "CREATE TABLE log (x text);
         CREATE FUNCTION puts_off() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN SET CONSTRAINTS ALL DEFERRED; INSERT INTO log VALUES ('c'); RETURN NULL; END $$;
         CREATE TRIGGER puts_off AFTER INSERT ON c FOR EACH ROW EXECUTE FUNCTION puts_off();
         CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN UPDATE p SET tenant_id = 3, slug = slug || 'z' WHERE tenant_id = 2; RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER moves AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION moves()",
    )
    .await;
    is_refused(&t, "p").await;
}
