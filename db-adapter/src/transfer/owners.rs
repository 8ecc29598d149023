//! Whether the row that will own what is restored is there: asked before the first write, and where
//! the restore itself brings that row, once more when it has. Never makes or changes one.

use super::externals::{Find, find};
use super::plan::{OwnerPlan, RestorePlan, TablePlan};
use super::policies::with_policies;
use super::spelling::as_given;
use crate::client::DatabaseClient as _;
use crate::transaction::Transaction;
use crate::value::{Limits, canonicalize_in};
use crate::{Error, Notice, Result, Value};

/// What the destination says of an owner's row.
enum Seen {
    /// It is there, by this value of its key.
    There(Value),
    Missing,
    /// Several rows have it, each in a spelling of its own: nobody can tell which one is meant.
    Several,
    /// Not seen, and a policy may hide it from the role: a foreign key sees it all the same.
    Hidden,
}

/// Refuses the restore when the user has no row in a table of owners, and the source will not bring
/// it: every row would be that of nobody. `may_be_hidden`: what a policy hides is taken to be there.
pub(super) async fn check(
    tx: &Transaction,
    plan: &RestorePlan,
    user: &Value,
    may_be_hidden: bool,
    brings: impl Fn(&TablePlan) -> bool,
) -> Result<()> {
    let mut problems: Vec<Notice> = Vec::new();
    let mut asked: Vec<&OwnerPlan> = Vec::new();
    for owner in plan.tables.iter().filter_map(|table| table.owner.as_ref()) {
        let own = owner.within.and_then(|place| plan.tables.get(place));
        let is_brought = own.is_some_and(&brings);
        let is_asked = asked.iter().any(|known| known.is_same(owner));
        if is_asked || (is_brought && !plan.keeps_spelling) {
            continue;
        }
        asked.push(owner);
        match key(plan, owner, user) {
            Err(_) if is_brought => {} // told with the columns of users
            Err(problem) => problems.push(problem),
            Ok(key) => match look(tx, owner, key).await? {
                Seen::There(_) => {}
                Seen::Several => problems.push(several(owner)),
                _ if is_brought => {}
                Seen::Hidden if may_be_hidden => {}
                Seen::Hidden => problems.push(hidden(owner)),
                Seen::Missing => problems.push(missing(plan, owner)),
            },
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::RestoreRefused { problems }),
    }
}

/// The user as the rows of a table refer to it, once the table of its owners was restored: as the owner's row
/// has it. The error is why no row of the table can be restored.
pub(super) async fn user_now(
    tx: &Transaction,
    plan: &RestorePlan,
    place: usize,
    user: Value,
) -> Result<Result<Value, String>> {
    let owner = plan.tables.get(place).and_then(|t| t.owner.as_ref());
    let is_new = |owner: &OwnerPlan| owner.within.is_some_and(|own| own < place);
    let Some(owner) = owner.filter(|owner| is_new(owner) || plan.keeps_spelling) else {
        return Ok(Ok(user)); // it was looked for before
    };
    if let Ok(key) = key(plan, owner, &user) {
        match look(tx, owner, key).await? {
            Seen::There(there @ Value::Text(_)) if user.as_str().is_some() => return Ok(Ok(there)),
            Seen::Several => {
                let problems = vec![several(owner)];
                return Err(Error::RestoreRefused { problems });
            }
            Seen::Missing if is_new(owner) => {}
            _ => return Ok(Ok(user)),
        }
    }
    Ok(Err(format!(
        "the row of `{}` that `{}` refers to is not in the destination, and was not brought",
        owner.name, owner.field
    )))
}

/// The user as the owners' column holds it.
fn key(plan: &RestorePlan, owner: &OwnerPlan, user: &Value) -> Result<Value, Notice> {
    let fits = canonicalize_in(plan.dialect, user, &owner.sql_type, Limits::default());
    match fits {
        Ok(value) if !value.is_null() => Ok(as_given(plan, user, value)),
        Ok(_) => Err(Notice::new(format!("`{}` needs a user", owner.name))),
        Err(details) => Err(Notice::new(format!(
            "the user does not fit the column `{}.{}`: {}",
            owner.name, owner.column, details.reason
        ))),
    }
}

async fn look(tx: &Transaction, owner: &OwnerPlan, key: Value) -> Result<Seen> {
    let columns = [owner.column.clone()];
    let rows = find(
        tx,
        &owner.table,
        &columns,
        vec![vec![key]],
        Find::AnySpelling,
    )
    .await?;
    let mut rows = rows.into_iter().flatten();
    if let Some(there) = rows.next() {
        return Ok(match rows.any(|other| other != there) {
            false => Seen::There(there),
            true => Seen::Several,
        });
    }
    if !tx.capabilities()?.row_security {
        return Ok(Seen::Missing);
    }
    let policies = with_policies(tx, std::iter::once(&owner.table)).await?;
    Ok(match policies.is_empty() {
        true => Seen::Missing,
        false => Seen::Hidden,
    })
}

fn several(owner: &OwnerPlan) -> Notice {
    Notice::new(format!(
        "the destination's `{}` has several rows whose `{}` is this user's id, each spelled otherwise, so that nobody can tell which one is meant",
        owner.name, owner.column
    ))
    .hint("give all but one of these rows another key")
}

fn hidden(owner: &OwnerPlan) -> Notice {
    Notice::new(format!(
        "the destination's `{}` shows no row whose `{}` is this user's id, and row-level security may hide it",
        owner.name, owner.column
    ))
    .hint("use a role that sees all rows, such as one with BYPASSRLS; `allow_row_security` (`--allow-row-security`) goes on, and leaves it to the foreign key")
}

/// Told once, with all the tables that need it.
fn missing(plan: &RestorePlan, owner: &OwnerPlan) -> Notice {
    let owned = plan.tables.iter().filter_map(|table| {
        let same = table.owner.as_ref().filter(|other| other.is_same(owner))?;
        Some(format!("`{}` by `{}`", table.name, same.field))
    });
    let owned: Vec<String> = owned.collect();
    let refer = match owned.len() {
        1 => "refers",
        _ => "refer",
    };
    Notice::new(format!(
        "the destination's `{}` has no row whose `{}` is this user's id, and {} {refer} to it",
        owner.name,
        owner.column,
        owned.join(", "),
    ))
    .hint(format!(
        "create the row of `{}` first, and do it again; or name a user who has one",
        owner.name
    ))
}
