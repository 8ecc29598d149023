use db_adapter::backup_table;
#[backup_table]
pub struct Book<T> { pub id: i64, pub slug: T }
#[backup_table]
pub struct Page<'a> { pub id: i64, pub slug: &'a str }

fn main() {}
