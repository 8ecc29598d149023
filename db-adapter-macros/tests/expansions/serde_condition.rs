() #[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase"))] struct Book { id: i64, #[column(name = "type")] kind: String, r#type: i64 }
