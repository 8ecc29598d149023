//! How much memory: it does not grow with the file, and a limit is no trap.

use support::long;

use super::child::Run;
use super::{PAIR, filled, held, pair};
use crate::side::{Backend, Side};
use crate::steps::Kept;

cases! {
    memory_does_not_grow_with_the_backup,
}

/// Base, 64 MiB and 200 bytes a row for a restore; a constant for a backup and for a check.
async fn memory_does_not_grow_with_the_backup(backend: Backend) {
    let rows = if long() { 1_000_000 } else { 50_000 };
    let mut peaks = Vec::new();
    for rows in [100, rows] {
        let from = filled(backend, rows).await;
        let kept = Kept::written("");
        let mut to = Side::with(backend, PAIR).await;
        let mut peak = Vec::new();
        for (what, url) in [
            ("backup", from.database.url()),
            ("validate", "-"),
            ("restore", to.database.url()),
        ] {
            let schema = pair();
            let run = Run {
                what,
                url,
                schema: &schema,
                file: &kept.path,
            };
            let ended = run.to_its_end("").await;
            assert!(ended.status.success(), "{what}: {ended:?}");
            peak.push(ended.peak_kib());
        }
        assert_eq!(held(&mut to).await, format!("{rows},{rows}"));
        let size = std::fs::metadata(&kept.path).unwrap().len() / 1024;
        eprintln!(
            "{backend:?}, {rows} rows twice, {size} KiB: backup, validate, restore {peak:?} KiB"
        );
        peaks.push(peak);
    }
    let [base, peak] = &peaks[..] else {
        unreachable!()
    };
    let rows_kib = 2 * rows as u64 * 200 / 1024;
    assert!(peak[0] < base[0] + 16 * 1024, "backup {peaks:?}");
    assert!(
        peak[1] < base[1] + 64 * 1024 + rows_kib,
        "validate {peaks:?}"
    );
    assert!(
        peak[2] < base[2] + 64 * 1024 + rows_kib,
        "restore {peaks:?}"
    );
}
