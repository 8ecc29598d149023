//! Reading a decimal number without copying it.
//! Never applies the exponent: it stays a number beside the digits.

/// A number, borrowed from its text. The order of the variants is the order of the values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number<'a> {
    NegInfinity,
    Finite(Decimal<'a>),
    Infinity,
    NaN,
}

/// A finite number: the digits before and after the point, times ten to the exponent.
///
/// Digits are counted from the first one written; position [`Decimal::point`] is the first after
/// the decimal point once the exponent is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'a> {
    pub(crate) negative: bool,
    int: &'a [u8],
    frac: &'a [u8],
    exponent: i64,
    leading_zeros: usize,
}

impl Decimal<'_> {
    fn len(&self) -> usize {
        self.int.len() + self.frac.len()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.leading_zeros == self.len()
    }

    /// Where the decimal point lies among the digits; outside of them when the exponent is large.
    pub(crate) fn point(&self) -> i64 {
        signed(self.int.len()) + self.exponent
    }

    /// How many digits stand before the point: 2 for `12.5`, 0 for `0.5`, -1 for `0.05`.
    /// `None` for zero.
    pub(crate) fn weight(&self) -> Option<i64> {
        (!self.is_zero()).then(|| self.point() - signed(self.leading_zeros))
    }

    /// How many digits PostgreSQL would keep after the point.
    pub(crate) fn scale(&self) -> i64 {
        (signed(self.frac.len()) - self.exponent).max(0)
    }

    /// The digit at a position, `0` outside of those written.
    pub(crate) fn digit(&self, at: i64) -> u8 {
        let Ok(at) = usize::try_from(at) else {
            return b'0';
        };
        let digit = match at.checked_sub(self.int.len()) {
            None => self.int.get(at),
            Some(at) => self.frac.get(at),
        };
        digit.copied().unwrap_or(b'0')
    }

    /// Whether any digit after the point is not zero.
    pub(crate) fn has_fraction(&self) -> bool {
        let skip = usize::try_from(self.point().max(0)).unwrap_or(usize::MAX);
        self.digits().skip(skip).any(|digit| digit != b'0')
    }

    /// The digits from the first that is not zero.
    pub(crate) fn significant(&self) -> impl Iterator<Item = u8> {
        self.digits().skip(self.leading_zeros)
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.int.iter().chain(self.frac).copied()
    }
}

/// A length as a signed number; no text is too long for it.
fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX / 4)
}

/// Reads a number with blanks around it.
pub(crate) fn parse(text: &str) -> Option<Number<'_>> {
    parse_trimmed(text).map(|(_, number)| number)
}

/// Reads a number with blanks around it, and returns the text without them.
pub(crate) fn parse_trimmed(text: &str) -> Option<(&str, Number<'_>)> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let is_decimal = matches!(unsigned, [b'0'..=b'9' | b'.', ..]);
    let number = if is_decimal {
        finite(negative, unsigned)?
    } else if text.eq_ignore_ascii_case("nan") {
        Number::NaN
    } else if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        match negative {
            true => Number::NegInfinity,
            false => Number::Infinity,
        }
    } else {
        return None;
    };
    Some((text, number))
}

fn finite(negative: bool, text: &[u8]) -> Option<Number<'_>> {
    let (int, rest) = split_digits(text);
    let (frac, rest) = match rest {
        [b'.', rest @ ..] => split_digits(rest),
        _ => (&[][..], rest),
    };
    if int.is_empty() && frac.is_empty() {
        return None;
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return None,
    };
    let leading_zeros = int.iter().chain(frac).take_while(|&&d| d == b'0').count();
    Some(Number::Finite(Decimal {
        negative,
        int,
        frac,
        exponent,
        leading_zeros,
    }))
}

/// PostgreSQL takes no exponent from half of 2^31 on, not even of zero.
fn exponent(text: &[u8]) -> Option<i64> {
    const BEYOND: i64 = 1_073_741_823;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
        if value >= BEYOND {
            return None;
        }
    }
    Some(if negative { -value } else { value })
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}
