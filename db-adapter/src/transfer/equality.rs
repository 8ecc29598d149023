//! Asks PostgreSQL which values of a column are equal, where that is not what their text says: citext,
//! a collation that ignores case, intervals, types of extensions. Never decides it itself.

use std::collections::{BTreeSet, HashSet};

use super::classes::{Classes, Member};
use super::fingerprint::{ByKey, Fingerprints};
use super::plan::{Asked, Sample};
use super::rewritten::is_of_a_value;
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Error, Notice, Result, Row, Value};

/// Values in one statement.
const AT_ONCE: usize = 10_000;

/// Asks about all the values of these rows that are not known yet.
pub(super) async fn learn<'v>(
    tx: &Transaction,
    samples: &[Sample],
    fingerprints: &mut Fingerprints,
    asked: &[Asked],
    rows: impl Iterator<Item = &'v [Value]> + Clone,
) -> Result<()> {
    for one in asked {
        let Some(sample) = samples.get(one.class) else {
            continue;
        };
        let values = rows.clone().filter_map(|row| row.get(one.column));
        let new = unknown(fingerprints, one, values);
        if let Some(classes) = fingerprints.classes(one.class)
            && !new.is_empty()
        {
            compare(tx, sample, classes, new).await?;
        }
    }
    Ok(())
}

fn unknown<'v>(
    fingerprints: &Fingerprints,
    asked: &Asked,
    values: impl Iterator<Item = &'v Value>,
) -> Vec<Member> {
    let mut seen: ByKey<()> = ByKey::default();
    let mut new = Vec::new();
    for value in values {
        let written = fingerprints.written(value, &asked.meaning);
        if fingerprints.knows(asked.class, written) || seen.insert(written, ()).is_some() {
            continue;
        }
        new.extend(json(value).map(|json| Member { written, json }));
    }
    new
}

/// The value as JSON, from which the server makes one of the column's type; none of what is equal
/// when it is the same.
fn json(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => serde_json::to_string(&**text).ok(),
        Value::Json(json) => Some(json.as_str().to_owned()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(item).collect();
            Some(format!("[{}]", items?.join(",")))
        }
        _ => None,
    }
}

fn item(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        value => json(value),
    }
}

/// Only values of one hash can be equal, and of these the server says which are.
async fn compare(
    tx: &Transaction,
    sample: &Sample,
    classes: &mut Classes,
    new: Vec<Member>,
) -> Result<()> {
    let hashes = match hashes(tx, sample, &new, true).await {
        // a type that cannot be hashed: all of its values may be equal
        Err(Error::InvalidQuery { .. }) => hashes(tx, sample, &new, false).await?,
        result => result?,
    };
    let mut concerned = BTreeSet::new();
    for (hash, member) in hashes.into_iter().zip(new) {
        classes.add(hash, member);
        concerned.extend(hash);
    }
    concerned.retain(|hash| classes.of_hash(*hash).len() > 1);
    let mut part: Vec<(i64, Member)> = Vec::new();
    for hash in concerned {
        let members = classes.of_hash(hash).iter().cloned();
        part.extend(members.map(|member| (hash, member)));
        if part.len() >= AT_ONCE {
            join_equal(tx, sample, classes, std::mem::take(&mut part)).await?;
        }
    }
    join_equal(tx, sample, classes, part).await
}

async fn join_equal(
    tx: &Transaction,
    sample: &Sample,
    classes: &mut Classes,
    part: Vec<(i64, Member)>,
) -> Result<()> {
    if part.is_empty() {
        return Ok(());
    }
    let texts = part.iter().map(|(_, member)| member.json.as_str());
    let sql = format!(
        "SELECT pg_catalog.array_agg(u.place - 1) AS places {} GROUP BY v.value HAVING pg_catalog.count(*) > 1",
        values_of(sample)
    );
    let groups = ask(tx, sample, &sql, texts).await;
    let groups = groups.map_err(|error| match error {
        Error::InvalidQuery { .. } => undecided(sample),
        error => error,
    })?;
    for group in &groups {
        let places: Vec<usize> = group.get("places")?;
        let members = places.iter().filter_map(|place| part.get(*place));
        let members: Vec<&(i64, Member)> = members.collect();
        // values of two hashes are not equal, whatever else is
        let of_hash: HashSet<i64> = members.iter().map(|(hash, _)| *hash).collect();
        for hash in of_hash {
            let equal = members.iter().filter(|(other, _)| *other == hash);
            let equal: Vec<_> = equal.map(|(_, member)| member.written).collect();
            classes.join(hash, &equal);
        }
    }
    Ok(())
}

fn undecided(sample: &Sample) -> Error {
    let problem = format!(
        "the database cannot tell which values of `{}.{}` are equal: its type has no equality operator",
        sample.table, sample.column
    );
    Error::RestoreRefused {
        problems: vec![Notice::new(problem).hint("declare a `key` without this column")],
    }
}

/// For each value the server's hash of it, as one of the column's own type with its collation; `None`
/// where it is not a value of that type.
async fn hashes(
    tx: &Transaction,
    sample: &Sample,
    members: &[Member],
    can_be_hashed: bool,
) -> Result<Vec<Option<i64>>> {
    let hash = match can_be_hashed {
        true => "pg_catalog.hash_array_extended(ARRAY[v.value], 0)",
        false => "CASE WHEN v.value IS NULL THEN 1 ELSE 0 END",
    };
    let sql = format!(
        "SELECT u.place - 1 AS place, CAST({hash} AS bigint) AS hash {}",
        values_of(sample)
    );
    let mut found = vec![None; members.len()];
    let mut parts: Vec<(usize, &[Member])> = (0..)
        .step_by(AT_ONCE)
        .zip(members.chunks(AT_ONCE))
        .collect();
    while let Some((start, part)) = parts.pop() {
        let texts = part.iter().map(|member| member.json.as_str());
        match ask(tx, sample, &sql, texts).await {
            Ok(rows) => {
                for row in &rows {
                    let place: usize = row.get("place")?;
                    if let Some(hash) = found.get_mut(start + place) {
                        *hash = Some(row.get("hash")?);
                    }
                }
            }
            Err(error) if !is_of_a_value(&error) => return Err(error),
            Err(_) if part.len() <= 1 => {}
            Err(_) => {
                let middle = part.len() / 2;
                let (one, other) = part.split_at(middle);
                parts.extend([(start, one), (start + middle, other)]);
            }
        }
    }
    Ok(found)
}

/// The texts `u`, each with its place, and each as a `value` of the column.
fn values_of(sample: &Sample) -> String {
    let name = sample.table.quoted();
    let column = sample.column.replace('"', "\"\"");
    format!(
        "FROM pg_catalog.unnest(CAST(:texts AS text[])) WITH ORDINALITY AS u (x, place), \
         LATERAL (SELECT (pg_catalog.jsonb_populate_record(CAST(NULL AS {name}), \
         pg_catalog.jsonb_build_object(CAST(:name AS text), CAST(u.x AS jsonb)))).\"{column}\" AS value) AS v"
    )
}

async fn ask(
    tx: &Transaction,
    sample: &Sample,
    sql: &str,
    texts: impl Iterator<Item = &str>,
) -> Result<Vec<Row>> {
    let texts: Vec<Value> = texts.map(Value::from).collect();
    // an error must not end the restore's own transaction
    let savepoint = tx.begin().await?;
    let query = savepoint.query(sql).bind("texts", texts);
    let answer = query.bind("name", sample.column.as_str()).await;
    savepoint.rollback().await?;
    answer
}
