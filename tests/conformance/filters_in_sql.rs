//! Filters as a part of SQL of one's own: they mean there what they mean in a select, nothing of
//! them becomes SQL, and a mistake is named.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;
use futures_util::TryStreamExt;

use crate::case::{Case, error, kind};
use crate::values::{ints, num};

cases! {
    anywhere: [
        a_filter_means_what_it_means_in_a_select, filters_of_joined_tables_go_by_their_aliases,
        a_filter_is_used_several_times_and_negated, statements_write_by_filters, long_lists_are_values,
        filters_by_other_tables_stand_in_sql, names_and_values_stay_what_they_are,
        braces_in_strings_are_text,
    ]
    outside: [
        a_table_that_the_text_calls_otherwise_is_named, mistakes_in_filters_of_sql_are_named,
        a_write_without_a_condition_is_refused, a_changed_table_is_noticed_by_a_filter_in_sql,
        the_place_of_a_mistake_is_that_of_the_callers_text,
    ]
}

async fn table(t: &Case) {
    t.ddl(
        "CREATE TABLE tasks (id {int8} PRIMARY KEY, owner text, title text, due {timestamptz}, price {numeric},
         score {float8}, done {bool}, key {uuid}, photo {bytea}, tags {text[]})",
    )
    .await;
    let key = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1";
    let rows = (1..=6).map(|id| {
        row! {
            "id": id, "owner": ["ann", "bob"][id as usize % 2], "title": format!("{}% of it", id * 10),
            "due": format!("2026-11-0{id}T12:00:00.5Z"), "price": num(&format!("{id}.50")),
            "score": id as f64 / 10.0, "done": id % 3 == 0, "key": format!("{key}{id}"),
            "photo": vec![0_u8, id as u8], "tags": [format!("t{id}"), "x".into()],
        }
    });
    t.db.insert_many("tasks", rows).await.unwrap();
    let nulls = row! { "id": 7 };
    t.db.insert("tasks", nulls).await.unwrap();
}

/// The ids by a select, and by the filter in a query, in a stream of it, and in a count by `execute`.
async fn same(t: &Case, filter: impl Into<Filter>) -> Vec<i64> {
    let filter = filter.into();
    let select = t.db.select("tasks", "id").filter(&filter).order_by("id");
    let expected = ints(&select.await.unwrap(), "id");
    let query = || {
        t.db.query("SELECT id FROM tasks WHERE {f} ORDER BY id")
            .filter("f", "tasks", &filter)
    };
    assert_eq!(ints(&query().await.unwrap(), "id"), expected, "{filter:?}");
    let streamed: Vec<Row> = query().stream().try_collect().await.unwrap();
    assert_eq!(ints(&streamed, "id"), expected, "{filter:?}");
    expected
}

async fn a_filter_means_what_it_means_in_a_select(t: &Case) {
    table(t).await;
    let key = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12";
    let due = "2026-11-02T13:00:00.5+01:00";
    assert_eq!(
        same(t, row! { "owner": "bob", "done": false }).await,
        [1, 5]
    );
    assert_eq!(same(t, row! { "price": "2.5" }).await, [2]);
    assert_eq!(same(t, row! { "price": op::gt(num("5.500")) }).await, [6]);
    assert_eq!(same(t, row! { "due": due }).await, [2]);
    assert_eq!(same(t, row! { "due": op::lte(due) }).await, [1, 2]);
    assert_eq!(same(t, row! { "key": key }).await, [2]);
    assert_eq!(same(t, row! { "photo": vec![0_u8, 3] }).await, [3]);
    assert_eq!(
        same(t, row! { "photo": op::is_in([vec![0_u8, 3], vec![9]]) }).await,
        [3]
    );
    assert_eq!(same(t, row! { "tags": ["t4", "x"] }).await, [4]);
    assert_eq!(
        same(t, row! { "tags": op::is_in([["t4", "x"], ["t5", "x"]]) }).await,
        [4, 5]
    );
    assert_eq!(same(t, row! { "score": 0.3 }).await, [3]);
    assert_eq!(same(t, row! { "title": op::like("2_\\% of%") }).await, [2]);
    assert_eq!(
        same(t, row! { "title": op::ilike("%OF IT") }).await.len(),
        6
    );
    assert_eq!(same(t, row! { "owner": ["ann", "eve"] }).await, [2, 4, 6]);
    assert_eq!(same(t, row! { "owner": () }).await, [7]);
    assert_eq!(
        same(t, row! { "owner": op::is_in([Some("ann"), None]) }).await,
        [2, 4, 6, 7]
    );
    assert_eq!(same(t, row! { "owner": op::ne("ann") }).await, [1, 3, 5]);
    assert_eq!(
        same(t, Filter::not(row! { "owner": "ann" })).await,
        [1, 3, 5, 7]
    );
    let either = Filter::any_of([row! { "id": 1 }, row! { "id": 4 }]);
    assert_eq!(same(t, either.and(row! { "done": false })).await, [1, 4]);
    assert_eq!(same(t, Filter::any_of(Vec::<Row>::new())).await, [0; 0]);
    assert_eq!(same(t, row! {}).await.len(), 7);
    assert_eq!(same(t, Filter::all()).await.len(), 7);
}

