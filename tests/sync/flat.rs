//! Tables without a declared schema: known by slug and user, and refused where foreign keys make more of them.

use db_adapter::sync::{SyncOptions, compare};
use db_adapter::{BackupSchema, Error};

use crate::case::{LIBRARY, Pair, ROWS, counts};

on_mixed_pairs! {
    flat_tables_need_no_schema,
    tables_with_foreign_keys_are_refused_with_their_declaration,
    tables_that_say_too_little,
}

async fn flat_tables_need_no_schema(t: &Pair) {
    t.both(
        "CREATE TABLE users (id text PRIMARY KEY);
         CREATE TABLE notes (id {id}, owner text NOT NULL REFERENCES users, name text NOT NULL, body text, UNIQUE (owner, name));
         INSERT INTO users VALUES ('ann'), ('bob')",
    )
    .await;
    t.source.sql("INSERT INTO notes (owner, name, body) VALUES ('bob', 'x', '1'), ('ann', 'x', '2'), ('ann', 'y', '3')").await;
    t.dest.sql("INSERT INTO notes (owner, name, body) VALUES ('ann', 'y', 'old'), ('bob', 'x', 'theirs')").await;
    let options = SyncOptions::new(["notes"])
        .user_id("ann")
        .user_field("owner")
        .slug_field("name");
    let done = t.synced(&options).await;
    assert_eq!(counts(&done.plan), [[1, 1, 0, 0, 0]]);
    assert_eq!(
        t.dest
            .table("SELECT owner, name, body FROM notes ORDER BY 1, 2")
            .await,
        "ann,x,2|ann,y,3|bob,x,theirs"
    );
}

async fn tables_with_foreign_keys_are_refused_with_their_declaration(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let before = t.dest.everything().await;
    let options = SyncOptions::new(["books", "authors", "chapters"]).user_id("ann");
    let refused = compare(&t.source.db, &t.dest.db, &options)
        .await
        .unwrap_err();
    let Error::UndeclaredReferences {
        references,
        declaration,
        ..
    } = &refused
    else {
        panic!("{refused}");
    };
    assert!(
        references
            .iter()
            .any(|line| line == "table `books` refers to `authors` by `author_id`"),
        "{references:?}"
    );
    let schema: BackupSchema = serde_json::from_str(declaration.as_deref().unwrap()).unwrap();
    assert_eq!(t.dest.everything().await, before);
    // with it, it works
    let options = SyncOptions::of_schema(schema).user_id("ann");
    let done = t.synced(&options).await;
    assert_eq!(done.plan.inserts(), 2 + 3 + 6);
}

async fn tables_that_say_too_little(t: &Pair) {
    t.both(
        "CREATE TABLE keyless (slug text);
         CREATE TABLE nameless (id {id}, user_id text, body text);
         CREATE TABLE ownerless (id {id}, slug text UNIQUE)",
    )
    .await;
    for (tables, user, text) in [
        (vec!["keyless"], None, "has no primary key"),
        (vec!["nameless"], Some("ann"), "has no column `slug`"),
        (vec!["ownerless"], Some("ann"), "has no column `user_id`"),
        (vec!["nowhere"], None, "nowhere"),
        (vec![], None, "nothing says which tables are meant"),
        (vec![" "], None, "the name of a table is empty"),
        (
            vec!["ownerless"],
            Some(" "),
            "the user id is empty or blank",
        ),
    ] {
        let mut options = SyncOptions::new(tables);
        if let Some(user) = user {
            options = options.user_id(user);
        }
        let refused = compare(&t.source.db, &t.dest.db, &options)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(text), "{refused}");
    }
}
