//! The rows that were found, and that written rows refer to: whether they are still there and still the user's is
//! asked once more before the commit, by locks that last until then. Without them another session could delete
//! such a row, or give it to somebody else, while the restore goes on. Where the database keeps others from
//! writing meanwhile, or a foreign key keeps the row as it is, nothing is asked; neither where nothing was written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::afterwards::names;
use super::existing::{around, columns_of, conditions};
use super::fingerprint::{ByKey, Fingerprint, Fingerprints};
use super::ledger::Sent;
use super::plan::{RefPlan, RestorePlan, Scope, TablePlan, Target};
use super::remap::Remap;
use crate::client::DatabaseClient as _;
use crate::query::{LockStrength, Operation, RowLock, Select, TableName};
use crate::transaction::Transaction;
use crate::{Error, Filter, Notice, Result, Row, Value, op};

/// A row that was there, by which of its keys it is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Led {
    pub(super) table: usize,
    pub(super) key_set: usize,
    pub(super) row: u32,
}

/// What written rows refer to.
#[derive(Default)]
pub(super) struct Held {
    /// Rows of tables of the restore.
    rows: BTreeSet<Led>,
    /// Rows outside, by the table and the reference that lead to them.
    outside: BTreeMap<(usize, usize), HashSet<Vec<Value>>>,
    /// The tables whose rows refer to the row of the user.
    owned: BTreeSet<usize>,
}

/// Whether a reference to a row that was there has to be looked at again.
pub(super) fn is_to_be_held(plan: &RestorePlan, reference: &RefPlan) -> bool {
    let Target::Table { table, key_set, .. } = reference.target else {
        return false;
    };
    let target = plan.tables.get(table);
    let set = target.and_then(|target| target.key_sets.get(key_set));
    let (Some(target), Some(set)) = (target, set) else {
        return plan.locks_rows; // the look says what is wrong
    };
    // a foreign key keeps what it refers to, and so whose the row is where that is a part of it
    let keeps = reference.is_guarded && target.owned_by().iter().all(|c| set.contains(c));
    plan.locks_rows && !keeps
}

impl Held {
    /// A row of the table at `place` was written.
    pub(super) fn written(&mut self, place: usize, table: &TablePlan, sent: &Sent, row: &Row) {
        self.rows.extend(&sent.resolved.found);
        for (at, reference) in table.refs.iter().enumerate() {
            if reference.is_guarded || !matches!(reference.target, Target::External { .. }) {
                continue;
            }
            let value = |name: &&str| row.value(name).filter(|v| !v.is_null()).cloned();
            let names = names(table, &reference.fields);
            if let Some(key) = names.iter().map(value).collect::<Option<Vec<Value>>>() {
                self.outside.entry((place, at)).or_default().insert(key);
            }
        }
        if table.owner.as_ref().is_some_and(|owner| !owner.is_guarded) {
            self.owned.insert(place);
        }
    }

