use super::*;
use crate::sql_type::SqlType;

fn table(schema: Option<&str>, name: &str) -> TableSchema {
    TableSchema {
        schema: schema.map(str::to_owned),
        name: name.to_owned(),
        columns: vec![ColumnSchema::new("id", "bigint", SqlType::Int8)],
        ..TableSchema::default()
    }
}

#[test]
fn keys_are_bare_in_the_default_schema_and_never_ambiguous() {
    assert_eq!(table_key(None, "users"), "users");
    assert_eq!(table_key(Some("public"), "my table"), "my table");
    assert_eq!(table_key(Some("audit"), "users"), "audit.users");
    assert_ne!(
        table_key(None, "audit.users"),
        table_key(Some("audit"), "users")
    );
}

#[test]
fn tables_are_found_by_every_spelling_of_their_name() {
    let mut schema = DatabaseSchema::default();
    for t in [
        table(Some("public"), "users"),
        table(Some("audit"), "My log"),
    ] {
        schema.tables.insert(t.key(), t);
    }
    for name in ["users", "public.users", "\"users\"", "\"public\".users"] {
        assert!(schema.table(name).is_some(), "{name}");
    }
    assert!(schema.table("audit.\"My log\"").is_some());
    assert!(schema.table("log").is_none());
}

#[test]
fn partitions_are_left_to_their_parents() {
    let mut schema = DatabaseSchema::default();
    let part = TableSchema {
        partition_of: Some("log".into()),
        ..table(None, "log_1")
    };
    for t in [table(None, "log"), part] {
        schema.tables.insert(t.key(), t);
    }
    assert_eq!(schema.column_names().keys().collect::<Vec<_>>(), ["log"]);
    assert_eq!(schema.partitions_of("log").count(), 1);
}

#[cfg(feature = "serde")]
mod json {
    use super::*;

    #[test]
    fn the_originals_keys_are_there_and_columns_keep_their_order() {
        let mut t = table(None, "users");
        t.columns.insert(
            0,
            ColumnSchema::new("z", "mood", SqlType::Enum("mood".into())),
        );
        t.constraints.insert(
            "fk".into(),
            ConstraintSchema {
                name: "fk".into(),
                kind: ConstraintKind::ForeignKey,
                columns: vec!["id".into()],
                references_table: Some("x".into()),
                references_columns: Some(vec!["y".into()]),
                on_delete: Some(ReferentialAction::SetNull),
                ..ConstraintSchema::default()
            },
        );
        t.indexes.insert(
            "i".into(),
            IndexSchema {
                name: "i".into(),
                columns: vec![
                    IndexColumn::column("id"),
                    IndexColumn {
                        text: "lower(z)".into(),
                        is_expression: true,
                        descending: true,
                        ..IndexColumn::default()
                    },
                ],
                is_unique: true,
                method: "btree".into(),
                predicate: None,
                include: vec![],
                nulls_not_distinct: false,
                name_is_generated: false,
                comment: None,
            },
        );
        let mut schema = DatabaseSchema::default();
        schema.tables.insert(t.key(), t);
        let json = serde_json::to_string(&schema).unwrap();
        for part in [
            r#""columns":{"z":{"name":"z","data_type":"mood","sql_type":{"enum":"mood"},"is_nullable":true,"default":null},"id""#,
            r#""constraint_type":"FOREIGN KEY","columns":["id"],"references_table":"x","references_columns":["y"],"on_delete":"SET NULL"}"#,
            r#""columns":["id",{"expression":"lower(z)","descending":true}],"is_unique":true,"index_type":"btree"}"#,
            r#""functions":{}"#,
        ] {
            assert!(json.contains(part), "{part}\n{json}");
        }
        assert_eq!(
            serde_json::from_str::<DatabaseSchema>(&json).unwrap(),
            schema
        );
    }

    #[test]
    fn a_file_of_the_original_is_read() {
        let json = r#"{"tables":{"users":{"name":"users","columns":{"id":{"name":"id","data_type":"uuid"}},
            "constraints":{"p":{"name":"p","constraint_type":"PRIMARY KEY","columns":["id"]}},
            "indexes":{"i":{"name":"i","columns":["id"]}},"triggers":{}}},"functions":{"f":{"name":"f"}}}"#;
        let schema: DatabaseSchema = serde_json::from_str(json).unwrap();
        let users = schema.table("users").unwrap();
        assert!(users.column("id").unwrap().nullable);
        assert_eq!(users.primary_key().unwrap().columns, ["id"]);
        assert_eq!(users.indexes["i"].method, "btree");
    }

    #[test]
    fn types_keep_their_kind() {
        for t in [
            SqlType::Enum("a b".into()),
            SqlType::Array(Box::new(SqlType::Enum("mood".into()))),
            SqlType::Other("interval".into()),
            SqlType::Varchar(Some(3)),
        ] {
            let mut column = ColumnSchema::new("a", "x", t);
            column.nullable = false;
            let json = serde_json::to_string(&column).unwrap();
            assert_eq!(serde_json::from_str::<ColumnSchema>(&json).unwrap(), column);
        }
    }
}
