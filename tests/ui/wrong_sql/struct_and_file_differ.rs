use db_adapter::schema;
#[schema(sql = "schema.sql")]
pub mod models {
    #[backup_table(name = "authors")]
    pub struct Author { pub id: String, pub slug: Option<String>, pub nmae: String, pub born: String }
    #[backup_table(name = "book")]
    pub struct Book { pub id: i64, pub slug: String }
    #[backup_table(name = "pages", match_by = pk)]
    pub struct Page { pub id: i64, pub book_id: i64, pub number: i32 }
}

fn main() {}
