//! Two hundred tables of twenty columns in one schema, in no order: no lint about const evaluation
//! that takes long.
#![allow(missing_docs, reason = "two hundred times the same")]

use db_adapter::{backup_schema, backup_table};

macro_rules! table {
    ($name:ident < $parent:ident) => {
        #[backup_table(parent = $parent(parent_id), optional_ref = Self(c))]
        pub struct $name {
            pub id: i64,
            pub slug: String,
            pub user_id: String,
            pub parent_id: i64,
            pub c: Option<i64>,
            pub d: bool,
            pub e: i16,
            pub f: i32,
            pub g: f32,
            pub h: f64,
            pub i: Vec<u8>,
            pub j: Vec<String>,
            pub k: Option<String>,
            pub l: Option<bool>,
            pub m: Option<i16>,
            pub n: Option<i32>,
            pub o: Option<f32>,
            pub p: Option<f64>,
            pub q: String,
            pub r: String,
        }
    };
}
#[backup_table]
pub struct T0 {
    pub id: i64,
    pub slug: String,
}

table!(T1 < T0);
table!(T2 < T1);
table!(T3 < T0);
table!(T4 < T3);
table!(T5 < T3);
table!(T6 < T1);
table!(T7 < T0);
table!(T8 < T1);
table!(T9 < T2);
table!(T10 < T6);
table!(T11 < T8);
table!(T12 < T7);
table!(T13 < T12);
table!(T14 < T13);
table!(T15 < T8);
table!(T16 < T10);
table!(T17 < T14);
table!(T18 < T15);
table!(T19 < T14);
table!(T20 < T15);
table!(T21 < T20);
table!(T22 < T16);
table!(T23 < T22);
table!(T24 < T17);
table!(T25 < T20);
table!(T26 < T20);
table!(T27 < T20);
table!(T28 < T27);
table!(T29 < T27);
table!(T30 < T29);
table!(T31 < T26);
table!(T32 < T31);
table!(T33 < T28);
table!(T34 < T28);
table!(T35 < T29);
table!(T36 < T31);
table!(T37 < T32);
table!(T38 < T36);
table!(T39 < T38);
table!(T40 < T38);
table!(T41 < T40);
table!(T42 < T41);
table!(T43 < T38);
table!(T44 < T37);
table!(T45 < T44);
table!(T46 < T43);
table!(T47 < T42);
table!(T48 < T46);
table!(T49 < T45);
table!(T50 < T47);
table!(T51 < T45);
table!(T52 < T46);
table!(T53 < T47);
table!(T54 < T50);
table!(T55 < T50);
table!(T56 < T49);
table!(T57 < T56);
table!(T58 < T57);
table!(T59 < T56);
table!(T60 < T59);
table!(T61 < T56);
table!(T62 < T55);
table!(T63 < T58);
table!(T64 < T61);
table!(T65 < T63);
table!(T66 < T61);
table!(T67 < T66);
table!(T68 < T67);
table!(T69 < T66);
table!(T70 < T64);
table!(T71 < T67);
table!(T72 < T68);
table!(T73 < T70);
table!(T74 < T69);
table!(T75 < T71);
table!(T76 < T72);
table!(T77 < T71);
table!(T78 < T72);
table!(T79 < T74);
table!(T80 < T75);
table!(T81 < T80);
table!(T82 < T81);
table!(T83 < T76);
table!(T84 < T77);
table!(T85 < T78);
table!(T86 < T82);
table!(T87 < T85);
table!(T88 < T83);
table!(T89 < T86);
table!(T90 < T87);
table!(T91 < T89);
table!(T92 < T88);
table!(T93 < T91);
table!(T94 < T89);
table!(T95 < T89);
table!(T96 < T94);
table!(T97 < T91);
table!(T98 < T91);
table!(T99 < T95);
table!(T100 < T94);
table!(T101 < T99);
table!(T102 < T100);
table!(T103 < T99);
table!(T104 < T99);
table!(T105 < T99);
table!(T106 < T101);
table!(T107 < T103);
table!(T108 < T106);
table!(T109 < T106);
table!(T110 < T105);
table!(T111 < T109);
table!(T112 < T109);
table!(T113 < T107);
table!(T114 < T109);
table!(T115 < T108);
table!(T116 < T115);
table!(T117 < T110);
table!(T118 < T116);
table!(T119 < T113);
table!(T120 < T115);
table!(T121 < T120);
table!(T122 < T119);
table!(T123 < T120);
table!(T124 < T123);
table!(T125 < T119);
table!(T126 < T119);
table!(T127 < T122);
table!(T128 < T122);
table!(T129 < T124);
table!(T130 < T126);
table!(T131 < T124);
table!(T132 < T125);
table!(T133 < T128);
table!(T134 < T132);
table!(T135 < T128);
table!(T136 < T131);
table!(T137 < T135);
table!(T138 < T136);
table!(T139 < T134);
table!(T140 < T133);
table!(T141 < T136);
table!(T142 < T137);
table!(T143 < T138);
table!(T144 < T138);
table!(T145 < T144);
table!(T146 < T144);
table!(T147 < T143);
table!(T148 < T147);
table!(T149 < T148);
table!(T150 < T147);
table!(T151 < T149);
table!(T152 < T151);
table!(T153 < T146);
table!(T154 < T149);
table!(T155 < T152);
table!(T156 < T150);
table!(T157 < T153);
table!(T158 < T153);
table!(T159 < T153);
table!(T160 < T155);
table!(T161 < T157);
table!(T162 < T159);
table!(T163 < T157);
table!(T164 < T159);
table!(T165 < T162);
table!(T166 < T159);
table!(T167 < T162);
table!(T168 < T161);
table!(T169 < T165);
table!(T170 < T164);
table!(T171 < T166);
table!(T172 < T171);
table!(T173 < T172);
table!(T174 < T169);
table!(T175 < T170);
table!(T176 < T173);
table!(T177 < T170);
table!(T178 < T174);
table!(T179 < T173);
table!(T180 < T176);
table!(T181 < T175);
table!(T182 < T175);
table!(T183 < T176);
table!(T184 < T177);
table!(T185 < T178);
table!(T186 < T184);
table!(T187 < T181);
table!(T188 < T185);
table!(T189 < T187);
table!(T190 < T184);
table!(T191 < T188);
table!(T192 < T185);
table!(T193 < T190);
table!(T194 < T190);
table!(T195 < T192);
table!(T196 < T190);
table!(T197 < T192);
table!(T198 < T191);
table!(T199 < T192);

