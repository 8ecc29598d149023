const _ : () = {
    static __FIELDS : [:: db_adapter :: declare :: FieldDef ; 1usize] = [
        :: db_adapter :: declare :: FieldDef {
            field : "id" ,
            column : "id" ,
            json_name : "id" ,
            info : < i64 as :: db_adapter :: declare :: ColumnType > :: INFO ,
            column_type : :: core :: option :: Option :: None ,
            filled : :: core :: option :: Option :: None
        }
    ];
    static __COLUMNS : [
        :: db_adapter :: declare :: expected :: ExpectedColumn ;
        1usize
    ]= :: db_adapter :: declare :: declared :: columns (& __FIELDS) ;
    static __DEF : :: db_adapter :: TableDef = :: db_adapter :: TableDef {
        name : :: std :: borrow :: Cow :: Borrowed ("book") ,
        pk : :: std :: borrow :: Cow :: Borrowed (& [:: db_adapter :: declare :: declared :: borrowed ("id")]) ,
        slug_field : :: core :: option :: Option :: None ,
        user_field : :: core :: option :: Option :: None ,
        owner : :: core :: option :: Option :: None ,
        key : :: std :: borrow :: Cow :: Borrowed (& []) ,
        null_key : false ,
        match_by : :: db_adapter :: declare :: MatchBy :: Natural ,
        parents : :: std :: borrow :: Cow :: Borrowed (& []) ,
        optional_refs : :: std :: borrow :: Cow :: Borrowed (& []) ,
        external : :: std :: borrow :: Cow :: Borrowed (& []) ,
        renew : :: std :: borrow :: Cow :: Borrowed (& []) ,
        renamed_from : :: core :: option :: Option :: None ,
        columns : :: std :: borrow :: Cow :: Borrowed (& __COLUMNS) ,
        prepared : :: db_adapter :: declare :: backup :: Prepared (
            {
                const HEAD : & [& str] = & [
                    "{\"name\":\"book\",\"pk\":[\"id\"],\"slug_field\":null,\"user_field\":null,\"parents\":[],\"optional_refs\":[],\"external\":[],\"columns\":["
                ];
                const FIELDS : & [:: db_adapter :: declare :: FieldDef] = < Book as :: db_adapter :: declare :: BackupTable > :: FIELDS ;
                const BYTES : [
                    u8 ;
                    :: db_adapter :: declare :: embed :: table_len (HEAD , FIELDS)
                ]= :: db_adapter :: declare :: embed :: table (HEAD , FIELDS) ;
                & BYTES
            }
        ),
    }
    ;
    # [doc (hidden)] struct BookColumns { pub id : & 'static str } # [doc (hidden)] # [allow (dead_code , private_interfaces)] struct BookFields { pub id : :: db_adapter :: declare :: fit :: Field < i64 > } # [automatically_derived] impl :: db_adapter :: declare :: BackupTable for Book {
        const NAME : & 'static str = "book" ;
        const DEF : & 'static :: db_adapter :: TableDef = & __DEF ;
        const FIELDS : & 'static [:: db_adapter :: declare :: FieldDef] = & __FIELDS ;
        const JSON_NAME : & 'static str = "book" ;
        const SCHEMA : :: core :: option :: Option < & 'static str > = :: core :: option :: Option :: None ;
        const LOCAL : & 'static str = "book" ;
        const EXPECTED : :: db_adapter :: declare :: expected :: ExpectedTable = {
            const KEY : :: core :: option :: Option < & [:: db_adapter :: declare :: expected :: Text] > = :: core :: option :: Option :: Some (& [:: db_adapter :: declare :: declared :: borrowed ("id")]) ;
            const KEYS : & [:: db_adapter :: declare :: expected :: ExpectedForeignKey] = & [] ;
            :: db_adapter :: declare :: expected :: ExpectedTable :: with_keys (
                :: core :: option :: Option :: None ,
                "book" ,
                & __COLUMNS ,
                KEY ,
                & [] ,
                KEYS
            )
        }
        ;
        const PART : :: db_adapter :: declare :: parts :: Part = :: db_adapter :: declare :: parts :: Part :: Table (< Book as :: db_adapter :: declare :: BackupTable > :: DEF) ;
        type Names = BookColumns ;
        const NAMES : BookColumns = BookColumns { id : "id" } ;
        type Typed = BookFields ;
        const TYPED : BookFields = BookFields { id : :: db_adapter :: declare :: fit :: Field :: new ("id") } ;
    }
    # [automatically_derived] # [allow (dead_code)] impl Book {
        # [doc = "The name of the table, `book`."] const TABLE : & 'static str = "book" ;
        # [
            doc = r" The names of the columns, each in the field of its Rust name."
        ]const COL : BookColumns = < Book as :: db_adapter :: declare :: BackupTable > :: NAMES ;
    }
}
;
:: core :: compile_error ! { "`Book` has no field `slgu`; hint: use one of `id`" }
