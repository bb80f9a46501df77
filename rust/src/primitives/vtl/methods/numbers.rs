//! Java's number classes, with the static methods templates call through an instance (`$n.parseInt("5")`).

use std::{cmp::Ordering, rc::Rc};

use num_bigint::BigInt;

use super::{
    Called,
    arguments::{int, long},
    class_cast, null_pointer,
};
use crate::primitives::{
    java::{Number, Thrown, Value, decimal::Decimal},
    vtl::{RenderError, arithmetic, meter::Meter, tree::Operator},
};

/// Calls a method of a number.
#[allow(clippy::cast_possible_wrap, reason = "Java's conversions truncate")]
pub(super) fn call(meter: &mut Meter, own: &Number, name: &str, arguments: &[Value]) -> Called {
    let number = match (name, arguments) {
        ("intValue", []) => Number::Integer(own.to_i32()),
        ("longValue", []) => Number::Long(own.to_i64()),
        ("doubleValue", []) => Number::Double(own.to_f64()),
        ("floatValue", []) => Number::Float(own.to_f32()),
        ("shortValue", []) => Number::Short(own.to_i32() as i16),
        ("byteValue", []) => Number::Byte(own.to_i32() as i8),
        ("compareTo", [Value::Number(other)]) if same_class(own, other) => order(total(own, other)?),
        ("compareTo", [Value::Null]) => return Err(null_pointer()),
        ("compareTo", [_]) => return Err(class_cast()),
        _ => {
            return match own {
                Number::Integer(_) => integers(name, arguments),
                Number::Long(_) => longs(name, arguments),
                Number::Double(_) => doubles(meter, own.to_f64(), name, arguments),
                Number::BigInteger(_) | Number::BigDecimal(_) => big(meter, own, name, arguments),
                _ => Ok(None),
            };
        }
    };
    Ok(Some(Value::Number(number)))
}

fn same_class(left: &Number, right: &Number) -> bool {
    left.class() == right.class()
}

/// Java's order, in which NaN is the largest and -0.0 is below 0.0.
fn total(left: &Number, right: &Number) -> Result<Ordering, RenderError> {
    Ok(match (left, right) {
        (Number::Double(a), Number::Double(b)) => a.total_cmp(b),
        (Number::Float(a), Number::Float(b)) => a.total_cmp(b),
        _ => arithmetic::compare(left, right)?,
    })
}

fn order(order: Ordering) -> Number {
    Number::Integer(order as i32)
}

