//! Triggers, without those that the server keeps for constraints and for partitions.

use db_adapter_core::schema::{TriggerSchema, TriggerSessions, table_key};

use super::Part;
use super::draft::Draft;
use super::written::text;
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "trigger",
    catalog: "pg_trigger",
    sql: |scope| {
        let own = match scope.version {
            130_000.. => "g.tgparentid = 0",
            _ => "true",
        };
        format!(
            "SELECT g.oid::int8 AS oid, g.tgrelid::int8 AS relation, g.tgname::text AS name, \
             g.tgtype AS type, g.tgenabled::text AS state, \
             n.nspname::text AS function_schema, p.proname::text AS function_name, \
             COALESCE(pg_catalog.pg_get_triggerdef(g.oid), '') AS definition \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal AND {own} \
             JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid \
             JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
             WHERE c.relnamespace = ANY(:schemas::oid[])"
        )
    },
    add,
    essential: false,
};

/// The bits of `tgtype`.
const BEFORE: i64 = 1 << 1;
const INSTEAD: i64 = 1 << 6;
const EVENTS: [(i64, &str); 4] = [
    (1 << 2, "INSERT"),
    (1 << 4, "UPDATE"),
    (1 << 3, "DELETE"),
    (1 << 5, "TRUNCATE"),
];

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let comment = draft.comment("pg_trigger", row.get("oid")?, 0);
    let Some(there) = draft.relation_of(row)? else {
        return Ok(());
    };
    let bits: i64 = row.get("type")?;
    let schema: String = row.get("function_schema")?;
    let state: String = row.get("state")?;
    let trigger = TriggerSchema {
        name: row.get("name")?,
        timing: timing(bits).to_owned(),
        events: events(bits),
        function_name: table_key(Some(&schema), &row.get::<String>("function_name")?),
        disabled: state == "D",
        sessions: sessions(&state),
        definition: text(row, "definition")?,
        comment,
    };
    there.triggers.insert(trigger.name.clone(), trigger);
    Ok(())
}

/// The letter of `tgenabled`.
fn sessions(state: &str) -> TriggerSessions {
    match state {
        "R" => TriggerSessions::Replica,
        "A" => TriggerSessions::Always,
        _ => TriggerSessions::Ordinary,
    }
}

fn timing(bits: i64) -> &'static str {
    match bits {
        bits if bits & INSTEAD != 0 => "INSTEAD OF",
        bits if bits & BEFORE != 0 => "BEFORE",
        _ => "AFTER",
    }
}

fn events(bits: i64) -> Vec<String> {
    let fired = EVENTS.iter().filter(|(bit, _)| bits & bit != 0);
    fired.map(|(_, event)| (*event).to_owned()).collect()
}
