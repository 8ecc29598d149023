//! Keys, foreign keys, checks and exclusions, by the numbers of their columns: names of constraints
//! repeat over tables and schemas. What a partition has only because its parent has it is left to
//! the parent. Since PostgreSQL 18 a NOT NULL is a constraint as well, and is told by its column.

use db_adapter_core::schema::{ConstraintKind, ConstraintSchema, ReferentialAction};

use super::Part;
use super::draft::{Draft, NotNull};
use super::expression::without_parentheses;
use super::written::text;
use crate::{Result, Row};

/// The letter of a NOT NULL in the catalogue.
const NOT_NULL: &str = "n";

pub(super) const PART: Part = Part {
    kind: "constraint",
    catalog: "pg_constraint",
    sql: |scope| {
        let since_15 = |sql, before| {
            if scope.version >= 150_000 {
                sql
            } else {
                before
            }
        };
        let partial = since_15("k.confdelsetcols", "NULL::int2[]");
        let since_18 = |sql, before| {
            if scope.version >= 180_000 {
                sql
            } else {
                before
            }
        };
        let kinds = since_18(
            "(k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 OR k.contype = 'n')",
            "k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0",
        );
        let enforced = since_18("k.conenforced", "true");
        let over_time = since_18("k.conperiod", "false");
        let not_distinct = since_15("COALESCE(i.indnullsnotdistinct, false)", "false");
        format!(
            "SELECT k.oid::int8 AS oid, k.conrelid::int8 AS relation, k.conname::text AS name, \
             k.contype::text AS kind, k.conkey::int2[] AS columns, k.condeferrable AS is_deferrable, \
             k.condeferred AS is_deferred, k.convalidated AS is_valid, k.connoinherit AS no_inherit, \
             {enforced} AS is_enforced, {over_time} AS over_time, \
             k.confupdtype::text AS on_update, k.confdeltype::text AS on_delete, \
             k.confmatchtype::text AS match, {partial} AS on_delete_columns, \
             {not_distinct} AS nulls_not_distinct, (i.indkey::int2[])[0:] AS index_columns, \
             i.indnkeyatts AS key_columns, \
             fn.nspname::text AS foreign_schema, f.relname::text AS foreign_table, \
             k.confrelid::int8 AS foreign_relation, k.confkey::int2[] AS foreign_columns, \
             CASE WHEN f.relnamespace = ANY(:schemas::oid[]) THEN NULL ELSE ( \
               SELECT pg_catalog.array_agg(a.attname::text ORDER BY x.n) \
               FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY x(number, n) \
               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.number \
             ) END AS foreign_names, \
             CASE k.contype WHEN 'c' THEN COALESCE(pg_catalog.pg_get_expr(k.conbin, k.conrelid), '') \
               WHEN 'x' THEN COALESCE(pg_catalog.pg_get_constraintdef(k.oid), '') END AS expression \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND {kinds} \
             LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid \
             LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace \
             LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u') \
             WHERE c.relnamespace = ANY(:schemas::oid[]) AND c.relkind IN ('r', 'p')"
        )
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let comment = draft.comment("pg_constraint", row.get("oid")?, 0);
    let references_columns = references_columns(draft, row)?;
    let Some(there) = draft.relation_of(row)? else {
        return Ok(());
    };
    let columns: Option<Vec<i64>> = row.get("columns")?;
    if row.get::<String>("kind")? == NOT_NULL {
        let not_null = NotNull {
            name: row.get("name")?,
            is_valid: row.get("is_valid")?,
            no_inherit: row.get("no_inherit")?,
        };
        for number in columns.iter().flatten() {
            there.set_not_null(*number, &not_null);
        }
        return Ok(());
    }
    let enforced: bool = row.get("is_enforced")?; // what is not, is never valid either
    let mut new = ConstraintSchema {
        name: row.get("name")?,
        kind: kind(&row.get::<String>("kind")?),
        columns: there.names_of(&columns.unwrap_or_default()),
        deferrable: row.get("is_deferrable")?,
        initially_deferred: row.get("is_deferred")?,
        not_valid: enforced && !row.get::<bool>("is_valid")?,
        not_enforced: !enforced,
        over_time: row.get("over_time")?,
        comment,
        ..ConstraintSchema::default()
    };
    match new.kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
            let index: Option<Vec<i64>> = row.get("index_columns")?;
            let keys: Option<usize> = row.get("key_columns")?;
            let index = index.unwrap_or_default();
            let beside = index.get(keys.unwrap_or_default()..);
            new.include = there.names_of(beside.unwrap_or_default());
            new.nulls_not_distinct = row.get("nulls_not_distinct")?;
        }
        ConstraintKind::ForeignKey => {
            new.references_schema = row.get("foreign_schema")?;
            new.references_table = row.get("foreign_table")?;
            new.references_columns = references_columns;
            new.on_delete = Some(action(&row.get::<String>("on_delete")?));
            new.on_update = Some(action(&row.get::<String>("on_update")?));
            let partial: Option<Vec<i64>> = row.get("on_delete_columns")?;
            new.on_delete_columns = there.names_of(&partial.unwrap_or_default());
            new.match_full = row.get::<String>("match")? == "f";
        }
        ConstraintKind::Check => {
            let expression = text(row, "expression")?;
            new.expression = expression.map(|e| without_parentheses(&e).to_owned());
            new.no_inherit = row.get("no_inherit")?;
        }
        ConstraintKind::Exclude => {
            let definition = text(row, "expression")?;
            new.expression = definition.map(|definition| excluded(&definition).to_owned());
        }
    }
    if let Some(table) = there.table_mut() {
        table.constraints.insert(new.name.clone(), new);
    }
    Ok(())
}

/// By the numbers where the referenced table was read, else by the names that the query gives.
fn references_columns(draft: &Draft, row: &Row) -> Result<Option<Vec<String>>> {
    let Some(numbers) = row.get::<Option<Vec<i64>>>("foreign_columns")? else {
        return Ok(None);
    };
    let known = draft.relations.get(&row.get("foreign_relation")?);
    match known {
        Some(there) => Ok(Some(there.names_of(&numbers))),
        None => row.get("foreign_names"),
    }
}

fn kind(letter: &str) -> ConstraintKind {
    match letter {
        "p" => ConstraintKind::PrimaryKey,
        "u" => ConstraintKind::Unique,
        "f" => ConstraintKind::ForeignKey,
        "x" => ConstraintKind::Exclude,
        _ => ConstraintKind::Check,
    }
}

fn action(letter: &str) -> ReferentialAction {
    match letter {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

/// All behind EXCLUDE, without what the other fields tell.
fn excluded(definition: &str) -> &str {
    let mut text = definition.strip_prefix("EXCLUDE ").unwrap_or(definition);
    for end in [" NOT VALID", " INITIALLY DEFERRED", " DEFERRABLE"] {
        text = text.strip_suffix(end).unwrap_or(text);
    }
    text
}
