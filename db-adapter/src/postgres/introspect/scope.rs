//! Which schemas are looked at, and what the server and the role are. Pure but for the text of the
//! query.

use db_adapter_core::parse_identifier;
use db_adapter_core::schema::NotInspected;
use db_adapter_core::suggest::closest;

use crate::schema::IntrospectOptions;
use crate::{Notice, Result, Row};

/// All the schemas, so that a misspelt name has a suggestion. One that another session has dropped since the snapshot is
/// gone, though its row is still seen.
pub(super) const SQL: &str = "SELECT \
    pg_catalog.current_setting('server_version_num')::int4 AS version, \
    pg_catalog.current_setting('db_adapter.search_path', true) AS search_path, \
    current_user::text AS role, n.oid::int8 AS oid, n.nspname::text AS name, \
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable \
  FROM pg_catalog.pg_namespace n WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE') IS NOT NULL";

/// What is looked at.
pub(super) struct Scope {
    /// As `server_version_num` has it: 150004.
    pub(super) version: i64,
    /// The oids of the schemas.
    pub(super) oids: Vec<i64>,
    /// The schemas that are not looked at.
    pub(super) not_inspected: Vec<NotInspected>,
}

/// A schema of the database.
struct Found {
    oid: i64,
    name: String,
    usable: bool,
}

pub(super) fn read(rows: &[Row], options: &IntrospectOptions) -> Result<Scope> {
    let mut scope = Scope {
        version: 0,
        oids: Vec::new(),
        not_inspected: Vec::new(),
    };
    let (mut role, mut path) = (String::new(), String::new());
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        scope.version = row.get("version")?;
        role = row.get("role")?;
        path = row
            .get::<Option<String>>("search_path")?
            .unwrap_or_default();
        found.push(Found {
            oid: row.get("oid")?,
            name: row.get("name")?,
            usable: row.get("usable")?,
        });
    }
    match options.schemas.as_slice() {
        [] => scope.by_there(&names_of_path(&path, &role), &found, &role),
        named => named
            .iter()
            .for_each(|name| scope.by_name(name, &found, &role)),
    }
    scope.by_there(&options.also_schemas, &found, &role);
    if scope.oids.is_empty() && scope.not_inspected.is_empty() {
        let reason = Notice::new("the search path names no schema of this database");
        scope.leave_out(None, reason.hint("name a schema").to_string());
    }
    Ok(scope)
}

impl Scope {
    /// Those of the names that are there: a search path often names schemas that the database does not
    /// have.
    fn by_there(&mut self, names: &[String], found: &[Found], role: &str) {
        for name in names {
            if found.iter().any(|f| f.name == *name) {
                self.by_name(name, found, role);
            }
        }
    }

    fn by_name(&mut self, name: &str, found: &[Found], role: &str) {
        match found.iter().find(|f| f.name == name) {
            Some(schema) if !schema.usable => {
                let reason = format!("the role `{role}` has no USAGE on the schema `{name}`");
                let named = |entry: &NotInspected| entry.name.as_deref() == Some(name);
                if !self.not_inspected.iter().any(named) {
                    self.leave_out(Some(name), reason);
                }
            }
            Some(schema) if self.oids.contains(&schema.oid) => {}
            Some(schema) => self.oids.push(schema.oid),
            None => {
                let names = found.iter().map(|f| f.name.as_str());
                let reason = Notice::new(format!("there is no schema `{name}`"));
                let reason = match closest(name, names) {
                    Some(near) => reason.hint(format!("did you mean `{near}`?")),
                    None => reason,
                };
                self.leave_out(Some(name), reason.to_string());
            }
        }
    }

    fn leave_out(&mut self, name: Option<&str>, reason: String) {
        self.not_inspected.push(NotInspected {
            kind: "schema".to_owned(),
            name: name.map(str::to_owned),
            reason,
        });
    }
}

/// The names of a search path, without the system's schemas; `$user` is the role's name.
fn names_of_path(path: &str, role: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = path.trim_start();
    while !rest.is_empty() {
        let (name, after) = match parse_identifier(rest) {
            Some((name, after)) if rest.starts_with('"') => (name, after),
            _ => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                // `""` is what an empty search path is set to
                (name.trim_end().trim_matches('"').to_lowercase(), after)
            }
        };
        names.push(if name == "$user" {
            role.to_owned()
        } else {
            name
        });
        rest = after
            .trim_start()
            .strip_prefix(',')
            .unwrap_or("")
            .trim_start();
    }
    names.retain(|name| {
        !matches!(
            name.as_str(),
            "" | "pg_catalog" | "pg_temp" | "information_schema"
        )
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_search_path() {
        assert_eq!(names_of_path("\"$user\", public", "app"), ["app", "public"]);
        assert_eq!(
            names_of_path("Audit,\"My, \"\"Own\"\"\" , pg_catalog", "app"),
            ["audit", "My, \"Own\""]
        );
        assert!(names_of_path("", "app").is_empty());
        assert!(names_of_path("\"\"", "app").is_empty());
    }
}
