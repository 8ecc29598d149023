//! What is chosen, and what is said of it.

#![allow(
    clippy::unwrap_used,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

use super::{Draft, DraftOptions, draft};
use crate::ddl;
use crate::schema::SqlDialect;

fn drafted(sql: &str, options: &DraftOptions) -> Draft {
    let ddl = ddl::parse(sql, SqlDialect::Postgres);
    assert!(ddl.errors.is_empty(), "{:?}", ddl.errors);
    let draft = draft(&ddl.schema, options).unwrap();
    draft.schema().unwrap();
    draft
}

fn said(draft: &Draft, of: &str) -> Vec<String> {
    let of = format!("{of}: ");
    let lines = draft.lines().into_iter();
    lines
        .filter_map(|line| line.strip_prefix(&of).map(str::to_owned))
        .collect()
}

const USERS: &str = "CREATE TABLE users (id int PRIMARY KEY);";

#[test]
fn rows_that_are_nobodys_are_said_to_be_shared() {
    let draft = drafted(
        &format!(
            "{USERS} CREATE TABLE notes (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users);
             CREATE TABLE secrets (id int PRIMARY KEY, account text);
             CREATE TABLE parts (id int PRIMARY KEY, secret int NOT NULL REFERENCES secrets);
             CREATE TABLE lines (id int PRIMARY KEY, note int NOT NULL REFERENCES notes)"
        ),
        &DraftOptions::default(),
    );
    let shared = |table: &str| {
        said(&draft, table)
            .iter()
            .any(|line| line.contains("every user's backup"))
    };
    assert!(shared("secrets") && shared("parts"));
    assert!(!shared("notes") && !shared("lines") && !shared("users"));
}

#[test]
fn a_shared_table_that_leads_to_a_user_is_not_backed_up() {
    let draft = drafted(
        &format!(
            "{USERS} CREATE TABLE notes (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users);
             CREATE TABLE pages (id int PRIMARY KEY, editor int REFERENCES users)"
        ),
        &DraftOptions::default(),
    );
    let pages = draft
        .tables
        .iter()
        .find(|table| table.def.name == "pages")
        .unwrap();
    assert!(!pages.backed_up);
    assert!(said(&draft, "pages")[0].starts_with("not backed up: "));
}

#[test]
fn the_owner_is_a_column_of_the_callers_or_the_only_reference_to_the_users() {
    let sql = "CREATE TABLE tenants (code text PRIMARY KEY);
        CREATE TABLE projects (id int PRIMARY KEY, tenant text NOT NULL REFERENCES tenants);
        CREATE TABLE files (id int PRIMARY KEY, holder text NOT NULL REFERENCES tenants);
        CREATE TABLE loans (id int PRIMARY KEY, giver text NOT NULL REFERENCES tenants, taker text NOT NULL REFERENCES tenants);
        CREATE TABLE visits (id int PRIMARY KEY, tenant text)";
    let draft = drafted(sql, &DraftOptions::default().user_column("tenant"));
    let user = |name: &str| {
        let table = draft
            .tables
            .iter()
            .find(|table| table.def.name == name)
            .unwrap();
        table.def.user_field.as_deref().map(str::to_owned)
    };
    assert_eq!(user("tenants").as_deref(), Some("code"));
    assert_eq!(user("projects").as_deref(), Some("tenant"));
    assert_eq!(user("files").as_deref(), Some("holder"));
    assert_eq!(user("loans"), None);
    assert_eq!(user("visits").as_deref(), Some("tenant"));
    assert!(
        said(&draft, "projects.tenant").is_empty(),
        "a foreign key proves it"
    );
    assert!(said(&draft, "files.holder")[0].starts_with("chosen"));
    assert!(said(&draft, "loans")[0].contains("several references"));
    let visits = said(&draft, "visits.tenant");
    assert!(
        visits[0].starts_with("not proven") && visits[1].contains("NULL"),
        "{visits:?}"
    );

    let ddl = ddl::parse(sql, SqlDialect::Postgres);
    let unknown = DraftOptions::default().user_column("nobody");
    assert!(super::draft(&ddl.schema, &unknown).is_err());
    let without = drafted(sql, &DraftOptions::default());
    assert!(
        without.notes[0].contains("`user_id`"),
        "{:?}",
        without.notes
    );
}

#[test]
fn circles_lose_one_table_and_what_hangs_on_them_none() {
    let draft = drafted(
        "CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL);
         CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a);
         ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
         CREATE TABLE c (id int PRIMARY KEY, a int NOT NULL REFERENCES a);
         CREATE TABLE self (id int PRIMARY KEY, up int NOT NULL REFERENCES self)",
        &DraftOptions::default(),
    );
    let backed_up: Vec<&str> = draft
        .tables
        .iter()
        .filter(|table| table.backed_up)
        .map(|table| &*table.def.name)
        .collect();
    assert_eq!(backed_up, ["a", "c"]);
    assert!(said(&draft, "b")[0].contains("need each other"));
    assert!(said(&draft, "self")[0].contains("none could be the first"));
}

#[test]
fn names_and_comments_stay_where_they_are() {
    let draft = drafted(
        "CREATE TABLE \"a \"\"b\n*/ // \\\" (\"type\nx\" int PRIMARY KEY, \"Type\" text UNIQUE)",
        &DraftOptions::default(),
    );
    let rust = draft.rust();
    for line in rust.lines() {
        assert!(!line.trim_start().starts_with("*/"), "{rust}");
    }
    assert!(rust.contains("#[column(name = \"type\\nx\")]"), "{rust}");
}

#[test]
fn a_column_that_a_foreign_key_leads_elsewhere_names_no_user() {
    let draft = drafted(
        &format!(
            "{USERS} ALTER TABLE users ADD mail text UNIQUE; CREATE TABLE gh (id int PRIMARY KEY);
             CREATE TABLE a (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, UNIQUE (user_id, id));
             CREATE TABLE b (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users);
             CREATE TABLE other (id int PRIMARY KEY, user_id int NOT NULL REFERENCES gh);
             CREATE TABLE mailed (id int PRIMARY KEY, user_id text NOT NULL REFERENCES users (mail));
             CREATE TABLE along (id int PRIMARY KEY, user_id int NOT NULL, a int NOT NULL,
                FOREIGN KEY (user_id, a) REFERENCES a (user_id, id))"
        ),
        &DraftOptions::default(),
    );
    let backed_up = |name: &str| {
        let mut tables = draft.tables.iter();
        tables.find(|t| &*t.def.name == name).unwrap().backed_up
    };
    assert!(!backed_up("other") && !backed_up("mailed"));
    assert!(backed_up("a") && backed_up("b") && backed_up("along"));
    assert!(said(&draft, "other")[0].contains("of `gh`, which is not a user's id"));
}
