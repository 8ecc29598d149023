//! The owner as a reference: whose rows are backed up, to whom they go, and what a restore does when
//! that one is not there, whether the table of owners is in the backup or not.

use std::path::PathBuf;

use db_adapter::backup::{
    BackupOptions, OnError, RestoreMode, RestoreOptions, backup_database, restore_database,
};
use db_adapter::{BackupSchema, Error, ExactJson, ForeignKey, TableDef, Value, connect};
use serde_json::json;

use crate::case::{Backend, Case, counts};

on_both! {
    a_tenant_is_cloned, a_tenant_that_is_not_there, a_tenant_goes_with_its_rows,
    a_tenant_that_fails, a_tenant_is_known_by_another_column, whole_tables_keep_their_tenants, whole_tables_follow_their_users,
    rows_outside_are_those_of_the_new_user, a_declaration_that_does_not_fit,
}

const A: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const B: &str = "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a22";
const C: &str = "c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a33";

/// The types of a tenant's key, and three keys, of which `a` has rows to clone and `b` to keep.
fn kinds() -> [(&'static str, [Value; 3]); 3] {
    [
        ("text", ["a'x".into(), "b".into(), "c".into()]),
        ("bigint", [1.into(), 22.into(), 333.into()]),
        ("uuid", [A.into(), B.into(), C.into()]),
    ]
}

fn literal(key: &Value) -> String {
    match key.as_str() {
        Some(text) => format!("'{}'", text.replace('\'', "''")),
        None => key.to_json(),
    }
}

/// Tenants with projects and tasks; the tasks have their tenant in the key of their parent.
fn ddl(key: &str) -> String {
    format!(
        "CREATE TABLE tenants (id {key} PRIMARY KEY, name text NOT NULL);
         CREATE TABLE projects (id {{id}}, tenant_id {key} NOT NULL REFERENCES tenants, slug text NOT NULL,
             v text, UNIQUE (tenant_id, slug), UNIQUE (tenant_id, id));
         CREATE TABLE tasks (id {{id}}, tenant_id {key} NOT NULL REFERENCES tenants, project_id {{int8}} NOT NULL,
             slug text NOT NULL, FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id));"
    )
}

fn rows(keys: &[Value]) -> String {
    let row = |key: &Value| {
        let key = literal(key);
        format!(
            "INSERT INTO tenants VALUES ({key}, 'tenant');
             INSERT INTO projects (tenant_id, slug, v) VALUES ({key}, 'p', 'mine'), ({key}, 'q', 'mine');
             INSERT INTO tasks (tenant_id, project_id, slug) SELECT tenant_id, id, 't' FROM projects WHERE tenant_id = {key};"
        )
    };
    keys.iter().map(row).collect()
}

fn owned() -> [TableDef; 2] {
    let by_tenant =
        ForeignKey::new("projects", ["tenant_id", "project_id"]).to(["tenant_id", "id"]);
    [
        TableDef::new("projects").owner("tenants", "tenant_id"),
        TableDef::new("tasks")
            .owner("tenants", "tenant_id")
            .parent_key(by_tenant),
    ]
}

fn tenants() -> TableDef {
    TableDef::new("tenants").user("id").no_slug().match_by_pk()
}

fn without_tenants() -> BackupSchema {
    BackupSchema::new(owned()).unwrap()
}

fn with_tenants() -> BackupSchema {
    BackupSchema::new(owned().into_iter().chain([tenants()])).unwrap()
}

