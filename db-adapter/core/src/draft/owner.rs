//! Whose rows they are: by the name of a column, proven where a foreign key leads to the table of the users.

use super::{Draft, DraftTable, Sketch, declared_name};
use crate::backup::{ForeignKey, MatchBy};
use crate::schema::table_key;
use crate::{ConstraintSchema, DatabaseSchema, Notice, TableSchema};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The name that the original takes too.
const USUAL: &str = "user_id";

/// What is known of owners.
pub(super) struct Owners {
    column: Option<String>,
    /// The table of the users, and its column that is a user's id.
    users: Option<(String, String)>,
    pub(super) note: Option<String>,
}

impl Owners {
    pub(super) fn of(database: &DatabaseSchema, given: Option<&str>) -> Result<Owners, Notice> {
        let wanted = given.unwrap_or(USUAL);
        let mut tables = database.tables.values();
        if !tables.any(|table| table.column(wanted).is_some()) {
            if given.is_some() {
                let notice = Notice::new(format!("no table has a column `{wanted}`"));
                return Err(notice.hint("name the column that says whose row it is"));
            }
            return Ok(Owners {
                column: None,
                users: None,
                note: Some(format!(
                    "no table has a column `{wanted}`, so that all rows are shared; say which column names a row's user, `--user-column`"
                )),
            });
        }
        let mut targets: BTreeMap<(String, String), usize> = BTreeMap::new();
        for table in database.tables.values() {
            for key in table.foreign_keys().filter(|key| key.columns == [wanted]) {
                if let Some(target) = target(key) {
                    *targets.entry(target).or_default() += 1;
                }
            }
        }
        let most = targets.iter().max_by_key(|(_, count)| **count);
        let users = most.map(|(target, _)| target.clone());
        let note = match targets.len() {
            0 | 1 => None,
            _ => users.as_ref().map(|(table, _)| {
                format!("`{wanted}` leads to several tables; `{table}`, to which most lead, is taken for the users")
            }),
        };
        Ok(Owners {
            column: Some(wanted.to_owned()),
            users,
            note,
        })
    }