async fn filters_of_joined_tables_go_by_their_aliases(t: &Case) {
    table(t).await;
    t.ddl("CREATE TABLE users (id {int8} PRIMARY KEY, owner text, city text)")
        .await;
    t.ddl("INSERT INTO users VALUES (1, 'ann', 'Bonn'), (2, 'bob', 'Rome')")
        .await;
    let rows = t
        .db
        .query(
            "SELECT a.id FROM tasks AS a JOIN tasks t ON t.id = a.id + :step JOIN users \"o dd\" ON \"o dd\".owner = a.owner
             WHERE {later} AND {first} AND {city} ORDER BY a.id",
        )
        .filter("first", "tasks a", row! { "done": false, "id": op::lt(5) })
        .filter("later", "tasks AS t", row! { "done": true })
        .bind("step", 1)
        .filter("city", "users AS \"o dd\"", row! { "city": ["Rome", "Bonn"], "id": op::gte(1) })
        .await
        .unwrap();
    assert_eq!(ints(&rows, "id"), [2]);
    let schema = t.either("public.tasks", "main.tasks");
    let rows =
        t.db.query(format!("SELECT id FROM {schema} WHERE {{f}}"))
            .filter("f", schema, row! { "id": 3 })
            .await
            .unwrap();
    assert_eq!(ints(&rows, "id"), [3]);
}

async fn a_filter_is_used_several_times_and_negated(t: &Case) {
    table(t).await;
    let row =
        t.db.query(
            "SELECT (SELECT count(*) FROM tasks WHERE {f}) AS hits,
                    (SELECT count(*) FROM tasks WHERE NOT {f}) AS misses,
                    (SELECT count(*) FROM tasks WHERE id = :id OR{f}) AS more",
        )
        .filter("f", "tasks", row! { "owner": "ann", "price": op::gt("3") })
        .bind("id", 1)
        .one()
        .await
        .unwrap();
    assert_eq!(row, row! { "hits": 2, "misses": 4, "more": 3 });
}

async fn statements_write_by_filters(t: &Case) {
    table(t).await;
    let count =
        t.db.execute("UPDATE tasks SET title = :title WHERE {f}")
            .filter("f", "tasks", row! { "owner": "ann", "id": op::gt(2) })
            .bind("title", "changed")
            .await
            .unwrap();
    assert_eq!(count, 2);
    assert_eq!(
        t.table("SELECT id FROM tasks WHERE title = 'changed' ORDER BY id")
            .await,
        "4|6"
    );
    let gone =
        t.db.query("DELETE FROM tasks WHERE {f} RETURNING id")
            .filter("f", "tasks", row! { "id": op::gte(5) })
            .await
            .unwrap();
    let mut gone = ints(&gone, "id");
    gone.sort_unstable();
    assert_eq!(gone, [5, 6, 7]);
    let all = t.db.execute("DELETE FROM tasks WHERE {f}");
    assert_eq!(all.filter("f", "tasks", Filter::all()).await.unwrap(), 4);
    assert_eq!(t.scalar("SELECT count(*) FROM tasks").await, "0");
}

async fn long_lists_are_values(t: &Case) {
    table(t).await;
    let ids: Vec<i64> = (3..5000).collect();
    assert_eq!(same(t, row! { "id": ids.clone() }).await.len(), 5);
    assert_eq!(same(t, row! { "id": op::not_in(ids) }).await, [1, 2]);
    let scores: Vec<f64> = (3..3000).map(|n| f64::from(n) / 10.0).collect();
    assert_eq!(same(t, row! { "score": scores }).await, [3, 4, 5, 6]);
}

