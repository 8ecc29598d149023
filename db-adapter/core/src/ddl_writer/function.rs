//! Functions and procedures, by their definitions.

use super::{NotExpressed, quote, sound};
use crate::schema::{FunctionSchema, SqlDialect};

/// The statement, or why there is none.
pub(super) fn create(key: &str, function: &FunctionSchema) -> Result<String, NotExpressed> {
    let kinds = ["function", "procedure"];
    let definition = function.definition.trim();
    let wrong = |reason: &str| NotExpressed::new("function", key, reason);
    if definition.is_empty() {
        return Err(wrong("its definition is not known"));
    }
    match sound::is_statement(definition, SqlDialect::Postgres, &kinds) {
        true => Ok(definition.to_owned()),
        false => Err(wrong("its definition is not one CREATE FUNCTION statement")),
    }
}

/// Its name with the types of its arguments.
pub(super) fn signature(function: &FunctionSchema) -> String {
    let name = quote::qualified(
        function.schema.as_deref(),
        &function.name,
        SqlDialect::Postgres,
    );
    format!("{name}({})", function.arguments)
}
