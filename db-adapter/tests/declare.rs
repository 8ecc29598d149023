//! Declared tables: names, rows, schemas.
#![cfg(feature = "macros")]
#![deny(warnings)]

use db_adapter::declare::BackupTable as _;
use db_adapter::{
    Filter, Row, backup_schema, backup_table, cols, expected_schema, new_row, op, row,
};

mod people {
    #[db_adapter::backup_table(name = "authors")]
    #[derive(Debug, PartialEq, Clone)]
    pub struct Author {
        pub id: i64,
        pub slug: String,
        pub user_id: String,
    }
}

#[backup_table(
    name = "books", slug = slug, user = "user_id",
    parent = people::Author(author_id),
    optional_ref = crate::people::Author(editor_id),
    optional_ref = Self(sequel_of),
    external = "countries"(country)
)]
#[derive(Debug, PartialEq, Clone)]
struct Book {
    id: i64,
    slug: String,
    user_id: String,
    author_id: i64,
    editor_id: Option<i64>,
    sequel_of: Option<i64>,
    country: Option<i32>,
    title: Option<String>,
    #[db_adapter(name = "kind")]
    r#type: String,
    #[column(default)]
    created_at: String,
    #[db_adapter(skip)]
    cached: Option<u8>,
    #[cfg(any())]
    gone: std::time::SystemTime,
}

#[backup_table(user = none, pk = [book_id, tag], key = [book_id, tag], parent = Book(book_id))]
struct BookTag {
    book_id: i64,
    tag: String,
}

#[backup_table(backup = false)]
struct AuditLog {
    #[allow(dead_code)]
    id: i64,
}

backup_schema!(
    /// All of it.
    pub(crate) SCHEMA = [BookTag, Book, AuditLog, people::Author]
);

#[test]
fn tables_are_sorted_and_described() {
    let names: Vec<&str> = SCHEMA.tables.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ["authors", "books", "book_tag"]);
    let book = SCHEMA.table("books").unwrap();
    assert_eq!(book.natural_key(), ["user_id", "author_id", "slug"]);
    assert_eq!(book.optional_refs.len(), 2);
    assert_eq!(book.external[0].table, "countries");
    let columns: Vec<&str> = book.columns.iter().map(|c| &*c.name).collect();
    assert_eq!(
        columns,
        [
            "id",
            "slug",
            "user_id",
            "author_id",
            "editor_id",
            "sequel_of",
            "country",
            "title",
            "kind",
            "created_at"
        ]
    );
    SCHEMA.check().unwrap();
}

