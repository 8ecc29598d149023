//! What introspection says of schemas: each folder is a case, with the DDL that makes the schema
//! and what is read back from a live server, as JSON, for each backend.
//!
//! `schema.sql` is for both backends, `schema.postgres.sql` and `schema.sqlite.sql` for one. A first
//! line `-- schemas: a, b` names the schemas that are read; a line `-- since: 15` before the first statement,
//! the version of PostgreSQL that the case needs. `postgres.18.json` is the snapshot of this version
//! and those after it, where their catalogue differs from that of those before, `postgres.json`. `DB_ADAPTER_TESTS_UPDATE=1` writes the
//! snapshots that are there; read their difference before you commit it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on must fail, loudly"
)]

mod bounds;
mod case;
mod limits;
mod random;
mod readings;
mod rights;
mod round_trip;
mod written;

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
        checks_of_columns_and_tables,
        collations,
        composite_keys,
        constraint_names_repeat_over_tables,
        defaults,
        deferrable_foreign_keys,
        dropped_columns,
        expression_and_partial_indexes,
        foreign_key_actions,
        foreign_keys_to_other_unique_columns,
        generated_columns,
        lengths_and_precisions,
        longest_names,
        migration_tables,
        mixed_case_and_reserved_names,
        names_with_dots_and_quotes,
        nullable_columns,
        numbered_rows,
        references_of_other_types,
        references_to_itself_and_in_a_circle,
        renamed_things,
        tables_without_a_key,
        triggers_of_all_events,
        unicode_names,
        unique_constraints_and_unique_indexes,
        views,
    ]
    postgres: [
        arrays,
        comments,
        constraint_names_repeat_over_schemas,
        constraints_not_yet_valid,
        covering_keys_and_indexes,
        domains,
        enums,
        exclusion_constraints,
        extensions,
        foreign_keys_into_schemas_of_others,
        foreign_tables,
        index_methods_and_classes,
        inheritance,
        materialized_views,
        objects_of_other_kinds,
        overloaded_functions,
        partitioned_references,
        partitions,
        row_level_security,
        same_table_in_two_schemas,
        sequences,
        tables_like_others,
        tables_without_columns,
    ]
    sqlite: [
        definitions_written_oddly,
        foreign_keys_to_what_is_not_there,
        strict_tables_and_tables_without_numbers,
        views_of_what_is_gone,
        virtual_tables,
    ]
}