async fn backed_up(t: &Case, schema: &BackupSchema, user: &Value) -> PathBuf {
    let path = t.folder.path().join("tenant.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, schema, user.clone(), options)
        .await
        .unwrap();
    path
}

/// What was refused; nothing in the database has changed.
async fn refused(
    t: &Case,
    schema: &BackupSchema,
    path: &PathBuf,
    user: &Value,
    options: RestoreOptions,
) -> String {
    let before = t.everything().await;
    let restored = restore_database(&t.db, schema, path, user.clone(), options).await;
    let Err(Error::RestoreRefused { problems, .. }) = restored else {
        panic!("{restored:?}")
    };
    assert_eq!(t.everything().await, before);
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    said.join("\n")
}

async fn drop_all(t: &Case) {
    t.sql(
        "DROP TABLE IF EXISTS tasks; DROP TABLE IF EXISTS projects; DROP TABLE IF EXISTS tenants",
    )
    .await;
}

/// The rows of a tenant with what they refer to, without their own keys.
async fn rows_of(t: &Case, tenant: &Value) -> String {
    t.table(&format!(
        "SELECT n.name, p.slug, p.v, k.slug FROM tenants n JOIN projects p ON p.tenant_id = n.id
         JOIN tasks k ON k.project_id = p.id AND k.tenant_id = n.id WHERE n.id = {} ORDER BY 2",
        literal(tenant)
    ))
    .await
}

async fn a_tenant_is_cloned(t: &Case) {
    for (key, [a, b, c]) in kinds() {
        drop_all(t).await;
        t.sql(&(ddl(key) + &rows(&[a.clone(), c.clone()]))).await;
        t.sql(&format!(
            "INSERT INTO tenants VALUES ({}, 'empty')",
            literal(&b)
        ))
        .await;
        let schema = without_tenants();
        let path = backed_up(t, &schema, &a).await;
        let before = t.everything().await;
        let summary = t.restored(&schema, &path, b.clone()).await;
        assert_eq!(
            counts(&summary),
            [[2, 0, 0, 0, 0], [2, 0, 0, 0, 0]],
            "{key}"
        );
        assert_eq!(
            rows_of(t, &b).await,
            "empty,p,mine,t|empty,q,mine,t",
            "{key}"
        );
        let after = t.everything().await;
        assert!(before.iter().all(|line| after.contains(line)), "{key}");
        assert_eq!(after.len(), before.len() + 4, "{key}");
        // again, and over what is there
        let summary = t.restored(&schema, &path, b.clone()).await;
        assert_eq!(
            counts(&summary),
            [[0, 0, 2, 0, 0], [0, 0, 2, 0, 0]],
            "{key}"
        );
        t.sql(&format!(
            "UPDATE projects SET v = 'new' WHERE tenant_id <> {}",
            literal(&a)
        ))
        .await;
        let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = t.restore(&schema, &path, b.clone(), options).await;
        assert_eq!(
            counts(&summary),
            [[0, 2, 0, 0, 0], [0, 0, 2, 0, 0]],
            "{key}"
        );
        assert_eq!(
            rows_of(t, &c).await,
            "tenant,p,new,t|tenant,q,new,t",
            "{key}"
        );
        assert_eq!(
            rows_of(t, &b).await,
            "empty,p,mine,t|empty,q,mine,t",
            "{key}"
        );
    }
}

async fn a_tenant_that_is_not_there(t: &Case) {
    for (key, [a, b, c]) in kinds() {
        drop_all(t).await;
        t.sql(&(ddl(key) + &rows(&[a.clone(), c.clone()]))).await;
        let path = backed_up(t, &without_tenants(), &a).await;
        for (schema, dry) in [
            (without_tenants(), false),
            (without_tenants(), true),
            // the file has no tenants
            (with_tenants(), false),
        ] {
            let options = RestoreOptions::default()
                .on_error(OnError::Skip)
                .dry_run(dry);
            let said = refused(t, &schema, &path, &b, options).await;
            assert_eq!(
                said,
                "the destination's `tenants` has no row whose `id` is this user's id, and `projects` by `tenant_id`, `tasks` by `tenant_id` refer to it; hint: create the row of `tenants` first, and do it again; or name a user who has one",
                "{key}"
            );
        }
        let odd = Value::from("no such key");
        if key != "text" {
            let said = refused(
                t,
                &without_tenants(),
                &path,
                &odd,
                RestoreOptions::default(),
            )
            .await;
            assert!(said.contains("does not fit the column"), "{said}");
        }
    }
}

/// The tenant's own row is in the backup, and becomes that of the new user.
async fn a_tenant_goes_with_its_rows(t: &Case) {
    let other = Case::new(match t.backend {
        Backend::Postgres => Backend::Sqlite,
        Backend::Sqlite => Backend::Postgres,
    })
    .await;
    for (key, [a, b, c]) in kinds() {
        drop_all(t).await;
        t.sql(&(ddl(key) + &rows(&[a.clone(), c.clone()]))).await;
        let schema = with_tenants();
        assert_eq!(schema.tables[0].name, "tenants");
        let path = backed_up(t, &schema, &a).await;
        let before = t.everything().await;
        let summary = t.restored(&schema, &path, b.clone()).await;
        let made = [[1, 0, 0, 0, 0], [2, 0, 0, 0, 0], [2, 0, 0, 0, 0]];
        let there = [[0, 0, 1, 0, 0], [0, 0, 2, 0, 0], [0, 0, 2, 0, 0]];
        assert_eq!(counts(&summary), made, "{key}");
        assert_eq!(
            rows_of(t, &b).await,
            "tenant,p,mine,t|tenant,q,mine,t",
            "{key}"
        );
        let after = t.everything().await;
        assert!(before.iter().all(|line| after.contains(line)), "{key}");
        assert_eq!(after.len(), before.len() + 5, "{key}");
        let summary = t.restored(&schema, &path, b.clone()).await;
        assert_eq!(counts(&summary), there, "{key}");

        drop_all(&other).await;
        other.sql(&(ddl(key) + &rows(&[c]))).await;
        let before = other.everything().await;
        for user in [&a, &b] {
            let summary = other.restored(&schema, &path, user.clone()).await;
            assert_eq!(counts(&summary), made, "{key}");
            assert_eq!(
                rows_of(&other, user).await,
                "tenant,p,mine,t|tenant,q,mine,t",
                "{key}"
            );
        }
        let after = other.everything().await;
        assert!(before.iter().all(|line| after.contains(line)), "{key}");
        // without the tenants it is the same for one who is there
        let summary = other.restored(&without_tenants(), &path, b.clone()).await;
        assert_eq!(counts(&summary), there[1..], "{key}");
    }
}

/// The rows of a tenant whose own row is refused are refused with it, although no foreign key asks.
async fn a_tenant_that_fails(t: &Case) {
    t.sql(
        "CREATE TABLE tenants (id text PRIMARY KEY, name text NOT NULL UNIQUE);
         CREATE TABLE projects (id {id}, tenant_id text NOT NULL, slug text NOT NULL);
         INSERT INTO tenants VALUES ('a', 'one');
         INSERT INTO projects (tenant_id, slug) VALUES ('a', 'p')",
    )
    .await;
    let projects = TableDef::new("projects").owner("tenants", "tenant_id");
    let schema = BackupSchema::new([tenants(), projects]).unwrap();
    let path = backed_up(t, &schema, &"a".into()).await;
    let before = t.everything().await;
    for on_error in [OnError::Abort, OnError::Skip] {
        let options = RestoreOptions::default().on_error(on_error);
        let summary = t.restore(&schema, &path, "b", options).await;
        assert_eq!(counts(&summary), [[0, 0, 0, 1, 0], [0, 0, 0, 1, 0]]);
        let failure = &summary.tables[1].failure_details[0];
        assert!(
            failure
                .reason
                .contains("the row of `tenants` that `tenant_id` refers to"),
            "{failure:?}"
        );
        assert_eq!(t.everything().await, before);
    }
}

async fn a_tenant_is_known_by_another_column(t: &Case) {
    let ddl = "CREATE TABLE tenants (id {id}, code text NOT NULL UNIQUE, name text);
         CREATE TABLE projects (id {id}, tenant text NOT NULL REFERENCES tenants (code), slug text NOT NULL);
         CREATE TABLE seats (id {id}, tenant text NOT NULL REFERENCES tenants (code), tenant_id {int8} NOT NULL REFERENCES tenants, slug text);";
    t.sql(ddl).await;
    t.sql(
        "INSERT INTO tenants (code, name) VALUES ('z', 'zed'), ('a', 'one'), ('b', 'two');
         INSERT INTO projects (tenant, slug) VALUES ('a', 'p'), ('z', 'p');
         INSERT INTO seats (tenant, tenant_id, slug) SELECT code, id, 's' FROM tenants WHERE code <> 'b'",
    )
    .await;
    let owner = || ForeignKey::new("tenants", "tenant").to("code");
    let projects = || TableDef::new("projects").owner_key(owner());
    let alone = BackupSchema::new([projects()]).unwrap();
    let path = backed_up(t, &alone, &"a".into()).await;
    let before = t.everything().await;
    let summary = t.restored(&alone, &path, "b").await;
    assert_eq!(counts(&summary), [[1, 0, 0, 0, 0]]);
    let after = t.everything().await;
    assert!(before.iter().all(|line| after.contains(line)));
    let said = refused(t, &alone, &path, &"d".into(), RestoreOptions::default()).await;
    assert!(said.contains("`tenants` has no row whose `code`"), "{said}");
    // with its tenants, which the database numbers, and a parent by that number
    let tenants = TableDef::new("tenants").user("code").no_slug().key("code");
    let seats = TableDef::new("seats")
        .owner_key(owner())
        .parent("tenants", "tenant_id");
    let schema = BackupSchema::new([seats, projects(), tenants]).unwrap();
    let path = backed_up(t, &schema, &"a".into()).await;
    let before = t.everything().await;
    let summary = t.restored(&schema, &path, "d").await;
    assert_eq!(counts(&summary), [[1, 0, 0, 0, 0]; 3]);
    assert_eq!(
        t.table(
            "SELECT n.code, n.name, p.slug, s.slug FROM tenants n JOIN projects p ON p.tenant = n.code
             JOIN seats s ON s.tenant = n.code AND s.tenant_id = n.id WHERE n.code IN ('a', 'd') ORDER BY 1"
        )
        .await,
        "a,one,p,s|d,one,p,s"
    );
    let after = t.everything().await;
    assert!(before.iter().all(|line| after.contains(line)));
}

async fn whole_tables_keep_their_tenants(t: &Case) {
    let (_, [a, b, c]) = &kinds()[1];
    t.sql(&(ddl("bigint") + &rows(&[a.clone(), b.clone()])))
        .await;
    let path = t.folder.path().join("all.json");
    let options = BackupOptions::new().output(&path).all_rows();
    backup_database(&t.db, &without_tenants(), Value::Null, options)
        .await
        .unwrap();
    drop_all(t).await;
    t.sql(&ddl("bigint")).await;
    t.sql(&format!(
        "INSERT INTO tenants VALUES ({}, 'a'), ({}, 'c')",
        literal(a),
        literal(c)
    ))
    .await;
    let options = || RestoreOptions::default().all_rows().on_error(OnError::Skip);
    let summary = t
        .restore(&without_tenants(), &path, Value::Null, options())
        .await;
    assert_eq!(counts(&summary), [[2, 0, 0, 2, 0], [2, 0, 0, 2, 0]]);
    assert_eq!(rows_of(t, a).await, "a,p,mine,t|a,q,mine,t");
    assert_eq!(
        t.table("SELECT DISTINCT tenant_id FROM projects").await,
        literal(a)
    );
    t.sql(&format!("INSERT INTO tenants VALUES ({}, 'b')", literal(b)))
        .await;
    let summary = t
        .restore(&without_tenants(), &path, Value::Null, options())
        .await;
    assert_eq!(counts(&summary), [[2, 0, 2, 0, 0], [2, 0, 2, 0, 0]]);
    assert_eq!(rows_of(t, b).await, "b,p,mine,t|b,q,mine,t");
}

/// The users are restored as well, and get other keys: their rows follow them, or nothing is restored.
async fn whole_tables_follow_their_users(t: &Case) {
    let ddl = "CREATE TABLE users (id {id}, slug text NOT NULL UNIQUE);
         CREATE TABLE t (id {id}, slug text NOT NULL, user_id {int8} NOT NULL REFERENCES users);";
    t.sql(ddl).await;
    t.sql(
        "INSERT INTO users (slug) VALUES ('ann'), ('bob');
         INSERT INTO t (slug, user_id) VALUES ('anns', 1), ('bobs', 2)",
    )
    .await;
    let path = t.folder.path().join("all.json");
    let users = || TableDef::new("users").no_user();
    let owned = TableDef::new("t")
        .user("user_id")
        .parent("users", "user_id");
    let schema = BackupSchema::new([users(), owned]).unwrap();
    let options = BackupOptions::new().output(&path).all_rows();
    backup_database(&t.db, &schema, Value::Null, options)
        .await
        .unwrap();
    t.sql(&format!(
        "DROP TABLE t; DROP TABLE users; {ddl} INSERT INTO users (slug) VALUES ('bob'), ('zoe')"
    ))
    .await;
    let whole = || RestoreOptions::default().all_rows();
    let undeclared = BackupSchema::new([users(), TableDef::new("t").user("user_id")]).unwrap();
    let before = t.everything().await;
    let refused = restore_database(&t.db, &undeclared, &path, Value::Null, whole()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("`t` says by `user_id` whose its rows are"),
        "{refused}"
    );
    assert_eq!(t.everything().await, before);
    let summary = t.restore(&schema, &path, Value::Null, whole()).await;
    assert!(summary.committed, "{summary:#?}");
    let whose = "SELECT t.slug, u.slug FROM t JOIN users u ON u.id = t.user_id ORDER BY 1";
    assert_eq!(t.table(whose).await, "anns,ann|bobs,bob");
}

/// A reference out of the backup with the user's column in it leads to the row of the user that is
/// given, not to that of the one in the file.
async fn rows_outside_are_those_of_the_new_user(t: &Case) {
    t.sql(
        "CREATE TABLE tenants (id {int8} PRIMARY KEY);
         CREATE TABLE rates (tenant_id {int8} NOT NULL, code text NOT NULL, PRIMARY KEY (tenant_id, code));
         CREATE TABLE projects (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, rate text NOT NULL, slug text NOT NULL,
             FOREIGN KEY (tenant_id, rate) REFERENCES rates);
         INSERT INTO tenants VALUES (1), (2);
         INSERT INTO rates VALUES (1, 'x'), (2, 'x'), (1, 'y');
         INSERT INTO projects (tenant_id, rate, slug) VALUES (1, 'x', 'p'), (1, 'y', 'q')",
    )
    .await;
    let projects = TableDef::new("projects").external("rates", ["tenant_id", "rate"]);
    let external = projects
        .clone()
        .user("tenant_id")
        .external("tenants", "tenant_id");
    let owner = projects.owner("tenants", "tenant_id");
    for def in [external, owner] {
        t.sql("DELETE FROM projects WHERE tenant_id = 2").await;
        let schema = BackupSchema::new([def]).unwrap();
        let path = backed_up(t, &schema, &1.into()).await;
        let options = RestoreOptions::default().on_error(OnError::Skip);
        let summary = t.restore(&schema, &path, 2, options).await;
        assert_eq!(counts(&summary), [[1, 0, 0, 1, 0]], "{summary:#?}");
        assert_eq!(
            t.table("SELECT tenant_id, rate, slug FROM projects ORDER BY 1, 3")
                .await,
            "1,x,p|1,y,q|2,x,p"
        );
    }
}

async fn a_declaration_that_does_not_fit(t: &Case) {
    t.sql(
        "CREATE TABLE accounts (id {int8} PRIMARY KEY);
         CREATE TABLE tenants (id {int8} PRIMARY KEY);
         CREATE TABLE pairs (a {int8}, b {int8}, PRIMARY KEY (a, b));
         CREATE TABLE projects (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text NOT NULL);
         INSERT INTO tenants VALUES (1); INSERT INTO accounts VALUES (1);
         INSERT INTO projects (tenant_id, slug) VALUES (1, 'p')",
    )
    .await;
    let path = t.file(&[("projects", &[json!({"id": 1, "tenant_id": 1, "slug": "p"})])]);
    let by = |owner: ForeignKey| {
        BackupSchema::new([TableDef::new("projects").owner_key(owner)]).unwrap()
    };
    let to = |table: &'static str| ForeignKey::new(table, "tenant_id");
    for (owner, words) in [
        (
            to("accounts"),
            "the database's foreign key leads to `tenants`; hint: declare `tenants`",
        ),
        (
            to("nobody"),
            "owned by rows of `nobody`, and the database has no such table",
        ),
        (to("pairs"), "`pairs`, whose primary key is not one column"),
        (
            to("tenants").to("uid"),
            "`tenants`, which do not have the column `uid`",
        ),
    ] {
        let schema = by(owner);
        let said = refused(t, &schema, &path, &1.into(), RestoreOptions::default()).await;
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
        let to = t.folder.path().join("refused.json");
        let options = BackupOptions::new().output(&to);
        let backup = backup_database(&t.db, &schema, 1, options).await;
        let Err(Error::BackupRefused { problems, .. }) = backup else {
            panic!("{backup:?}")
        };
        assert_eq!(problems[0].to_string(), said);
        assert!(!to.exists());
    }
    let summary = t.restored(&by(to("tenants")), &path, 1).await;
    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0]]);
}