#[test]
fn names_are_checked() {
    assert_eq!(Book::TABLE, "books");
    assert_eq!(Book::COL.r#type, "kind");
    assert_eq!(cols!(Book: id, r#type), ["id", "kind"]);
    let row: Row = row!(Book {
        title: "x",
        r#type: "novel"
    });
    assert_eq!(row["kind"], "novel");
    let filter: Filter = row!(people::Author { id: op::gt(1) });
    assert!(!filter.is_unrestricted());
    let row = new_row!(Book {
        slug: "dune",
        user_id: "u",
        author_id: 1,
        r#type: "novel"
    });
    assert_eq!(row.len(), 4);
    assert_eq!(AuditLog::NAME, "audit_log");
}

#[test]
fn a_name_alone_takes_the_variable_of_that_name() {
    let (slug, user_id, r#type) = ("dune", String::from("u"), "novel");
    let row = row!(Book {
        r#type,
        title: "x",
        slug
    });
    assert_eq!(row, row! { "kind": "novel", "title": "x", "slug": "dune" });
    let row = new_row!(Book {
        slug,
        user_id,
        author_id: 1,
        r#type,
    });
    let whole = row! { "slug": "dune", "user_id": "u", "author_id": 1, "kind": "novel" };
    assert_eq!(row, whole);
    // an operator makes it a filter, in this form too; the variable may be called as anything inside
    let (tag, row) = (op::like("sci%"), 7);
    let filter: Filter = row!(BookTag { book_id: row, tag });
    assert!(!filter.is_unrestricted());
}

#[cfg(all(feature = "uuid", feature = "chrono", feature = "rust_decimal"))]
#[test]
fn values_of_other_crates_fit_their_fields() {
    use chrono::{DateTime, NaiveDate, Utc};
    use rust_decimal::Decimal;
    use uuid::Uuid;

    #[backup_table(name = "events")]
    #[allow(dead_code)]
    struct Event {
        id: Uuid,
        slug: String,
        at: DateTime<Utc>,
        day: Option<NaiveDate>,
        price: Option<Decimal>,
    }

    let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let at = day.and_hms_opt(1, 2, 3).unwrap().and_utc();
    let typed = row!(Event {
        id: Uuid::nil(),
        at: &at,
        day,
        price: Decimal::new(150, 2)
    });
    let texts = row!(Event {
        id: "00000000-0000-0000-0000-000000000000",
        at: "2026-11-23T01:02:03.000000+00:00",
        day: Some("2026-11-23"),
        price: "1.50",
    });
    assert_eq!(typed["at"], texts["at"]);
    assert_eq!(typed["day"], texts["day"]);
    let none = row!(Event {
        day: None,
        price: 3
    });
    assert_eq!(none, row! { "day": (), "price": 3 });
    let many: Filter = row!(Event {
        id: [Uuid::nil()],
        at: op::lt(at)
    });
    assert!(!many.is_unrestricted());
}

#[test]
fn rows_and_structs_convert_by_the_columns_names() {
    let book = Book {
        id: 1,
        slug: "dune".into(),
        user_id: "u".into(),
        author_id: 2,
        editor_id: None,
        sequel_of: Some(7),
        country: None,
        title: Some("Dune".into()),
        r#type: "novel".into(),
        created_at: "now".into(),
        cached: Some(3),
    };
    let row = Row::from(book.clone());
    assert_eq!(row["kind"], "novel");
    assert_eq!(row.value("cached"), None);
    let back = Book::try_from(&row).unwrap();
    assert_eq!(
        back,
        Book {
            cached: None,
            ..book
        }
    );
    let error = Book::try_from(&row! { "id": "x" }).unwrap_err();
    assert!(error.to_string().contains("id"), "{error}");
}

#[test]
fn what_is_expected_is_a_constant() {
    static INLINE: db_adapter::ExpectedSchema =
        expected_schema!({ users: { id, r#type }, "audit.log": { "a b" } });
    assert_eq!(INLINE.table("audit.log").unwrap().columns[0].name, "a b");
    static TYPES: db_adapter::ExpectedSchema = expected_schema!(Book, people::Author, AuditLog);
    let book = TYPES.table("books").unwrap();
    assert_eq!(*book, SCHEMA.table("books").unwrap().expected());
    assert_eq!(book.columns[4].nullable, Some(true));
    assert_eq!(book.columns[0].data_type.as_deref(), Some("bigint"));
}

#[test]
fn structs_are_used() {
    let _ = (
        BookTag {
            book_id: 1,
            tag: String::new(),
        }
        .book_id,
        AuditLog { id: 1 }.id,
    );
}

/// serde's names are the columns' too, whatever else it is told.
mod with_serde {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[backup_table(name = "pages")]
    #[derive(Debug, PartialEq, Clone, Serialize, Deserialize)]
    struct Page {
        id: i64,
        slug: String,
        #[column(name = "type")]
        kind: String,
        #[db_adapter(name = "page number")]
        r#mod: Option<i32>,
        #[serde(rename = "text")]
        body: String,
        #[column(skip)]
        cache: Vec<u8>,
        #[column(skip)]
        #[serde(skip)]
        lock: Option<std::thread::ThreadId>,
        #[cfg(any())]
        gone: std::time::SystemTime,
    }

    #[backup_table(name = "words")]
    #[cfg_attr(all(), derive(Deserialize), serde(rename_all = "camelCase"))]
    #[derive(Debug, PartialEq)]
    struct Word {
        id: i64,
        slug: String,
        #[column(name = "lang")]
        spoken_language: String,
        first_seen: i32,
    }

    /// Two that change names: serde is told both.
    #[backup_table(name = "swaps", match_by = pk)]
    #[derive(Debug, PartialEq, Deserialize)]
    struct Swap {
        id: i64,
        #[column(name = "b")]
        #[serde(rename = "b")]
        a: i64,
        #[column(name = "a")]
        #[serde(rename = "a")]
        b: i64,
    }

    fn page() -> Page {
        Page {
            id: 1,
            slug: "s".into(),
            kind: "k".into(),
            r#mod: Some(2),
            body: "b".into(),
            cache: Vec::new(),
            lock: None,
        }
    }

    #[test]
    fn a_row_is_read_by_the_columns_names_both_ways() {
        let row = Row::from(page());
        let columns: Vec<&str> = row.names().collect();
        assert_eq!(columns, ["id", "slug", "type", "page number", "body"]);
        assert_eq!(row.deserialize::<Page>().unwrap(), page());
        assert_eq!(Page::try_from(&row).unwrap(), page());
        let row = row! { "id": 1, "slug": "s", "lang": "en", "first_seen": 3 };
        assert_eq!(
            row.deserialize::<Word>().unwrap(),
            Word::try_from(&row).unwrap()
        );
        let row = row! { "id": 1, "a": 2, "b": 3 };
        let swap = row.deserialize::<Swap>().unwrap();
        assert_eq!(swap, Swap::try_from(&row).unwrap());
        assert_eq!((swap.a, swap.b), (3, 2));
    }

    #[test]
    fn what_serde_writes_and_read_before_stays() {
        let json = serde_json::to_string(&page()).unwrap();
        assert_eq!(
            json,
            r#"{"id":1,"slug":"s","kind":"k","mod":2,"text":"b","cache":[]}"#
        );
        assert_eq!(serde_json::from_str::<Page>(&json).unwrap(), page());
        let word = r#"{"id":1,"slug":"s","spokenLanguage":"en","firstSeen":3}"#;
        assert_eq!(serde_json::from_str::<Word>(word).unwrap().first_seen, 3);
    }
}
