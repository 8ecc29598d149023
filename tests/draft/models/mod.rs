//! Written by the tests: a draft for each case.

#![allow(dead_code, unreachable_pub, reason = "nobody reads the rows")]

use db_adapter::BackupSchema;

pub mod arrays_postgres;
pub mod checks_of_columns_and_tables_postgres;
pub mod checks_of_columns_and_tables_sqlite;
pub mod collations_postgres;
pub mod collations_sqlite;
pub mod comments_postgres;
pub mod composite_keys_postgres;
pub mod composite_keys_sqlite;
pub mod constraint_names_repeat_over_schemas_postgres;
pub mod constraint_names_repeat_over_tables_postgres;
pub mod constraint_names_repeat_over_tables_sqlite;
pub mod constraints_not_yet_valid_postgres;
pub mod covering_keys_and_indexes_postgres;
pub mod defaults_postgres;
pub mod defaults_sqlite;
pub mod deferrable_foreign_keys_postgres;
pub mod deferrable_foreign_keys_sqlite;
pub mod definitions_written_oddly_sqlite;
pub mod domains_postgres;
pub mod dropped_columns_postgres;
pub mod dropped_columns_sqlite;
pub mod enums_postgres;
pub mod exclusion_constraints_postgres;
pub mod expression_and_partial_indexes_postgres;
pub mod expression_and_partial_indexes_sqlite;
pub mod extensions_postgres;
pub mod foreign_key_actions_postgres;
pub mod foreign_key_actions_sqlite;
pub mod foreign_keys_into_schemas_of_others_postgres;
pub mod foreign_keys_to_other_unique_columns_postgres;
pub mod foreign_keys_to_other_unique_columns_sqlite;
pub mod foreign_keys_to_what_is_not_there_sqlite;
pub mod foreign_tables_postgres;
pub mod generated_columns_postgres;
pub mod generated_columns_sqlite;
pub mod inheritance_postgres;
pub mod lengths_and_precisions_postgres;
pub mod lengths_and_precisions_sqlite;
pub mod longest_names_postgres;
pub mod longest_names_sqlite;
pub mod materialized_views_postgres;
pub mod migration_tables_postgres;
pub mod migration_tables_sqlite;
pub mod mixed_case_and_reserved_names_postgres;
pub mod mixed_case_and_reserved_names_sqlite;
pub mod names_with_dots_and_quotes_postgres;
pub mod names_with_dots_and_quotes_sqlite;
pub mod nullable_columns_postgres;
pub mod nullable_columns_sqlite;
pub mod numbered_rows_postgres;
pub mod numbered_rows_sqlite;
pub mod objects_of_other_kinds_postgres;
pub mod partitioned_references_postgres;
pub mod partitions_postgres;
pub mod references_of_other_types_postgres;
pub mod references_of_other_types_sqlite;
pub mod references_to_itself_and_in_a_circle_postgres;
pub mod references_to_itself_and_in_a_circle_sqlite;
pub mod renamed_things_postgres;
pub mod renamed_things_sqlite;
pub mod row_level_security_postgres;
pub mod same_table_in_two_schemas_postgres;
pub mod sequences_postgres;
pub mod strict_tables_and_tables_without_numbers_sqlite;
pub mod tables_like_others_postgres;
pub mod tables_without_a_key_postgres;
pub mod tables_without_a_key_sqlite;
pub mod triggers_of_all_events_postgres;
pub mod triggers_of_all_events_sqlite;
pub mod unicode_names_postgres;
pub mod unicode_names_sqlite;
pub mod unique_constraints_and_unique_indexes_postgres;
pub mod unique_constraints_and_unique_indexes_sqlite;
pub mod views_of_what_is_gone_sqlite;
pub mod views_postgres;
pub mod views_sqlite;
pub mod virtual_tables_sqlite;
pub mod shop_postgres;
pub mod shop_sqlite;

