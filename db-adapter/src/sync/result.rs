//! What the original says of a sync: nine fields. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plan::SyncPlan;

/// The outcome of [`compare_profiles`](super::compare_profiles) or [`sync_data`](super::sync_data), with the fields and
/// JSON keys of the original. [`SyncPlan`] and [`SyncOutcome`](super::SyncOutcome) know more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyncResult {
    /// Whether what was asked for was done.
    pub success: bool,
    /// The profile that was read.
    pub source_profile: String,
    /// The profile that was compared with it, or written to.
    pub dest_profile: String,
    /// The rows of each table in the source.
    pub source_counts: BTreeMap<String, u64>,
    /// The rows of each table in the destination, before.
    pub dest_counts: BTreeMap<String, u64>,
    /// What there is to do, by table.
    pub sync_plan: BTreeMap<String, SyncCounts>,
    /// The rows that were inserted, updated or deleted.
    pub synced_count: u64,
    /// The rows that stayed as they were.
    pub skipped_count: u64,
    /// What went wrong; never a value of a row.
    pub errors: Vec<String>,
}

/// What there is to do in one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyncCounts {
    /// Rows that the destination does not have.
    pub new: u64,
    /// Rows that differ.
    pub update: u64,
}

impl SyncResult {
    pub(super) fn of(source: &str, dest: &str, plan: &SyncPlan, committed: bool) -> Self {
        let mut result = SyncResult {
            success: plan.failed() + plan.conflicts() == 0,
            source_profile: source.to_owned(),
            dest_profile: dest.to_owned(),
            ..SyncResult::default()
        };
        for table in &plan.tables {
            let name = || table.table.clone();
            result.source_counts.insert(name(), table.source_rows);
            let there = table.dest_rows.unwrap_or_default();
            result.dest_counts.insert(name(), there);
            let counts = SyncCounts {
                new: table.new,
                update: table.changed,
            };
            result.sync_plan.insert(name(), counts);
            if committed {
                result.synced_count += table.new + table.changed + table.deleted;
                result.skipped_count += table.unchanged + table.kept;
            }
            if table.conflicts + table.need_deleted > 0 {
                result.errors.push(format!(
                    "{}: {} rows are in conflict",
                    table.table,
                    table.conflicts + table.need_deleted
                ));
            }
            let errors = table.failures.iter();
            let errors = errors.map(|failure| format!("{}: {}", table.table, failure.reason));
            result.errors.extend(errors);
        }
        result
    }
}