fn integers(name: &str, arguments: &[Value]) -> Called {
    let text = |text: String| Ok(Some(Value::from(text)));
    let number = match (name, arguments) {
        ("parseInt" | "valueOf", [Value::String(digits)]) => Number::Integer(parse(digits, 10)?),
        ("parseInt" | "valueOf", [Value::String(digits), radix]) => match int(radix) {
            Some(radix) => Number::Integer(parse(digits, radix)?),
            None => return Ok(None),
        },
        ("parseInt", [Value::Null]) => return Err(not_a_number("null")),
        (name, [one]) => {
            let Some(one) = int(one) else { return Ok(None) };
            match name {
                "valueOf" => Number::Integer(one),
                "toString" => return text(one.to_string()),
                "toHexString" => return text(format!("{one:x}")),
                "toBinaryString" => return text(format!("{one:b}")),
                "toOctalString" => return text(format!("{one:o}")),
                "signum" => Number::Integer(one.signum()),
                "bitCount" => Number::Integer(one.count_ones().cast_signed()),
                _ => return Ok(None),
            }
        }
        (name, [a, b]) => {
            let (Some(a), Some(b)) = (int(a), int(b)) else { return Ok(None) };
            match name {
                "compare" => order(a.cmp(&b)),
                "max" => Number::Integer(a.max(b)),
                "min" => Number::Integer(a.min(b)),
                "sum" => Number::Integer(a.wrapping_add(b)),
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Number(number)))
}

fn longs(name: &str, arguments: &[Value]) -> Called {
    let number = match (name, arguments) {
        ("parseLong" | "valueOf", [Value::String(digits)]) => {
            Number::Long(java_digits(digits)?.parse().map_err(|_| not_a_number(digits))?)
        }
        (name, [one]) => match (name, long(one)) {
            ("valueOf", Some(one)) => Number::Long(one),
            ("toHexString", Some(one)) => return Ok(Some(Value::from(format!("{one:x}")))),
            ("toBinaryString", Some(one)) => return Ok(Some(Value::from(format!("{one:b}")))),
            ("toOctalString", Some(one)) => return Ok(Some(Value::from(format!("{one:o}")))),
            ("toString", Some(one)) => return Ok(Some(Value::from(one.to_string()))),
            ("signum", Some(one)) => Number::Integer(one.signum() as i32),
            _ => return Ok(None),
        },
        (name, [a, b]) => {
            let (Some(a), Some(b)) = (long(a), long(b)) else { return Ok(None) };
            match name {
                "compare" => order(a.cmp(&b)),
                "max" => Number::Long(a.max(b)),
                "min" => Number::Long(a.min(b)),
                "sum" => Number::Long(a.wrapping_add(b)),
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Number(number)))
}

fn doubles(meter: &mut Meter, own: f64, name: &str, arguments: &[Value]) -> Called {
    Ok(Some(match (name, arguments) {
        ("isNaN", []) => Value::Boolean(own.is_nan()),
        ("isInfinite", []) => Value::Boolean(own.is_infinite()),
        ("parseDouble" | "valueOf", [Value::String(digits)]) => {
            let plain = digits.trim_matches(|character| character <= ' ');
            let digit_or_point =
                plain.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
            let number = if digit_or_point { plain.parse().ok() } else { None };
            Value::Number(Number::Double(number.ok_or_else(|| not_a_number(digits))?))
        }
        (name, [Value::Number(one)]) => match name {
            "valueOf" => Value::Number(Number::Double(one.to_f64())),
            "isNaN" => Value::Boolean(one.to_f64().is_nan()),
            "isInfinite" => Value::Boolean(one.to_f64().is_infinite()),
            "toString" => super::text(meter, &Value::Number(Number::Double(one.to_f64())))?,
            _ => return Ok(None),
        },
        (name, [Value::Number(a), Value::Number(b)]) => {
            let (a, b) = (a.to_f64(), b.to_f64());
            Value::Number(match name {
                "max" => Number::Double(a.max(b)),
                "min" => Number::Double(a.min(b)),
                "sum" => Number::Double(a + b),
                "compare" => order(a.total_cmp(&b)),
                _ => return Ok(None),
            })
        }
        _ => return Ok(None),
    }))
}

/// `BigInteger` and `BigDecimal`.
fn big(meter: &mut Meter, own: &Number, name: &str, arguments: &[Value]) -> Called {
    meter.make(4096)?;
    let integer = |number: BigInt| Number::BigInteger(Rc::new(number));
    let decimal = |number: Decimal| Number::BigDecimal(Rc::new(number));
    let number = match (name, arguments) {
        ("add" | "subtract" | "multiply", [Value::Number(other)]) if same_class(own, other) => {
            let operator = match name {
                "add" => Operator::Add,
                "subtract" => Operator::Subtract,
                _ => Operator::Multiply,
            };
            match arithmetic::calculate(operator, own, other)? {
                Some(number) => number,
                None => return Ok(None),
            }
        }
        ("valueOf", [one]) => match (own, long(one), one) {
            (Number::BigInteger(_), Some(one), _) => integer(BigInt::from(one)),
            (Number::BigDecimal(_), Some(one), _) => decimal(Decimal::new(BigInt::from(one), 0)),
            _ => return Ok(None),
        },
        ("toPlainString", []) => {
            let Number::BigDecimal(own) = own else { return Ok(None) };
            let mut out = String::new();
            own.write_plain(&mut out)?;
            return Ok(Some(Value::from(out)));
        }
        ("negate", []) => match own {
            Number::BigInteger(own) => integer(-(**own).clone()),
            Number::BigDecimal(own) => decimal(Decimal::new(-own.unscaled().clone(), own.scale())),
            _ => return Ok(None),
        },
        ("abs", []) => match own {
            Number::BigInteger(own) => integer(BigInt::from(own.magnitude().clone())),
            Number::BigDecimal(own) => {
                decimal(Decimal::new(BigInt::from(own.unscaled().magnitude().clone()), own.scale()))
            }
            _ => return Ok(None),
        },
        ("signum", []) => Number::Integer(match own {
            Number::BigInteger(own) => sign(own),
            Number::BigDecimal(own) => sign(own.unscaled()),
            _ => return Ok(None),
        }),
        ("scale", []) => match own {
            Number::BigDecimal(own) => Number::Integer(own.scale()),
            _ => return Ok(None),
        },
        ("toBigInteger", []) => match own {
            Number::BigDecimal(own) => integer(own.to_big_integer()),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(Value::Number(number)))
}

fn sign(number: &BigInt) -> i32 {
    match number.sign() {
        num_bigint::Sign::Minus => -1,
        num_bigint::Sign::NoSign => 0,
        num_bigint::Sign::Plus => 1,
    }
}

/// `Integer.parseInt`.
fn parse(digits: &str, radix: i32) -> Result<i32, RenderError> {
    let radix =
        u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)).ok_or_else(|| not_a_number(digits))?;
    i32::from_str_radix(java_digits(digits)?, radix).map_err(|_| not_a_number(digits))
}

/// Java and Rust take the same signs and digits.
fn java_digits(digits: &str) -> Result<&str, RenderError> {
    if digits.is_empty() { Err(not_a_number(digits)) } else { Ok(digits) }
}

fn not_a_number(text: &str) -> RenderError {
    let shown: String = text.chars().take(100).collect();
    Thrown::new("NumberFormatException", format!("For input string: \"{shown}\"")).into()
}
