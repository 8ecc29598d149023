//! The policies of row-level security.

use db_adapter_core::schema::PolicySchema;

use super::Part;
use super::draft::Draft;
use super::expression::without_parentheses;
use super::written::{text, written};
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "policy",
    catalog: "pg_policy",
    // a policy for the role 0 is for everybody
    sql: |_| {
        let qualifier = written("p.polqual", "pg_catalog.pg_get_expr(p.polqual, p.polrelid)");
        let check = written(
            "p.polwithcheck",
            "pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)",
        );
        format!(
            "SELECT p.polrelid::int8 AS relation, p.polname::text AS name, p.polcmd::text AS command, \
         p.polpermissive AS permissive, \
         (SELECT pg_catalog.array_agg(r.rolname::text ORDER BY r.rolname) \
          FROM pg_catalog.pg_roles r WHERE r.oid = ANY(p.polroles)) AS roles, \
         {qualifier} AS qualifier, \
         {check} AS with_check \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid \
         WHERE c.relnamespace = ANY(:schemas::oid[])"
        )
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let Some(table) = draft.relation_of(row)?.and_then(|there| there.table_mut()) else {
        return Ok(());
    };
    let policy = PolicySchema {
        name: row.get("name")?,
        command: command(&row.get::<String>("command")?).to_owned(),
        restrictive: !row.get::<bool>("permissive")?,
        roles: row.get::<Option<Vec<String>>>("roles")?.unwrap_or_default(),
        using: expression(row, "qualifier")?,
        with_check: expression(row, "with_check")?,
    };
    table.policies.insert(policy.name.clone(), policy);
    Ok(())
}

fn command(letter: &str) -> &'static str {
    match letter {
        "r" => "SELECT",
        "a" => "INSERT",
        "w" => "UPDATE",
        "d" => "DELETE",
        _ => "ALL",
    }
}

fn expression(row: &Row, column: &str) -> Result<Option<String>> {
    Ok(text(row, column)?.map(|text| without_parentheses(&text).to_owned()))
}