    /// What is not as it was found, with locks on all that is.
    pub(super) async fn check(
        self,
        tx: &Transaction,
        remap: &Remap<'_>,
        users: &[Value],
    ) -> Result<Vec<Notice>> {
        let plan = remap.plan;
        let mut problems = Vec::new();
        let mut todo: BTreeMap<(usize, usize), HashSet<Vec<Value>>> = BTreeMap::new();
        for led in &self.rows {
            let at = (led.table, led.key_set);
            todo.entry(at).or_default().insert(remap.key_now(*led));
        }
        let mut known: HashSet<((usize, usize), Vec<Value>)> = HashSet::new();
        // children first: whose they are, their parents say
        while let Some((at, keys)) = todo.pop_last() {
            let new = keys.into_iter();
            let new = new.filter(|key| known.insert((at, key.clone())));
            let keys: Vec<Vec<Value>> = new.collect();
            if keys.is_empty() {
                continue;
            }
            let look = Look::at(plan, at, users).ok_or_else(unknown)?;
            let (gone, above) = look.lock(tx, &remap.fingerprints, keys).await?;
            problems.extend((gone > 0).then(|| changed(plan, gone, &look.table.name)));
            for (parent, key) in above {
                todo.entry(parent).or_default().insert(key);
            }
        }
        for ((place, at), keys) in self.outside {
            let reference = plan.tables.get(place).and_then(|t| t.refs.get(at));
            let Some(Target::External {
                name,
                table,
                columns,
                is_key,
            }) = reference.map(|reference| &reference.target)
            else {
                return Err(unknown());
            };
            let gone = outside(tx, table, columns, *is_key, keys).await?;
            problems.extend((gone > 0).then(|| changed(plan, gone, name)));
        }
        let mut asked = BTreeSet::new();
        for place in self.owned {
            let owner = plan.tables.get(place).and_then(|t| t.owner.as_ref());
            let (Some(owner), Some(user)) = (owner, users.get(place)) else {
                return Err(unknown());
            };
            if asked.insert((&owner.table.schema, &owner.table.name, &owner.column)) {
                let (columns, keys) = ([owner.column.clone()], HashSet::from([vec![user.clone()]]));
                let gone = outside(tx, &owner.table, &columns, owner.is_key, keys).await?;
                problems.extend((gone > 0).then(|| changed(plan, gone, &owner.name)));
            }
        }
        Ok(problems)
    }
}

/// A row that nobody has looked at is not said to be as it was found.
fn unknown() -> Error {
    Error::internal("rows that restored rows refer to belong to nothing that was planned")
}

fn changed(plan: &RestorePlan, gone: usize, name: &TableName) -> Notice {
    let rows = match gone {
        1 => "1 row".to_owned(),
        gone => format!("{gone} rows"),
    };
    let who = match plan.is_acted_on {
        true => "another session, or a trigger, a rule or a function of the database,",
        false => "another session",
    };
    let text = format!(
        "{who} moved or removed {rows} of `{name}` that written rows refer to, after they were found"
    );
    Notice::new(text).hint("do it again")
}

/// A weaker lock is enough where what is looked at is the primary key, which foreign keys keep as well.
fn strength(is_key: bool) -> Option<RowLock> {
    let strength = match is_key {
        true => LockStrength::KeyShare,
        false => LockStrength::Share,
    };
    Some(RowLock {
        strength,
        ..RowLock::default()
    })
}

/// One table, by one of its keys.
struct Look<'l> {
    table: &'l TablePlan,
    set: &'l [usize],
    user: Option<(&'l str, &'l Value)>,
    /// The columns that lead to the parents that say whose a row is, with where that is.
    parents: Vec<(&'l [usize], (usize, usize))>,
}

impl<'l> Look<'l> {
    fn at(
        plan: &'l RestorePlan,
        (place, key_set): (usize, usize),
        users: &'l [Value],
    ) -> Option<Self> {
        let table = plan.tables.get(place)?;
        let column = table.user.and_then(|user| table.columns.get(user));
        let user = match column.filter(|_| table.scope == Scope::User) {
            Some(column) => Some((column.name.as_str(), users.get(place)?)),
            None => None,
        };
        let references = match &table.scope {
            Scope::Parents(references) => references.as_slice(),
            Scope::User | Scope::All => &[],
        };
        let parent = |at: &usize| match table.refs.get(*at) {
            Some(reference) => match reference.target {
                Target::Table { table, key_set, .. } => {
                    Some((reference.fields.as_slice(), (table, key_set)))
                }
                Target::External { .. } => None,
            },
            None => None,
        };
        Some(Look {
            table,
            set: table.key_sets.get(key_set)?,
            user,
            parents: references.iter().filter_map(parent).collect(),
        })
    }

