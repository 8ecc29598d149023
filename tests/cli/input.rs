//! SQL from the argument or from stdin, the database from the flag or the environment.

use crate::databases;
use crate::program::{command, query_with_stdin, run};

#[tokio::test(flavor = "multi_thread")]
async fn sql_comes_from_stdin_where_the_argument_is_absent_or_a_dash() {
    for database in databases().await {
        for args in [&[][..], &["-"]] {
            let run = query_with_stdin(database.url(), args, "SELECT 1 AS n;\n");
            assert_eq!(
                (run.stdout.as_str(), run.code),
                ("n\n1\n", Some(0)),
                "{run:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_argument_wins_over_stdin() {
    for database in databases().await {
        let run = query_with_stdin(database.url(), &["SELECT 1 AS n"], "SELECT 2 AS n");
        assert_eq!(run.stdout, "n\n1\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sql_at_all_is_a_mistake_of_usage() {
    for database in databases().await {
        let run = query_with_stdin(database.url(), &[], " \n");
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(2)));
        assert!(
            run.stderr.starts_with("error: no SQL was given\nhint: "),
            "{run:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_names_the_database_where_no_flag_does() {
    for database in databases().await {
        let mut from_environment = command(&["query", "SELECT 1 AS n"]);
        from_environment.env("DATABASE_URL", database.url());
        assert_eq!(run(from_environment).stdout, "n\n1\n");

        let mut from_flag = command(&["query", "SELECT 1 AS n", "-D", database.url()]);
        from_flag.env("DATABASE_URL", "sqlite:///nowhere/at/all.db");
        assert_eq!(run(from_flag).stdout, "n\n1\n");
    }
}

#[test]
fn without_a_database_it_says_how_to_name_one() {
    let run = run(command(&["query", "SELECT 1"]));
    assert_eq!((run.stdout.as_str(), run.code), ("", Some(2)));
    assert_eq!(
        run.stderr,
        "error: no database profile configured\n\
         hint: run `DB_PROFILE=<name> db-adapter connect`, or set `DATABASE_URL`; `db-adapter init` makes a first db.toml\n"
    );
}
