//! What a client says that its database can do is what the database does.

use db_adapter::prelude::*;
use db_adapter::query::AllocateKeys;
use db_adapter::{
    BoxFuture, BoxStream, Capabilities, Error, ErrorKind, Operation, Outcome, Result, TxOptions,
};

use crate::case::{Case, error, kind};

cases! {
    anywhere: [ddl_is_undone_with_its_savepoint, constraints_are_set_where_it_is_said]
    outside: [
        ddl_is_undone_with_its_transaction, schemas_are_made_where_it_is_said,
        policies_are_where_it_is_said, numbers_are_had_in_advance, a_snapshot_stays_as_it_is,
        a_transaction_can_what_its_client_can, a_wrapper_that_does_not_say_is_not_asked,
    ]
}

fn can(t: &Case) -> Capabilities {
    t.db.capabilities().unwrap()
}

/// Whether the database takes a statement that runs beside db-adapter.
async fn takes(t: &Case, sql: &str) -> bool {
    !t.oracle_fails(sql).await
}

async fn ddl_is_undone_with_its_transaction(t: &Case) {
    let can = can(t);
    assert!(can.transactions);
    let tx = t.db.begin().await.unwrap();
    tx.execute("CREATE TABLE made (n int)").await.unwrap();
    tx.rollback().await.unwrap();
    let gone = t.oracle_fails("SELECT n FROM made").await;
    assert_eq!(can.transactional_ddl, gone);
}

async fn ddl_is_undone_with_its_savepoint(t: &Case) {
    assert!(can(t).savepoints);
    let tx = t.db.begin().await.unwrap();
    tx.execute("CREATE TABLE kept (n int)").await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    savepoint
        .execute("CREATE TABLE made (n int)")
        .await
        .unwrap();
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM kept").await, "0");
    assert!(t.oracle_fails("SELECT n FROM made").await);
}

async fn constraints_are_set_where_it_is_said(t: &Case) {
    let set = takes(t, "SET CONSTRAINTS ALL IMMEDIATE").await;
    assert_eq!(can(t).set_constraints, set);
}

async fn schemas_are_made_where_it_is_said(t: &Case) {
    assert_eq!(can(t).schemas, takes(t, "CREATE SCHEMA other").await);
}

async fn policies_are_where_it_is_said(t: &Case) {
    t.ddl("CREATE TABLE t (id {id})").await;
    let policies = takes(t, "ALTER TABLE t ENABLE ROW LEVEL SECURITY").await;
    assert_eq!(can(t).row_security, policies);
}

async fn numbers_are_had_in_advance(t: &Case) {
    assert!(can(t).sequences);
    t.ddl("CREATE TABLE t (id {id}, n int)").await;
    let tx = t.db.begin().await.unwrap();
    let table = db_adapter::query::TableName::parse("t").unwrap();
    let allocate = Operation::AllocateKeys(AllocateKeys::new(table, "id", 2));
    assert_eq!(tx.run(allocate).await.unwrap().rows.len(), 2);
    tx.rollback().await.unwrap();
}

async fn a_snapshot_stays_as_it_is(t: &Case) {
    assert!(can(t).snapshots);
    t.ddl("CREATE TABLE t (id {id}, n int)").await;
    let mut options = TxOptions::serializable();
    options.read_only = true;
    let tx = t.db.begin_with(options).await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 0);
    t.ddl("INSERT INTO t (n) VALUES (1)").await;
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 0);
    tx.rollback().await.unwrap();
    assert_eq!(t.db.count("t", row! {}).await.unwrap(), 1);
}

async fn a_transaction_can_what_its_client_can(t: &Case) {
    let mut of_client = can(t);
    // what cannot be part of a transaction is the one thing that it cannot
    of_client.alone = false;
    let handle = t.db.transaction(async |tx| {
        assert_eq!(tx.capabilities()?, of_client);
        let savepoint = tx.begin().await?;
        assert_eq!(savepoint.capabilities()?, of_client);
        savepoint.commit().await?;
        Ok::<_, Error>(tx.clone())
    });
    let ended = handle.await.unwrap();
    assert_eq!(
        kind(ended.capabilities()),
        kind(Err::<(), _>(Error::TransactionEnded))
    );
}

/// Forwards what it must.
struct Silent<C>(C);

impl<C: DatabaseClient> DatabaseClient for Silent<C> {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        self.0.run(operation)
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        self.0.run_stream(operation)
    }
}

async fn a_wrapper_that_does_not_say_is_not_asked(t: &Case) {
    let silent = Silent(&t.db);
    let error = error(silent.capabilities());
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("forward `capabilities`"),
        "{error}"
    );
    let boxed: Box<dyn DatabaseClient> = Box::new(t.db.clone());
    assert_eq!(boxed.capabilities().unwrap(), can(t));
}
