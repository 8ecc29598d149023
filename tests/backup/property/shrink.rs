//! Makes a failing scenario small: less around it, fewer rows, fewer tables, as long as it fails in the same way.

use std::time::{Duration, Instant};

use super::content::{Content, Record, cells};
use super::scenario::Scenario;
use super::shape::{Reference, Shape};

/// How long to try.
const AT_MOST: Duration = Duration::from_secs(60);

/// The smallest one that was found. `fails` gives how a scenario fails, in few words.
pub(super) async fn shrink(
    mut scenario: Scenario,
    how: &str,
    mut fails: impl AsyncFnMut(&Scenario) -> Option<String>,
) -> Scenario {
    let end = Instant::now() + AT_MOST;
    let (mut at, mut is_smaller) = (0, false);
    while Instant::now() < end {
        let Some(smaller) = candidates(&scenario).into_iter().nth(at) else {
            // what was needed before may not be needed any more
            if !std::mem::take(&mut is_smaller) {
                break;
            }
            at = 0;
            continue;
        };
        match fails(&smaller).await.as_deref() == Some(how) {
            true => (scenario, is_smaller) = (smaller, true),
            false => at += 1,
        }
    }
    scenario
}

/// Each is a little smaller than the scenario.
fn candidates(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    let mut add = |is_less: bool, change: &dyn Fn(&mut Scenario)| {
        if is_less {
            let mut smaller = scenario.clone();
            change(&mut smaller);
            found.push(smaller);
        }
    };
    let world = scenario.world;
    add(world.at_once, &|s| s.world.at_once = false);
    add(world.triggers, &|s| s.world.triggers = false);
    add(world.added, &|s| s.world.added = false);
    add(world.narrow, &|s| s.world.narrow = false);
    add(world.without.is_some(), &|s| s.world.without = None);
    add(world.filter.is_some(), &|s| s.world.filter = None);
    add(world.lost.is_some(), &|s| s.world.lost = None);
    add(world.policies, &|s| s.world.policies = false);
    add(world.twins, &|s| s.world.twins = false);
    add(world.vague.is_some(), &|s| s.world.vague = None);
    add(scenario.dry_run, &|s| s.dry_run = false);
    for table in (0..scenario.shape.tables.len()).rev() {
        let mut others = scenario.shape.tables.iter().enumerate();
        let is_needed =
            others.any(|(at, other)| at != table && other.references().any(|r| r.table == table));
        add(!is_needed, &|s| without_table(s, table));
    }
    for table in 0..scenario.shape.tables.len() {
        add(!scenario.source.tables[table].is_empty(), &|s| {
            s.source.tables[table].clear();
            consistent(&s.shape, &mut s.source);
        });
        for row in 0..scenario.source.tables[table].len() {
            add(true, &|s| {
                s.source.tables[table].remove(row);
                consistent(&s.shape, &mut s.source);
            });
        }
        let there = scenario.destination.as_ref();
        for row in 0..there.map_or(0, |content| content.tables[table].len()) {
            add(true, &|s| {
                if let Some(content) = &mut s.destination {
                    content.tables[table].remove(row);
                    consistent(&s.shape, content);
                }
            });
        }
    }
    found
}

/// Nothing refers to the table.
fn without_table(scenario: &mut Scenario, at: usize) {
    scenario.shape.tables.remove(at);
    for content in std::iter::once(&mut scenario.source).chain(&mut scenario.destination) {
        content.tables.remove(at);
    }
    for table in &mut scenario.shape.tables {
        for reference in table.parents.iter_mut().chain(&mut table.optional) {
            reference.table -= usize::from(reference.table > at);
        }
    }
    let world = &mut scenario.world;
    for place in [&mut world.without, &mut world.filter, &mut world.vague] {
        *place = place
            .filter(|table| *table != at)
            .map(|table| table - usize::from(table > at));
    }
}

/// Takes out the children of rows that are gone; optional references to them become NULL.
fn consistent(shape: &Shape, content: &mut Content) {
    loop {
        let before = content.clone();
        for (at, table) in shape.tables.iter().enumerate() {
            let leads = |row: &Record, reference: &Reference| {
                let key = cells(row, &reference.fields);
                let pk = &shape.tables[reference.table].pk;
                let mut rows = before.tables[reference.table].iter();
                key.iter().any(Option::is_none) || rows.any(|row| cells(row, pk) == key)
            };
            content.tables[at].retain(|row| table.parents.iter().all(|r| leads(row, r)));
            for row in &mut content.tables[at] {
                for reference in &table.optional {
                    if !leads(row, reference) {
                        let nullable = reference.fields.iter().copied();
                        for field in nullable.filter(|field| table.columns[*field].nullable) {
                            row[field] = None;
                        }
                    }
                }
            }
        }
        if *content == before {
            return;
        }
    }
}
