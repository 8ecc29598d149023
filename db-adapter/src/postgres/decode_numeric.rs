//! `numeric` from its binary format to exact text: the digits and the scale as stored.

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEG_INFINITY: u16 = 0xF000;
/// PostgreSQL's limit of digits after the point.
const MOST_SCALE: usize = 16_383;

/// The text of a numeric; `None` when the bytes are malformed.
pub(super) fn numeric(bytes: &[u8]) -> Option<String> {
    let (header, groups) = bytes.split_first_chunk::<8>()?;
    let [c0, c1, w0, w1, s0, s1, d0, d1] = *header;
    let count = usize::from(u16::from_be_bytes([c0, c1]));
    let weight = i16::from_be_bytes([w0, w1]);
    let sign = u16::from_be_bytes([s0, s1]);
    let scale = usize::from(u16::from_be_bytes([d0, d1]));
    match sign {
        NAN => return Some("NaN".to_owned()),
        INFINITY => return Some("Infinity".to_owned()),
        NEG_INFINITY => return Some("-Infinity".to_owned()),
        0 | NEGATIVE => {}
        _ => return None,
    }
    if groups.len() != 2 * count || scale > MOST_SCALE {
        return None;
    }
    let digits = Groups { groups, weight };
    let mut out = String::with_capacity(4 * count + scale.min(4 * count + 8) + 4);
    if sign == NEGATIVE {
        out.push('-');
    }
    digits.push_whole(&mut out)?;
    if scale > 0 {
        out.push('.');
        digits.push_fraction(&mut out, scale)?;
    }
    Some(out)
}

/// Groups of four decimal digits; the first has the weight.
struct Groups<'a> {
    groups: &'a [u8],
    weight: i16,
}

impl Groups<'_> {
    /// The group that is worth 10000 to the power of `exponent`; zero where none is stored.
    fn at(&self, exponent: i32) -> Option<u16> {
        let Ok(index) = usize::try_from(i32::from(self.weight) - exponent) else {
            return Some(0);
        };
        match self.groups.get(2 * index..2 * index + 2) {
            Some(&[high, low]) => {
                let group = u16::from_be_bytes([high, low]);
                (group < 10_000).then_some(group)
            }
            _ => Some(0),
        }
    }

    fn push_whole(&self, out: &mut String) -> Option<()> {
        let start = out.len();
        for exponent in (0..=i32::from(self.weight)).rev() {
            let group = self.at(exponent)?;
            if out.len() > start {
                push_four(out, group);
            } else if group > 0 {
                out.push_str(&group.to_string());
            }
        }
        if out.len() == start {
            out.push('0');
        }
        Some(())
    }

    fn push_fraction(&self, out: &mut String, scale: usize) -> Option<()> {
        let end = out.len() + scale;
        let mut exponent = -1;
        while out.len() < end {
            push_four(out, self.at(exponent)?);
            exponent -= 1;
        }
        out.truncate(end);
        Some(())
    }
}

fn push_four(out: &mut String, group: u16) {
    for divisor in [1000, 100, 10, 1] {
        out.push(char::from_digit(u32::from(group / divisor % 10), 10).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::numeric;

    fn of(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> Option<String> {
        let mut bytes = Vec::new();
        bytes.extend(u16::try_from(groups.len()).unwrap().to_be_bytes());
        bytes.extend(weight.to_be_bytes());
        bytes.extend(sign.to_be_bytes());
        bytes.extend(scale.to_be_bytes());
        bytes.extend(groups.iter().flat_map(|g| g.to_be_bytes()));
        numeric(&bytes)
    }

    #[test]
    fn digits_and_scale_are_kept() {
        assert_eq!(of(0, 0, 0, &[]).as_deref(), Some("0"));
        assert_eq!(of(0, 0, 2, &[]).as_deref(), Some("0.00"));
        assert_eq!(of(0, 0, 2, &[1, 5000]).as_deref(), Some("1.50"));
        assert_eq!(of(0, 0x4000, 1, &[1, 5000]).as_deref(), Some("-1.5"));
        assert_eq!(of(1, 0, 0, &[1, 2]).as_deref(), Some("10002"));
        assert_eq!(of(2, 0, 0, &[1]).as_deref(), Some("100000000"));
        assert_eq!(of(-2, 0, 8, &[7]).as_deref(), Some("0.00000007"));
        assert_eq!(of(0, 0xC000, 0, &[]).as_deref(), Some("NaN"));
        assert_eq!(of(0, 0xF000, 0, &[]).as_deref(), Some("-Infinity"));
    }

    #[test]
    fn malformed_numerics_are_none() {
        assert_eq!(of(0, 0, 0, &[10_000]), None);
        assert_eq!(of(0, 1, 0, &[]), None);
        assert_eq!(of(0, 0, 20_000, &[]), None);
        assert_eq!(numeric(&[0, 2, 0, 0, 0, 0, 0, 0, 0, 1]), None);
        assert_eq!(numeric(&[0, 0]), None);
    }
}
