//! The columns of the tables and views.

use db_adapter_core::SqlType;
use db_adapter_core::schema::{ColumnSchema, Generated, Identity};

use super::Part;
use super::draft::Draft;
use super::expression::without_parentheses;
use super::written::{changed, text, type_name, written};
use crate::{Result, Row};

/// Whether a sequence or table of a default has been dropped, which is then written as a number.
const LACKS: &str = "EXISTS (SELECT FROM pg_catalog.pg_depend x \
    WHERE x.classid = 'pg_catalog.pg_attrdef'::regclass AND x.objid = d.oid \
    AND x.refclassid = 'pg_catalog.pg_class'::regclass \
    AND pg_catalog.pg_table_is_visible(x.refobjid) IS NULL)";

pub(super) const PART: Part = Part {
    kind: "column",
    catalog: "pg_attribute",
    sql: |scope| {
        let generated = match scope.version {
            120_000.. => "a.attgenerated::text",
            _ => "''",
        };
        let expression = written("d.adbin", "pg_catalog.pg_get_expr(d.adbin, d.adrelid)");
        format!(
            "SELECT a.attrelid::int8 AS relation, a.attnum AS number, a.attname::text AS name, \
             pg_catalog.format_type(a.atttypid, a.atttypmod) AS data_type, \
             a.atttypid::int8 AS type, a.attnotnull AS not_null, a.attidentity::text AS identity, \
             {generated} AS generated, {expression} AS expression, {LACKS} AS lacks, \
             l.collname::text AS collation, a.attcollation::int8 AS collation_oid \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
             LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
             LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation \
             WHERE c.relnamespace = ANY(:schemas::oid[]) AND c.relkind IN ('r', 'p', 'v', 'm')"
        )
    },
    add,
    essential: true,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let relation: i64 = row.get("relation")?;
    let number: i64 = row.get("number")?;
    let comment = draft.comment("pg_class", relation, number);
    let data_type = type_name(row, "data_type")?;
    let sql_type = sql_type(&data_type, draft.types.get(&row.get("type")?));
    let Some(there) = draft.relations.get_mut(&relation) else {
        return Ok(());
    };
    let mut column = ColumnSchema::new(row.get::<String>("name")?, data_type, sql_type);
    column.set_nullable(!row.get::<bool>("not_null")?);
    column.identity = match row.get::<String>("identity")?.as_str() {
        "a" => Some(Identity::Always),
        "d" => Some(Identity::ByDefault),
        _ => None,
    };
    column.collation = row.get("collation")?;
    column.comment = comment;
    if row.get("lacks")? {
        return Err(changed());
    }
    let expression = text(row, "expression")?;
    match row.get::<String>("generated")?.as_str() {
        "" => column.default = expression,
        how => {
            column.generated = expression.map(|expression| Generated {
                expression: without_parentheses(&expression).to_owned(),
                stored: how == "s",
            });
        }
    }
    there.add_column(number, row.get("collation_oid")?, column);
    Ok(())
}

/// Of a domain or an enum the type that decides; of any other its name with all its arguments.
fn sql_type(data_type: &str, known: Option<&SqlType>) -> SqlType {
    let is_other = |t: &SqlType| matches!(t.element().unwrap_or(t), SqlType::Other(_));
    match (SqlType::parse_postgres(data_type), known) {
        (parsed, Some(known)) if is_other(&parsed) && !is_other(known) => known.clone(),
        (parsed, _) => parsed,
    }
}
