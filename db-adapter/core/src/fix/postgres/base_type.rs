//! A type with the one beneath it, where it is a domain.

use crate::schema::{DatabaseSchema, DomainSchema, table_key};
use crate::sql_type::SqlType;
use crate::temporal::digits;

/// Of a domain over a domain over ..; a schema that somebody wrote may have a circle.
const MOST_DOMAINS: usize = 16;

/// A type, as the server writes it, and the one beneath a domain.
pub(super) struct Type<'a> {
    /// As SQL.
    pub(super) text: &'a str,
    pub(super) known: SqlType,
    /// The digits of the seconds.
    pub(super) digits: u32,
    /// Whether a domain refuses some values.
    pub(super) has_rules: bool,
    pub(super) is_domain: bool,
}

impl<'a> Type<'a> {
    pub(super) fn of(text: &'a str, schema: &DatabaseSchema) -> Type<'a> {
        let (mut base, mut has_rules, mut is_domain) = (text.to_owned(), false, false);
        for _ in 0..MOST_DOMAINS {
            let Some(domain) = domain(&base, schema) else {
                break;
            };
            is_domain = true;
            has_rules |= domain.not_null || !domain.checks.is_empty();
            base.clone_from(&domain.data_type);
        }
        let mut known = SqlType::parse_postgres(&base);
        if let SqlType::Other(name) = &known
            && schema.enums.contains_key(&key(name))
        {
            known = SqlType::Enum(name.clone());
        }
        Type {
            text,
            digits: digits(&base),
            known,
            has_rules,
            is_domain,
        }
    }
}

fn key(name: &str) -> String {
    match crate::TableName::parse(name) {
        Ok(name) => table_key(name.schema.as_deref(), &name.name),
        Err(_) => name.to_owned(),
    }
}

fn domain<'s>(text: &str, schema: &'s DatabaseSchema) -> Option<&'s DomainSchema> {
    schema.domains.get(&key(text))
}
