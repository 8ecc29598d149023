//! The file of a base that is not what it should be, and syncs with one that are killed.

use db_adapter::sync::{BaseFile, SyncOptions};
use db_adapter::{BackupSchema, ErrorKind, TableDef};

use crate::base::{Files, does, stops, write};
use crate::case::{LIBRARY, Pair, ROWS, Side, of_ann, told};

on_mixed_pairs! {
    a_base_that_was_cut_or_changed_or_is_of_something_else,
    a_base_that_cannot_be_written_is_told,
    a_process_that_is_killed_has_a_base_of_its_rows,
}

async fn a_base_that_was_cut_or_changed_or_is_of_something_else(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let files = Files::new();
    let options = of_ann().base(files.base());
    does(t, &options).await;
    let whole = std::fs::read(files.base()).unwrap();
    let changed = [&whole[..40], &[whole[40] ^ 1], &whole[41..]].concat();
    for other in [&whole[..whole.len() - 1], &whole[..10], &[], &changed, b"x"] {
        std::fs::write(files.base(), other).unwrap();
        let said = stops(t, &options).await;
        assert!(said.contains("cannot be used"), "{said}");
    }
    std::fs::write(files.base(), &whole).unwrap();
    let said = stops(t, &of_ann().user_id("bob").base(files.base())).await;
    assert!(said.contains("another user"), "{said}");
    let said = stops(
        t,
        &SyncOptions::of_schema(crate::case::library()).base(files.base()),
    )
    .await;
    assert!(said.contains("another user"), "{said}");
    let said = stops(
        t,
        &of_ann()
            .base(files.base())
            .schema(BackupSchema::new([TableDef::new("authors")]).unwrap()),
    )
    .await;
    assert!(said.contains("other tables"), "{said}");
    t.both("ALTER TABLE authors ADD COLUMN born text").await;
    let said = stops(t, &options).await;
    assert!(said.contains("other columns"), "{said}");
    // the same in another database
    let other = Pair {
        source: Side::new(t.source.backend).await,
        dest: Side::new(t.dest.backend).await,
    };
    other.both(LIBRARY).await;
    other.source.sql(ROWS).await;
    let said = stops(&other, &options).await;
    assert!(
        said.contains("another source") && said.contains("another destination"),
        "{said}"
    );
}

async fn a_base_that_cannot_be_written_is_told(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE)")
        .await;
    t.source.sql("INSERT INTO notes (slug) VALUES ('a')").await;
    let files = Files::new();
    let file = files.0.path().join("folder");
    std::fs::create_dir(&file).unwrap();
    let options = SyncOptions::new(["notes"]).base(&file);
    // known before anything is written
    assert_eq!(
        write(t, &options).await.unwrap_err().kind(),
        ErrorKind::File
    );
    assert_eq!(t.dest.table("SELECT count(*) FROM notes").await, "0");
    // what takes its name while the sync runs is found when all is committed
    let place = files.0.path().join("late");
    let made = place.clone();
    let options = SyncOptions::new(["notes"])
        .base(&place)
        .on_progress(move |_| {
            std::fs::create_dir_all(made.join("in the way")).unwrap();
        });
    let done = write(t, &options).await.unwrap();
    assert!(done.committed);
    assert!(
        matches!(done.base, Some(BaseFile::NotWritten(_))),
        "{:?}",
        done.base
    );
    assert_eq!(t.dest.table("SELECT count(*) FROM notes").await, "1");
}

/// Killed at any moment: the rows are there or not, and the next run with the file as it is completes the work.
async fn a_process_that_is_killed_has_a_base_of_its_rows(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let files = Files::new();
    let folder = files.0.path();
    does(t, &of_ann().base(files.base())).await;
    let profile = |name: &str, url: &str| format!("[profiles.{name}]\nurl = \"{url}\"\n");
    let config =
        profile("source", t.source.database.url()) + &profile("dest", t.dest.database.url());
    std::fs::write(folder.join("db.toml"), config).unwrap();
    let schema = serde_json::to_string(&crate::case::library()).unwrap();
    std::fs::write(folder.join("tables.json"), schema).unwrap();
    t.source
        .sql("UPDATE chapters SET after_id = NULL; DELETE FROM chapters; UPDATE books SET title = 'new'; DELETE FROM books WHERE slug = 'two';
              INSERT INTO authors (slug, user_id) VALUES ('late', 'ann')")
        .await;
    let (before, after) = (told(&t.dest, "ann").await, told(&t.source, "ann").await);
    let mut killed = 0;
    for step in 0..30 {
        let line = "sync --from source --to dest --user-id ann --backup-schema tables.json --base last.base --delete --confirm --no-dotenv";
        let mut command = tokio::process::Command::new(support::program());
        command
            .args(line.split(' '))
            .current_dir(folder)
            .kill_on_drop(true);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        let limit = std::time::Duration::from_millis(20 + step * 12);
        if let Ok(status) = tokio::time::timeout(limit, child.wait()).await {
            assert!(status.unwrap().success());
            break;
        }
        child.kill().await.unwrap();
        killed += 1;
        let mut there = told(&t.dest, "ann").await;
        if there == before {
            // its session may be on its way to a commit that was sent
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            there = told(&t.dest, "ann").await;
        }
        assert!(there == before || there == after, "{there:?}");
    }
    assert!(killed > 0);
    does(t, &of_ann().base(files.base()).delete(true)).await;
    assert_eq!(told(&t.dest, "ann").await, after);
}
