#[db_adapter::schema]
pub mod models {
    #[backup_table]
    pub struct Author { pub id: i64, pub slug: String }
    #[cfg_attr(all(), db_adapter::backup_table(parent = Author(author_id)))]
    pub struct Book { pub id: i64, pub slug: String, pub author_id: i64 }
    #[cfg_attr(all(), cfg_attr(all(), derive(db_adapter::BackupTable)))]
    pub struct Page { pub id: i64, pub slug: String }
    macro_rules! made { ($name:ident) => { pub struct $name { pub id: i64 } } }
    made!(Tag);
}

fn main() {}
