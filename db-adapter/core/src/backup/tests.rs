use super::*;
use crate::Notice;

/// What is wrong with the tables, which is the same in whichever way they are declared.
fn problems(tables: impl IntoIterator<Item = TableDef>) -> Vec<String> {
    let tables: Vec<TableDef> = tables.into_iter().collect();
    let refused = BackupSchema::new(tables.clone()).unwrap_err();
    let found: Vec<String> = refused.problems.iter().map(Notice::to_string).collect();
    let compiled = at_compile_time(&tables);
    // a constant ends with its first error
    assert!(!compiled.is_empty(), "{found:#?}");
    for problem in &compiled {
        assert!(found.contains(problem), "{problem}: {found:#?}");
    }
    #[cfg(feature = "serde")]
    {
        let schema = BackupSchema {
            tables: tables.into(),
            other_tables: Cow::Borrowed(&[]),
        };
        let text = serde_json::to_string(&schema).unwrap();
        assert!(
            serde_json::from_str::<BackupSchema>(&text).is_err(),
            "{text}"
        );
    }
    found
}

/// What the macros' own schema says of the tables, each as the error of a constant.
fn at_compile_time(tables: &[TableDef]) -> Vec<String> {
    use parts::{Part, check_names, check_order, check_references, numbers};

    fn of<const N: usize>(tables: &[&'static TableDef]) -> Vec<String> {
        let all: [&'static TableDef; N] = tables.try_into().unwrap();
        let mut found = Vec::new();
        let mut add = |check: &dyn Fn()| {
            let check = std::panic::AssertUnwindSafe(check);
            if let Err(panic) = std::panic::catch_unwind(check) {
                found.push(panic.downcast_ref::<String>().unwrap().clone());
            }
        };
        add(&|| check_names::<N>(&all, &[]));
        add(&|| check_order(all));
        for table in all {
            add(&|| check_references(Part::Table(table), &all, &numbers(&all), &[]));
        }
        found
    }
    let leaked = tables.iter().map(|def| &*Box::leak(Box::new(def.clone())));
    let tables: Vec<&'static TableDef> = leaked.collect();
    match tables.len() {
        1 => of::<1>(&tables),
        2 => of::<2>(&tables),
        3 => of::<3>(&tables),
        4 => of::<4>(&tables),
        8 => of::<8>(&tables),
        other => panic!("a schema of {other} tables"),
    }
}

#[test]
fn parents_come_first_and_the_order_given_is_kept_otherwise() {
    let schema = BackupSchema::new([
        TableDef::new("chapters").parent("books", "book_id"),
        TableDef::new("tags"),
        TableDef::new("books").parent("authors", "author_id"),
        TableDef::new("authors").optional_ref("books", "favourite_id"),
    ])
    .unwrap();
    let names: Vec<&str> = schema.tables.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ["authors", "books", "chapters", "tags"]);
    assert!(schema.check().is_ok());
}

#[test]
fn every_problem_is_reported_at_once() {
    let found = problems([
        TableDef::new("a").parent("c", "c_id"),
        TableDef::new("b").parent("a", "a_id"),
        TableDef::new("c").parent("b", "b_id"),
        TableDef::new("b"),
        TableDef::new("d").no_slug(),
        TableDef::new("e")
            .parent("nobody", "x_id")
            .optional_ref("none", "y_id"),
        TableDef::new("f").parent("f", "f_id"),
        TableDef::new("g").parent("a", ["a1", "a2"]).slug(""),
    ]);
    assert_eq!(
        found,
        [
            "two definitions of table `b`; hint: remove one, or give it another name",
            "table `d` has no natural key, so that a restore cannot tell which rows are there already; hint: name a `slug`, the columns of a `key`, or match by `pk`",
            "table `e` refers to `nobody` (by `x_id`), `none` (by `y_id`), which are not in this schema; hint: add them, or declare the references `external`",
            "table `f` is its own parent, so that no row could be the first; hint: make `f_id` an `optional_ref`",
            "table `g` has an empty slug",
            "table `g` refers to `a` by (`a1`, `a2`), but its key is (`id`); hint: name a column for each of them",
            "the tables need each other in a circle: `a` -> `c` -> `b` -> `a`; hint: make one of these references an `optional_ref`",
        ]
    );
}

/// `problems` asks them all.
#[test]
fn each_way_to_declare_refuses_what_the_others_refuse() {
    for def in [
        TableDef::new("a").no_slug(),
        TableDef::new("a").slug(""),
        TableDef::new("a").pk(""),
        TableDef::new(""),
        TableDef::new("a").parent("a", "up_id"),
        TableDef::new("a").optional_ref("a", ["one", "two"]),
        TableDef::new("a").optional_ref("b", "b_id"),
    ] {
        assert_eq!(problems([def.clone()]).len(), 1, "{def:?}");
    }
}

#[test]
fn what_could_lead_to_another_row_is_refused() {
    let table = || TableDef::new("t");
    let with = |def: TableDef| {
        let found = problems([def, TableDef::new("a"), TableDef::new("b")]);
        assert_eq!(found.len(), 1, "{found:?}");
        found.concat()
    };
    assert_eq!(
        with(table().parent("a", "x").parent("b", "x")),
        "table `t` refers to `a` and to `b` by `x`; hint: name another column, or remove one of the references"
    );
    for def in [
        table().parent("a", "x").optional_ref("b", "x"),
        table().optional_ref("a", "x").external("out", "x"),
        table()
            .external("out", ["x", "y"])
            .external("other", ["y", "x"]),
        table().parent("a", "x").owner("out", "x"),
    ] {
        assert!(with(def.clone()).contains(" and to "), "{def:?}");
    }
    assert_eq!(
        with(table().key(["x", "y", "x"])),
        "table `t` has `x` twice in its natural key; hint: remove one"
    );
    assert!(with(table().pk(["x", "x"])).contains("twice in its primary key"));
    let twice = ForeignKey::new("out", ["x", "x"]).to(["p", "q"]);
    let mut def = table();
    def.external.to_mut().push(twice);
    assert!(with(def).contains("twice in a reference"));
    for def in [
        table().slug("s\0"),
        table().user("u\0"),
        table().pk("i\0"),
        table().external("o\0", "x"),
        TableDef::new("t\0"),
        table().renamed_from("o\0"),
        table().owner("o\0", "x"),
        table().owner("o", "x\0"),
    ] {
        assert!(with(def.clone()).contains("NUL"), "{def:?}");
    }
    let renamed = |name: &'static str| TableDef::new(name).renamed_from("old");
    assert_eq!(
        problems([renamed("x"), renamed("y")]),
        [
            "the tables `x` and `y` are both renamed from `old`; hint: keep it at the table that has the rows of that name"
        ]
    );
    // a column of the tenant may be in several
    let tenants = TableDef::new("t")
        .pk(["user_id", "id"])
        .optional_ref("t", ["user_id", "up_id"])
        .optional_ref("t", ["user_id", "best_id"]);
    assert!(BackupSchema::new([tenants]).is_ok());
}

#[test]
fn what_is_not_backed_up_is_no_parent_and_has_one_definition() {
    let child = TableDef::new("a").parent("log", "log_id");
    let refused = BackupSchema::with_other_tables([child], [TableDef::new("log")]).unwrap_err();
    assert_eq!(
        refused
            .problems
            .iter()
            .map(Notice::to_string)
            .collect::<Vec<_>>(),
        [
            "table `a` refers to `log` (by `log_id`), which is not backed up; hint: take its `backup = false` away, or declare the reference `external`"
        ]
    );
    let twice = BackupSchema::with_other_tables([TableDef::new("a")], [TableDef::new("a")]);
    assert!(twice.unwrap_err().to_string().contains("two definitions"));
}

#[test]
fn what_all_users_share_refers_to_rows_of_none() {
    let tags = || TableDef::new("tags").no_user();
    let found = problems([
        tags().optional_ref("lines", "line_id"),
        TableDef::new("books"),
        TableDef::new("lines").no_user().parent("books", "book_id"),
        TableDef::new("aliases")
            .no_user()
            .parent("tags", "tag_id")
            .optional_ref("books", "book_id"),
    ]);
    assert_eq!(
        found,
        [
            "table `tags` is shared by all users, and its rows refer to rows of one user in `lines` by `line_id`; hint: make the reference a `parent`, so that its rows belong to that user, or name the `user` or the `owner` of its rows",
            "table `aliases` is shared by all users, and its rows refer to rows of one user in `books` by `book_id`; hint: make the reference a `parent`, so that its rows belong to that user, or name the `user` or the `owner` of its rows",
        ]
    );
    let fine = [
        tags()
            .optional_ref("tags", "up_id")
            .optional_ref("kinds", "kind_id"),
        TableDef::new("kinds").no_user(),
        TableDef::new("books").optional_ref("tags", "tag_id"),
        TableDef::new("lines")
            .no_user()
            .parent("books", "book_id")
            .optional_ref("books", "other_id"),
    ];
    assert!(BackupSchema::new(fine).is_ok());
}

#[test]
fn what_is_in_the_backup_is_not_external() {
    let notes = || TableDef::new("notes").external("authors", "author");
    assert!(BackupSchema::new([notes()]).is_ok());
    assert_eq!(
        problems([notes(), TableDef::new("authors")]),
        [
            "table `notes` declares `author` as `external` to `authors`, which is in the backup: its rows get other keys; hint: declare a `parent` or an `optional_ref`, or take the table out of the backup"
        ]
    );
}

#[test]
fn the_natural_key_is_user_parents_and_slug_unless_written() {
    let book = TableDef::new("books").parent("authors", "author_id");
    assert_eq!(book.natural_key(), ["user_id", "author_id", "slug"]);
    let page = TableDef::new("pages").parent("books", ["user_id", "book_id"]);
    assert_eq!(page.natural_key(), ["user_id", "book_id", "slug"]);
    assert_eq!(book.clone().key("isbn").natural_key(), ["isbn"]);
    assert_eq!(book.clone().match_by_pk().natural_key(), ["id"]);
    assert!(book.no_slug().natural_key().is_empty());
}

#[test]
fn an_owner_is_one_column_of_another_table() {
    let one = |def: TableDef| {
        let found = problems([def]);
        assert_eq!(found.len(), 1, "{found:?}");
        found.concat()
    };
    let table = || TableDef::new("projects");
    for (def, words) in [
        (
            table().owner("tenants", ["a", "b"]),
            "by (`a`, `b`), and a user's id is one value",
        ),
        (table().owner("", "a"), "an owner without a name"),
        (
            table().owner("projects", "a"),
            "is its own owner; hint: say that its key",
        ),
        (
            table().owner("tenants", "a").user("b"),
            "has the owner `a` and the user column `b`",
        ),
        (
            table().user("b").owner("tenants", "a"),
            "has the owner `a` and the user column `b`",
        ),
        (
            table().no_user().owner("tenants", "a"),
            "is said to have no user column",
        ),
        (
            table().owner_key(ForeignKey::new("tenants", "a").to(["x", "y"])),
            "one value",
        ),
    ] {
        assert!(one(def.clone()).contains(words), "{words}: {:?}", one(def));
    }
    assert!(
        problems([table().owner("tenants", "")])
            .concat()
            .contains("an owner without a name")
    );
    let project = table().owner("tenants", "tenant_id");
    assert_eq!(project.user_field.as_deref(), Some("tenant_id"));
    assert_eq!(project.natural_key(), ["tenant_id", "slug"]);
    assert!(
        BackupSchema::new([project]).is_ok(),
        "the table need not be there"
    );
    assert!(
        one(table().user("tenant_id").parent("tenants", "tenant_id")).ends_with(
            "which is not in this schema; hint: declare the reference as the `owner`, whose table need not be"
        )
    );
}

#[test]
fn owners_that_are_backed_up_come_first_and_are_known_by_the_users_id() {
    let projects = || TableDef::new("projects").owner("tenants", "tenant_id");
    let by_code = || {
        let owner = ForeignKey::new("tenants", "tenant").to("code");
        TableDef::new("projects").owner_key(owner)
    };
    let tenants = || TableDef::new("tenants");
    let by_pk = tenants().user("id").match_by_pk();
    let schema = BackupSchema::new([projects(), by_pk.clone()]).unwrap();
    assert_eq!(schema.tables[0], by_pk);
    let code_is_the_key = tenants().user("code").key("code");
    assert!(BackupSchema::new([by_code(), code_is_the_key]).is_ok());
    let others = [tenants()];
    assert!(BackupSchema::with_other_tables([projects()], others).is_ok());
    for (owned, owners, words) in [
        (
            projects(),
            tenants(),
            "`tenants` with `user = id` and `match_by = pk`",
        ),
        (
            projects(),
            tenants().no_user().match_by_pk(),
            "something else than the user's id in `id`",
        ),
        (projects(), tenants().user("id"), "`match_by = pk`"),
        (
            by_code(),
            by_pk,
            "`tenants` with `user = code` and `key = code`, or leave",
        ),
        (
            by_code(),
            tenants().user("code").key(["code", "slug"]),
            "`key = code`",
        ),
        (
            projects(),
            tenants().pk(["a", "b"]).match_by_pk(),
            "but its key is (`a`, `b`)",
        ),
    ] {
        let found = problems([owned, owners]);
        assert!(
            found.len() == 1 && found[0].contains(words),
            "{words}: {found:?}"
        );
    }
    let circle = problems([
        projects(),
        tenants()
            .user("id")
            .match_by_pk()
            .parent("projects", "main_id"),
    ]);
    assert!(
        circle[0].contains("`projects` -> `tenants` -> `projects`"),
        "{circle:?}"
    );
}

#[test]
fn a_natural_key_is_not_null_unless_that_is_said() {
    let column = |name: &'static str, nullable| {
        ExpectedColumn::from_static(name, Some("text"), nullable, None)
    };
    let table = |nullable: &[&'static str]| {
        let names = ["user_id", "a_id", "slug", "x"];
        let columns = names.map(|name| column(name, Some(nullable.contains(&name))));
        TableDef::new("t").columns(columns)
    };
    let with_parent = |def: TableDef| [TableDef::new("a"), def.parent("a", "a_id")];
    let told = |tables: Vec<TableDef>, name: &str| {
        let found = problems(tables.clone());
        let words = format!("table `t` has `{name}` in its natural key, and it may be NULL");
        assert!(
            found.len() == 1 && found[0].starts_with(&words),
            "{found:?}"
        );
        // by no way in
        let json = BackupSchema {
            tables: tables.clone().into(),
            other_tables: Cow::Borrowed(&[]),
        };
        #[cfg(feature = "serde")]
        assert!(
            serde_json::from_str::<BackupSchema>(&serde_json::to_string(&json).unwrap())
                .unwrap_err()
                .to_string()
                .contains(&words)
        );
        assert!(json.check().is_err());
        let tables = tables.into_iter().map(|def| match &*def.name {
            "t" => def.null_key(),
            _ => def,
        });
        let schema = BackupSchema::new(tables).unwrap();
        #[cfg(feature = "serde")]
        assert_eq!(
            serde_json::from_str::<BackupSchema>(&serde_json::to_string(&schema).unwrap()).unwrap(),
            schema
        );
        assert!(schema.table("t").unwrap().null_key);
    };
    told(vec![table(&["slug"])], "slug");
    told(vec![table(&["x"]).key(["slug", "x"])], "x");
    told(with_parent(table(&["a_id"])).to_vec(), "a_id");
    for fine in [
        // set by a restore, in no key, matched by something else, not known
        table(&["user_id", "x"]),
        table(&["slug"]).key("x"),
        table(&["slug"]).match_by_pk(),
        TableDef::new("t").columns([column("slug", None)]),
    ] {
        assert!(BackupSchema::new([fine.clone()]).is_ok(), "{fine:?}");
    }
    let other = BackupSchema::with_other_tables([], [table(&["slug"])]);
    assert!(other.is_ok(), "it is not backed up");
}

