//! What a role may not see is listed with the reason, never taken for something that is not there.

use db_adapter::schema::{DatabaseSchema, NotInspected};
use db_adapter::{Error, PostgresAdapter, SchemaIntrospector, prelude::*};
use support::TestDatabase;

/// A role of this database's name, gone at the end of the test.
struct Role<'a> {
    database: &'a TestDatabase,
    url: String,
}

impl<'a> Role<'a> {
    async fn new(database: &'a TestDatabase) -> Role<'a> {
        let name = database.name();
        database
            .sql(&format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'"))
            .await;
        let (_, address) = database.url().split_once('@').unwrap();
        Role {
            database,
            url: format!("postgresql://{name}:secret@{address}"),
        }
    }

    async fn connect(&self) -> PostgresAdapter {
        PostgresAdapter::connect(&self.url).await.unwrap()
    }

    async fn end(self, client: PostgresAdapter) {
        client.close().await.unwrap();
        let name = self.database.name();
        let sql = format!("DROP OWNED BY {name}; DROP ROLE {name}");
        self.database.sql(&sql).await;
    }
}

fn left_out<'a>(schema: &'a DatabaseSchema, kind: &str) -> &'a NotInspected {
    let mut entries = schema.not_inspected.iter();
    entries.find(|entry| entry.kind == kind).unwrap()
}

const TABLE: &str = "CREATE TABLE notes (id integer PRIMARY KEY, a integer CHECK (a > 0));
    CREATE INDEX notes_a ON notes (a);
    CREATE POLICY p ON notes USING (true);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_without_usage_is_listed() {
    let database = TestDatabase::postgres().await;
    let role = Role::new(&database).await;
    database
        .sql(&format!(
            "{TABLE} REVOKE USAGE ON SCHEMA public FROM PUBLIC"
        ))
        .await;
    let client = role.connect().await;
    let all = SchemaIntrospector::new(&client);
    let by_default = all.introspect().await.unwrap();
    let named = SchemaIntrospector::new(&client).schema("public");
    let named = named.introspect().await.unwrap();
    for schema in [by_default, named] {
        assert!(schema.tables.is_empty());
        let entry = left_out(&schema, "schema");
        assert_eq!(entry.name.as_deref(), Some("public"));
        let who = database.name();
        let reason = format!("the role `{who}` has no USAGE on the schema `public`");
        assert_eq!(entry.reason, reason);
    }
    role.end(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_without_select_are_there() {
    let database = TestDatabase::postgres().await;
    let role = Role::new(&database).await;
    database.sql(TABLE).await;
    let client = role.connect().await;
    let denied = client.select("notes", "*").await;
    assert!(matches!(denied, Err(Error::PermissionDenied { .. })));
    let schema = SchemaIntrospector::new(&client).introspect().await.unwrap();
    assert_eq!(schema.table("notes").unwrap().columns.len(), 2);
    assert!(schema.not_inspected.is_empty());
    role.end(client).await;
}

/// Each catalog that may be denied alone, and the kind that is then not known.
const CATALOGS: [(&str, &str); 9] = [
    ("pg_constraint", "constraint"),
    ("pg_index", "index"),
    ("pg_policy", "policy"),
    ("pg_trigger", "trigger"),
    ("pg_enum", "enum"),
    ("pg_proc", "function"),
    ("pg_sequence", "sequence"),
    ("pg_description", "comment"),
    ("pg_statistic_ext", "object of another kind"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_catalog_that_may_not_be_read_is_listed_and_ends_no_transaction() {
    let database = TestDatabase::postgres().await;
    let role = Role::new(&database).await;
    let name = database.name();
    database
        .sql(&format!("{TABLE} GRANT ALL ON notes TO {name}"))
        .await;
    let client = role.connect().await;
    for (n, (catalog, kind)) in CATALOGS.iter().enumerate() {
        // SELECT on a system catalog is PUBLIC's
        let revoke = format!("REVOKE SELECT ON pg_catalog.{catalog} FROM PUBLIC");
        database.sql(&revoke).await;
        let transaction = client.begin().await.unwrap();
        let insert = format!("INSERT INTO notes (id) VALUES ({n})");
        transaction.execute(&insert).await.unwrap();
        let schema = SchemaIntrospector::new(&transaction).introspect().await;
        let schema = schema.unwrap_or_else(|error| panic!("{catalog}: {error}"));
        let entry = left_out(&schema, kind);
        assert_eq!(entry.name, None, "{catalog}");
        assert!(
            entry.reason.starts_with("the role may not read"),
            "{entry:?}"
        );
        assert_eq!(schema.table("notes").unwrap().columns.len(), 2, "{catalog}");
        transaction.commit().await.unwrap();
        let grant = format!("GRANT SELECT ON pg_catalog.{catalog} TO PUBLIC");
        database.sql(&grant).await;
    }
    let count = database.scalar_text("SELECT count(*) FROM notes").await;
    assert_eq!(count, Some(CATALOGS.len().to_string()));
    role.end(client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_tables_themselves_it_is_an_error() {
    let database = TestDatabase::postgres().await;
    let role = Role::new(&database).await;
    database.sql(TABLE).await;
    let client = role.connect().await;
    database
        .sql("REVOKE SELECT ON pg_catalog.pg_attribute FROM PUBLIC")
        .await;
    let result = SchemaIntrospector::new(&client).introspect().await;
    assert!(matches!(result, Err(Error::PermissionDenied { .. })));
    database
        .sql("GRANT SELECT ON pg_catalog.pg_attribute TO PUBLIC")
        .await;
    role.end(client).await;
}
