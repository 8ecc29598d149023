//! The original's functions over profiles of `db.toml`, with its defaults and nine fields.

use db_adapter::Error;
use db_adapter::sync::{SyncOptions, compare_profiles, sync_data};

use crate::case::{Backend, Pair};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn profiles_with_the_originals_defaults() {
    let t = Pair::new(Backend::Postgres, Backend::Sqlite).await;
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL, user_id text, body text, UNIQUE (user_id, slug))").await;
    t.source.sql("INSERT INTO notes (slug, user_id, body) VALUES ('a', 'ann', 'x'), ('b', 'ann', 'y'), ('b', 'bob', 'z')").await;
    t.dest
        .sql("INSERT INTO notes (slug, user_id, body) VALUES ('b', 'ann', 'old')")
        .await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("db.toml");
    let profile =
        |name: &str, url: &str, more: &str| format!("[profiles.{name}]\nurl = \"{url}\"\n{more}\n");
    let text = profile("production", t.source.database.url(), "")
        + &profile("local", t.dest.database.url(), "")
        + &profile("guarded", t.dest.database.url(), "protected = true");
    std::fs::write(&config, text).unwrap();
    let options = SyncOptions::new(["notes"])
        .user_id("ann")
        .config_path(&config);
    let before = t.dest.everything().await;

    let compared = compare_profiles("production", "local", &options)
        .await
        .unwrap();
    let json = serde_json::to_value(&compared).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "success": true, "source_profile": "production", "dest_profile": "local",
            "source_counts": {"notes": 2}, "dest_counts": {"notes": 1},
            "sync_plan": {"notes": {"new": 1, "update": 1}},
            "synced_count": 0, "skipped_count": 0, "errors": [],
        })
    );
    assert_eq!(
        sync_data("production", "local", &options).await.unwrap(),
        compared
    );
    let unconfirmed = sync_data("production", "local", &options.clone().dry_run(false))
        .await
        .unwrap();
    assert!(!unconfirmed.success && unconfirmed.errors.len() == 1);
    let confirmed = options.clone().dry_run(false).confirm(true);
    let refused = sync_data("production", "guarded", &confirmed).await;
    assert!(
        matches!(&refused, Err(Error::SyncRefused { .. })),
        "{refused:?}"
    );
    let unknown = sync_data("production", "nowhere", &confirmed).await;
    assert!(
        matches!(&unknown, Err(Error::UnknownProfile { .. })),
        "{unknown:?}"
    );
    assert_eq!(t.dest.everything().await, before);

    let done = sync_data("production", "local", &confirmed).await.unwrap();
    assert!(done.success);
    assert_eq!((done.synced_count, done.skipped_count), (2, 0));
    let done = sync_data("production", "guarded", &confirmed.target("guarded"))
        .await
        .unwrap();
    assert_eq!((done.synced_count, done.skipped_count), (0, 2));
    assert_eq!(
        t.dest
            .table("SELECT slug, user_id, body FROM notes ORDER BY 1")
            .await,
        "a,ann,x|b,ann,y"
    );
}
