//! What introspection says of schemas: each folder is a case, with the DDL that makes the schema
//! and what is read back from a live server, as JSON, for each backend.
//!
//! `schema.sql` is for both backends, `schema.postgres.sql` and `schema.sqlite.sql` for one. A first
//! line `-- schemas: a, b` names the schemas that are read. `DB_ADAPTER_TESTS_UPDATE=1` writes the
//! snapshots; read their difference before you commit it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on must fail, loudly"
)]

mod case;

macro_rules! cases {
    (both: [$($both:ident),* $(,)?] postgres: [$($postgres:ident),* $(,)?] sqlite: [$($sqlite:ident),* $(,)?]) => {
        mod postgres {
            $(cases!(@test $both Postgres);)*
            $(cases!(@test $postgres Postgres);)*
        }
        mod sqlite {
            $(cases!(@test $both Sqlite);)*
            $(cases!(@test $sqlite Sqlite);)*
        }

        /// A folder that is not in the list would prove nothing.
        #[test]
        fn every_folder_is_a_case() {
            let both = [$(stringify!($both)),*];
            let postgres = [both.as_slice(), &[$(stringify!($postgres)),*]].concat();
            let sqlite = [both.as_slice(), &[$(stringify!($sqlite)),*]].concat();
            case::check_folders(&postgres, &sqlite);
        }
    };
    (@test $name:ident $backend:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            crate::case::run(stringify!($name), crate::case::Backend::$backend).await;
        }
    };
}

cases! {
    both: [
        composite_keys,
    ]
    postgres: [
    ]
    sqlite: [
    ]
}