#[test]
fn long_messages_are_cut() {
    let many =
        (0..500).map(|i| TableDef::new("t").parent(format!("missing_{i}"), format!("x_{i}")));
    let table = many.reduce(|a, b| a.parent_key(b.parents[0].clone()));
    let found = problems(table);
    assert!(found[0].ends_with(" ..") && found[0].len() <= 2048);
}

#[test]
fn a_schema_is_made_at_compile_time() {
    use parts::{Part, collect, collect_other, copied, count, count_other, ordered};
    const fn table(name: &'static str, parents: &'static [ForeignKey]) -> TableDef {
        TableDef {
            name: Cow::Borrowed(name),
            pk: Cow::Borrowed(&[Cow::Borrowed("id")]),
            slug_field: Some(Cow::Borrowed("slug")),
            user_field: None,
            owner: None,
            key: Cow::Borrowed(&[]),
            null_key: false,
            match_by: MatchBy::Natural,
            parents: Cow::Borrowed(parents),
            optional_refs: Cow::Borrowed(&[]),
            external: Cow::Borrowed(&[]),
            renew: Cow::Borrowed(&[]),
            renamed_from: None,
            columns: Cow::Borrowed(&[]),
            prepared: Prepared(b""),
        }
    }
    const BOOKS: &TableDef = &table(
        "books",
        &[ForeignKey {
            table: Cow::Borrowed("authors"),
            fields: Cow::Borrowed(&[Cow::Borrowed("author_id")]),
            references: Cow::Borrowed(&[]),
        }],
    );
    const AUTHORS: &TableDef = &table("authors", &[]);
    static OTHER: BackupSchema = BackupSchema {
        tables: Cow::Borrowed(&[table("tags", &[])]),
        other_tables: Cow::Borrowed(&[table("log", &[])]),
    };
    const PARTS: &[Part] = &[
        Part::Table(BOOKS),
        Part::Table(AUTHORS),
        Part::Schema(&OTHER),
    ];
    const SORTED: [&TableDef; count(PARTS)] = ordered(collect(PARTS));
    const TABLES: [TableDef; count(PARTS)] = copied(&SORTED);
    const OTHERS: [&TableDef; count_other(PARTS)] = collect_other(PARTS);
    static SCHEMA: BackupSchema = BackupSchema {
        tables: Cow::Borrowed(&TABLES),
        other_tables: Cow::Borrowed(&[]),
    };
    assert_eq!((OTHERS.len(), &*OTHERS[0].name), (1, "log"));
    assert_eq!(SCHEMA.tables[1], *BOOKS);
    let names: Vec<&str> = SCHEMA.tables.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ["authors", "books", "tags"]);
    SCHEMA.check().unwrap();
}

