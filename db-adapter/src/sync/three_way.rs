//! A sync with a base, or with deletes: what becomes of each row is decided before the first write, all of it happens in
//! one transaction of the destination, and the next base is written when that is committed.

use std::path::Path;

use db_adapter_core::backup::BackupSchema;
use db_adapter_core::sync::{Policy, Rules};

use super::base::{Base, Binding, Store, identity, read, salt};
use super::options::{OnConflict, SyncOptions};
use super::plan::{BaseFile, SyncOutcome, SyncPlan};
use super::run::how;
use super::source::Source;
use crate::transfer::run::{begin, transfer};
use crate::transfer::three_way::{Asked, Sides, ThreeWay};
use crate::transfer::weigh::BaseRows;
use crate::{DatabaseClient, Error, Notice, Result, Row, Transaction, Value};

/// Whether a comparison of two sides is not enough.
pub(super) fn is_asked(options: &SyncOptions) -> bool {
    options.base.is_some() || options.delete || options.no_base || options.on_conflict.is_some()
}

/// What a whole sync is made of.
struct Work<'a> {
    tx: &'a Transaction,
    source: &'a dyn DatabaseClient,
    schema: &'a BackupSchema,
    options: &'a SyncOptions,
    user: Value,
    looks: bool,
}

/// Compares, and unless it only `looks`, does it.
///
/// # Errors
/// As [`sync`](super::sync). A conflict is no error: the plan has it, and nothing is committed.
pub(super) async fn run(
    source: &dyn DatabaseClient,
    dest: &dyn DatabaseClient,
    schema: &BackupSchema,
    from: &mut Source<'_>,
    options: &SyncOptions,
    looks: bool,
) -> Result<SyncOutcome> {
    check(options)?;
    let keeps = !looks && !options.dry_run;
    let file = options.base.as_deref().filter(|_| keeps);
    // what cannot be written is known before the work
    let store = file.map(Store::begin).transpose()?;
    let (tx, _) = begin(dest, looks).await?;
    let work = Work {
        tx: &tx,
        source,
        schema,
        options,
        user: options.user_id.clone().unwrap_or_default(),
        looks,
    };
    match work.all(from).await {
        Ok((mut done, base)) if done.committed => {
            tx.commit().await?;
            if let (Some(store), Some(base), Some(path)) = (store, base, file) {
                done.base = Some(match store.keep(&base, path) {
                    Ok(()) => BaseFile::Written,
                    Err(error) => BaseFile::NotWritten(error.to_string()),
                });
            }
            Ok(done)
        }
        Ok((done, _)) => {
            tx.rollback().await?;
            Ok(done)
        }
        Err(error) => {
            // it matters more than one of the rollback, which a lost connection does by itself
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

/// What contradicts itself.
fn check(options: &SyncOptions) -> Result<()> {
    if options.no_base && options.base.is_some() {
        return Err(Error::invalid_query(
            "a sync with a base is to do without one",
            "leave out `base` (`--base`) or `no_base` (`--no-base`)",
        ));
    }
    if options.delete && options.base.is_none() && !options.no_base {
        return Err(Error::invalid_query(
            "deletes need a base: without one nobody knows whether the source ever had a row that only the destination has",
            "pass the file of the base (`base`, `--base FILE`), or say that every row is to go that the source does not have (`no_base`, `--no-base`)",
        ));
    }
    if options.delete && options.allow_row_security {
        return Err(Error::invalid_query(
            "rows that row-level security hides in the source look as if they were deleted there",
            "use a role that sees all rows, and leave out `allow_row_security` (`--allow-row-security`), or leave out `delete`",
        ));
    }
    match &options.on_conflict {
        Some(OnConflict::Newer(column)) if column.trim().is_empty() => Err(Error::invalid_query(
            "the column that says which row is newer has no name",
            "name it: `newer:updated_at`",
        )),
        _ => Ok(()),
    }
}

fn rules(options: &SyncOptions) -> (Rules, Option<&str>) {
    let (policy, newer) = match &options.on_conflict {
        None => (None, None),
        Some(OnConflict::Fail) => (Some(Policy::Fail), None),
        Some(OnConflict::Source) => (Some(Policy::Source), None),
        Some(OnConflict::Dest) => (Some(Policy::Dest), None),
        Some(OnConflict::Newer(column)) => (Some(Policy::Newer), Some(column.as_str())),
    };
    let rules = Rules {
        deletes: options.delete,
        on_conflict: policy,
    };
    (rules, newer)
}

impl Work<'_> {
    async fn all(&self, from: &mut Source<'_>) -> Result<(SyncOutcome, Option<Base>)> {
        let options = how(self.options, self.looks);
        let sides = Sides::find(self.tx, self.schema, from, &self.user, &options).await?;
        if !self.looks {
            sides.lock(self.tx).await?;
        }
        let known = self.base(&sides).await?;
        let (rules, newer) = rules(self.options);
        let salt = known.salt;
        let asked = Asked {
            rules,
            newer,
            salt,
            base: known.rows,
        };
        let mut there = self.there();
        let compared = sides.compare(from, &mut there, asked).await;
        there.close().await;
        let mut three = compared?;
        let (named, warnings) = three.look_at_deletes(self.tx, &sides).await?;
        let told = Told {
            sides: &sides,
            named,
            warnings,
        };
        if self.looks || three.has_conflicts() {
            let done = self.transfer(from, &three, true).await?;
            return Ok((told.into_outcome(done, &three, self.options.dry_run), None));
        }
        three.delete(self.tx, &sides, false).await?;
        let mut done = self.transfer(from, &three, false).await?;
        if !done.committed {
            return Ok((told.into_outcome(done, &three, self.options.dry_run), None));
        }
        if three.unfit > 0 {
            return Err(Error::internal("rows that do not fit were synced"));
        }
        three.delete(self.tx, &sides, true).await?;
        if self.options.proof {
            done.proof = Some(self.transfer(from, &three, true).await?.plan);
        }
        let base = match known.binding {
            Some(binding) => {
                let mut there = self.there();
                let next = three.next_base(&sides, &mut there).await;
                there.close().await;
                Some(Base {
                    binding,
                    salt,
                    tables: next?,
                })
            }
            None => None,
        };
        if self.options.dry_run {
            // the work was done so that it is known what it would do
            (done.committed, done.proof) = (false, None);
        }
        Ok((told.into_outcome(done, &three, self.options.dry_run), base))
    }

    /// The destination's own rows, as the transaction sees them now.
    fn there(&self) -> Source<'_> {
        let user = self.options.user_id.as_ref();
        Source::within(self.tx, self.schema, user, self.options.allow_row_security)
    }

    async fn transfer(
        &self,
        from: &mut Source<'_>,
        three: &ThreeWay,
        looks: bool,
    ) -> Result<SyncOutcome> {
        let mut options = how(self.options, looks);
        options.dry_run = false;
        options.untouched = Some(three.untouched());
        let done = transfer(self.tx, self.schema, from, &self.user, &options).await?;
        Ok(SyncOutcome {
            committed: done.committed,
            plan: SyncPlan::of(done, &from.counts()),
            ..SyncOutcome::default()
        })
    }

    /// The base of the last sync, once it is known to be of these two databases.
    async fn base(&self, sides: &Sides) -> Result<Known> {
        let Some(path) = &self.options.base else {
            return Ok(Known {
                salt: salt(),
                rows: None,
                binding: None,
            });
        };
        let found = read(path)?;
        if found.is_none() && self.options.delete {
            return Err(no_base_yet(path));
        }
        let salt = found.as_ref().map_or_else(salt, |base| base.salt);
        let identities = (identity(self.source).await?, identity(self.tx).await?);
        let user = self.options.user_id.is_some().then(|| sides.user());
        let binding = Binding::new(identities, sides.shapes(), self.schema, user, &salt)?;
        let rows = match found {
            None => None,
            Some(base) => {
                let problems = base.binding.differences(&binding);
                if !problems.is_empty() {
                    return Err(Error::SyncRefused { problems });
                }
                Some(base.tables)
            }
        };
        Ok(Known {
            salt,
            rows,
            binding: Some(binding),
        })
    }
}

/// What is known of the last sync.
struct Known {
    salt: [u8; 16],
    rows: BaseRows,
    /// Where a base is to be written.
    binding: Option<Binding>,
}

fn no_base_yet(path: &Path) -> Error {
    let text = format!(
        "there is no base `{}` yet, which deletes need",
        path.display()
    );
    Error::SyncRefused {
        problems: vec![
            Notice::new(text).hint("sync once without `delete` (`--delete`): that makes it"),
        ],
    }
}

/// What is told of the rows that no transfer knows of.
struct Told<'s> {
    sides: &'s Sides,
    named: Vec<(String, Vec<Row>)>,
    warnings: Vec<Notice>,
}

