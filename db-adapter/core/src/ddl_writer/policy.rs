//! The policies of row-level security.

use super::quote;
use crate::name::quote_ident;
use crate::schema::PolicySchema;

/// The commands that a policy is for.
pub(super) const COMMANDS: [&str; 5] = ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"];

/// The statement; `table` is its name as SQL.
pub(super) fn create(policy: &PolicySchema, table: &str) -> String {
    let mut sql = format!("CREATE POLICY {} ON {table}", quote_ident(&policy.name));
    if policy.restrictive {
        sql.push_str(" AS RESTRICTIVE");
    }
    if policy.command != "ALL" {
        sql.push_str(&format!(" FOR {}", policy.command));
    }
    if !policy.roles.is_empty() {
        sql.push_str(&format!(" TO {}", quote::list(&policy.roles)));
    }
    if let Some(using) = &policy.using {
        sql.push_str(&format!(" USING ({using})"));
    }
    if let Some(check) = &policy.with_check {
        sql.push_str(&format!(" WITH CHECK ({check})"));
    }
    sql
}
