//! Rows that belong to a tenant: its table in the schema, only expected, or not declared at all.

use db_adapter::{backup_schema, backup_table};

/// A tenant.
#[backup_table(name = "tenants", user = id, match_by = pk)]
#[allow(dead_code)]
pub struct Tenant {
    id: i64,
    name: String,
}
/// By its key, which comes before it.
#[backup_table(name = "projects", owner = Tenant(tenant_id))]
#[allow(dead_code)]
pub struct Project {
    id: i64,
    slug: String,
    tenant_id: i64,
}
#[backup_table(name = "notes", owner = "accounts"(account -> code), parent = Project(project_id))]
#[allow(dead_code)]
struct Note {
    id: i64,
    slug: String,
    #[column(name = "account_code")]
    account: Option<String>,
    project_id: i64,
}
#[backup_table(backup = false)]
#[allow(dead_code)]
struct Login {
    id: i64,
}
#[backup_table(owner = Login(login_id))]
#[allow(dead_code)]
struct Session {
    id: i64,
    slug: String,
    login_id: i64,
}
backup_schema!(
    /// In whatever order.
    pub SCHEMA = [Project, Note, Tenant, Session, Login]
);
#[test]
fn owners_come_first_and_are_the_users_column() {
    let tables: Vec<_> = SCHEMA
        .tables
        .iter()
        .map(|t| (&*t.name, t.user_field.as_deref()))
        .collect();
    assert_eq!(
        tables,
        [
            ("tenants", Some("id")),
            ("projects", Some("tenant_id")),
            ("notes", Some("account_code")),
            ("session", Some("login_id")),
        ]
    );
    let notes = &SCHEMA.tables[2];
    let owner = notes.owner.as_ref().unwrap();
    assert_eq!((&*owner.table, &*owner.references[0]), ("accounts", "code"));
    assert_eq!(notes.natural_key(), ["account_code", "project_id", "slug"]);
    SCHEMA.check().unwrap();
}
