//! Which of the attached databases are looked at. Pure but for the text of the query.

use db_adapter_core::schema::NotInspected;
use db_adapter_core::suggest::closest;

use crate::schema::IntrospectOptions;
use crate::{Notice, Result, Row};

pub(super) const SQL: &str = "SELECT name FROM pragma_database_list";

/// The schemas to look at, by default the file's own, and those that are not there.
pub(super) fn read(
    attached: &[Row],
    options: &IntrospectOptions,
) -> Result<(Vec<String>, Vec<NotInspected>)> {
    let attached: Vec<String> = attached
        .iter()
        .map(|row| row.get("name"))
        .collect::<Result<_>>()?;
    let mut schemas = Vec::new();
    let mut missing = Vec::new();
    let main = ["main".to_owned()];
    let wanted = match options.schemas.as_slice() {
        [] => main.as_slice(),
        named => named,
    };
    for name in wanted {
        if schemas.contains(name) {
            continue;
        }
        if attached.contains(name) {
            schemas.push(name.clone());
            continue;
        }
        let hint = closest(name, attached.iter().map(String::as_str));
        let reason = Notice::new(format!("no attached database is called `{name}`"));
        let reason = match hint {
            Some(near) => reason.hint(format!("did you mean `{near}`?")),
            None => reason,
        };
        missing.push(NotInspected {
            kind: "schema".to_owned(),
            name: Some(name.clone()),
            reason: reason.to_string(),
        });
    }
    for name in &options.also_schemas {
        if attached.contains(name) && !schemas.contains(name) {
            schemas.push(name.clone());
        }
    }
    Ok((schemas, missing))
}