async fn filters_by_other_tables_stand_in_sql(t: &Case) {
    table(t).await;
    t.ddl("CREATE TABLE task_labels (task_id {int8}, label text)")
        .await;
    t.ddl("INSERT INTO task_labels VALUES (1, 'hot'), (1, 'new'), (4, 'hot'), (5, 'old'), (NULL, 'hot')")
        .await;
    let hot = Filter::referred_by("id", "task_labels", "task_id", row! { "label": "hot" }).unwrap();
    assert_eq!(same(t, hot.clone()).await, [1, 4]);
    assert_eq!(same(t, Filter::not(hot.clone())).await, [2, 3, 5, 6, 7]);
    // the alias of the text is the one that the filter's own has
    for alias in ["t", "T2", "task_labels"] {
        let sql = format!("SELECT \"{alias}\".id FROM tasks AS \"{alias}\" WHERE {{f}} ORDER BY 1");
        let query =
            t.db.query(sql)
                .filter("f", format!("tasks \"{alias}\""), &hot);
        assert_eq!(ints(&query.await.unwrap(), "id"), [1, 4], "{alias}");
    }
}

async fn names_and_values_stay_what_they_are(t: &Case) {
    // by the client, since the harness takes braces for types
    let ddl = "CREATE TABLE \"o'dd :x {f} ?1 $1\" (id BIGINT PRIMARY KEY, \"a) OR (1=1 --\" TEXT, \":b\" TEXT)";
    t.db.execute(ddl).await.unwrap();
    let name = "\"o'dd :x {f} ?1 $1\"";
    let hostile = "x') OR 1=1; -- :b {f} $1 ? \\";
    t.db.insert(name, row! { "id": 1, "a) OR (1=1 --": hostile, ":b": "'" })
        .await
        .unwrap();
    t.db.insert(name, row! { "id": 2, "a) OR (1=1 --": "other", ":b": ":b" })
        .await
        .unwrap();
    let sql = format!(
        "SELECT id FROM {name} WHERE {{f}} AND :filter1 = 1 AND :filter = :filter ORDER BY id"
    );
    for (filter, expected) in [
        (row! { "a) OR (1=1 --": hostile }, vec![1]),
        (row! { "a) OR (1=1 --": "x' OR 1=1", ":b": "'" }, vec![]),
        (row! { ":b": ":b" }, vec![2]),
    ] {
        let query = t.db.query(&sql).filter("f", name, filter);
        let rows = query.bind("filter1", 1).bind("filter", "x").await.unwrap();
        assert_eq!(ints(&rows, "id"), expected);
    }
    let schema = row! { "a) OR (1=1 --\" = '' OR \"1": 1 };
    let query = t.db.query(format!("SELECT id FROM {name} WHERE {{f}}"));
    let refused = query.filter("f", name, schema).await;
    assert_eq!(kind(refused), ErrorKind::UndefinedColumn);
}

async fn braces_in_strings_are_text(t: &Case) {
    table(t).await;
    let row = t
        .db
        .query("SELECT '{f}' AS \"{g}\" /* {h} */ FROM tasks WHERE {f} AND title <> '{f}' -- {i}")
        .filter("f", "tasks", row! { "id": 1 })
        .one()
        .await
        .unwrap();
    assert_eq!(row, row! { "{g}": "{f}" });
}

async fn mistakes_in_filters_of_sql_are_named(t: &Case) {
    table(t).await;
    let sql = "SELECT id FROM tasks WHERE {f}";
    let one = || row! { "id": 1 };
    let ask = async |sql: &str, name: &str, table: &str, filter: Filter| {
        let query = || t.db.query(sql).filter(name, table, &filter);
        let refused = error(query().await);
        assert_eq!(query().stream().try_next().await.unwrap_err(), refused);
        refused.to_string()
    };
    let text = ask(sql, "f", "tasks", row! { "ownr": 1 }.into()).await;
    assert!(text.contains("did you mean `owner`"), "{text}");
    let text = ask(sql, "f", "task", one().into()).await;
    assert!(text.contains("did you mean `tasks`"), "{text}");
    let text = ask(sql, "f", "tasks", row! { "id": "many" }.into()).await;
    assert!(text.contains("`id`") && !text.contains("many"), "{text}");
    let text = ask(sql, "f", "tasks t WHERE 1=1", one().into()).await;
    assert!(text.contains("cannot read the table"), "{text}");
    let text = ask(sql, "g", "tasks", one().into()).await;
    assert!(text.contains("`{f}` in SQL text has no filter"), "{text}");
    let text = ask("SELECT '{f}' AS f", "f", "tasks", one().into()).await;
    assert!(text.contains("`{f}` is not used"), "{text}");
    let text = error(t.db.execute("DELETE FROM tasks WHERE {f}").await).to_string();
    assert!(text.contains(".filter(\"f\","), "{text}");
    let twice = t.db.query(sql).filter("f", "tasks", one());
    let text = error(twice.filter("f", "tasks", one()).await).to_string();
    assert!(text.contains("twice"), "{text}");
    let ddl =
        t.db.execute("CREATE TABLE copies AS SELECT * FROM tasks WHERE {f}");
    let text = error(ddl.filter("f", "tasks", one()).await).to_string();
    assert!(text.contains("may change the schema"), "{text}");
    let script = t.db.execute_script("DELETE FROM tasks WHERE {f}").await;
    assert!(script.is_err());
    assert_eq!(t.scalar("SELECT count(*) FROM tasks").await, "7");
}

