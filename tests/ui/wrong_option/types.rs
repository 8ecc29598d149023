use db_adapter::backup_table;
#[backup_table]
pub struct Book {
    pub id: i64,
    pub slug: String,
    #[column(type = "intger")] pub a: i64,
    #[column(type = "varchar(")] pub b: String,
    #[column(type = "")] pub c: String,
    #[column(type = "text; DROP TABLE x")] pub d: String,
    #[column(type = "app.mood")] pub e: String,
    #[column(type = "mood[]")] pub f: String,
    #[column(type = "timestamp(3) with time zone")] pub g: String,
    #[column(skip, name = "x")] pub h: String,
}

fn main() {}
