//! The same over two profiles of `db.toml`, as the original has it.

use std::sync::Arc;

use super::options::SyncOptions;
use super::result::SyncResult;
use super::run::{compare, sync};
use crate::{AdapterOptions, DatabaseClient, Error, Notice, Result, get_adapter};

/// What a sync from one profile into another would do; writes nothing. See [`compare`].
///
/// ```no_run
/// use db_adapter::sync::{SyncOptions, compare_profiles};
/// # async fn example() -> db_adapter::Result<()> {
/// let options = SyncOptions::new(["notes"]).user_id("ann");
/// let result = compare_profiles("production", "local", &options).await?;
/// println!("{:?} {:?}", result.source_counts, result.sync_plan);
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`compare`], and those of profiles.
pub async fn compare_profiles(
    source_profile: &str,
    dest_profile: &str,
    options: &SyncOptions,
) -> Result<SyncResult> {
    let (source, dest) = connect_both(source_profile, dest_profile, options).await?;
    let compared = compare(&source, &dest, options).await;
    close(&source, &dest).await;
    let plan = compared?;
    Ok(SyncResult::of(source_profile, dest_profile, &plan, false))
}

/// Brings the rows of one profile's database into that of another. See [`sync`].
///
/// A dry run, the default, only says what would be done. Without `confirm` nothing is written either: the result then
/// has the comparison, `success` is false, and `errors` says so. A profile that is `protected` is written to only
/// where [`target`](SyncOptions::target) names it.
///
/// # Errors
/// As [`sync`], and those of profiles.
pub async fn sync_data(
    source_profile: &str,
    dest_profile: &str,
    options: &SyncOptions,
) -> Result<SyncResult> {
    let is_write = !options.dry_run;
    if is_write && !options.confirm {
        let mut result = compare_profiles(source_profile, dest_profile, options).await?;
        result.success = false;
        result
            .errors
            .push("nothing was written: a sync needs `confirm`".to_owned());
        return Ok(result);
    }
    if is_write {
        let active = profile(dest_profile, options).resolve()?;
        let is_named = options.target.as_deref() == Some(dest_profile);
        if active.profile.is_protected() && !is_named {
            let text = format!("the profile `{dest_profile}` is protected");
            return Err(Error::SyncRefused {
                problems: vec![Notice::new(text).hint("name it as the target of the sync")],
            });
        }
    }
    let (source, dest) = connect_both(source_profile, dest_profile, options).await?;
    let synced = sync(&source, &dest, options).await;
    close(&source, &dest).await;
    let done = synced?;
    let mut result = SyncResult::of(source_profile, dest_profile, &done.plan, done.committed);
    if let Some(proof) = done.proof.filter(|proof| !proof.has_nothing_to_do()) {
        result.success = false;
        for table in &proof.tables {
            let left = table.new + table.changed + table.failed;
            if left > 0 {
                let text = format!("{}: {left} rows differ after the sync", table.table);
                result.errors.push(text);
            }
        }
    }
    Ok(result)
}

type Client = Arc<dyn DatabaseClient>;

fn profile(name: &str, options: &SyncOptions) -> AdapterOptions {
    let profile = AdapterOptions::new()
        .profile(name)
        .env_prefix(&options.env_prefix);
    match &options.config_path {
        Some(path) => profile.config_path(path),
        None => profile,
    }
}

async fn connect_both(source: &str, dest: &str, options: &SyncOptions) -> Result<(Client, Client)> {
    let from = get_adapter(profile(source, options)).await?;
    match get_adapter(profile(dest, options)).await {
        Ok(to) => Ok((from, to)),
        Err(error) => {
            let _ = from.close().await;
            Err(error)
        }
    }
}

/// The answer is known by now: what goes wrong at the end changes nothing.
async fn close(source: &Client, dest: &Client) {
    let _ = source.close().await;
    let _ = dest.close().await;
}
