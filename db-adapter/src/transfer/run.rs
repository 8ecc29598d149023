//! A transfer from its beginning to its end, in one transaction.

use db_adapter_core::backup::BackupSchema;

use super::acting;
use super::afterwards::Afterwards;
use super::ambiguous;
use super::compared::ask_where_needed;
use super::constraints::{Waiting, put_off};
use super::ledger::{Ledger, LeftOut};
use super::numbers::Numbers;
use super::options::{OnError, Options};
use super::outcome::Outcome;
use super::plan::{RestorePlan, TablePlan, plan};
use super::referenced;
use super::remap::Remap;
use super::resolve::Place;
use super::source::{About, RowSource};
use super::spelling::as_given;
use super::table::TableRun;
use super::untyped;
use crate::client::{DatabaseClient, DatabaseClientExt};
use crate::query::{AdvanceSequence, Operation, Statement};
use crate::transaction::{Isolation, Transaction, TxOptions};
use crate::value::{Limits, canonicalize_in};
use crate::{Capabilities, DatabaseSchema, Error, Notice, Result, Value};

/// Brings the rows of a source into the database as rows of this user, in one transaction.
///
/// # Errors
/// [`Error::RestoreRefused`] for what does not fit the destination, those of the source, and those of the
/// connection: nothing was written then. Rows that are refused are no error: the outcome has them.
pub(crate) async fn transfer<S: RowSource>(
    client: &dyn DatabaseClient,
    schema: &BackupSchema,
    source: &mut S,
    user: &Value,
    options: &Options,
) -> Result<Outcome> {
    let (tx, nested) = begin(client, options.looks).await?;
    match restore(&tx, nested, schema, source, user, options).await {
        Ok(Done::Commit(outcome)) => {
            tx.commit().await?;
            Ok(outcome)
        }
        Ok(Done::Undo(outcome)) => {
            tx.rollback().await?;
            Ok(outcome)
        }
        Err(error) => {
            // it matters more than one of the rollback, which a lost connection does by itself
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

/// How often rows are written at most: each time those are left out that were found to fail in the one before.
const MOST_TIMES: usize = 30;

enum Done {
    Commit(Outcome),
    Undo(Outcome),
}

fn refused(problems: Vec<Notice>) -> Error {
    Error::RestoreRefused { problems }
}

/// Each statement must see what was committed before it: a snapshot from before the lock would
/// not have what another restore has just brought.
///
/// Gives whether the transaction is a savepoint of the caller's.
pub(crate) async fn begin(client: &dyn DatabaseClient, looks: bool) -> Result<(Transaction, bool)> {
    let options = match looks {
        // what is only looked at is one snapshot
        true => TxOptions {
            read_only: true,
            isolation: Some(Isolation::RepeatableRead),
            ..TxOptions::default()
        },
        false => TxOptions {
            isolation: Some(Isolation::ReadCommitted),
            ..TxOptions::default()
        },
    };
    match client.begin_with(options).await {
        Err(Error::InvalidQuery { .. }) => Ok((client.begin().await?, true)),
        result => Ok((result?, false)),
    }
}

/// What is decided before the first row.
pub(super) struct Planned {
    pub(super) plan: RestorePlan,
    pub(super) about: About,
    pub(super) users: Vec<Value>,
    pub(super) user: Value,
    pub(super) database: DatabaseSchema,
    pub(super) can: Capabilities,
}

/// Looks at both sides, behind the locks of whoever moves rows.
pub(super) async fn planned<S: RowSource>(
    tx: &Transaction,
    schema: &BackupSchema,
    source: &mut S,
    user: &Value,
    options: &Options,
) -> Result<Planned> {
    let place = Place::find(tx, schema).await?;
    let whose = (!options.all_rows).then_some(user);
    if !options.looks {
        super::locks::lock(tx, schema, &place, whose).await?;
    }
    let database = place.introspect(tx).await?;
    let about = source.about().await?;
    let typed = match options.all_rows {
        true => Ok(user.clone()),
        false => {
            untyped::user(
                tx,
                schema,
                &database,
                &place.tables,
                user,
                about.user.as_deref(),
            )
            .await?
        }
    };
    let user = &typed.map_err(|problem| refused(vec![problem]))?;
    let can = tx.capabilities()?;
    let mut plan = plan(schema, &about, &database, &place.tables, options, can).map_err(refused)?;
    if can.row_security {
        let tables = super::policies::with_policies(tx, plan.tables()).await?;
        let hidden = tables.iter().map(|table| {
            let text = format!(
                "row-level security of `{table}` may hide rows that are there, which would be brought a second time"
            );
            Notice::new(text).hint("use a role that sees all rows, such as one with BYPASSRLS; `allow_row_security` (`--allow-row-security`) goes on")
        });
        let hidden: Vec<Notice> = hidden.collect();
        if !hidden.is_empty() && !options.allow_row_security {
            return Err(refused(hidden));
        }
        plan.warnings.extend(hidden);
    }
    let backend = tx.backend().await?.to_string();
    let is_of_its_kind = about.backend.as_ref() == Some(&backend);
    plan.spelled = can.spelled_times && is_of_its_kind;
    if can.own_types {
        ask_where_needed(tx, &mut plan).await?;
    }
    if can.schemas {
        // those of SQLite were all read
        referenced::mark(tx, &mut plan).await?;
        let problems = acting::mark(tx, &mut plan).await?;
        if !problems.is_empty() {
            return Err(refused(problems));
        }
    }
    let doubled = ambiguous::check(tx, &plan).await?;
    if !doubled.is_empty() {
        return Err(refused(doubled));
    }
    plan.check_positions()?;
    let users = users(&plan, user)?;
    let may_be_hidden = options.allow_row_security;
    super::owners::check(tx, &plan, user, may_be_hidden, brings).await?;
    Ok(Planned {
        plan,
        about,
        users,
        user: user.clone(),
        database,
        can,
    })
}

async fn restore<S: RowSource>(
    tx: &Transaction,
    nested: bool,
    schema: &BackupSchema,
    source: &mut S,
    user: &Value,
    options: &Options,
) -> Result<Done> {
    let Planned {
        plan,
        about,
        users,
        database,
        can,
        ..
    } = planned(tx, schema, source, user, options).await?;
    if options.looks {
        let ledger = all_rows(tx, source, &about, &plan, users, options).await?;
        return Ok(Done::Undo(ledger.close(false, false)));
    }
    let mut waiting = can.set_constraints.then(|| Waiting::of(&database, nested));
    if let Some(waiting) = waiting.as_mut().filter(|_| nested) {
        waiting.triggers(acting::deferrable_triggers(tx).await?);
    }
    set(tx, waiting.as_ref().and_then(Waiting::at_once)).await?;
    let dangling = dangling(tx, &plan).await?;
    set(tx, put_off(&plan)).await?;
    let mut ledger = all_rows(tx, source, &about, &plan, users, options).await?;
    let failed = ledger.summary.failed() > 0;
    let undone = ledger.spoiled || (failed && options.on_error == OnError::Abort);
    if !undone {
        // a trigger may have put off what was to run at once, and so did we; a dry run says it, too
        if plan.is_acted_on || !plan.waiting_keys.is_empty() {
            set(tx, waiting.as_ref().and_then(Waiting::at_once)).await?;
        }
        if self::dangling(tx, &plan).await? > dangling {
            return Err(refused(vec![Notice::new(
                "foreign keys that waited for the end lead to rows that are not there",
            )]));
        }
        let held = std::mem::take(&mut ledger.held);
        let moved = held.check(tx, &ledger.remap, &ledger.users).await?;
        let lasting = std::mem::take(&mut ledger.lasting);
        let of = &mut ledger.remap.fingerprints;
        let changed = lasting.check(tx, of, &plan).await?;
        for problems in [changed, moved] {
            if !problems.is_empty() {
                return Err(refused(problems));
            }
        }
    }
    if undone || options.dry_run {
        return Ok(Done::Undo(ledger.close(false, undone)));
    }
    advance_sequences(tx, &plan, &ledger.summary).await?;
    set(tx, waiting.as_ref().and_then(Waiting::as_declared)).await?;
    Ok(Done::Commit(ledger.close(true, false)))
}

/// Whether the source has rows of a table, or does not say.
fn brings(table: &TablePlan) -> bool {
    table.in_source.is_some() && table.rows != Some(0)
}

/// References to nothing of the tables whose foreign keys wait, where no statement of the restore finds them.
async fn dangling(tx: &Transaction, plan: &RestorePlan) -> Result<u64> {
    let mut found = 0;
    if plan.sets_constraints || plan.waiting_keys.is_empty() {
        return Ok(found);
    }
    for table in plan.tables() {
        let query = tx
            .query("SELECT count(*) AS n FROM pragma_foreign_key_check(:name, :schema)")
            .bind("name", table.name.as_str())
            .bind("schema", table.schema.as_deref().unwrap_or("main"));
        found += query.one().await?.get::<u64>("n")?;
    }
    Ok(found)
}

async fn set(tx: &Transaction, statement: Option<String>) -> Result<()> {
    if let Some(statement) = statement {
        tx.run(Operation::Execute(Statement::new(statement)))
            .await?;
    }
    Ok(())
}

/// The user as each table's user column holds it.
fn users(plan: &RestorePlan, user: &Value) -> Result<Vec<Value>> {
    let of = |table: &TablePlan| {
        let Some(column) = table.user.and_then(|user| table.columns.get(user)) else {
            return Ok(Value::Null);
        };
        let fits = canonicalize_in(plan.dialect, user, &column.sql_type, Limits::default());
        match fits {
            Ok(value) if !value.is_null() => Ok(as_given(plan, user, value)),
            Ok(_) => Err(Notice::new(format!("`{}` needs a user", table.name))),
            Err(details) => Err(Notice::new(format!(
                "the user does not fit the column `{}.{}`: {}",
                table.name, column.name, details.reason
            ))),
        }
    };
    let (users, problems): (Vec<_>, Vec<_>) = plan
        .tables
        .iter()
        .map(of)
        .partition(std::result::Result::is_ok);
    let problems: Vec<Notice> = problems
        .into_iter()
        .filter_map(std::result::Result::err)
        .collect();
    match problems.is_empty() {
        true => Ok(users.into_iter().flatten().collect()),
        false => Err(refused(problems)),
    }
}

/// Writes the rows. Where good ones are to stay and some fail when they have been written already, since what they
/// refer to has failed later, all is undone and done again without them.
async fn all_rows<'p, S: RowSource>(
    tx: &Transaction,
    source: &mut S,
    about: &About,
    plan: &'p RestorePlan,
    users: Vec<Value>,
    options: &'p Options,
) -> Result<Ledger<'p>> {
    let repeats = options.on_error == OnError::Skip && source.can_be_repeated();
    let mut numbers = match options.looks {
        true => Numbers::looking(),
        false => Numbers::remembering(repeats),
    };
    let mut left_out = LeftOut::new();
    let mut times = 0;
    loop {
        times += 1;
        let mut ledger = Ledger::new(Remap::new(plan, options), users.clone());
        (ledger.numbers, ledger.left_out) = (numbers, left_out);
        if let Some(untouched) = &options.untouched {
            // rows are known by these in both
            ledger.remap.fingerprints = untouched.fingerprints.clone();
        }
        if !repeats {
            if all_tables(tx, source, about, plan, users, options, &mut ledger).await? {
                source.finish().await?;
            }
            return Ok(ledger);
        }
        let attempt = tx.begin().await?;
        let users = users.clone();
        let is_whole =
            all_tables(&attempt, source, about, plan, users, options, &mut ledger).await?;
        match ledger.without_late().filter(|_| times < MOST_TIMES) {
            Some(rows) => {
                attempt.rollback().await?;
                left_out = rows;
                numbers = std::mem::take(&mut ledger.numbers).again();
            }
            None => {
                attempt.commit().await?;
                if is_whole {
                    source.finish().await?;
                }
                return Ok(ledger);
            }
        }
    }
}

/// False when there is no point in going on, since nothing will be committed.
async fn all_tables<'p, S: RowSource>(
    tx: &Transaction,
    source: &mut S,
    about: &About,
    plan: &'p RestorePlan,
    users: Vec<Value>,
    options: &Options,
    ledger: &mut Ledger<'p>,
) -> Result<bool> {
    let mut afterwards = Afterwards::default();
    let mut rows = 0;
    for ((place, table), user) in plan.tables.iter().enumerate().zip(users) {
        let Some(key) = &table.in_source else {
            continue;
        };
        if !source.open(key).await? {
            continue;
        }
        let name = table.name.to_string();
        let read = |count| {
            rows += count;
            if let Some(progress) = &options.progress {
                progress(&name, rows, about.rows);
            }
        };
        let run = TableRun::begin(tx, ledger, &mut afterwards, place, table, user).await?;
        if !run.run(source, read).await? {
            return Ok(false);
        }
    }
    afterwards.run(tx, ledger).await
}

/// What the application inserts next must not collide with numbers that rows have brought.
async fn advance_sequences(tx: &Transaction, plan: &RestorePlan, summary: &Outcome) -> Result<()> {
    for (table, done) in plan.tables.iter().zip(&summary.tables) {
        if done.inserted == 0 {
            continue;
        }
        for column in table.sequences.iter().filter_map(|c| table.columns.get(*c)) {
            let advance = AdvanceSequence::new(table.table.clone(), column.name.as_str());
            tx.run(Operation::AdvanceSequence(advance)).await?;
        }
    }
    Ok(())
}
