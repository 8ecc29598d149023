pub mod models {
    # [:: db_adapter :: backup_table] pub struct A { id : i64 , slug : String } mod inner {
        # [:: db_adapter :: backup_table] pub struct B { id : i64 , slug : String }
    }
    :: db_adapter :: backup_schema ! (
        # [doc = r" The tables of this module, parents first."] pub SCHEMA = [self :: A , self :: inner :: B] ,
        crate = :: db_adapter ,
        embed = true
    );
}
