//! From dicts to types of yours and back: `get`, serde structs, JSON columns, exact JSON.
//!
//!     cargo run --example typed_rows

#![allow(clippy::print_stdout, reason = "it is an example")]

use db_adapter::prelude::*;
use db_adapter::{Json, Numeric, Result};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Address {
    street: String,
    city: String,
}

#[derive(Debug, Deserialize)]
struct Customer {
    id: i64,
    name: String,
    /// NULL is `None`.
    birthday: Option<String>,
    /// A JSON column is read straight into its type.
    address: Address,
    /// Exact digits; `f64` would do too, and refuse what it cannot hold.
    balance: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = db_adapter::connect("sqlite::memory:").await?;
    db.execute(
        "CREATE TABLE customers (
            id INTEGER PRIMARY KEY, name text NOT NULL, birthday date,
            address json_text NOT NULL, balance numeric_text NOT NULL, avatar blob
        )",
    )
    .await?;

    let address = Address {
        street: "Main Street 1".into(),
        city: "Springfield".into(),
    };
    let created = db
        .insert(
            "customers",
            row! {
                "name": "Alice",
                "address": Value::json_from(&address)?,
                "balance": Numeric::parse("12345678901234567890.10")?,
                "avatar": [0x89_u8, 0x50, 0x4e, 0x47],
            },
        )
        .await?;

    // one value at a time: converted exactly or an error that names the column
    let id: i64 = created.get("id")?;
    let birthday: Option<String> = created.get("birthday")?;
    let avatar: Vec<u8> = created.get("avatar")?;
    println!(
        "id {id}, birthday {birthday:?}, avatar of {} bytes",
        avatar.len()
    );
    if let Err(error) = created.get::<i32>("balance") {
        println!("as i32: {error}");
    }

    // a whole row as a struct
    let customer: Customer = created.deserialize()?;
    println!(
        "{} {} of {} has {} (born {:?})",
        customer.id, customer.name, customer.address.city, customer.balance, customer.birthday
    );

    // and straight from the table
    let named: Vec<Customer> = db
        .select_as("customers")
        .filter(row! { "name": op::ilike("a%") })
        .await?;
    println!("{} of that name", named.len());

    // a document keeps its text: numbers stay exact, keys stay in order
    let document = Json::parse(r#"{"street": "Elm 2", "city": "Shelbyville", "rent": 700.50}"#)?;
    let moved = db
        .update("customers", row! { "address": document }, row! { "id": id })
        .await?;
    println!("{:?}", moved["address"]);
    println!("moved to {}", moved["address"].json::<Address>()?.city);

    // JSON out: numbers with all their digits, documents as they are
    println!("{}", moved.to_json());
    // inside of a structure of yours, through serde_json
    #[derive(Serialize)]
    struct Page<T> {
        rows: T,
    }
    let page = Page {
        rows: [moved.as_json()],
    };
    println!(
        "{}",
        serde_json::to_string_pretty(&page).unwrap_or_default()
    );

    // a struct as a row: through any serde format, here JSON
    #[derive(Serialize)]
    struct NewCustomer<'a> {
        name: &'a str,
        balance: &'a str,
    }
    let new = serde_json::to_value(NewCustomer {
        name: "Bob",
        balance: "0.00",
    })
    .unwrap_or_default();
    let mut row: Row = serde_json::from_value(new).unwrap_or_default();
    row.set("address", Value::json_from(&address)?);
    println!("{}", db.insert("customers", row).await?.to_json());
    db.close().await
}