    /// Locks the rows with these keys that are the user's; how many are not there, and the keys of the parents.
    async fn lock(
        &self,
        tx: &Transaction,
        of: &Fingerprints,
        keys: Vec<Vec<Value>>,
    ) -> Result<(usize, Vec<((usize, usize), Vec<Value>)>)> {
        let mut columns: Vec<usize> = self.set.to_vec();
        for field in self.parents.iter().flat_map(|(fields, _)| *fields) {
            if !columns.contains(field) {
                columns.push(*field);
            }
        }
        let is_primary = |column: &usize| {
            let column = self.table.columns.get(*column);
            column.is_some_and(|column| self.table.primary.contains(&column.name))
        };
        let mut looked_at = columns
            .iter()
            .chain(self.table.user.iter().filter(|_| self.user.is_some()));
        let lock = strength(looked_at.all(is_primary));
        let sought: Vec<&str> = names(self.table, self.set);
        let mut missing: ByKey<()> = ByKey::default();
        missing.extend(keys.iter().map(|key| (self.fingerprint(of, key), ())));
        let mut above = Vec::new();
        for filter in around(self.table, &sought, keys) {
            let filter = match self.user {
                Some((name, user)) => {
                    filter.and(Filter::test(name, op::in_any_spelling([user.clone()])))
                }
                None => filter,
            };
            let read = columns_of(&names(self.table, &columns))?;
            let mut select = Select::new(self.table.table.clone(), read, filter);
            (select.stored, select.lock) = (true, lock);
            for row in locked(tx, select, &self.table.name).await? {
                let value = |column: &usize| {
                    let at = columns.iter().position(|known| known == column)?;
                    row.get_index(at).cloned()
                };
                let all =
                    |columns: &[usize]| columns.iter().map(value).collect::<Option<Vec<Value>>>();
                let key = all(self.set).unwrap_or_default();
                let parents = self.parents.iter().filter_map(|(fields, parent)| {
                    let key = all(fields).filter(|key| !key.iter().any(Value::is_null))?;
                    Some((*parent, key))
                });
                let parents: Vec<_> = parents.collect();
                // without any it is nobody's now
                if !self.parents.is_empty() && parents.is_empty() {
                    continue;
                }
                if missing.remove(&self.fingerprint(of, &key)).is_some() {
                    above.extend(parents);
                }
            }
        }
        Ok((missing.len(), above))
    }

    fn fingerprint(&self, of: &Fingerprints, key: &[Value]) -> Fingerprint {
        let columns = self.set.iter().filter_map(|c| self.table.columns.get(*c));
        of.of(key.iter().zip(columns.map(|column| &column.meaning)))
    }
}

/// How many of these rows outside of the restore are not there.
async fn outside(
    tx: &Transaction,
    table: &TableName,
    columns: &[String],
    is_key: bool,
    keys: HashSet<Vec<Value>>,
) -> Result<usize> {
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let (sought, mut found) = (keys.len(), 0);
    for filter in conditions(&names, keys.into_iter().collect()) {
        let mut select = Select::new(table.clone(), columns_of(&names)?, filter);
        select.lock = strength(is_key);
        let rows = locked(tx, select, table).await?;
        let keys = rows.iter().map(|row| {
            let cells = (0..names.len()).filter_map(|at| row.get_index(at).cloned());
            cells.collect::<Vec<Value>>()
        });
        found += keys.collect::<HashSet<Vec<Value>>>().len();
    }
    Ok(sought.saturating_sub(found))
}

async fn locked(tx: &Transaction, select: Select, name: &TableName) -> Result<Vec<Row>> {
    match tx.run(Operation::Select(select)).await {
        Ok(outcome) => Ok(outcome.rows),
        Err(Error::PermissionDenied { .. }) => {
            let text = format!(
                "written rows refer to rows of `{name}` that were there, and the role may not lock those, so that another session could move or remove them meanwhile"
            );
            Err(Error::RestoreRefused {
                problems: vec![Notice::new(text).hint(format!(
                    "grant the role UPDATE on a column of `{name}`, without which PostgreSQL locks no row"
                ))],
            })
        }
        Err(error) => Err(error),
    }
}