impl Told<'_> {
    fn into_outcome(self, mut done: SyncOutcome, three: &ThreeWay, dry_run: bool) -> SyncOutcome {
        done.dry_run = dry_run;
        done.plan.warnings.extend(self.warnings);
        let counts = three.counts(self.sides);
        for table in &mut done.plan.tables {
            let found = counts.iter().find(|(name, _)| *name == table.table);
            let Some((_, counts)) = found else { continue };
            table.deleted = counts.delete;
            table.changed_in_dest = counts.kept_changes;
            table.deleted_in_dest = counts.kept_gone;
            table.converged = counts.converged;
            table.conflicts = counts.conflicts;
            table.decided = counts.decided;
            table.need_deleted = counts.need_gone;
            if table.dest_rows.is_some() {
                let only = counts
                    .there
                    .saturating_sub(table.dest_rows.unwrap_or_default());
                // some were deleted before the transfer looked
                let among = counts.delete.saturating_sub(only);
                table.only_in_dest = table.only_in_dest.saturating_sub(among);
                table.dest_rows = Some(counts.there);
            }
            let named = self.named.iter().find(|(name, _)| *name == table.table);
            let named = named.map(|(_, rows)| rows.as_slice()).unwrap_or_default();
            table.only_in_dest_rows.retain(|row| !named.contains(row));
            table.deleted_rows = named.to_vec();
        }
        done
    }
}
