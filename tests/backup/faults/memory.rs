//! How much memory: it does not grow with the file, and a limit is no trap.

use support::long;

use super::child::Run;
use super::{PAIR, filled, held, pair};
use crate::side::{Backend, Side};
use crate::steps::Kept;

cases! {
    memory_does_not_grow_with_the_backup,
    large_rows_pass_one_after_another,
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

/// Rows of ten thousand bytes, in the long form a gigabyte of them under a limit of address space
/// that is smaller than the file.
async fn large_rows_pass_one_after_another(backend: Backend) {
    let (rows, limit) = match long() {
        true => (105_000, "ulimit -v 700000;"),
        false => (2_000, ""),
    };
    let mut from = Side::with(backend, PAIR).await;
    let ten_thousand = backend.either(
        "repeat(md5(s.i::text), 313)",
        "replace(hex(zeroblob(157)), '00', printf('%032d', s.i))",
    );
    from.sql(&format!(
        "INSERT INTO lefts (user_id, slug, n) VALUES ('ann', 'a', 1);
         INSERT INTO rights (left_id, slug, n, filler) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {rows})
           SELECT (SELECT id FROM lefts), 's' || i, i, {ten_thousand} || {ten_thousand} FROM s"
    ))
    .await;
    let kept = Kept::written("");
    let mut to = Side::with(backend, PAIR).await;
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
        let ended = run.to_its_end(limit).await;
        assert!(ended.status.success(), "{what}: {ended:?}");
        let peak = ended.peak_kib();
        eprintln!("{backend:?}, {what}: {peak} KiB");
        assert!(
            peak < (32 + 64) * 1024 + rows as u64 / 5,
            "{what}: {peak} KiB"
        );
    }
    let size = std::fs::metadata(&kept.path).unwrap().len();
    assert!(size > rows as u64 * 10_000, "{size} bytes");
    let sql = "SELECT count(*), sum(n), sum(length(filler)) FROM rights";
    assert_eq!(to.table(sql).await, from.table(sql).await);
}
