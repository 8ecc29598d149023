//! Makes a schema that fails small: whatever can be left out while it still fails is.

use db_adapter::schema::{ConstraintKind, DatabaseSchema, TableSchema};

use super::names::as_type;
use super::{Servers, wrong};

/// Nobody waits longer.
const MOST_TRIES: usize = 400;

pub(super) async fn smallest(
    model: DatabaseSchema,
    why: String,
    servers: &mut Servers,
) -> (DatabaseSchema, String) {
    let (mut model, mut why) = (model, why);
    let mut tries = 0;
    'again: loop {
        for smaller in smaller(&model) {
            tries += 1;
            if tries > MOST_TRIES {
                return (model, why);
            }
            if let Err(still) = wrong(&smaller, servers).await
                && kind(&still) == kind(&why)
            {
                (model, why) = (smaller, still);
                continue 'again;
            }
        }
        return (model, why);
    }
}

/// Who says it, and whether it is a difference or an error: what is left out must not fail by itself.
fn kind(why: &str) -> Vec<&str> {
    why.split_whitespace().take(3).collect()
}

/// The schema with one thing less, each way.
fn smaller(model: &DatabaseSchema) -> Vec<DatabaseSchema> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut DatabaseSchema)| {
        let mut changed = model.clone();
        change(&mut changed);
        if changed != *model {
            all.push(changed);
        }
    };
    for key in model.tables.keys() {
        with(&|schema| without_table(schema, key));
    }
    with(&|schema| schema.views.clear());
    with(&|schema| schema.sequences.clear());
    let used = format!("{:?}", model.tables);
    let is_used = |name: &str| used.contains(&format!("data_type: {:?}", as_type(name)));
    with(&|schema| schema.enums.retain(|_, found| is_used(&found.name)));
    with(&|schema| schema.domains.retain(|_, found| is_used(&found.name)));
    for (key, table) in &model.tables {
        let mut of = |change: &dyn Fn(&mut TableSchema)| {
            with(&|schema| schema.tables.get_mut(key).into_iter().for_each(change));
        };
        of(&|table| table.indexes.clear());
        of(&|table| table.triggers.clear());
        of(&|table| table.policies.clear());
        of(&|table| (table.row_security, table.force_row_security) = (false, false));
        of(&|table| table.comment = None);
        for name in table.constraints.keys() {
            of(&|table| drop(table.constraints.remove(name)));
        }
        for name in table.indexes.keys() {
            of(&|table| drop(table.indexes.remove(name)));
        }
        for (at, column) in table.columns.iter().enumerate() {
            let used = format!("{:?}{:?}", table.constraints, table.indexes)
                .contains(&format!("{:?}", column.name));
            if !used && table.columns.len() > 1 {
                of(&|table| drop(table.columns.remove(at)));
            }
            of(&|table| table.columns[at].default = None);
            of(&|table| table.columns[at].comment = None);
        }
    }
    all
}

fn without_table(schema: &mut DatabaseSchema, key: &str) {
    let Some(gone) = schema.tables.remove(key) else {
        return;
    };
    for table in schema.tables.values_mut() {
        table.constraints.retain(|_, c| {
            c.kind != ConstraintKind::ForeignKey || c.references_table.as_ref() != Some(&gone.name)
        });
    }
    schema.views.clear();
    schema.sequences.retain(|_, sequence| {
        sequence
            .owned_by
            .as_ref()
            .is_none_or(|(table, _)| table != key)
    });
}
