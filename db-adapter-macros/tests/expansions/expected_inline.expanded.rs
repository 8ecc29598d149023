{
    const TABLES : & [:: db_adapter :: declare :: expected :: ExpectedTable] = & [
        :: db_adapter :: declare :: expected :: ExpectedTable :: from_static (
            :: core :: option :: Option :: None ,
            "users" ,
            {
                const COLUMNS : & [:: db_adapter :: declare :: expected :: ExpectedColumn] = & [
                    :: db_adapter :: declare :: expected :: ExpectedColumn :: from_static (
                        "id" ,
                        :: core :: option :: Option :: None ,
                        :: core :: option :: Option :: None ,
                        :: core :: option :: Option :: None ,
                    )
                ];
                COLUMNS
            }
        ),
        :: db_adapter :: declare :: expected :: ExpectedTable :: from_static (
            :: core :: option :: Option :: Some ("audit") ,
            "log" ,
            {
                const COLUMNS : & [:: db_adapter :: declare :: expected :: ExpectedColumn] = & [
                    :: db_adapter :: declare :: expected :: ExpectedColumn :: from_static (
                        "at" ,
                        :: core :: option :: Option :: None ,
                        :: core :: option :: Option :: None ,
                        :: core :: option :: Option :: None ,
                    )
                ];
                COLUMNS
            }
        )
    ];
    :: db_adapter :: ExpectedSchema :: from_static (TABLES)
}
