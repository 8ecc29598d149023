//! Whether the database itself gives a new row a value that no other row has. A default that is
//! computed from the time, the session or a constant does not: its rows keep the values they have.

use crate::ColumnSchema;
use crate::lexer::{Kind, Lexer};
use crate::schema::SqlDialect;

/// The functions that never give a value twice.
const NEW_EACH_TIME: [&str; 10] = [
    "nextval",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuid_generate_v7",
    "uuidv4",
    "uuidv7",
    "gen_random_bytes",
    "randomblob",
];

/// What only writes such a value in another form: functions, and types with a length.
const OTHER_FORM: [&str; 18] = [
    "lower",
    "upper",
    "hex",
    "encode",
    "replace",
    "substr",
    "substring",
    "concat",
    "cast",
    "abs",
    "random",
    "lpad",
    "printf",
    "format",
    "varchar",
    "char",
    "character",
    "varying",
];

/// Whether the database numbers the rows by this column: an identity, the number of a row of
/// SQLite, or a default that takes a sequence's next number or makes a uuid, and calls nothing
/// that is not known to keep it one.
///
/// ```
/// use db_adapter_core::fit::is_numbered;
/// use db_adapter_core::{ColumnSchema, SqlType};
///
/// let mut column = ColumnSchema::new("id", "uuid", SqlType::Uuid);
/// column.default = Some("gen_random_uuid()".into());
/// assert!(is_numbered(&column));
/// column.default = Some("current_setting('app.tenant')::uuid".into());
/// assert!(!is_numbered(&column));
/// ```
pub fn is_numbered(column: &ColumnSchema) -> bool {
    if column.identity.is_some() {
        return true;
    }
    let default = column.default.as_deref().unwrap_or_default();
    // both dialects have the same calls and strings in a default
    let tokens: Vec<_> = Lexer::of_definition(default, SqlDialect::Postgres)
        .filter(|token| !token.is_trivia())
        .collect();
    let mut is_new = false;
    for pair in tokens.windows(2) {
        let [name, after] = pair else { continue };
        let calls = matches!(name.kind, Kind::Word | Kind::Name) && after.is_symbol("(");
        if !calls {
            continue;
        }
        let is_one_of = |names: &[&str]| names.iter().any(|known| name.names(known));
        match (is_one_of(&NEW_EACH_TIME), is_one_of(&OTHER_FORM)) {
            (true, _) => is_new = true,
            (false, true) => {}
            (false, false) => return false,
        }
    }
    is_new
}
