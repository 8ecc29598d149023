# [derive (:: db_adapter :: BackupTable)] # [db_adapter ()] # [
    cfg_attr (
        feature = "serde" ,
        derive (Deserialize) ,
        serde (rename_all = "camelCase")
    )
]struct Book {
    # [cfg_attr (feature = "serde" , serde (alias = "id"))] id : i64 ,
    # [column (name = "type")] kind : String ,
    # [cfg_attr (feature = "serde" , serde (alias = "type"))] r#type : i64
}
:: core :: compile_error ! {
    "`kind` is the column `type`, and another field is called `type`, so that serde would take one for the other; hint: write `#[serde(rename = \"type\")]` here, and its own column's name on the other field"
}
