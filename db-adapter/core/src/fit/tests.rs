//! What fits and what does not, on small schemas.

use super::*;
use crate::backup::{ForeignKey, TableDef};
use crate::schema::{
    ConstraintKind, ConstraintSchema, Generated, IndexColumn, IndexSchema, ViewSchema,
};
use crate::{ColumnSchema, SqlType, TableSchema};

fn table(name: &str, columns: &[&str]) -> TableSchema {
    let column = |name: &&str| {
        let mut column = ColumnSchema::new(*name, "bigint", SqlType::Int8);
        column.nullable = false;
        column
    };
    TableSchema {
        name: name.to_owned(),
        columns: columns.iter().map(column).collect(),
        ..TableSchema::default()
    }
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

fn add(table: &mut TableSchema, constraint: ConstraintSchema) {
    let name = format!("c{}", table.constraints.len());
    table.constraints.insert(name, constraint);
}

fn key(kind: ConstraintKind, columns: &[&str]) -> ConstraintSchema {
    ConstraintSchema {
        kind,
        columns: names(columns),
        ..ConstraintSchema::default()
    }
}

fn refers(columns: &[&str], to: &str, keys: &[&str]) -> ConstraintSchema {
    ConstraintSchema {
        references_table: Some(to.to_owned()),
        references_columns: Some(names(keys)),
        ..key(ConstraintKind::ForeignKey, columns)
    }
}

fn database(tables: impl IntoIterator<Item = TableSchema>) -> DatabaseSchema {
    let tables = tables.into_iter().map(|table| (table.key(), table));
    DatabaseSchema {
        tables: tables.collect(),
        ..DatabaseSchema::default()
    }
}

fn misfits(schema: &BackupSchema, database: &DatabaseSchema) -> Vec<Misfit> {
    fit(schema, database, &Resolved::of(schema, database))
}

/// Why the key `id` of the table is not unique; `None` when it is.
fn why(found: TableSchema, others: Vec<TableSchema>) -> Option<NotUnique> {
    let schema = BackupSchema::new([TableDef::new(found.name.clone())]).unwrap();
    let all = std::iter::once(found).chain(others);
    match misfits(&schema, &database(all)).pop() {
        Some(Misfit::KeyNotUnique { why, .. }) => Some(why),
        other => {
            assert_eq!(other, None);
            None
        }
    }
}

#[test]
fn a_key_is_unique_when_the_database_keeps_it_so() {
    let t = || table("t", &["id", "n"]);
    let with = |constraint: ConstraintSchema| {
        let mut table = t();
        add(&mut table, constraint);
        table
    };
    let unique = |columns: &[&str]| key(ConstraintKind::Unique, columns);
    assert_eq!(why(t(), vec![]), Some(NotUnique::NoKey));
    let primary = || with(key(ConstraintKind::PrimaryKey, &["id"]));
    assert_eq!(why(primary(), vec![]), None);
    assert_eq!(why(with(unique(&["id"])), vec![]), None);
    // another pair with the same `id`
    let pair = with(key(ConstraintKind::PrimaryKey, &["id", "n"]));
    assert_eq!(why(pair, vec![]), Some(NotUnique::NoKey));
    let late = ConstraintSchema {
        deferrable: true,
        ..unique(&["id"])
    };
    assert_eq!(why(with(late), vec![]), Some(NotUnique::Deferrable));
    let mut nullable = with(unique(&["id"]));
    nullable.columns[0].nullable = true;
    let is_null = NotUnique::Nullable("id".to_owned());
    assert_eq!(why(nullable, vec![]), Some(is_null));
    let mut heir = table("old", &["id", "n"]);
    heir.inherits = names(&["t"]);
    let inherited = NotUnique::Inherited("old".to_owned());
    assert_eq!(why(primary(), vec![heir]), Some(inherited));
    let mut partition = t();
    partition.partition_of = Some("all".to_owned());
    let mut all = table("all", &["id", "n"]);
    add(&mut all, key(ConstraintKind::PrimaryKey, &["id"]));
    assert_eq!(why(partition, vec![all]), None);
}

#[test]
fn an_index_counts_when_it_is_about_columns_of_all_rows() {
    let index = |change: fn(&mut IndexSchema)| {
        let mut index = IndexSchema {
            name: "i".to_owned(),
            columns: vec![IndexColumn::column("id")],
            is_unique: true,
            method: "btree".to_owned(),
            predicate: None,
            include: Vec::new(),
            nulls_not_distinct: false,
            name_is_generated: false,
            comment: None,
        };
        change(&mut index);
        let mut table = table("t", &["id"]);
        table.indexes.insert("i".to_owned(), index);
        why(table, vec![])
    };
    assert_eq!(index(|_| {}), None);
    assert_eq!(index(|i| i.is_unique = false), Some(NotUnique::NoKey));
    let partial = index(|i| i.predicate = Some("n > 0".to_owned()));
    assert_eq!(partial, Some(NotUnique::Partial));
    for other in [
        index(|i| i.columns[0].is_expression = true),
        index(|i| i.columns[0].collation = Some("NOCASE".to_owned())),
        index(|i| i.columns.push(IndexColumn::column("n"))),
    ] {
        assert_eq!(other, Some(NotUnique::NoKey));
    }
}

#[test]
fn a_key_may_have_more_columns_than_it_needs() {
    let mut t = table("t", &["id", "user_id"]);
    add(&mut t, key(ConstraintKind::PrimaryKey, &["id"]));
    let pair = BackupSchema::new([TableDef::new("t").pk(["user_id", "id"])]).unwrap();
    assert_eq!(misfits(&pair, &database([t])), []);
}

#[test]
fn references_are_those_of_the_database() {
    let mut authors = table("authors", &["id", "no"]);
    add(&mut authors, key(ConstraintKind::PrimaryKey, &["id"]));
    let mut books = table("books", &["id", "author_id"]);
    add(&mut books, key(ConstraintKind::PrimaryKey, &["id"]));
    let by = |column| {
        let mut books = books.clone();
        add(&mut books, refers(&["author_id"], "authors", &[column]));
        database([authors.clone(), books])
    };
    let parent = BackupSchema::new([
        TableDef::new("authors"),
        TableDef::new("books").parent("authors", "author_id"),
    ])
    .unwrap();
    assert_eq!(misfits(&parent, &by("id")), []);
    let other = misfits(&parent, &by("no"));
    let [misfit @ Misfit::OtherTarget { .. }] = other.as_slice() else {
        panic!("{other:?}");
    };
    assert_eq!(
        misfit.notice().to_string(),
        "`author_id` of `books` is declared to refer to `id` of `authors`, and the database's foreign key refers to `no`; hint: declare the reference with `references` `no`"
    );
    let none = BackupSchema::new([TableDef::new("books")]).unwrap();
    let undeclared = misfits(&none, &by("id"));
    assert!(
        matches!(
            undeclared.as_slice(),
            [Misfit::Undeclared {
                partition: None,
                ..
            }]
        ),
        "{undeclared:?}"
    );
}

#[test]
fn a_foreign_key_of_partitions_alone_is_seen_once() {
    let mut pays = table("pays", &["id", "rental_id"]);
    add(&mut pays, key(ConstraintKind::PrimaryKey, &["id"]));
    let part = |name: &str| {
        let mut part = table(name, &["id", "rental_id"]);
        part.partition_of = Some("pays".to_owned());
        add(&mut part, refers(&["rental_id"], "rentals", &["id"]));
        part
    };
    let database = database([pays, part("p1"), part("p2"), table("rentals", &["id"])]);
    let schema = BackupSchema::new([TableDef::new("pays")]).unwrap();
    let found = misfits(&schema, &database);
    let [Misfit::Undeclared { partition, .. }] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(partition.as_deref(), Some("p1"));
}

#[test]
fn only_what_is_new_each_time_numbers_rows() {
    for (default, expected) in [
        ("gen_random_uuid()", true),
        ("(gen_random_uuid())::character varying(36)", true),
        ("nextval('t_id_seq'::regclass)", true),
        ("pg_catalog.nextval('s')", true),
        ("lower(hex(randomblob(16)))", true),
        ("'n' || nextval('s')", true),
        ("now()", false),
        ("datetime('now')", false),
        ("'en'::varchar(2)", false),
        ("current_setting('app.tenant', true)", false),
        (
            "coalesce(current_setting('a'), gen_random_uuid()::text)",
            false,
        ),
        ("uuid_generate_v5(uuid_ns_url(), 'a')", false),
        ("'a (nextval)'", false),
        ("'nextval('", false),
        ("1", false),
        ("random()", false),
    ] {
        let mut column = ColumnSchema::new("id", "text", SqlType::Text);
        column.default = Some(default.to_owned());
        assert_eq!(is_numbered(&column), expected, "{default}");
    }
}

#[test]
fn the_owners_column_refers_to_the_owners() {
    let tenants = || {
        let mut tenants = table("tenants", &["id", "code"]);
        add(&mut tenants, key(ConstraintKind::PrimaryKey, &["id"]));
        tenants
    };
    let projects = |keys: &[ConstraintSchema]| {
        let mut projects = table("projects", &["id", "tenant_id", "slug"]);
        add(&mut projects, key(ConstraintKind::PrimaryKey, &["id"]));
        for key in keys {
            add(&mut projects, key.clone());
        }
        projects
    };
    let told = |keys: &[ConstraintSchema], owner: ForeignKey| {
        let schema = BackupSchema::new([TableDef::new("projects").owner_key(owner)]).unwrap();
        misfits(
            &schema,
            &database([tenants(), table("accounts", &["id"]), projects(keys)]),
        )
    };
    let owner = || ForeignKey::new("tenants", "tenant_id");
    let to_tenants = || refers(&["tenant_id"], "tenants", &["id"]);
    let to_accounts = || refers(&["tenant_id"], "accounts", &["id"]);
    // with a foreign key, without one, and with one more that the same value fulfils
    assert!(told(&[to_tenants()], owner()).is_empty());
    assert!(told(&[], owner()).is_empty());
    assert!(told(&[to_accounts(), to_tenants()], owner()).is_empty());
    let others = told(&[to_accounts()], owner());
    assert!(
        matches!(others.as_slice(), [Misfit::OtherOwners { declared, found, .. }]
            if declared == "tenants" && found == "accounts"),
        "{others:?}"
    );
    let code = told(&[to_tenants()], owner().to("code"));
    assert!(
        matches!(code.as_slice(), [Misfit::OtherTarget { found, .. }] if found[0] == "id"),
        "{code:?}"
    );
    for (owner, there, column) in [
        (owner().to("uid"), true, Some("uid")),
        (ForeignKey::new("accounts", "tenant_id"), true, None),
        (ForeignKey::new("nobody", "tenant_id"), false, None),
    ] {
        let found = told(&[to_tenants()], owner);
        let [
            Misfit::NoOwners {
                is_there,
                column: missing,
                ..
            },
        ] = found.as_slice()
        else {
            panic!("{found:?}")
        };
        assert_eq!((*is_there, missing.as_deref()), (there, column));
    }
}

/// Such as `auth.users`, which the role may not even read.
#[test]
fn a_table_of_a_schema_that_was_not_read_is_told_by_its_full_name() {
    let mut notes = table("notes", &["id", "author"]);
    add(&mut notes, key(ConstraintKind::PrimaryKey, &["id"]));
    let mut to_users = refers(&["author"], "users", &["id"]);
    to_users.references_schema = Some("auth".to_owned());
    add(&mut notes, to_users);
    let found = database([notes]);
    let declared = |to: &str| {
        let def = TableDef::new("notes").external(to.to_owned(), "author");
        misfits(&BackupSchema::new([def]).unwrap(), &found)
    };
    assert_eq!(declared("auth.users"), []);
    for other in ["users", "public.users", "other.users"] {
        let no_table = NotOutside::NoTable;
        assert!(
            matches!(
                declared(other).as_slice(),
                [Misfit::NotOutside { why, .. }, Misfit::Undeclared { .. }] if *why == no_table
            ),
            "{other}"
        );
    }
}

#[test]
fn what_is_outside_is_a_table_with_these_columns() {
    let mut notes = table("notes", &["id", "author"]);
    add(&mut notes, key(ConstraintKind::PrimaryKey, &["id"]));
    let mut found = database([notes, table("authors", &["id", "code"])]);
    found.views.insert("shown".into(), ViewSchema::default());
    let why = |reference: ForeignKey| {
        let mut def = TableDef::new("notes");
        def.external.to_mut().push(reference);
        match misfits(&BackupSchema::new([def]).unwrap(), &found).as_slice() {
            [] => None,
            [Misfit::NotOutside { why, .. }] => Some(*why),
            other => panic!("{other:?}"),
        }
    };
    let to = |name: &'static str| ForeignKey::new(name, "author");
    assert_eq!(why(to("authors").to("code")), None);
    assert_eq!(why(to("authors").to("name")), Some(NotOutside::Columns));
    assert_eq!(why(to("authors")), Some(NotOutside::Columns));
    assert_eq!(why(to("shown").to("id")), Some(NotOutside::View));
    assert_eq!(why(to("nobody").to("id")), Some(NotOutside::NoTable));
}

#[test]
fn a_computed_column_is_of_no_key_and_no_reference() {
    let mut parents = table("parents", &["id", "slug", "code"]);
    add(&mut parents, key(ConstraintKind::PrimaryKey, &["id"]));
    parents.columns[2].generated = Some(Generated {
        expression: "id + 1".to_owned(),
        stored: true,
    });
    let mut children = table("children", &["id", "slug", "code"]);
    add(&mut children, key(ConstraintKind::PrimaryKey, &["id"]));
    let found = database([parents, children]);
    let parents = || TableDef::new("parents").no_user();
    let children = || TableDef::new("children").no_user();
    let computed = |tables: [TableDef; 2]| {
        let found = misfits(&BackupSchema::new(tables).unwrap(), &found);
        let of = |misfit: &Misfit| match misfit {
            Misfit::Computed { table, of, column } => format!("{table} {of} {column}"),
            other => panic!("{other:?}"),
        };
        found.iter().map(of).collect::<Vec<_>>().join(", ")
    };
    let by_code = ForeignKey::new("parents", "code").to("code");
    let referring = children().parent_key(by_code);
    assert_eq!(computed([parents(), referring]), "children parents code");
    let keyed = parents().key(["slug", "code"]);
    assert_eq!(computed([keyed, children()]), "parents parents code");
    assert_eq!(computed([parents(), children()]), "");
}

#[test]
fn a_reference_and_its_key_are_of_one_kind() {
    let with_types = |key_type: SqlType, field_type: SqlType| {
        let mut parents = table("parents", &["id", "user_id", "slug"]);
        add(&mut parents, key(ConstraintKind::PrimaryKey, &["id"]));
        parents.columns[0].sql_type = key_type;
        let mut children = table("children", &["id", "user_id", "slug", "parent_id"]);
        add(&mut children, key(ConstraintKind::PrimaryKey, &["id"]));
        add(&mut children, refers(&["parent_id"], "parents", &["id"]));
        children.columns[3].sql_type = field_type;
        let schema = BackupSchema::new([
            TableDef::new("parents"),
            TableDef::new("children").parent("parents", "parent_id"),
        ]);
        misfits(&schema.unwrap(), &database([parents, children]))
    };
    for (one, other) in [
        (SqlType::Int8, SqlType::Int4),
        (SqlType::Text, SqlType::Varchar(Some(3))),
        (SqlType::Uuid, SqlType::Text),
        (SqlType::Other("".into()), SqlType::Int8),
        (SqlType::Date, SqlType::Timestamp),
        (SqlType::Other("cidr".into()), SqlType::Other("inet".into())),
    ] {
        assert_eq!(with_types(one.clone(), other.clone()), []);
        assert_eq!(with_types(other, one), []);
    }
    for (one, other) in [
        (SqlType::Int8, SqlType::Text),
        (SqlType::Varchar(None), SqlType::Int4),
        (SqlType::Bool, SqlType::Int8),
        (SqlType::Json, SqlType::Text),
        (SqlType::Float4, SqlType::Float8),
        (SqlType::Timestamp, SqlType::Timestamptz),
        (SqlType::Date, SqlType::Timestamptz),
        (
            SqlType::Other("macaddr".into()),
            SqlType::Other("macaddr8".into()),
        ),
        (SqlType::Text, SqlType::Other("".into())),
    ] {
        let found = with_types(one, other);
        assert!(
            matches!(&found[..], [Misfit::OtherKind { column, .. }] if column == "parent_id"),
            "{found:?}"
        );
    }
}

#[test]
fn what_comes_later_can_be_null_until_then() {
    let with_key = |name: &str, columns: &[&str], nullable: bool| {
        let mut table = table(name, columns);
        add(&mut table, key(ConstraintKind::PrimaryKey, &["id"]));
        table.columns[2].nullable = nullable;
        table
    };
    let later = |nullable: bool, stores: TableDef| {
        let found = database([
            with_key("stores", &["id", "slug", "boss"], nullable),
            with_key("staff", &["id", "slug", "store"], false),
        ]);
        let staff = TableDef::new("staff").no_user().parent("stores", "store");
        let schema = BackupSchema::new([staff, stores]).unwrap();
        match misfits(&schema, &found).as_slice() {
            [] => None,
            [misfit @ Misfit::NeverNull { .. }] => Some(misfit.notice().to_string()),
            other => panic!("{other:?}"),
        }
    };
    let stores = || {
        TableDef::new("stores")
            .no_user()
            .optional_ref("staff", "boss")
    };
    assert_eq!(later(true, stores()), None);
    assert_eq!(
        later(false, stores()).unwrap(),
        "`stores` refers to `staff` by `boss`, whose rows are restored after those of `stores`, and the reference cannot be NULL until then; hint: declare it as a parent, unless the tables need each other in a circle; in a circle let the column be NULL in the database, or give it a foreign key that is DEFERRABLE and leads to a key without references in it, and keep it out of the keys of `stores`"
    );
    assert!(later(true, stores().key(["slug", "boss"]).null_key()).is_some());
}

#[test]
fn what_comes_later_is_referred_to_by_a_key_that_waits() {
    let mut staff = table("staff", &["id", "slug", "store"]);
    add(&mut staff, key(ConstraintKind::PrimaryKey, &["id"]));
    add(&mut staff, refers(&["store"], "stores", &["id"]));
    let found = |deferrable: bool, dialect| {
        let mut stores = table("stores", &["id", "slug", "boss"]);
        add(&mut stores, key(ConstraintKind::PrimaryKey, &["id"]));
        let mut boss = refers(&["boss"], "staff", &["id"]);
        boss.deferrable = deferrable;
        add(&mut stores, boss);
        let mut found = database([stores, staff.clone()]);
        found.dialect = dialect;
        found
    };
    let of = |stores: TableDef, staff: TableDef, found: &DatabaseSchema| {
        let staff = staff.no_user().parent("stores", "store");
        let schema = BackupSchema::new([staff, stores.no_user()]).unwrap();
        misfits(&schema, found).is_empty()
    };
    let stores = || TableDef::new("stores").optional_ref("staff", "boss");
    let staff = || TableDef::new("staff");
    use crate::schema::SqlDialect::{Postgres, Sqlite};
    assert!(of(stores(), staff(), &found(true, Postgres)));
    assert!(!of(stores(), staff(), &found(false, Postgres)));
    assert!(of(stores(), staff(), &found(false, Sqlite)));
    // it says which row it is
    let found = found(true, Postgres);
    let named = stores().key(["slug", "boss"]).null_key();
    assert!(!of(named, staff(), &found));
}

#[test]
fn what_is_in_the_backup_is_not_outside_of_it() {
    let mut notes = table("notes", &["id", "author"]);
    add(&mut notes, key(ConstraintKind::PrimaryKey, &["id"]));
    add(&mut notes, refers(&["author"], "authors", &["id"]));
    let mut authors = table("authors", &["id"]);
    add(&mut authors, key(ConstraintKind::PrimaryKey, &["id"]));
    let found = database([notes, authors]);
    let def = || TableDef::new("notes").external("authors", "author");
    let alone = BackupSchema::new([def()]).unwrap();
    assert_eq!(misfits(&alone, &found), []);
    // put together by hand: the rules refuse it
    let mut both = BackupSchema::new([TableDef::new("authors")]).unwrap();
    both.tables.to_mut().push(def());
    assert!(matches!(
        misfits(&both, &found).as_slice(),
        [Misfit::NotOutside { references, why: NotOutside::InBackup, .. }] if references == "authors"
    ));
}
