//! Rows of other users, and tables that are not of the sync: not one byte of them changes.

use crate::case::{LIBRARY, Pair, ROWS, of_ann, told};

on_all_pairs! { nobody_elses_row_is_touched, a_reference_that_leads_to_another_user_is_not_called_the_same }

async fn nobody_elses_row_is_touched(t: &Pair) {
    t.both(LIBRARY).await;
    t.both("CREATE TABLE apart (id {id}, slug text, user_id text)")
        .await;
    t.both(ROWS).await;
    t.source.sql("UPDATE authors SET name = 'from the source'; UPDATE books SET title = 'from the source'; UPDATE chapters SET n = 9").await;
    t.both("INSERT INTO apart (slug, user_id) VALUES ('a', 'ann')")
        .await;
    t.source
        .sql("INSERT INTO apart (slug, user_id) VALUES ('b', 'ann')")
        .await;
    let of_others = |side| async move {
        let side: &crate::case::Side = side;
        let chapters = match side.is_postgres() {
            true => {
                "SELECT c.xmin, c.id, c.slug, c.n, c.after_id FROM chapters c JOIN books b ON b.id = c.book_id WHERE b.user_id = 'bob' ORDER BY 2"
            }
            false => {
                "SELECT c.* FROM chapters c JOIN books b ON b.id = c.book_id WHERE b.user_id = 'bob' ORDER BY 1"
            }
        };
        let all = side.everything().await.into_iter();
        let lines = all.filter(|line| line.contains("bob") || line.contains("apart"));
        (lines.collect::<Vec<_>>(), side.table(chapters).await)
    };
    let before = of_others(&t.dest).await;
    assert!(before.0.len() >= 5 && before.1.len() > 20);
    let done = t.synced(&of_ann()).await;
    assert_eq!(done.plan.updates(), 2 + 3 + 6);
    assert_eq!(of_others(&t.dest).await, before);
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

/// Which of bob's rows it should lead to, the rows of ann do not tell.
async fn a_reference_that_leads_to_another_user_is_not_called_the_same(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    let same = t.compare(&of_ann()).await;
    assert!(same.is_same() && same.tables[1].uncompared_refs == 0);
    t.source
        .sql("UPDATE books SET editor_id = (SELECT id FROM authors WHERE user_id = 'bob') WHERE user_id = 'ann' AND slug = 'one'")
        .await;
    let before = t.dest.everything().await;
    let done = t.synced(&of_ann()).await;
    assert!(done.plan.has_nothing_to_do() && !done.plan.is_same());
    assert_eq!(done.plan.tables[1].uncompared_refs, 1);
    assert_eq!(t.dest.everything().await, before);
    t.dest
        .sql("UPDATE books SET editor_id = NULL WHERE user_id = 'ann' AND slug = 'one'")
        .await;
    assert!(!t.compare(&of_ann()).await.is_same());
}
