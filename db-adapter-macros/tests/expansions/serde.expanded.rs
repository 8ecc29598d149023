# [derive (:: db_adapter :: BackupTable)] # [db_adapter (name = "books")] # [derive (Debug , serde :: Deserialize)] pub struct Book {
    pub id : i64 ,
    # [column (name = "type")] # [serde (alias = "type")] pub kind : String ,
    # [column (skip)] # [serde (default)] pub cache : u8 ,
    # [serde (rename = "x")] # [serde (alias = "slug")] pub slug : String ,
    # [column (skip)] # [serde (skip)] pub other : u8
}
