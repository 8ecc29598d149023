//! Enums and domains.

use super::quote;
use super::sound;
use crate::name::quote_ident;
use crate::schema::{DomainSchema, EnumSchema, SqlDialect};

const POSTGRES: SqlDialect = SqlDialect::Postgres;

pub(crate) fn create_enum(found: &EnumSchema) -> String {
    let name = quote::qualified(found.schema.as_deref(), &found.name, POSTGRES);
    let values: Vec<String> = found
        .values
        .iter()
        .map(|value| quote::literal(value, POSTGRES))
        .collect();
    format!("CREATE TYPE {name} AS ENUM ({})", values.join(", "))
}

/// The domain, with those of its checks that can be there from the start. `beneath` has a default of its own,
/// which a domain over it takes over.
pub(crate) fn create_domain(
    domain: &DomainSchema,
    collation: Option<&str>,
    beneath_has_default: bool,
    is_early: impl Fn(&str) -> bool,
) -> String {
    let mut sql = format!("CREATE DOMAIN {} AS {}", name(domain), domain.data_type);
    if let Some(collation) = collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    match domain
        .default
        .as_deref()
        .filter(|default| is_early(default))
    {
        Some(default) => {
            sql.push_str(&format!(" DEFAULT {}", sound::default(default, POSTGRES)));
        }
        None if beneath_has_default => sql.push_str(" DEFAULT NULL"),
        None => {}
    }
    if domain.not_null {
        sql.push_str(" NOT NULL");
    }
    for (check, expression) in domain.checks.iter().filter(|(_, check)| is_early(check)) {
        sql.push_str(&format!(
            " CONSTRAINT {} CHECK ({expression})",
            quote_ident(check)
        ));
    }
    sql
}

pub(crate) fn name(domain: &DomainSchema) -> String {
    quote::qualified(domain.schema.as_deref(), &domain.name, POSTGRES)
}
