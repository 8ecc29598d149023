//! `.returning(columns)`: what each write gives back, and that it still writes all that it says.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;
use db_adapter::query::{Delete, Operation, Returning, TableName};

use crate::case::{Case, error, kind};
use crate::values::ints;

cases! {
    anywhere: [
        insert_gives_only_these_columns, upsert_gives_only_these_columns,
        update_gives_them_of_every_changed_row, delete_gives_the_rows_that_are_gone,
        delete_gives_whole_rows, delete_of_nothing_gives_nothing, delete_may_give_one_row,
    ]
    outside: [
        a_column_that_is_none_changes_nothing, a_count_is_refused_before_anything_is_sent,
        returning_obeys_the_guard_of_empty_filters, deleted_rows_follow_a_new_column,
    ]
}

const ALL: &str = "SELECT id, name, n FROM t ORDER BY id";

async fn table(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, name text, n {numeric} DEFAULT '1.50')")
        .await;
    let data = [(1, "a"), (2, "b"), (3, "b")];
    let rows = data.map(|(id, name)| row! { "id": id, "name": name });
    t.db.insert_many("t", rows).await.unwrap();
}

async fn insert_gives_only_these_columns(t: &Case) {
    table(t).await;
    let row = row! { "id": 9, "name": "x" };
    let row = t.db.insert("t", row).returning("n AS price, id").await;
    let row = row.unwrap();
    assert_eq!(row.names().collect::<Vec<_>>(), ["price", "id"]);
    assert_eq!(row["price"].to_json(), "1.50");
    assert_eq!(
        t.table("SELECT name, n FROM t WHERE id = 9").await,
        "x,1.50"
    );
}

async fn upsert_gives_only_these_columns(t: &Case) {
    table(t).await;
    for (id, name) in [(2, "new"), (7, "seven")] {
        let data = row! { "id": id, "name": name };
        let row = t.db.upsert("t", data, ["id"]).returning(["name"]).await;
        assert_eq!(row.unwrap(), row! { "name": name });
    }
    assert_eq!(
        t.table("SELECT id, name FROM t ORDER BY id").await,
        "1,a|2,new|3,b|7,seven"
    );
}

async fn update_gives_them_of_every_changed_row(t: &Case) {
    table(t).await;
    let set = row! { "name": "c" };
    let rows =
        t.db.update("t", set, row! { "name": "b" })
            .returning("id, name AS now")
            .await;
    let rows = rows.unwrap();
    assert!(rows.iter().all(|row| row["now"] == "c"));
    let mut found = ints(&rows, "id");
    found.sort_unstable();
    assert_eq!(found, [2, 3]);
    assert_eq!(t.table("SELECT name FROM t ORDER BY id").await, "a|c|c");
}

async fn delete_gives_the_rows_that_are_gone(t: &Case) {
    table(t).await;
    let rows =
        t.db.delete("t", row! { "name": "b" })
            .returning(["id"])
            .await
            .unwrap();
    let mut gone = ints(&rows, "id");
    gone.sort_unstable();
    assert_eq!(gone, [2, 3]);
    assert_eq!(t.table("SELECT id FROM t").await, "1");
}

async fn delete_gives_whole_rows(t: &Case) {
    table(t).await;
    let rows =
        t.db.delete("t", Filter::all())
            .returning("*")
            .await
            .unwrap();
    assert_eq!(rows.len(), 3);
    let first = rows.iter().find(|row| row["id"] == 1).unwrap();
    assert_eq!(first.names().collect::<Vec<_>>(), ["id", "name", "n"]);
    assert_eq!(first["n"].to_json(), "1.50");
    assert_eq!(t.table(ALL).await, "");
}

async fn delete_of_nothing_gives_nothing(t: &Case) {
    table(t).await;
    let rows =
        t.db.delete("t", row! { "id": 99 })
            .returning("*")
            .await
            .unwrap();
    assert!(rows.is_empty());
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "3");
}

async fn delete_may_give_one_row(t: &Case) {
    table(t).await;
    let mut delete = Delete::new(TableName::parse("t").unwrap(), row! { "name": "b" }.into());
    delete.returning = Returning::First;
    let outcome = t.db.run(Operation::Delete(delete)).await.unwrap();
    assert_eq!((outcome.rows.len(), outcome.affected), (1, 2));
    assert_eq!(t.table("SELECT id FROM t").await, "1");
}

async fn a_column_that_is_none_changes_nothing(t: &Case) {
    table(t).await;
    let before = t.table(ALL).await;
    let new = t.db.insert("t", row! { "id": 9 }).returning("nme").await;
    let changed =
        t.db.update("t", row! { "n": 2 }, row! { "id": 1 })
            .returning("nme")
            .await;
    let gone = t.db.delete("t", row! { "id": 1 }).returning("nme").await;
    for message in [error(new), error(changed), error(gone)].map(|error| error.to_string()) {
        assert!(message.contains("did you mean `name`"), "{message}");
    }
    assert_eq!(t.table(ALL).await, before);
}

async fn a_count_is_refused_before_anything_is_sent(t: &Case) {
    table(t).await;
    let before = t.table(ALL).await;
    let gone =
        t.db.delete("t", row! { "id": 1 })
            .returning("count(*)")
            .await;
    assert_eq!(kind(gone), ErrorKind::InvalidQuery);
    let rows = [row! { "id": 9 }];
    let new = t.db.insert_many("t", rows).returning("count(*)").await;
    assert_eq!(kind(new), ErrorKind::InvalidQuery);
    assert_eq!(t.table(ALL).await, before);
}

async fn returning_obeys_the_guard_of_empty_filters(t: &Case) {
    table(t).await;
    let gone = t.db.delete("t", row! {}).returning("*").await;
    assert_eq!(kind(gone), ErrorKind::EmptyFilter);
    let changed =
        t.db.update("t", row! { "n": 2 }, row! {})
            .returning("*")
            .await;
    assert_eq!(kind(changed), ErrorKind::EmptyFilter);
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE n = '1.50'").await,
        "3"
    );
}

async fn deleted_rows_follow_a_new_column(t: &Case) {
    table(t).await;
    let first =
        t.db.delete("t", row! { "id": 1 })
            .returning("*")
            .await
            .unwrap();
    assert_eq!(first[0].len(), 3);
    t.ddl("ALTER TABLE t ADD COLUMN more {int4} DEFAULT 4")
        .await;
    let second =
        t.db.delete("t", row! { "id": 2 })
            .returning("*")
            .await
            .unwrap();
    assert_eq!(second[0]["more"], 4);
    assert_eq!(t.table("SELECT id FROM t").await, "3");
}
