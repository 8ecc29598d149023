//! Rows of tenants, whose own row comes with them: a comparison knows that row before it is there.

use db_adapter::sync::SyncOptions;
use db_adapter::{BackupSchema, TableDef};

use crate::case::{Pair, counts};

on_mixed_pairs! { the_row_of_the_owner_comes_along, an_owner_who_is_not_there }

const TABLES: &str = "
    CREATE TABLE tenants (id {int8} PRIMARY KEY, name text);
    CREATE TABLE projects (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text NOT NULL, UNIQUE (tenant_id, slug));";

const ROWS: &str = "
    INSERT INTO tenants VALUES (1, 'Acme'), (2, 'Other');
    INSERT INTO projects (tenant_id, slug) VALUES (2, 'theirs'), (1, 'rocket'), (1, 'boat');";

async fn the_row_of_the_owner_comes_along(t: &Pair) {
    t.both(TABLES).await;
    t.source.sql(ROWS).await;
    let schema = BackupSchema::new([
        TableDef::new("tenants").no_slug().user("id").key(["id"]),
        TableDef::new("projects").owner("tenants", "tenant_id"),
    ])
    .unwrap();
    let one = SyncOptions::of_schema(schema.clone()).user_id(1);
    assert_eq!(
        counts(&t.compare(&one).await),
        [[1, 0, 0, 0, 0], [2, 0, 0, 0, 0]]
    );
    let done = t.synced(&one).await;
    assert_eq!(counts(&done.plan), [[1, 0, 0, 0, 0], [2, 0, 0, 0, 0]]);
    let told =
        "SELECT t.name, p.slug FROM projects p JOIN tenants t ON t.id = p.tenant_id ORDER BY 1, 2";
    assert_eq!(t.dest.table(told).await, "Acme,boat|Acme,rocket");
    let all = SyncOptions::of_schema(schema);
    assert_eq!(
        counts(&t.compare(&all).await),
        [[1, 0, 1, 0, 0], [1, 0, 2, 0, 0]]
    );
    t.synced(&all).await;
    assert_eq!(
        t.dest.table(told).await,
        "Acme,boat|Acme,rocket|Other,theirs"
    );
}

async fn an_owner_who_is_not_there(t: &Pair) {
    t.both(TABLES).await;
    t.source.sql(ROWS).await;
    let schema =
        BackupSchema::new([TableDef::new("projects").owner("tenants", "tenant_id")]).unwrap();
    let options = SyncOptions::of_schema(schema).user_id(1);
    for refused in [
        db_adapter::sync::compare(&t.source.db, &t.dest.db, &options)
            .await
            .err(),
        db_adapter::sync::sync(&t.source.db, &t.dest.db, &options)
            .await
            .err(),
    ] {
        assert!(
            matches!(refused, Some(db_adapter::Error::SyncRefused { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(t.dest.table("SELECT count(*) FROM projects").await, "0");
}
