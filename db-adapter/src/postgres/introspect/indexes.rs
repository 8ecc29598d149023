//! The indexes that belong to no constraint. An index of a partition that its parent's index
//! brings is left to the parent's.

use db_adapter_core::ddl;
use db_adapter_core::schema::{IndexColumn, IndexSchema};

use super::Part;
use super::draft::{Draft, Relation};
use super::expression::without_parentheses;
use super::written::{changed, text, written};
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "index",
    catalog: "pg_index",
    sql: |scope| {
        let not_distinct = match scope.version {
            150_000.. => "i.indnullsnotdistinct",
            _ => "false",
        };
        // most indexes have neither a class of their own nor parameters: those are not looked up
        let special = "m.amname NOT IN ('btree', 'hash') OR i.indclass::oid[] && ( \
            SELECT pg_catalog.array_agg(o.oid) FROM pg_catalog.pg_opclass o WHERE NOT o.opcdefault)";
        let predicate = written("i.indpred", "pg_catalog.pg_get_expr(i.indpred, i.indrelid)");
        format!(
            "SELECT i.indexrelid::int8 AS oid, i.indrelid::int8 AS relation, c.relname::text AS name, \
             m.amname::text AS method, i.indisunique AS is_unique, i.indisvalid AS is_valid, \
             {not_distinct} AS nulls_not_distinct, (i.indkey::int2[])[0:] AS columns, \
             i.indnkeyatts AS key_columns, (i.indoption::int2[])[0:] AS options, \
             {predicate} AS predicate, \
             CASE WHEN i.indexprs IS NOT NULL THEN ( \
               SELECT pg_catalog.array_agg(CASE i.indkey[n] WHEN 0 \
                 THEN pg_catalog.pg_get_indexdef(i.indexrelid, n + 1, false) END ORDER BY n) \
               FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS n) END AS expressions, \
             CASE WHEN {special} THEN ( \
               SELECT pg_catalog.array_agg(CASE WHEN NOT o.opcdefault OR a.attoptions IS NOT NULL \
                 THEN o.opcname::text END ORDER BY a.attnum) \
               FROM pg_catalog.pg_attribute a \
               JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[a.attnum - 1] \
               WHERE a.attrelid = i.indexrelid) END AS classes, \
             CASE WHEN {special} THEN ( \
               SELECT pg_catalog.array_agg(pg_catalog.array_to_string(a.attoptions, E'\\n') ORDER BY a.attnum) \
               FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid) END AS class_options, \
             (i.indcollation::oid[]::int8[])[0:] AS collation_oids, \
             CASE WHEN i.indexprs IS NOT NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS definition, \
             CASE WHEN EXISTS (SELECT FROM pg_catalog.unnest(i.indcollation::oid[]) AS l WHERE l NOT IN (0, 100)) \
               THEN (SELECT pg_catalog.array_agg(l.collname::text ORDER BY x.n) \
                 FROM pg_catalog.unnest(i.indcollation::oid[]) WITH ORDINALITY x(oid, n) \
                 LEFT JOIN pg_catalog.pg_collation l ON l.oid = x.oid) END AS collations \
             FROM pg_catalog.pg_class t \
             JOIN pg_catalog.pg_index i ON i.indrelid = t.oid \
             JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND NOT c.relispartition \
             JOIN pg_catalog.pg_am m ON m.oid = c.relam \
             WHERE t.relnamespace = ANY(:schemas::oid[]) AND t.relkind IN ('r', 'p', 'm') \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k \
               WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))"
        )
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let name: String = row.get("name")?;
    let comment = draft.comment("pg_class", row.get("oid")?, 0);
    let Some(there) = draft.relation_of(row)? else {
        return Ok(());
    };
    if !row.get::<bool>("is_valid")? {
        let name = format!("{}.{name}", there.key());
        draft.leave_out(
            "index",
            Some(name),
            "it is not valid: its build failed or is not done",
        );
        return Ok(());
    }
    let numbers: Vec<i64> = row.get("columns")?;
    let keys = numbers.len().min(row.get::<usize>("key_columns")?);
    let (keyed, beside) = numbers.split_at(keys);
    let predicate = text(row, "predicate")?;
    let index = IndexSchema {
        columns: columns(there, keyed, row)?,
        include: there.names_of(beside),
        is_unique: row.get("is_unique")?,
        method: row.get("method")?,
        predicate: predicate.map(|p| without_parentheses(&p).to_owned()),
        nulls_not_distinct: row.get("nulls_not_distinct")?,
        name_is_generated: false,
        name,
        comment,
    };
    there.indexes.insert(index.name.clone(), index);
    Ok(())
}

fn columns(there: &Relation, numbers: &[i64], row: &Row) -> Result<Vec<IndexColumn>> {
    let expressions: Option<Vec<Option<String>>> = row.get("expressions")?;
    let classes: Option<Vec<Option<String>>> = row.get("classes")?;
    let class_options: Option<Vec<Option<String>>> = row.get("class_options")?;
    let collations: Option<Vec<Option<String>>> = row.get("collations")?;
    let collated: Vec<i64> = row.get("collation_oids")?;
    let options: Vec<i64> = row.get("options")?;
    let at = |list: &Option<Vec<Option<String>>>, n: usize| list.as_ref()?.get(n)?.clone();
    let definition: Option<String> = row.get("definition")?;
    let keys = definition.and_then(|text| ddl::index_keys(&text));
    // the definition names a collation where it is not the expression's own
    let named = |n: usize| {
        let key = keys.as_ref().and_then(|keys| keys.get(n));
        key.filter(|key| key.is_expression)
            .map(|key| key.collation.clone())
    };
    let column = |(n, number): (usize, &i64)| {
        let expression = at(&expressions, n);
        let option = options.get(n).copied().unwrap_or_default();
        let (descending, first) = (option & 1 != 0, option & 2 != 0);
        Ok(IndexColumn {
            is_expression: expression.is_some(),
            text: match expression {
                Some(expression) => {
                    // one pair around an expression, one around a key
                    without_parentheses(without_parentheses(&expression)).to_owned()
                }
                None => there.name_of(*number).cloned().ok_or_else(changed)?,
            },
            descending,
            nulls_first: (first != descending).then_some(first),
            collation: named(n)
                .unwrap_or_else(|| collation(there, *number, collated.get(n), at(&collations, n))),
            operator_class: at(&classes, n).map(|class| with_options(class, at(&class_options, n))),
        })
    };
    numbers.iter().enumerate().map(column).collect()
}

/// The collation of a key, unless it is the column's. `default` is the database's own, and has no
/// name in `collations` when all are it.
fn collation(
    there: &Relation,
    number: i64,
    own: Option<&i64>,
    name: Option<String>,
) -> Option<String> {
    const DEFAULT: i64 = 100;
    let own = own.copied().unwrap_or_default();
    let usual = there.collation_of(number).unwrap_or(DEFAULT);
    (own != 0 && own != usual).then(|| name.unwrap_or_else(|| "default".to_owned()))
}

/// `gist_trgm_ops (siglen='32')`: the options come one a line.
fn with_options(class: String, options: Option<String>) -> String {
    let Some(options) = options else {
        return class;
    };
    let option = |line: &str| match line.split_once('=') {
        Some((name, value)) => format!("{name}='{}'", value.replace('\'', "''")),
        None => line.to_owned(),
    };
    let options: Vec<String> = options.lines().map(option).collect();
    format!("{class} ({})", options.join(", "))
}
