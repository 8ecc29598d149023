//! Cursors of the caller's own: what a `FETCH` gives depends on the cursor, not on its text.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;
use futures_util::TryStreamExt;

use crate::database;

#[tokio::test]
async fn a_cursor_of_the_same_name_gives_its_own_columns() {
    let (_database, db) = database("CREATE TYPE mood AS ENUM ('sad', 'happy')").await;
    assert_eq!(
        db.query("FETCH NEXT FROM cur")
            .one()
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Database
    );
    for (select, expected) in [
        ("SELECT 1::int8 AS a", row! { "a": 1 }),
        ("SELECT 'abcdefgh'::text AS b", row! { "b": "abcdefgh" }),
        ("SELECT 1.5::float8 AS a", row! { "a": 1.5 }),
        ("SELECT 7 AS a, 'x' AS b", row! { "a": 7, "b": "x" }),
        ("SELECT true AS a", row! { "a": true }),
    ] {
        let next = "FETCH NEXT FROM cur";
        for way in 0..3 {
            let tx = db.begin().await.unwrap();
            tx.execute(format!("DECLARE cur CURSOR FOR {select}"))
                .await
                .unwrap();
            let row = match way {
                0 => tx.query(next).await.unwrap().remove(0),
                1 => tx.query(next).one().await.unwrap(),
                _ => {
                    let rows: Vec<Row> = tx.query(next).stream().try_collect().await.unwrap();
                    rows.into_iter().next().unwrap()
                }
            };
            assert_eq!(row, expected, "{select}, {way}");
            assert_eq!(tx.query(next).optional().await.unwrap(), None, "{select}");
            tx.commit().await.unwrap();
        }
    }
}
