# [allow (long_running_const_eval)] pub static SCHEMA : :: db_adapter :: BackupSchema = {
    const PARTS : & [:: db_adapter :: declare :: parts :: Part] = & [
        < Book as :: db_adapter :: declare :: BackupTable > :: PART ,
        :: db_adapter :: declare :: parts :: Part :: Schema (& other :: SCHEMA)
    ];
    const N : usize = :: db_adapter :: declare :: parts :: count (PARTS) ;
    const GIVEN : [& 'static :: db_adapter :: TableDef ; N] = :: db_adapter :: declare :: parts :: collect (PARTS) ;
    # [allow (long_running_const_eval)] const SORTED : [& 'static :: db_adapter :: TableDef ; N] = :: db_adapter :: declare :: parts :: ordered (GIVEN) ;
    # [allow (long_running_const_eval)] const NUMBERS : [u64 ; N] = :: db_adapter :: declare :: parts :: numbers (& SORTED) ;
    const M : usize = :: db_adapter :: declare :: parts :: count_other (PARTS) ;
    const OTHERS : [& 'static :: db_adapter :: TableDef ; M] = :: db_adapter :: declare :: parts :: collect_other (PARTS) ;
    const OTHER_TABLES : [:: db_adapter :: TableDef ; M] = :: db_adapter :: declare :: parts :: copied (& OTHERS) ;
    const TABLES : [:: db_adapter :: TableDef ; N] = :: db_adapter :: declare :: parts :: copied (& SORTED) ;
    # [allow (long_running_const_eval)] const _ : () = {
        :: db_adapter :: declare :: parts :: check_names :: < { N + M } > (& GIVEN , & OTHERS) ;
        :: db_adapter :: declare :: parts :: check_order (GIVEN)
    }
    ;
    const _ : () = :: db_adapter :: declare :: parts :: check_references (
        < Book as :: db_adapter :: declare :: BackupTable > :: PART ,
        & SORTED ,
        & NUMBERS ,
        & OTHERS
    );
    const _ : () = :: db_adapter :: declare :: parts :: check_references (
        :: db_adapter :: declare :: parts :: Part :: Schema (& other :: SCHEMA) ,
        & SORTED ,
        & NUMBERS ,
        & OTHERS
    );
    const ID : & str = :: core :: concat ! (:: core :: module_path ! () , "::" , "SCHEMA") ;
    const LEN : usize = :: db_adapter :: declare :: embed :: len (ID , & SORTED , & OTHERS) ;
    # [allow (long_running_const_eval)] # [used] static EMBEDDED : [u8 ; LEN] = :: db_adapter :: declare :: embed :: bytes (ID , & SORTED , & OTHERS) ;
    :: db_adapter :: BackupSchema {
        tables : :: std :: borrow :: Cow :: Borrowed (& TABLES) ,
        other_tables : :: std :: borrow :: Cow :: Borrowed (& OTHER_TABLES) ,
    }
}
;
