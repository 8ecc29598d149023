//! Schemas that share a third, and names of the user's that an expansion must not take.
#![allow(missing_docs, dead_code, reason = "only the declarations matter here")]

use db_adapter::{Row, backup_schema, backup_table};

pub mod accounts {
    #[db_adapter::schema]
    pub mod models {
        #[backup_table]
        pub struct Tenant {
            pub id: i64,
            pub slug: String,
        }
        #[backup_table(backup = false)]
        pub struct Setting {
            pub id: i64,
        }
    }
}
use accounts::models::{SCHEMA as ACCOUNTS, Setting, Tenant};

#[backup_table(parent = Tenant(tenant_id))]
pub struct Invoice {
    pub id: i64,
    pub slug: String,
    pub tenant_id: i64,
}
#[backup_table(parent = Tenant(tenant_id))]
pub struct Ticket {
    pub id: i64,
    pub slug: String,
    pub tenant_id: i64,
}
backup_schema!(BILLING = [Invoice, ..ACCOUNTS]);
backup_schema!(SUPPORT = [..ACCOUNTS, Ticket]);
backup_schema!(ALL = [..BILLING, ..SUPPORT, Setting]);

#[test]
fn one_definition_counts_once() {
    let names = |tables: &[db_adapter::TableDef]| {
        let names = tables.iter().map(|table| table.name.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&ALL.tables), ["tenant", "invoice", "ticket"]);
    assert_eq!(names(&ALL.other_tables), ["setting"]);
}

pub mod hijacked {
    use super::*;
    pub trait Hijack {
        fn set(self, _: &str, _: impl Sized);
    }
    impl Hijack for &mut Row {
        fn set(self, _: &str, _: impl Sized) {}
    }
    #[allow(non_upper_case_globals)]
    const value: u8 = 0;
    #[allow(non_upper_case_globals)]
    static row: u8 = 0;
    #[allow(non_upper_case_globals)]
    const names: u8 = 0;
    #[allow(non_upper_case_globals)]
    const given: u8 = 0;
    #[allow(non_upper_case_globals)]
    const field: u8 = 0;

    #[backup_table]
    pub struct Thing {
        pub id: i64,
        pub slug: String,
    }

    #[test]
    fn names_of_the_users_are_not_taken() {
        use db_adapter::row;
        let thing = Thing {
            id: 1,
            slug: "a".into(),
        };
        assert_eq!(Row::from(thing), row! { "id": 1, "slug": "a" });
        assert_eq!(row!(Thing { id: 2 }), row! { "id": 2 });
        let read = Thing::try_from(&row! { "id": 3, "slug": "b" });
        assert_eq!(read.map(|thing| thing.id).ok(), Some(3));
    }
}

#[test]
fn the_types_of_the_file_are_embedded() {
    use db_adapter::BackupTable;
    let columns = <super::module::models::Author as BackupTable>::DEF
        .columns
        .iter();
    let types = columns.map(|column| (column.data_type.clone().unwrap(), column.exact));
    let text = |text: &'static str| (text.into(), true);
    assert_eq!(
        types.collect::<Vec<_>>(),
        [
            text("bigint"),
            text("text"),
            text("character varying(200)"),
            text("date")
        ]
    );
}

/// db-adapter under another name, which only `crate = ..` knows.
pub use db_adapter as dba;

#[dba::schema(crate = crate::shared::dba)]
pub mod renamed {
    #[backup_table(name = "sized")]
    pub struct Sized {
        pub id: i64,
        pub slug: Box<str>,
        pub letter: char,
        pub hash: [u8; 4],
    }
    #[derive(crate::shared::dba::BackupTable)]
    #[db_adapter(name = "derived")]
    pub struct Derived {
        pub id: i64,
        pub slug: String,
    }
}

#[test]
fn what_is_written_is_read() {
    use db_adapter::row;
    use renamed::Sized;
    let sized = Sized {
        id: 1,
        slug: "a".into(),
        letter: 'ß',
        hash: [1, 2, 3, 4],
    };
    let mut read = Row::from(sized);
    let back = Sized::try_from(&read).unwrap();
    assert_eq!(
        (&*back.slug, back.letter, back.hash),
        ("a", 'ß', [1, 2, 3, 4])
    );
    for wrong in [
        row! { "letter": "ab" },
        row! { "letter": "" },
        row! { "hash": vec![1_u8] },
    ] {
        for (name, value) in wrong {
            read.set(name, value);
        }
        assert!(Sized::try_from(&read).is_err());
    }
}
