//! No macro panics, whatever tokens it is given: good inputs are changed at random.

use super::Macro;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

const SEEDS: &[(Macro, &str)] = &[
    (
        Macro::Derive,
        r#"#[db_adapter(name = "books", slug = slug, user = none, pk = [tenant, id], parent = a::Author(tenant, author_id), optional_ref = Self(next -> id), external = "countries"(country), key = ["x", y], renamed_from = "old", schema = "s", crate = crate::x, consts = false)]
        pub(crate) struct Book { tenant: i64, pub id: i64, r#type: Option<String>, #[column(name = "k", type = "uuid")] kind: Vec<u8>, #[db_adapter(skip)] x: (), #[column(default)] y: [u8; 4] }"#,
    ),
    (
        Macro::Derive,
        r#"#[db_adapter(owner = a::Tenant(tenant -> code), owner = "tenants"(tenant), match_by = pk)] struct Book { id: i64, tenant: String }"#,
    ),
    (
        Macro::Derive,
        "enum Book<T> where T: Copy { A(T), B { x: i64 } }",
    ),
    (
        Macro::Attribute,
        r#"(name = "books", match_by = pk, crate = ::db) #[derive(Debug, BackupTable)] #[doc = "x"] pub struct Book { id: i64 }"#,
    ),
    (
        Macro::Attribute,
        r#"() #[cfg_attr(feature = "x", derive(Deserialize), serde(rename_all = "camelCase"))] #[derive(serde::Deserialize)] struct B { #[serde(skip, default)] id: i64, #[column(name = "type")] #[serde(rename = "y")] kind: String, r#type: u8 }"#,
    ),
    (
        Macro::Schema,
        "/// Doc.\n pub(in crate::x) SCHEMA = [Author, self::Book, ..other::SCHEMA], embed = false, crate = a::b",
    ),
    (
        Macro::Expected,
        r#"{ users: { id, r#type }, "audit.log": { "a b", c } }"#,
    ),
    (Macro::Expected, "Author, a::Book, crate = ::a"),
    (
        Macro::Expected,
        r#""schema.sql", dialect = sqlite, crate = b::c"#,
    ),
    (
        Macro::Module,
        r#"(sql = "schema.sql", dialect = postgres, include = [..a::S], partial, embed = false)
        pub mod models { use x::y; const A: [u8; 2] = [1, 2]; #[backup_table(name = "a")] pub struct A { id: i64, slug: String }
        mod inner { #[derive(BackupTable)] struct B; fn f() {} } macro_rules! m { () => {} } }"#,
    ),
];

/// A small generator: the tests print its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % end.max(1)
    }

    fn token(&mut self) -> TokenTree {
        const WORDS: &[&str] = &[
            "struct", "enum", "pub", "crate", "Self", "self", "none", "name", "pk", "parent", "x",
            "Option", "mod", "where", "id", "_", "dyn", "const", "type",
        ];
        match self.below(8) {
            0 | 1 => Ident::new(WORDS[self.below(WORDS.len())], Span::call_site()).into(),
            2 => Ident::new_raw("type", Span::call_site()).into(),
            3 | 4 => {
                let puncts = ['=', ',', '.', ':', '-', '>', '<', '#', '&', ';', '\'', '!'];
                let spacing = [Spacing::Alone, Spacing::Joint][self.below(2)];
                match puncts[self.below(puncts.len())] {
                    '\'' => Punct::new('*', spacing).into(),
                    punct => Punct::new(punct, spacing).into(),
                }
            }
            5 => {
                let texts = ["", "books", "a.b.c", "\0", "\"", "ö x", "schema.sql"];
                Literal::string(texts[self.below(texts.len())]).into()
            }
            6 => Literal::byte_string(b"\xff").into(),
            _ => {
                let delimiters = [
                    Delimiter::Brace,
                    Delimiter::Bracket,
                    Delimiter::None,
                    Delimiter::Parenthesis,
                ];
                let inside = match self.below(2) {
                    0 => TokenStream::new(),
                    _ => self.token().into(),
                };
                Group::new(delimiters[self.below(4)], inside).into()
            }
        }
    }

    /// Changes one place, at any depth.
    fn change(&mut self, tokens: TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let at = self.below(tokens.len() + 1);
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && self.below(4) > 0
        {
            let group = Group::new(group.delimiter(), self.change(group.stream()));
            tokens[at] = group.into();
            return tokens.into_iter().collect();
        }
        let (here, other) = (at < tokens.len(), self.below(tokens.len()));
        match self.below(6) {
            0 if here => drop(tokens.remove(at)),
            1 if here => tokens.insert(at, tokens[at].clone()),
            2 if here => tokens.swap(at, other),
            3 if here => tokens[at] = self.token(),
            4 => tokens.truncate(at),
            _ => tokens.insert(at, self.token()),
        }
        tokens.into_iter().collect()
    }
}

#[test]
fn no_tokens_make_a_macro_panic() {
    let long = std::env::var_os("DB_ADAPTER_TESTS_LONG").is_some();
    let rounds: u64 = if long { 100_000 } else { 400 };
    let start = std::env::var("DB_ADAPTER_TESTS_SEED").ok();
    let start = start.and_then(|seed| seed.parse().ok()).unwrap_or(1_u64);
    for (name, seed) in SEEDS {
        let good: TokenStream = seed.parse().unwrap();
        name.expand(good.clone());
        for round in start..start + rounds {
            let mut random = Random(round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let mut tokens = good.clone();
            for _ in 0..=random.below(4) {
                tokens = random.change(tokens);
            }
            let text = tokens.to_string();
            let result = std::panic::catch_unwind(|| name.expand(tokens));
            assert!(result.is_ok(), "{name:?}, seed {round}: {text}");
        }
    }
}

#[test]
fn deep_groups_end() {
    for delimiter in [Delimiter::None, Delimiter::Brace] {
        let mut tokens: TokenStream = "struct A { id: i64 }".parse().unwrap();
        for _ in 0..500 {
            tokens = TokenTree::from(Group::new(delimiter, tokens)).into();
        }
        for name in [
            Macro::Attribute,
            Macro::Schema,
            Macro::Expected,
            Macro::Module,
        ] {
            name.expand(tokens.clone());
        }
    }
}
