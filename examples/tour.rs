//! Dict rows go into a database and come out again, with every digit they went in with.
//!
//!     cargo run --example tour
//!     cargo run --example tour -- postgresql://user:password@localhost/database
//!
//! The first works in an SQLite file in the temporary folder. The second prints the same rows
//! from PostgreSQL: it works in a schema of its own, `db_adapter_tour`, and drops it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a tour")]

use std::process::ExitCode;

use db_adapter::prelude::*;
use db_adapter::{Error, Numeric, Result};

#[tokio::main]
async fn main() -> ExitCode {
    let url = std::env::args().nth(1).unwrap_or_else(sqlite_file);
    match run(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(url: &str) -> Result<()> {
    let db = db_adapter::connect(url).await?;
    println!("connected, version {}", db.server_version().await?);

    let place = Place::make(&db, url.starts_with("postgres")).await?;
    let result = tour(&db, &place.table).await;
    place.clean_up(&db).await?;
    db.close().await?;
    result?;

    if !url.starts_with("postgres") {
        println!("\nThe file is still there. Look at it with the command line:");
        println!("  cargo run -p db-adapter-cli -- query -D {url} 'SELECT * FROM products'");
    }
    Ok(())
}

/// `products` is the name of the table; nothing else here depends on the database.
async fn tour(db: &impl DatabaseClient, products: &str) -> Result<()> {
    step("insert gives the created row: `in_stock` is the default, `seen_at` was left out");
    let tea = db
        .insert(
            products,
            row! {
                "code": "tea",
                "name": "Green tea",
                "price": Numeric::parse("1.50")?,
                "details": Value::json_from(&serde_json::json!({ "grams": 100, "organic": true }))?,
                "supplier": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
            },
        )
        .await?;
    print([&tea]);

    step("insert_many takes rows with different columns; a time with a zone comes back in UTC");
    let more = [
        row! { "code": "cup", "name": "Cup", "price": 12, "seen_at": "2026-03-01 18:30:00+02:00" },
        row! { "code": "pot", "name": "Tea pot", "price": "39.9", "in_stock": false },
        row! { "code": "tin", "name": "Tin", "price": 4.25, "details": None::<&str> },
    ];
    println!("{} rows", db.insert_many(products, more).await?);

    step("select takes dicts and operators, and the price is compared as a number");
    let rows = db
        .select(products, "code, name, price")
        .filter(row! { "in_stock": true, "price": op::lt(20), "name": op::ilike("%t%") })
        .order_by("price DESC")
        .await?;
    print(&rows);

    step("what came out goes in again: a value is accepted back as it is");
    let cup = db
        .select(products, "*")
        .filter(row! { "code": "cup" })
        .one()
        .await?;
    let same = db
        .select(products, "code, seen_at")
        .filter(row! { "seen_at": &cup["seen_at"] })
        .await?;
    print(&same);

    step("update gives the changed row, upsert changes or creates");
    let tea = db
        .update(
            products,
            row! { "price": "1.75" },
            row! { "id": &tea["id"] },
        )
        .await?;
    println!(
        "{} costs {}",
        tea.get::<String>("name")?,
        tea.get::<Numeric>("price")?
    );
    let jar = row! { "code": "jar", "name": "Jar", "price": "7.00" };
    let tin = row! { "code": "tin", "name": "Tea tin", "price": "5.00" };
    for product in [jar, tin] {
        print([&db.upsert(products, product, "code").await?]);
    }

    step("a transaction that is not committed leaves nothing behind");
    let tx = db.begin().await?;
    tx.delete(products, Filter::all()).await?;
    println!("inside: {} products", tx.count(products, row! {}).await?);
    tx.rollback().await?;
    println!("after:  {} products", db.count(products, row! {}).await?);

    step("SQL of your own, with named parameters");
    let sql = format!(
        "SELECT in_stock, count(*) AS products FROM {products} WHERE code <> :code GROUP BY in_stock ORDER BY in_stock"
    );
    print(&db.query(sql).bind("code", "jar").await?);

    step("errors are the same variants on every database, and say what to do");
    show(db.select(products, "id, prise").await.map(drop));
    show(
        db.insert(products, row! { "code": "tea", "name": "Tea", "price": 1 })
            .await
            .map(drop),
    );
    show(
        db.insert(
            products,
            row! { "code": "x", "name": "X", "price": "cheap" },
        )
        .await
        .map(drop),
    );
    show(db.delete(products, row! {}).await.map(drop));

    step("delete gives the number of rows");
    println!(
        "{} deleted",
        db.delete(products, row! { "code": ["jar", "tin"] }).await?
    );
    print(&db.select(products, "*").order_by("id").await?);
    Ok(())
}

/// Where the tour works.
struct Place {
    table: String,
    schema: Option<&'static str>,
}

impl Place {
    async fn make(db: &impl DatabaseClient, is_postgres: bool) -> Result<Place> {
        let place = if is_postgres {
            let schema = "db_adapter_tour";
            db.execute(format!("CREATE SCHEMA {schema}"))
                .await
                .inspect_err(|_| {
                    eprintln!("The tour wants to make the schema `{schema}`. If a tour that was");
                    eprintln!("interrupted left it behind: DROP SCHEMA {schema} CASCADE;");
                })?;
            Place {
                table: format!("{schema}.products"),
                schema: Some(schema),
            }
        } else {
            Place {
                table: "products".to_owned(),
                schema: None,
            }
        };
        // SQLite turns a `numeric` into a float, and keeps what is called NUMERIC_TEXT
        let (key, numeric) = if is_postgres {
            (
                "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
                "numeric(10, 2)",
            )
        } else {
            ("INTEGER PRIMARY KEY", "NUMERIC_TEXT(10, 2)")
        };
        db.execute(format!(
            "CREATE TABLE {} (
                id        {key},
                code      text NOT NULL UNIQUE,
                name      text NOT NULL,
                price     {numeric} NOT NULL,
                in_stock  boolean NOT NULL DEFAULT true,
                details   json,
                supplier  uuid,
                seen_at   timestamptz
            )",
            place.table
        ))
        .await?;
        Ok(place)
    }

    async fn clean_up(&self, db: &impl DatabaseClient) -> Result<()> {
        if let Some(schema) = self.schema {
            db.execute_script(format!("DROP TABLE {}; DROP SCHEMA {schema};", self.table))
                .await?;
        }
        Ok(())
    }
}

/// A new file for each tour.
fn sqlite_file() -> String {
    let path = std::env::temp_dir().join("db-adapter-tour.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    format!("sqlite://{}", path.display())
}

fn step(what: &str) {
    println!("\n-- {what}");
}

fn print<'a>(rows: impl IntoIterator<Item = &'a Row>) {
    for row in rows {
        println!("{}", row.to_json());
    }
}

fn show(result: Result<(), Error>) {
    if let Err(error) = result {
        println!("{:?}: {error}", error.kind());
    }
}
