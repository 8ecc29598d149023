//! Whether a draft keeps the rules of a backup schema and fits the database, and which table to leave out
//! where it does not.

use super::{Draft, Sketch};
use crate::DatabaseSchema;
use crate::fit::{Misfit, Resolved, fit};

/// The key of a table that is better expected only, and why.
pub(super) fn first_that_does_not(
    draft: &Draft,
    sketch: &mut Sketch<'_>,
) -> Option<(String, String)> {
    let problems = problems(draft, sketch.database);
    let (named, why) = problems.first()?.clone();
    let key = named.and_then(|name| key_of(draft, &name, sketch.database));
    let key = key.or_else(|| best_left_out(draft, sketch));
    key.map(|key| (key, why))
}

/// The table without which there are the fewest problems. What the rules say has no table by itself.
fn best_left_out(draft: &Draft, sketch: &mut Sketch<'_>) -> Option<String> {
    let backed_up = draft.tables.iter().filter(|table| table.backed_up);
    let mut best: Option<(usize, String)> = None;
    for table in backed_up {
        let Some(key) = key_of(draft, &table.def.name, sketch.database) else {
            continue;
        };
        sketch.demoted.insert(key.clone(), String::new());
        let left = problems(&sketch.draft(), sketch.database).len();
        sketch.demoted.remove(&key);
        if best.as_ref().is_none_or(|(fewest, _)| left < *fewest) {
            best = Some((left, key));
        }
    }
    best.map(|(_, key)| key)
}

/// What is wrong, with the table as it is declared where that is known.
fn problems(draft: &Draft, database: &DatabaseSchema) -> Vec<(Option<String>, String)> {
    match draft.schema() {
        Err(invalid) => {
            let problems = invalid.problems.into_iter();
            problems.map(|problem| (None, problem.message)).collect()
        }
        Ok(schema) => {
            let misfits = fit(&schema, database, &Resolved::of(&schema, database));
            let misfit = |m: Misfit| (Some(m.table().to_owned()), m.notice().message);
            misfits.into_iter().map(misfit).collect()
        }
    }
}

fn key_of(draft: &Draft, name: &str, database: &DatabaseSchema) -> Option<String> {
    let is_drafted = draft
        .tables
        .iter()
        .any(|table| table.backed_up && table.def.name == name);
    let mut tables = database.tables.iter();
    let found = tables.find(|(_, table)| super::declared_name(table) == name);
    found.filter(|_| is_drafted).map(|(key, _)| key.clone())
}
