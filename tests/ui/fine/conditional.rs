//! Tables and modules that are not always compiled, in every place where they may stand.
#![allow(missing_docs, reason = "only the declarations matter here")]

#[db_adapter::schema(sql = "schema.sql", undeclared = all)]
pub mod models {
    #[backup_table(name = "authors")]
    pub struct Author {
        pub id: i64,
        pub slug: String,
        pub name: String,
    }

    /// Never compiled: neither its type nor its table is there.
    #[cfg(any())]
    #[backup_table(name = "nowhere", parent = Author(author_id))]
    pub struct Gone {
        pub id: i64,
        pub slug: NoSuchType,
        pub author_id: i64,
    }

    #[cfg(not(any()))]
    #[backup_table(name = "books", parent = Author(author_id))]
    pub struct Book {
        pub id: i64,
        pub slug: String,
        pub author_id: i64,
        #[cfg(any())]
        pub nothing: NoSuchType,
    }

    #[cfg(any())]
    pub mod gone {
        #[backup_table(name = "elsewhere")]
        pub struct Gone {
            pub id: NoSuchType,
        }
    }
}

db_adapter::backup_schema!(
    /// One of the two.
    pub EITHER = [
        #[cfg(any())]
        models::Gone,
        #[cfg(not(any()))]
        ..models::SCHEMA,
        #[cfg(any())]
        ..models::gone::SCHEMA,
    ],
    embed = false
);

#[test]
fn what_is_not_compiled_is_in_no_schema() {
    for schema in [&models::SCHEMA, &EITHER] {
        let names: Vec<&str> = schema.tables.iter().map(|table| &*table.name).collect();
        assert_eq!(names, ["authors", "books"]);
    }
}
