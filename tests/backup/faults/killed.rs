//! SIGKILL at random moments: nothing or all, and the next run completes.

use std::time::Duration;

use db_adapter::backup::validate_backup;
use support::{Random, long, seed};

use super::child::Run;
use super::{PAIR, filled, held, pair};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up};

cases! {
    a_restore_that_is_killed_leaves_nothing_or_all_and_the_next_one_completes,
    a_backup_that_is_killed_leaves_the_old_file_or_the_new_one,
}

const ROWS: usize = 8000;

fn kills() -> usize {
    if long() { 100 } else { 8 }
}

async fn a_restore_that_is_killed_leaves_nothing_or_all_and_the_next_one_completes(
    backend: Backend,
) {
    let (seed, _) = seed();
    eprintln!("DB_ADAPTER_TESTS_SEED={seed}");
    let random = &mut Random::new(seed);
    let kept = back_up(&filled(backend, ROWS).await, &pair(), "ann").await;
    let mut side = Side::with(backend, PAIR).await;
    side.sql("INSERT INTO lefts (user_id, slug, n) VALUES ('bob', 's1', 7)")
        .await;
    let schema = pair();
    let url = side.database.url().to_owned();
    let run = Run {
        what: "restore",
        url: &url,
        schema: &schema,
        file: &kept.path,
    };
    let all = format!("{},{ROWS}", ROWS + 1);
    let whole = run.to_its_end("").await;
    assert!(whole.status.success(), "{whole:?}");
    assert_eq!(held(&mut side).await, all);
    let mut nothing = 0;
    for _ in 0..kills() {
        side.sql("DELETE FROM rights; DELETE FROM lefts WHERE user_id = 'ann'")
            .await;
        run.killed_after(whole.took.mul_f64(random.below(1300) as f64 / 1000.0))
            .await;
        alone(&mut side).await;
        let held = held(&mut side).await;
        assert!(held == "1,0" || held == all, "{held}");
        nothing += usize::from(held == "1,0");
    }
    eprintln!(
        "{nothing} of {} kills left nothing, the others all",
        kills()
    );
    let again = run.to_its_end("").await;
    assert!(again.status.success(), "{again:?}");
    assert_eq!(held(&mut side).await, all);
}

/// Waits until the server has noticed that a client is gone.
async fn alone(side: &mut Side) {
    if side.backend == Backend::Sqlite {
        return;
    }
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'db-adapter' AND state <> 'idle'";
    for _ in 0..400 {
        if side.table(sql).await == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the server goes on for a client that is gone");
}

async fn a_backup_that_is_killed_leaves_the_old_file_or_the_new_one(backend: Backend) {
    let (seed, _) = seed();
    eprintln!("DB_ADAPTER_TESTS_SEED={seed}");
    let random = &mut Random::new(seed);
    let side = filled(backend, ROWS).await;
    let kept = Kept::written("the old one");
    let schema = pair();
    let run = Run {
        what: "backup",
        url: side.database.url(),
        schema: &schema,
        file: &kept.path,
    };
    let whole = run.to_its_end("").await;
    assert!(whole.status.success(), "{whole:?}");
    for _ in 0..kills() {
        std::fs::write(&kept.path, "the old one").unwrap();
        run.killed_after(whole.took.mul_f64(random.below(1300) as f64 / 1000.0))
            .await;
        let text = kept.text();
        let valid = || validate_backup(&kept.path, &schema).unwrap().valid;
        assert!(text == "the old one" || valid());
    }
    // what a killed one left aside goes with the next that succeeds
    let again = run.to_its_end("").await;
    assert!(again.status.success(), "{again:?}");
    assert!(validate_backup(&kept.path, &schema).unwrap().valid);
    assert_eq!(kept.names(), ["backup.json"], "no trash");
}
