//! The indexes that belong to no constraint. An index of a partition that its parent's index
//! brings is left to the parent's.

use db_adapter_core::schema::{IndexColumn, IndexSchema};

use super::Part;
use super::draft::{Draft, TableDraft};
use super::expression::without_parentheses;
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "index",
    catalog: "pg_index",
    sql: |scope| {
        let not_distinct = match scope.version {
            150_000.. => "i.indnullsnotdistinct",
            _ => "false",
        };
        format!(
            "SELECT i.indexrelid::int8 AS oid, i.indrelid::int8 AS relation, c.relname::text AS name, \
             m.amname::text AS method, i.indisunique AS is_unique, i.indisvalid AS is_valid, \
             {not_distinct} AS nulls_not_distinct, (i.indkey::int2[])[0:] AS columns, \
             i.indnkeyatts AS key_columns, (i.indoption::int2[])[0:] AS options, \
             pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate, \
             CASE WHEN i.indexprs IS NOT NULL THEN ( \
               SELECT pg_catalog.array_agg(CASE i.indkey[n] WHEN 0 \
                 THEN pg_catalog.pg_get_indexdef(i.indexrelid, n + 1, false) END ORDER BY n) \
               FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS n) END AS expressions, \
             (SELECT pg_catalog.array_agg(CASE WHEN o.opcdefault THEN NULL ELSE o.opcname::text END ORDER BY x.n) \
               FROM pg_catalog.unnest(i.indclass::oid[]) WITH ORDINALITY x(class, n) \
               JOIN pg_catalog.pg_opclass o ON o.oid = x.class) AS classes, \
             (SELECT pg_catalog.array_agg(l.collname::text ORDER BY x.n) \
               FROM pg_catalog.unnest(i.indcollation::oid[]) WITH ORDINALITY x(collation_oid, n) \
               LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[x.n - 1] AND a.attnum > 0 \
               LEFT JOIN pg_catalog.pg_collation l ON l.oid = x.collation_oid \
                 AND x.collation_oid <> COALESCE(a.attcollation, 100)) AS collations \
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
    let Some(there) = draft.table_of(row, "relation")? else {
        return Ok(());
    };
    if !row.get::<bool>("is_valid")? {
        let name = format!("{}.{name}", there.table.key());
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
    let predicate: Option<String> = row.get("predicate")?;
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
    there.table.indexes.insert(index.name.clone(), index);
    Ok(())
}

fn columns(there: &TableDraft, numbers: &[i64], row: &Row) -> Result<Vec<IndexColumn>> {
    let expressions: Option<Vec<Option<String>>> = row.get("expressions")?;
    let classes: Option<Vec<Option<String>>> = row.get("classes")?;
    let collations: Option<Vec<Option<String>>> = row.get("collations")?;
    let options: Vec<i64> = row.get("options")?;
    let at = |list: &Option<Vec<Option<String>>>, n: usize| list.as_ref()?.get(n)?.clone();
    let column = |(n, number): (usize, &i64)| {
        let expression = at(&expressions, n);
        let option = options.get(n).copied().unwrap_or_default();
        let (descending, first) = (option & 1 != 0, option & 2 != 0);
        IndexColumn {
            is_expression: expression.is_some(),
            text: match expression {
                Some(expression) => without_parentheses(&expression).to_owned(),
                None => there.names.get(number).cloned().unwrap_or_default(),
            },
            descending,
            nulls_first: (first != descending).then_some(first),
            collation: at(&collations, n),
            operator_class: at(&classes, n),
        }
    };
    Ok(numbers.iter().enumerate().map(column).collect())
}
