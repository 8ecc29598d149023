//! Loads where PostgreSQL has no COPY, and where a table changed under the cache.

use db_adapter::prelude::*;
use db_adapter::query::{Load, Operation, TableName};

use crate::database;

fn load(rows: Vec<Row>) -> Operation {
    Operation::Load(Load::new(TableName::parse("t").unwrap(), rows))
}

#[tokio::test]
async fn policies_decide_for_loads_too() {
    let (_database, db) = database(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text);
         ALTER TABLE t ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON t USING (owner = 'a') WITH CHECK (owner = 'a');
         DO $$ BEGIN CREATE ROLE loader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         GRANT ALL ON t TO loader;",
    )
    .await;
    let tx = db.begin().await.unwrap();
    tx.execute("SET LOCAL ROLE loader").await.unwrap();
    let rows = |owner: &str| {
        (1..=500)
            .map(|id| row! { "id": id, "owner": owner })
            .collect()
    };
    assert_eq!(tx.run(load(rows("a"))).await.unwrap().affected, 500);
    let savepoint = tx.begin().await.unwrap();
    let error = savepoint.run(load(rows("b"))).await.unwrap_err();
    assert_eq!(error.kind(), db_adapter::ErrorKind::PermissionDenied);
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 500);
}

#[tokio::test]
async fn a_load_knows_the_table_as_it_is_now() {
    let (database, db) = database("CREATE TABLE t (v jsonb)").await;
    db.run(load(vec![row! { "v": "x" }; 500])).await.unwrap();
    database.sql("DROP TABLE t; CREATE TABLE t (v text)").await;
    for count in [1, 500] {
        db.run(load(vec![row! { "v": "x" }; count])).await.unwrap();
    }
    let kinds = database.rows_text("SELECT DISTINCT v FROM t").await;
    assert_eq!(kinds, [[Some("x".to_owned())]], "text, and no JSON string");
}
