//! Java's number classes: their text forms, conversions and equality. Arithmetic of templates stands in `vtl`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use super::decimal::Decimal;

/// A boxed number of Java.
#[derive(Clone, Debug)]
pub enum Number {
    /// `java.lang.Byte`.
    Byte(i8),
    /// `java.lang.Short`.
    Short(i16),
    /// `java.lang.Integer`.
    Integer(i32),
    /// `java.lang.Long`.
    Long(i64),
    /// `java.lang.Float`.
    Float(f32),
    /// `java.lang.Double`.
    Double(f64),
    /// `java.math.BigInteger`.
    BigInteger(Rc<BigInt>),
    /// `java.math.BigDecimal`.
    BigDecimal(Rc<Decimal>),
}

impl Number {
    /// An Integer where it fits, else a Long: what counts and sizes are.
    pub fn of(number: i64) -> Self {
        i32::try_from(number).map_or(Self::Long(number), Self::Integer)
    }

    /// An Integer where it fits, else a Long.
    pub fn of_size(size: usize) -> Self {
        Self::of(i64::try_from(size).unwrap_or(i64::MAX))
    }

    /// The simple name of its class.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Byte(_) => "Byte",
            Self::Short(_) => "Short",
            Self::Integer(_) => "Integer",
            Self::Long(_) => "Long",
            Self::Float(_) => "Float",
            Self::Double(_) => "Double",
            Self::BigInteger(_) => "BigInteger",
            Self::BigDecimal(_) => "BigDecimal",
        }
    }

    /// How many bytes of digits there are to look at, where they may be many.
    pub(super) fn weight(&self) -> usize {
        match self {
            // A byte of these takes as long as several of a text.
            Self::BigInteger(number) => number.bits() as usize,
            Self::BigDecimal(number) => number.unscaled().bits() as usize,
            _ => 0,
        }
    }

    /// Whether it is Byte, Short, Integer, Long or `BigInteger`.
    pub fn is_integer(&self) -> bool {
        !matches!(self, Self::Float(_) | Self::Double(_) | Self::BigDecimal(_))
    }

    /// `longValue()`.
    #[allow(clippy::cast_possible_truncation, reason = "Java's conversion saturates, as this does")]
    pub fn to_i64(&self) -> i64 {
        match self {
            Self::Byte(number) => i64::from(*number),
            Self::Short(number) => i64::from(*number),
            Self::Integer(number) => i64::from(*number),
            Self::Long(number) => *number,
            Self::Float(number) => *number as i64,
            Self::Double(number) => *number as i64,
            Self::BigInteger(number) => low_bits(number),
            Self::BigDecimal(number) => number.to_i64(),
        }
    }

    /// `intValue()`.
    #[allow(clippy::cast_possible_truncation, reason = "Java's conversions truncate and saturate, as these do")]
    pub fn to_i32(&self) -> i32 {
        match self {
            Self::Float(number) => *number as i32,
            Self::Double(number) => *number as i32,
            other => other.to_i64() as i32,
        }
    }

    /// `doubleValue()`.
    #[allow(clippy::cast_precision_loss, reason = "as Java's conversion")]
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Float(number) => f64::from(*number),
            Self::Double(number) => *number,
            Self::BigInteger(number) => number.to_f64().unwrap_or(f64::NAN),
            Self::BigDecimal(number) => number.to_f64(),
            other => other.to_i64() as f64,
        }
    }

    /// `floatValue()`.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as Java's conversion")]
    pub fn to_f32(&self) -> f32 {
        match self {
            Self::Float(number) => *number,
            Self::BigInteger(number) => number.to_f32().unwrap_or(f32::NAN),
            Self::Double(_) | Self::BigDecimal(_) => self.to_f64() as f32,
            other => other.to_i64() as f32,
        }
    }

    /// The number as a `BigInteger`; of a fraction what `longValue()` gives.
    pub fn to_big_integer(&self) -> BigInt {
        match self {
            Self::BigInteger(number) => (**number).clone(),
            other => BigInt::from(other.to_i64()),
        }
    }

    /// Writes what `toString()` gives.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Byte(_) | Self::Short(_) | Self::Integer(_) | Self::Long(_) => {
                out.push_str(itoa::Buffer::new().format(self.to_i64()));
            }
            Self::Float(number) => write_float(&format!("{number:e}"), f64::from(*number), out),
            Self::Double(number) => write_float(&format!("{number:e}"), *number, out),
            Self::BigInteger(number) => out.push_str(&number.to_string()),
            Self::BigDecimal(number) => number.write(out),
        }
    }

    /// Java's `equals`: the same class and the same value.
    pub fn is_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Byte(a), Self::Byte(b)) => a == b,
            (Self::Short(a), Self::Short(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Long(a), Self::Long(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Self::Double(a), Self::Double(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Self::BigInteger(a), Self::BigInteger(b)) => a == b,
            (Self::BigDecimal(a), Self::BigDecimal(b)) => a == b,
            _ => false,
        }
    }
}

/// The lowest 64 bits in two's complement.
#[allow(clippy::cast_possible_wrap, reason = "two's complement is meant")]
pub(super) fn low_bits(number: &BigInt) -> i64 {
    let low = number.iter_u64_digits().next().unwrap_or(0);
    if number.sign() == num_bigint::Sign::Minus { low.wrapping_neg() as i64 } else { low as i64 }
}

/// Java's form of the shortest digits: plain between 10^-3 and 10^7, else one digit before the point and an exponent.
fn write_float(shortest: &str, number: f64, out: &mut String) {
    if number.is_nan() {
        return out.push_str("NaN");
    }
    if number.is_infinite() {
        return out.push_str(if number > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    out.push_str(sign);
    if number == 0.0 {
        out.push_str("0.0");
    } else if (0..7).contains(&exponent) {
        let whole = exponent.unsigned_abs() as usize;
        out.push_str(first);
        for index in 0..whole {
            out.push(rest.as_bytes().get(index).map_or('0', |&digit| char::from(digit)));
        }
        out.push('.');
        out.push_str(rest.get(whole..).filter(|rest| !rest.is_empty()).unwrap_or("0"));
    } else if (-3..0).contains(&exponent) {
        out.push_str("0.");
        for _ in 1..exponent.unsigned_abs() {
            out.push('0');
        }
        out.push_str(first);
        out.push_str(rest);
    } else {
        let rest = if rest.is_empty() { "0" } else { rest };
        out.extend([first, ".", rest, "E"]);
        out.push_str(itoa::Buffer::new().format(exponent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: &Number) -> String {
        let mut out = String::new();
        number.write(&mut out);
        out
    }

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (number, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (100.0, "100.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (123.456, "123.456"),
            (9_999_999.5, "9999999.5"),
            (1e7, "1.0E7"),
            (-1.25e-9, "-1.25E-9"),
            (1.7e308, "1.7E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(text(&Number::Double(number)), expected);
        }
        assert_eq!(text(&Number::Float(1.1)), "1.1");
    }

    #[test]
    fn conversions_truncate_as_java_does() {
        assert_eq!(Number::Double(1e20).to_i32(), i32::MAX);
        assert_eq!(Number::Long(1 << 33 | 5).to_i32(), 5);
        assert_eq!(Number::BigInteger(Rc::new(BigInt::from(-1_i128 - (1 << 64)))).to_i64(), -1);
    }
}
