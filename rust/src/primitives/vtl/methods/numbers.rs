//! What all of Java's number classes have, and `BigInteger` and `BigDecimal`; `integers` and `doubles` have the others.

use std::{cmp::Ordering, rc::Rc};

use num_bigint::BigInt;

use super::{Called, arguments::long, class_cast, doubles, integers, null_pointer};
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
                Number::Integer(_) => integers::of_int(name, arguments),
                Number::Long(_) => integers::of_long(name, arguments),
                Number::Double(_) => doubles::call(meter, own.to_f64(), name, arguments),
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

pub(super) fn order(order: Ordering) -> Number {
    Number::Integer(order as i32)
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

pub(super) fn not_a_number(text: &str) -> RenderError {
    let shown: String = text.chars().take(100).collect();
    Thrown::new("NumberFormatException", format!("For input string: \"{shown}\"")).into()
}
