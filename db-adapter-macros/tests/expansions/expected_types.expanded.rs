{
    const TABLES : & [:: db_adapter :: declare :: expected :: ExpectedTable] = & [
        < Author as :: db_adapter :: declare :: BackupTable > :: EXPECTED ,
        < a :: Book as :: db_adapter :: declare :: BackupTable > :: EXPECTED
    ];
    :: db_adapter :: ExpectedSchema :: from_static (TABLES)
}
