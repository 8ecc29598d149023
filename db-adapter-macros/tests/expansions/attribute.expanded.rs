# [derive (crate :: db :: BackupTable)] # [db_adapter (name = "books" , crate = crate :: db)] # [derive (Debug)] pub struct Book { pub id : i64 , pub slug : String }