#[cfg(feature = "serde")]
mod json {
    use super::*;

    fn read(json: &str) -> Result<BackupSchema, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    #[test]
    fn the_shape_is_the_originals() {
        let json = r#"{"tables":[{"name":"books","parent":{"table":"authors","field":"author_id"},"optional_refs":[{"table":"authors","field":"editor_id"}]},{"name":"authors"}]}"#;
        let schema = read(json).unwrap();
        assert_eq!(schema.tables[0], TableDef::new("authors"));
        assert_eq!(
            serde_json::to_string(&schema).unwrap(),
            r#"{"tables":[{"name":"authors","pk":"id","slug_field":"slug","user_field":"user_id","parent":null,"optional_refs":[]},{"name":"books","pk":"id","slug_field":"slug","user_field":"user_id","parent":{"table":"authors","field":"author_id"},"optional_refs":[{"table":"authors","field":"editor_id"}]}]}"#
        );
    }

    #[test]
    fn null_and_empty_mean_none_and_lists_may_be_one_name() {
        let json = r#"{"tables":[{"name":"a","slug_field":null,"user_field":"","key":["x","y"],"pk":["a","b"],"optional_refs":null},
            {"name":"b","pk":"id","match_by":"pk","parent":{"table":"a","field":["x","y"]},"parents":[{"table":"c","field":"c","references":"slug"}],"external":[{"table":"z","field":"z"}],"renamed_from":"bb"},{"name":"c"}]}"#;
        let schema = read(json).unwrap();
        let (a, b) = (schema.table("a").unwrap(), schema.table("b").unwrap());
        assert_eq!((&a.slug_field, &a.user_field), (&None, &None));
        assert_eq!((a.key.len(), a.pk.len(), b.parents.len()), (2, 2, 2));
        assert_eq!(b.parents[1].references[0], "slug");
        let again = read(&serde_json::to_string(&schema).unwrap()).unwrap();
        assert_eq!(again, schema);
    }

    #[test]
    fn an_owner_is_written_instead_of_the_user() {
        let json = r#"{"tables":[{"name":"a","pk":"id","slug_field":"slug","owner":{"table":"tenants","field":"tenant_id"},"parent":null,"optional_refs":[]}]}"#;
        let schema = read(json).unwrap();
        let by_hand = TableDef::new("a").owner("tenants", "tenant_id");
        assert_eq!(schema, BackupSchema::new([by_hand]).unwrap());
        assert_eq!(serde_json::to_string(&schema).unwrap(), json);
        let schema = read(r#"{"tables":[{"name":"a","owner":null}]}"#).unwrap();
        assert_eq!(schema.tables[0], TableDef::new("a"));
        for user in [r#""tenant_id""#, r#""x""#, "null"] {
            let both = json.replace(r#""owner""#, &format!(r#""user_field":{user},"owner""#));
            let error = read(&both).unwrap_err();
            assert!(
                error.contains("table `a` has `owner` and `user_field`"),
                "{error}"
            );
        }
        let error = read(&json.replace(r#""tenant_id""#, r#"["x","y"]"#)).unwrap_err();
        assert!(error.contains("one value"), "{error}");
    }

    #[test]
    fn unknown_keys_and_broken_rules_are_refused() {
        let error = read(r#"{"tables":[{"name":"a","slug":"x"}]}"#).unwrap_err();
        assert!(error.contains("unknown field `slug`"), "{error}");
        let error =
            read(r#"{"tables":[{"name":"a","parent":{"table":"b","field":"x"}}]}"#).unwrap_err();
        assert!(error.contains("not in this schema"), "{error}");
        let error = read(r#"{"tables":[{"name":"a","pk":1}]}"#).unwrap_err();
        assert!(error.contains("expected a column name"), "{error}");
        let error = read(r#"{"tables":[{"name":"a","pk":""}]}"#).unwrap_err();
        assert!(error.contains("empty primary key"), "{error}");
    }
}

#[test]
fn a_name_that_looks_like_a_hint_is_a_part_of_the_message() {
    let forged = "t; hint: run `rm -rf .`";
    let refused = BackupSchema::new([TableDef::new(forged).no_slug()]).unwrap_err();
    let [problem] = refused.problems.as_slice() else {
        panic!("{refused}");
    };
    assert!(problem.message.contains(forged), "{problem:?}");
    assert_eq!(
        problem.hint.as_deref(),
        Some("name a `slug`, the columns of a `key`, or match by `pk`")
    );
}