/// A policy hides the tenant from the role, and the foreign key sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_a_policy_hides() {
    let t = &mut Case::new(Backend::Postgres).await;
    let (_, [a, b, c]) = &kinds()[1];
    t.sql(&(ddl("bigint") + &rows(std::slice::from_ref(a))))
        .await;
    t.sql(&format!(
        "INSERT INTO tenants VALUES ({}, 'hidden')",
        literal(b)
    ))
    .await;
    let path = backed_up(t, &without_tenants(), a).await;
    let role = format!("tenant_{}", t.database.name());
    t.sql(&format!(
        "CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role};
         ALTER TABLE tenants ENABLE ROW LEVEL SECURITY"
    ))
    .await;
    let url = format!("{}?options=-c%20role%3D{role}", t.database.url());
    t.db = connect(&url).await.unwrap();
    let schema = without_tenants();
    let said = refused(t, &schema, &path, b, RestoreOptions::default()).await;
    assert!(
        said.contains("`tenants` shows no row") && said.contains("row-level security may hide it"),
        "{said}"
    );
    let options = || RestoreOptions::default().allow_row_security();
    let before = t.everything().await;
    let summary = t.restore(&schema, &path, c.clone(), options()).await;
    assert!(!summary.committed, "{summary:#?}");
    assert_eq!(t.everything().await, before);
    let summary = t.restore(&schema, &path, b.clone(), options()).await;
    assert_eq!(counts(&summary), [[2, 0, 0, 0, 0], [2, 0, 0, 0, 0]]);
    assert_eq!(rows_of(t, b).await, "hidden,p,mine,t|hidden,q,mine,t");
    t.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}