backup_schema!(
    /// All of them.
    pub SCHEMA = [
        T41, T175, T97, T22, T93, T90, T137, T156, T24, T18, T173, T47,
        T178, T198, T171, T182, T167, T87, T37, T82, T168, T43, T164, T88,
        T192, T149, T196, T33, T94, T2, T111, T52, T190, T73, T189, T184,
        T81, T176, T142, T34, T16, T21, T31, T108, T102, T138, T151, T157,
        T194, T35, T7, T159, T30, T141, T57, T147, T116, T40, T95, T185,
        T72, T45, T54, T155, T128, T148, T92, T79, T12, T193, T91, T163,
        T49, T39, T26, T114, T58, T69, T84, T177, T44, T38, T123, T169,
        T96, T46, T5, T17, T170, T131, T117, T174, T119, T76, T89, T4,
        T160, T3, T187, T67, T60, T115, T129, T140, T197, T133, T77, T85,
        T124, T25, T6, T70, T28, T121, T139, T143, T98, T130, T50, T14,
        T136, T191, T78, T1, T20, T132, T27, T0, T154, T158, T161, T150,
        T118, T153, T15, T162, T32, T101, T11, T179, T71, T19, T180, T100,
        T152, T68, T181, T199, T186, T183, T120, T75, T86, T42, T146, T172,
        T110, T23, T99, T126, T10, T103, T145, T29, T144, T80, T13, T83,
        T36, T66, T106, T59, T53, T134, T62, T64, T65, T188, T8, T48,
        T127, T55, T109, T165, T63, T113, T107, T56, T9, T125, T105, T112,
        T61, T195, T122, T51, T166, T104, T74, T135,
    ]
);

#[test]
fn parents_come_first() {
    let names: Vec<&str> = SCHEMA.tables.iter().map(|table| &*table.name).collect();
    assert_eq!((names.len(), names[0]), (200, "t0"));
    for (i, table) in SCHEMA.tables.iter().enumerate() {
        let mut parents = table.parents.iter();
        assert!(
            parents.all(|parent| names[..i].contains(&&*parent.table)),
            "{}",
            table.name
        );
    }
}
