//! How a sequence counts, of its own or behind an identity. Never says where it has come to: that is
//! data.

/// The parameters of a sequence; what is absent is the engine's default for the type and direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct Numbering {
    /// The first value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub start: Option<i64>,
    /// The step; 1 when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub increment: Option<i64>,
    /// The least value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub min: Option<i64>,
    /// The greatest value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub max: Option<i64>,
    /// How many values a session takes at once; 1 when absent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub cache: Option<i64>,
    /// Whether it begins again at its end.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub cycle: bool,
}

impl Numbering {
    /// The same, without what is the default for values of this type: two that count alike are
    /// equal then.
    ///
    /// ```
    /// use db_adapter_core::schema::Numbering;
    ///
    /// let told = Numbering { start: Some(1), min: Some(1), max: Some(32767), ..Numbering::default() };
    /// assert_eq!(told.without_defaults("smallint"), Numbering::default());
    /// let told = Numbering { increment: Some(-1), start: Some(-1), ..Numbering::default() };
    /// assert_eq!(told.without_defaults("bigint").start, None);
    /// ```
    #[must_use]
    pub fn without_defaults(self, data_type: &str) -> Numbering {
        let (low, high) = self.bounds(data_type);
        let first = self.first(low, high);
        let unless = |value: Option<i64>, usual: i64| value.filter(|value| *value != usual);
        Numbering {
            start: unless(self.start, first),
            increment: unless(self.increment, 1),
            min: unless(self.min, low),
            max: unless(self.max, high),
            cache: unless(self.cache, 1),
            cycle: self.cycle,
        }
    }

    /// The same with all that is the default for values of this type, as it is stored: changing the
    /// step of a sequence leaves its bounds as they are.
    #[must_use]
    pub fn with_defaults(self, data_type: &str) -> Numbering {
        let (low, high) = self.bounds(data_type);
        Numbering {
            start: self.start.or(Some(self.first(low, high))),
            increment: self.increment.or(Some(1)),
            min: self.min.or(Some(low)),
            max: self.max.or(Some(high)),
            cache: self.cache.or(Some(1)),
            cycle: self.cycle,
        }
    }

    /// The least and the greatest value where nothing is said.
    fn bounds(&self, data_type: &str) -> (i64, i64) {
        let (least, most) = match data_type {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        match self.increment.unwrap_or(1) > 0 {
            true => (1, most),
            false => (least, -1),
        }
    }

    fn first(&self, low: i64, high: i64) -> i64 {
        match self.increment.unwrap_or(1) > 0 {
            true => self.min.unwrap_or(low),
            false => self.max.unwrap_or(high),
        }
    }
}