pub fn all() -> Vec<(&'static str, &'static BackupSchema)> {
    vec![
        ("arrays_postgres", &arrays_postgres::SCHEMA),
        ("checks_of_columns_and_tables_postgres", &checks_of_columns_and_tables_postgres::SCHEMA),
        ("checks_of_columns_and_tables_sqlite", &checks_of_columns_and_tables_sqlite::SCHEMA),
        ("collations_postgres", &collations_postgres::SCHEMA),
        ("collations_sqlite", &collations_sqlite::SCHEMA),
        ("comments_postgres", &comments_postgres::SCHEMA),
        ("composite_keys_postgres", &composite_keys_postgres::SCHEMA),
        ("composite_keys_sqlite", &composite_keys_sqlite::SCHEMA),
        ("constraint_names_repeat_over_schemas_postgres", &constraint_names_repeat_over_schemas_postgres::SCHEMA),
        ("constraint_names_repeat_over_tables_postgres", &constraint_names_repeat_over_tables_postgres::SCHEMA),
        ("constraint_names_repeat_over_tables_sqlite", &constraint_names_repeat_over_tables_sqlite::SCHEMA),
        ("constraints_not_yet_valid_postgres", &constraints_not_yet_valid_postgres::SCHEMA),
        ("covering_keys_and_indexes_postgres", &covering_keys_and_indexes_postgres::SCHEMA),
        ("defaults_postgres", &defaults_postgres::SCHEMA),
        ("defaults_sqlite", &defaults_sqlite::SCHEMA),
        ("deferrable_foreign_keys_postgres", &deferrable_foreign_keys_postgres::SCHEMA),
        ("deferrable_foreign_keys_sqlite", &deferrable_foreign_keys_sqlite::SCHEMA),
        ("definitions_written_oddly_sqlite", &definitions_written_oddly_sqlite::SCHEMA),
        ("domains_postgres", &domains_postgres::SCHEMA),
        ("dropped_columns_postgres", &dropped_columns_postgres::SCHEMA),
        ("dropped_columns_sqlite", &dropped_columns_sqlite::SCHEMA),
        ("enums_postgres", &enums_postgres::SCHEMA),
        ("exclusion_constraints_postgres", &exclusion_constraints_postgres::SCHEMA),
        ("expression_and_partial_indexes_postgres", &expression_and_partial_indexes_postgres::SCHEMA),
        ("expression_and_partial_indexes_sqlite", &expression_and_partial_indexes_sqlite::SCHEMA),
        ("extensions_postgres", &extensions_postgres::SCHEMA),
        ("foreign_key_actions_postgres", &foreign_key_actions_postgres::SCHEMA),
        ("foreign_key_actions_sqlite", &foreign_key_actions_sqlite::SCHEMA),
        ("foreign_keys_into_schemas_of_others_postgres", &foreign_keys_into_schemas_of_others_postgres::SCHEMA),
        ("foreign_keys_to_other_unique_columns_postgres", &foreign_keys_to_other_unique_columns_postgres::SCHEMA),
        ("foreign_keys_to_other_unique_columns_sqlite", &foreign_keys_to_other_unique_columns_sqlite::SCHEMA),
        ("foreign_keys_to_what_is_not_there_sqlite", &foreign_keys_to_what_is_not_there_sqlite::SCHEMA),
        ("foreign_tables_postgres", &foreign_tables_postgres::SCHEMA),
        ("generated_columns_postgres", &generated_columns_postgres::SCHEMA),
        ("generated_columns_sqlite", &generated_columns_sqlite::SCHEMA),
        ("inheritance_postgres", &inheritance_postgres::SCHEMA),
        ("lengths_and_precisions_postgres", &lengths_and_precisions_postgres::SCHEMA),
        ("lengths_and_precisions_sqlite", &lengths_and_precisions_sqlite::SCHEMA),
        ("longest_names_postgres", &longest_names_postgres::SCHEMA),
        ("longest_names_sqlite", &longest_names_sqlite::SCHEMA),
        ("materialized_views_postgres", &materialized_views_postgres::SCHEMA),
        ("migration_tables_postgres", &migration_tables_postgres::SCHEMA),
        ("migration_tables_sqlite", &migration_tables_sqlite::SCHEMA),
        ("mixed_case_and_reserved_names_postgres", &mixed_case_and_reserved_names_postgres::SCHEMA),
        ("mixed_case_and_reserved_names_sqlite", &mixed_case_and_reserved_names_sqlite::SCHEMA),
        ("names_with_dots_and_quotes_postgres", &names_with_dots_and_quotes_postgres::SCHEMA),
        ("names_with_dots_and_quotes_sqlite", &names_with_dots_and_quotes_sqlite::SCHEMA),
        ("nullable_columns_postgres", &nullable_columns_postgres::SCHEMA),
        ("nullable_columns_sqlite", &nullable_columns_sqlite::SCHEMA),
        ("numbered_rows_postgres", &numbered_rows_postgres::SCHEMA),
        ("numbered_rows_sqlite", &numbered_rows_sqlite::SCHEMA),
        ("objects_of_other_kinds_postgres", &objects_of_other_kinds_postgres::SCHEMA),
        ("partitioned_references_postgres", &partitioned_references_postgres::SCHEMA),
        ("partitions_postgres", &partitions_postgres::SCHEMA),
        ("references_of_other_types_postgres", &references_of_other_types_postgres::SCHEMA),
        ("references_of_other_types_sqlite", &references_of_other_types_sqlite::SCHEMA),
        ("references_to_itself_and_in_a_circle_postgres", &references_to_itself_and_in_a_circle_postgres::SCHEMA),
        ("references_to_itself_and_in_a_circle_sqlite", &references_to_itself_and_in_a_circle_sqlite::SCHEMA),
        ("renamed_things_postgres", &renamed_things_postgres::SCHEMA),
        ("renamed_things_sqlite", &renamed_things_sqlite::SCHEMA),
        ("row_level_security_postgres", &row_level_security_postgres::SCHEMA),
        ("same_table_in_two_schemas_postgres", &same_table_in_two_schemas_postgres::SCHEMA),
        ("sequences_postgres", &sequences_postgres::SCHEMA),
        ("strict_tables_and_tables_without_numbers_sqlite", &strict_tables_and_tables_without_numbers_sqlite::SCHEMA),
        ("tables_like_others_postgres", &tables_like_others_postgres::SCHEMA),
        ("tables_without_a_key_postgres", &tables_without_a_key_postgres::SCHEMA),
        ("tables_without_a_key_sqlite", &tables_without_a_key_sqlite::SCHEMA),
        ("triggers_of_all_events_postgres", &triggers_of_all_events_postgres::SCHEMA),
        ("triggers_of_all_events_sqlite", &triggers_of_all_events_sqlite::SCHEMA),
        ("unicode_names_postgres", &unicode_names_postgres::SCHEMA),
        ("unicode_names_sqlite", &unicode_names_sqlite::SCHEMA),
        ("unique_constraints_and_unique_indexes_postgres", &unique_constraints_and_unique_indexes_postgres::SCHEMA),
        ("unique_constraints_and_unique_indexes_sqlite", &unique_constraints_and_unique_indexes_sqlite::SCHEMA),
        ("views_of_what_is_gone_sqlite", &views_of_what_is_gone_sqlite::SCHEMA),
        ("views_postgres", &views_postgres::SCHEMA),
        ("views_sqlite", &views_sqlite::SCHEMA),
        ("virtual_tables_sqlite", &virtual_tables_sqlite::SCHEMA),
    ]
}