    /// The foreign key that says whose row it is.
    pub(super) fn key_of<'t>(&self, table: &'t TableSchema) -> Option<&'t ConstraintSchema> {
        let column = self.column.as_deref()?;
        let users = self.users.as_ref()?;
        let leads = |key: &&ConstraintSchema| target(key).as_ref() == Some(users);
        if table.key() == users.0 {
            return None;
        }
        if table.column(column).is_some() {
            return table
                .foreign_keys()
                .find(|key| key.columns == [column] && leads(key));
        }
        // by another name: the only one that every row has
        let mut others = table.foreign_keys().filter(|key| {
            let is_null = |name: &String| table.column(name).is_none_or(|c| c.nullable);
            leads(key) && key.columns.len() == 1 && !key.columns.iter().any(is_null)
        });
        let first = others.next()?;
        others.next().is_none().then_some(first)
    }

    /// Why the column of the owner says nothing here: a foreign key leads from it to others than the users.
    pub(super) fn disproof(&self, table: &TableSchema) -> Option<String> {
        let column = self.column.as_ref()?;
        let (users, _) = self.users.as_ref()?;
        if table.key() == *users || self.key_of(table).is_some() {
            return None;
        }
        // one that carries the owner's column along, `(user_id, id)`, leads to the same user
        let leads_away = |key: &&ConstraintSchema| {
            let to = key.references_columns.as_deref().unwrap_or_default();
            let mut pairs = key.columns.iter().zip(to);
            pairs.any(|(from, to)| from == column && to != column)
        };
        let other = table.foreign_keys().find(leads_away)?;
        let to = other.references_table.as_deref().unwrap_or_default();
        Some(format!(
            "a foreign key leads from `{column}` to {} of `{to}`, which is not a user's id: say whose rows these are",
            super::quoted(other.references_columns.as_deref().unwrap_or_default())
        ))
    }

    /// Whether any row is somebody's.
    pub(super) fn are_known(&self) -> bool {
        self.column.is_some()
    }

    pub(super) fn declare(
        &self,
        key: &str,
        table: &TableSchema,
        sketch: &Sketch<'_>,
        drafted: &mut DraftTable,
    ) {
        let Some(column) = self.column.as_deref() else {
            return;
        };
        if let Some((users, id)) = &self.users
            && users == key
        {
            drafted.def.user_field = Some(Cow::Owned(id.clone()));
            match drafted.def.pk.as_ref() == [Cow::Borrowed(id.as_str())] {
                true => drafted.def.match_by = MatchBy::Pk,
                false => drafted.def.key = Cow::Owned(vec![Cow::Owned(id.clone())]),
            }
            drafted.note(
                None,
                "chosen: the users themselves, each one's row is that user's",
            );
            return;
        }
        if let Some(owner) = self.key_of(table) {
            self.by_key(owner, column, table, sketch, drafted);
            return;
        }
        if let Some(found) = table.column(column) {
            drafted.def.user_field = Some(Cow::Owned(column.to_owned()));
            drafted.note(
                Some(column),
                "not proven: no foreign key leads from it to the users; its name says whose row it is",
            );
            if found.nullable {
                drafted.note(Some(column), NULLABLE);
            }
            return;
        }
        let leads = |key: &&ConstraintSchema| target(key).as_ref() == self.users.as_ref();
        if table.foreign_keys().filter(leads).count() > 1 {
            drafted.note(
                None,
                "chosen: several references lead to users, and none is taken for the owner; a row is in a user's backup only where all that it needs lead to that user",
            );
        }
    }

    fn by_key(
        &self,
        owner: &ConstraintSchema,
        wanted: &str,
        table: &TableSchema,
        sketch: &Sketch<'_>,
        drafted: &mut DraftTable,
    ) {
        let (Some((users, id)), [column]) = (&self.users, owner.columns.as_slice()) else {
            return;
        };
        let target = sketch.database.tables.get(users);
        let name = target.map_or_else(|| users.clone(), declared_name);
        let mut reference = ForeignKey::new(name, column.clone());
        let is_key = target
            .and_then(TableSchema::primary_key)
            .is_some_and(|key| key.columns == [id.clone()]);
        if !is_key {
            reference = reference.to(id.clone());
        }
        drafted.def.user_field = Some(Cow::Owned(column.clone()));
        drafted.def.owner = Some(reference);
        if column != wanted {
            drafted.note(
                Some(column),
                "chosen: the only reference to the users that every row has, taken for whose row it is",
            );
        }
        if table.column(column).is_some_and(|found| found.nullable) {
            drafted.note(Some(column), NULLABLE);
        }
    }
}

/// Rows that lead to no user are in everybody's backup.
pub(super) fn tell_what_is_shared(draft: &mut Draft) {
    let mut owned: BTreeSet<String> = BTreeSet::new();
    loop {
        let tables = draft.tables.iter().filter(|table| table.backed_up);
        let is_new = |table: &&DraftTable| {
            let mut parents = table.def.parents.iter();
            let is_owned =
                table.def.user_field.is_some() || parents.any(|p| owned.contains(&*p.table));
            is_owned && !owned.contains(&*table.def.name)
        };
        let new: Vec<String> = tables
            .filter(is_new)
            .map(|t| t.def.name.to_string())
            .collect();
        if new.is_empty() {
            break;
        }
        owned.extend(new);
    }
    let is_shared = |table: &&mut DraftTable| table.backed_up && !owned.contains(&*table.def.name);
    for table in draft.tables.iter_mut().filter(is_shared) {
        table.note(
            None,
            "chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`",
        );
    }
}

const NULLABLE: &str = "it may be NULL: a row without a user is in no backup of a user";

/// The table that a foreign key of one column leads to, and the column.
fn target(key: &ConstraintSchema) -> Option<(String, String)> {
    let table = key.references_table.as_deref()?;
    match key.references_columns.as_deref()? {
        [column] => Some((
            table_key(key.references_schema.as_deref(), table),
            column.clone(),
        )),
        _ => None,
    }
}
