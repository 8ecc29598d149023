const _ : () = {
    static __FIELDS : [:: db_adapter :: declare :: FieldDef ; 5usize] = [
        :: db_adapter :: declare :: FieldDef {
            field : "id" ,
            column : "id" ,
            json_name : "id" ,
            info : < i64 as :: db_adapter :: declare :: ColumnType > :: INFO ,
            column_type : :: core :: option :: Option :: None ,
            filled : :: core :: option :: Option :: None
        }
        ,
        :: db_adapter :: declare :: FieldDef {
            field : "slug" ,
            column : "slug" ,
            json_name : "slug" ,
            info : < String as :: db_adapter :: declare :: ColumnType > :: INFO ,
            column_type : :: core :: option :: Option :: None ,
            filled : :: core :: option :: Option :: Some (false)
        }
        ,
        :: db_adapter :: declare :: FieldDef {
            field : "author_id" ,
            column : "author_id" ,
            json_name : "author_id" ,
            info : < i64 as :: db_adapter :: declare :: ColumnType > :: INFO ,
            column_type : :: core :: option :: Option :: None ,
            filled : :: core :: option :: Option :: Some (false)
        }
        ,
        :: db_adapter :: declare :: FieldDef {
            field : "next" ,
            column : "next" ,
            json_name : "next" ,
            info : < Option < i64 > as :: db_adapter :: declare :: ColumnType > :: INFO ,
            column_type : :: core :: option :: Option :: None ,
            filled : :: core :: option :: Option :: Some (false)
        }
        ,
        :: db_adapter :: declare :: FieldDef {
            field : "kind" ,
            column : "type" ,
            json_name : "type" ,
            info : :: db_adapter :: declare :: Info {
                sql : :: core :: option :: Option :: Some ("citext") ,
                nullable : false
            }
            ,
            column_type : :: core :: option :: Option :: Some (("citext" , "citext")) ,
            filled : :: core :: option :: Option :: Some (false)
        }
    ];
    static __COLUMNS : [
        :: db_adapter :: declare :: expected :: ExpectedColumn ;
        5usize
    ]= :: db_adapter :: declare :: declared :: columns (& __FIELDS) ;
    static __DEF : :: db_adapter :: TableDef = :: db_adapter :: TableDef {
        name : :: std :: borrow :: Cow :: Borrowed ("books") ,
        pk : :: std :: borrow :: Cow :: Borrowed (& [:: db_adapter :: declare :: declared :: borrowed ("id")]) ,
        slug_field : :: core :: option :: Option :: Some (:: db_adapter :: declare :: declared :: borrowed ("slug")) ,
        user_field : :: core :: option :: Option :: None ,
        owner : :: core :: option :: Option :: None ,
        key : :: std :: borrow :: Cow :: Borrowed (& []) ,
        null_key : false ,
        match_by : :: db_adapter :: declare :: MatchBy :: Natural ,
        parents : :: std :: borrow :: Cow :: Borrowed (
            & [
                :: db_adapter :: ForeignKey {
                    table : :: db_adapter :: declare :: declared :: borrowed (
                        < Author as :: db_adapter :: declare :: BackupTable > :: NAME
                    ),
                    fields : :: std :: borrow :: Cow :: Borrowed (
                        & [
                            :: db_adapter :: declare :: declared :: borrowed ("author_id")
                        ]
                    ),
                    references : :: std :: borrow :: Cow :: Borrowed (& []) ,
                }
            ]
        ),
        optional_refs : :: std :: borrow :: Cow :: Borrowed (
            & [
                :: db_adapter :: ForeignKey {
                    table : :: db_adapter :: declare :: declared :: borrowed (< Book as :: db_adapter :: declare :: BackupTable > :: NAME) ,
                    fields : :: std :: borrow :: Cow :: Borrowed (
                        & [:: db_adapter :: declare :: declared :: borrowed ("next")]
                    ),
                    references : :: std :: borrow :: Cow :: Borrowed (& []) ,
                }
            ]
        ),
        external : :: std :: borrow :: Cow :: Borrowed (& []) ,
        renew : :: std :: borrow :: Cow :: Borrowed (& []) ,
        renamed_from : :: core :: option :: Option :: None ,
        columns : :: std :: borrow :: Cow :: Borrowed (& __COLUMNS) ,
        prepared : :: db_adapter :: declare :: backup :: Prepared (
            {
                const HEAD : & [& str] = & [
                    "{\"name\":\"books\",\"pk\":[\"id\"],\"slug_field\":\"slug\",\"user_field\":null,\"parents\":[{\"table\":\"" ,
                    < Author as :: db_adapter :: declare :: BackupTable > :: JSON_NAME ,
                    "\",\"field\":[\"author_id\"]}],\"optional_refs\":[{\"table\":\"" ,
                    < Book as :: db_adapter :: declare :: BackupTable > :: JSON_NAME ,
                    "\",\"field\":[\"next\"]}],\"external\":[],\"columns\":["
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
    # [doc (hidden)] pub struct BookColumns {
        pub id : & 'static str ,
        pub slug : & 'static str ,
        pub author_id : & 'static str ,
        pub next : & 'static str ,
        pub kind : & 'static str
    }
    # [doc (hidden)] # [allow (dead_code , private_interfaces)] pub struct BookFields {
        pub id : :: db_adapter :: declare :: fit :: Field < i64 > ,
        pub slug : :: db_adapter :: declare :: fit :: Field < String > ,
        pub author_id : :: db_adapter :: declare :: fit :: Field < i64 > ,
        pub next : :: db_adapter :: declare :: fit :: Field < Option < i64 > > ,
        pub kind : :: db_adapter :: declare :: fit :: AnyField
    }
    # [automatically_derived] impl :: db_adapter :: declare :: BackupTable for Book {
        const NAME : & 'static str = "books" ;
        const DEF : & 'static :: db_adapter :: TableDef = & __DEF ;
        const FIELDS : & 'static [:: db_adapter :: declare :: FieldDef] = & __FIELDS ;
        const JSON_NAME : & 'static str = "books" ;
        const SCHEMA : :: core :: option :: Option < & 'static str > = :: core :: option :: Option :: None ;
        const LOCAL : & 'static str = "books" ;
        const EXPECTED : :: db_adapter :: declare :: expected :: ExpectedTable = {
            const KEY : :: core :: option :: Option < & [:: db_adapter :: declare :: expected :: Text] > = :: core :: option :: Option :: Some (& [:: db_adapter :: declare :: declared :: borrowed ("id")]) ;
            const KEYS : & [:: db_adapter :: declare :: expected :: ExpectedForeignKey] = & [
                :: db_adapter :: declare :: expected :: ExpectedForeignKey :: from_static (
                    {
                        const C : & [:: db_adapter :: declare :: expected :: Text] = & [
                            :: db_adapter :: declare :: declared :: borrowed ("author_id")
                        ];
                        C
                    }
                    ,
                    < Author as :: db_adapter :: declare :: BackupTable > :: SCHEMA ,
                    < Author as :: db_adapter :: declare :: BackupTable > :: LOCAL ,
                    {
                        const C : & [:: db_adapter :: declare :: expected :: Text] = & [] ;
                        C
                    }
                    ,
                ),
                :: db_adapter :: declare :: expected :: ExpectedForeignKey :: from_static (
                    {
                        const C : & [:: db_adapter :: declare :: expected :: Text] = & [:: db_adapter :: declare :: declared :: borrowed ("next")] ;
                        C
                    }
                    ,
                    < Book as :: db_adapter :: declare :: BackupTable > :: SCHEMA ,
                    < Book as :: db_adapter :: declare :: BackupTable > :: LOCAL ,
                    {
                        const C : & [:: db_adapter :: declare :: expected :: Text] = & [] ;
                        C
                    }
                    ,
                )
            ];
            :: db_adapter :: declare :: expected :: ExpectedTable :: with_keys (
                :: core :: option :: Option :: None ,
                "books" ,
                & __COLUMNS ,
                KEY ,
                & [] ,
                KEYS
            )
        }
        ;
        const PART : :: db_adapter :: declare :: parts :: Part = :: db_adapter :: declare :: parts :: Part :: Table (< Book as :: db_adapter :: declare :: BackupTable > :: DEF) ;
        type Names = BookColumns ;
        const NAMES : BookColumns = BookColumns {
            id : "id" ,
            slug : "slug" ,
            author_id : "author_id" ,
            next : "next" ,
            kind : "type"
        }
        ;
        type Typed = BookFields ;
        const TYPED : BookFields = BookFields {
            id : :: db_adapter :: declare :: fit :: Field :: new ("id") ,
            slug : :: db_adapter :: declare :: fit :: Field :: new ("slug") ,
            author_id : :: db_adapter :: declare :: fit :: Field :: new ("author_id") ,
            next : :: db_adapter :: declare :: fit :: Field :: new ("next") ,
            kind : :: db_adapter :: declare :: fit :: AnyField :: new ("type")
        }
        ;
    }
    # [automatically_derived] # [allow (dead_code)] impl Book {
        # [doc = "The name of the table, `books`."] pub const TABLE : & 'static str = "books" ;
        # [
            doc = r" The names of the columns, each in the field of its Rust name."
        ]pub const COL : BookColumns = < Book as :: db_adapter :: declare :: BackupTable > :: NAMES ;
    }
    const _ : fn () -> u8 = < u8 as :: db_adapter :: declare :: SkipField < 'static >> :: skip_field ;
    # [automatically_derived] impl :: core :: convert :: From < Book > for :: db_adapter :: Row where for < '__field > i64 : :: db_adapter :: declare :: WriteField < '__field > ,
    for < '__field > String : :: db_adapter :: declare :: WriteField < '__field > ,
    for < '__field > Option < i64 > : :: db_adapter :: declare :: WriteField < '__field > {
        # [inline] fn from (__db_adapter_value : Book) -> Self {
            let mut __db_adapter_row = :: db_adapter :: Row :: new () ;
            :: db_adapter :: Row :: set (
                & mut __db_adapter_row ,
                "id" ,
                :: db_adapter :: declare :: WriteField :: write_field (__db_adapter_value . id)
            );
            :: db_adapter :: Row :: set (
                & mut __db_adapter_row ,
                "slug" ,
                :: db_adapter :: declare :: WriteField :: write_field (__db_adapter_value . slug)
            );
            :: db_adapter :: Row :: set (
                & mut __db_adapter_row ,
                "author_id" ,
                :: db_adapter :: declare :: WriteField :: write_field (__db_adapter_value . author_id)
            );
            :: db_adapter :: Row :: set (
                & mut __db_adapter_row ,
                "next" ,
                :: db_adapter :: declare :: WriteField :: write_field (__db_adapter_value . next)
            );
            :: db_adapter :: Row :: set (
                & mut __db_adapter_row ,
                "type" ,
                :: db_adapter :: declare :: WriteField :: write_field (__db_adapter_value . kind)
            );
            __db_adapter_row
        }
    }
    # [automatically_derived] impl < '__row > :: core :: convert :: TryFrom < & '__row :: db_adapter :: Row > for Book where for < '__field > i64 : :: db_adapter :: declare :: ReadField < '__field > ,
    for < '__field > String : :: db_adapter :: declare :: ReadField < '__field > ,
    for < '__field > Option < i64 > : :: db_adapter :: declare :: ReadField < '__field > ,
    for < '__field > u8 : :: db_adapter :: declare :: SkipField < '__field > {
        type Error = :: db_adapter :: Error ;
        # [inline] fn try_from (__db_adapter_row : & '__row :: db_adapter :: Row) -> :: db_adapter :: Result < Self > {
            :: core :: result :: Result :: Ok (
                Book {
                    id : :: db_adapter :: declare :: ReadField :: read_field (__db_adapter_row , "id") ? ,
                    slug : :: db_adapter :: declare :: ReadField :: read_field (__db_adapter_row , "slug") ? ,
                    author_id : :: db_adapter :: declare :: ReadField :: read_field (__db_adapter_row , "author_id") ? ,
                    next : :: db_adapter :: declare :: ReadField :: read_field (__db_adapter_row , "next") ? ,
                    kind : :: db_adapter :: declare :: ReadField :: read_field (__db_adapter_row , "type") ? ,
                    cache : :: db_adapter :: declare :: SkipField :: skip_field ()
                }
            )
        }
    }
    const _ : () = :: db_adapter :: declare :: declared :: check_arity (
        1usize ,
        < Author as :: db_adapter :: declare :: BackupTable > :: DEF
    );
    const _ : () = :: db_adapter :: declare :: declared :: check_type (
        :: db_adapter :: declare :: Reference {
            shown : "author_id: i64" ,
            info : < i64 as :: db_adapter :: declare :: ColumnType > :: INFO ,
            declared : false ,
            position : 0usize ,
            to : :: core :: option :: Option :: None ,
        }
        ,
        < Author as :: db_adapter :: declare :: BackupTable > :: DEF ,
        < Author as :: db_adapter :: declare :: BackupTable > :: FIELDS ,
    );
    const _ : () = :: db_adapter :: declare :: declared :: check_arity (
        1usize ,
        < Book as :: db_adapter :: declare :: BackupTable > :: DEF
    );
    const _ : () = :: db_adapter :: declare :: declared :: check_type (
        :: db_adapter :: declare :: Reference {
            shown : "next: Option<i64>" ,
            info : < Option < i64 > as :: db_adapter :: declare :: ColumnType > :: INFO ,
            declared : false ,
            position : 0usize ,
            to : :: core :: option :: Option :: None ,
        }
        ,
        < Book as :: db_adapter :: declare :: BackupTable > :: DEF ,
        < Book as :: db_adapter :: declare :: BackupTable > :: FIELDS ,
    );
}
;
