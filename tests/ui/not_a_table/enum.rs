use db_adapter::backup_table;
#[backup_table(name = "books")]
pub enum Book { Novel, Poem }

fn main() {}
