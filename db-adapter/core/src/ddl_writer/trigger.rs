//! Triggers, by their definitions: what the model tells beside those does not make one.

use super::NotExpressed;
use super::sound;
use crate::name::quote_ident;
use crate::schema::{SqlDialect, TriggerSchema, TriggerSessions};

/// The statements of a trigger of the table with this name as SQL, or why there is none.
pub(super) fn create(
    trigger: &TriggerSchema,
    key: &str,
    table: &str,
    dialect: SqlDialect,
) -> Result<Vec<String>, NotExpressed> {
    let wrong =
        |reason: &str| NotExpressed::new("trigger", format!("{key}.{}", trigger.name), reason);
    let Some(definition) = trigger.definition.as_deref().map(str::trim) else {
        return Err(wrong("its definition is not known"));
    };
    if !sound::is_statement(definition, dialect, &["trigger"]) {
        return Err(wrong("its definition is not one CREATE TRIGGER statement"));
    }
    let mut statements = vec![definition.to_owned()];
    let state = match (trigger.disabled, trigger.sessions) {
        (true, _) => Some("DISABLE"),
        (false, TriggerSessions::Ordinary) => None,
        (false, TriggerSessions::Replica) => Some("ENABLE REPLICA"),
        (false, TriggerSessions::Always) => Some("ENABLE ALWAYS"),
    };
    if let Some(state) = state {
        let name = quote_ident(&trigger.name);
        statements.push(format!("ALTER TABLE {table} {state} TRIGGER {name}"));
    }
    Ok(statements)
}