async fn a_table_that_the_text_calls_otherwise_is_named(t: &Case) {
    table(t).await;
    for (sql, table) in [
        ("SELECT id FROM tasks t WHERE {f}", "tasks"),
        ("SELECT id FROM tasks WHERE {f}", "tasks AS t"),
    ] {
        let query = t.db.query(sql).filter("f", table, row! { "owner": "ann" });
        let error = error(query.await);
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
        let text = error.to_string();
        assert!(text.contains("`{f}`") && text.contains("AS t"), "{text}");
    }
    // a mistake of the text itself is what it was
    let query = t.db.query("SELECT unheard FROM tasks WHERE {f}");
    let error = error(query.filter("f", "tasks", row! { "owner": "ann" }).await);
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn, "{error}");
}

async fn a_write_without_a_condition_is_refused(t: &Case) {
    table(t).await;
    let write = |sql: &str| t.db.execute(sql).filter("f", "tasks", row! {});
    assert_eq!(
        kind(write("DELETE FROM tasks WHERE {f}").await),
        ErrorKind::EmptyFilter
    );
    let update = write("UPDATE tasks SET owner = NULL WHERE {f}").await;
    assert_eq!(kind(update), ErrorKind::EmptyFilter);
    let nothing_in = Filter::not(Filter::any_of(Vec::<Row>::new()));
    let query = t.db.query("DELETE FROM tasks WHERE {f} RETURNING id");
    assert_eq!(
        kind(query.filter("f", "tasks", nothing_in).await),
        ErrorKind::EmptyFilter
    );
    assert_eq!(t.scalar("SELECT count(owner) FROM tasks").await, "6");
}

async fn a_changed_table_is_noticed_by_a_filter_in_sql(t: &Case) {
    table(t).await;
    let query = async |column: &str, value: Value| {
        let filter: Row = [(column, value)].into();
        let query = t.db.query("SELECT id FROM tasks WHERE {f} ORDER BY id");
        query.filter("f", "tasks", filter).await
    };
    assert_eq!(query("id", 1.into()).await.unwrap().len(), 1);
    t.ddl("ALTER TABLE tasks ADD COLUMN level {int4} DEFAULT 3")
        .await;
    assert_eq!(query("level", 3.into()).await.unwrap().len(), 7);
    t.ddl("ALTER TABLE tasks RENAME COLUMN level TO rank").await;
    assert_eq!(query("rank", 3.into()).await.unwrap().len(), 7);
    assert_eq!(
        kind(query("level", 3.into()).await),
        ErrorKind::UndefinedColumn
    );
    t.ddl("ALTER TABLE tasks DROP COLUMN rank").await;
    t.ddl("ALTER TABLE tasks ADD COLUMN rank text DEFAULT 'three'")
        .await;
    assert_eq!(query("rank", "three".into()).await.unwrap().len(), 7);
    // with another text, which nobody has asked about
    t.ddl("ALTER TABLE tasks DROP COLUMN rank").await;
    t.ddl("ALTER TABLE tasks ADD COLUMN rank {int8} DEFAULT 4")
        .await;
    let other = t.db.query("SELECT count(*) AS n FROM tasks WHERE {f}");
    let row = other.filter("f", "tasks", row! { "rank": 4 }).one().await;
    assert_eq!(row, Ok(row! { "n": 7 }));
}

/// PostgreSQL tells where a mistake is; in what is sent it is somewhere else.
async fn the_place_of_a_mistake_is_that_of_the_callers_text(t: &Case) {
    table(t).await;
    let query =
        t.db.query("SELECT id FROM tasks\nWHERE {f} AND {f} AND :n = 1 ORDER BX id");
    let query = query.filter("f", "tasks", row! { "owner": "ann", "id": 1 });
    let text = error(query.bind("n", 1).await).to_string();
    if t.is_postgres() {
        assert!(text.contains("at line 2, column 36"), "{text}");
    }
}
