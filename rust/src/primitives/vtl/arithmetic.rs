//! Numbers in templates: Java's classes, Velocity's promotions. Integers that overflow become `BigInteger`.

use std::{cmp::Ordering, rc::Rc};

use num_bigint::{BigInt, Sign};
use num_traits::Zero as _;

use super::tree::Operator;
use crate::primitives::java::{
    Number, Thrown,
    decimal::{Decimal, MOST_DIGITS},
};

/// In which class two numbers are calculated with.
#[derive(PartialEq, Eq)]
enum Base {
    Long,
    Float,
    Double,
    BigInteger,
    BigDecimal,
}

fn base(left: &Number, right: &Number) -> Base {
    let is_decimal = |number: &Number| matches!(number, Number::BigDecimal(_));
    let is_big = |number: &Number| matches!(number, Number::BigInteger(_));
    let is_double = |number: &Number| matches!(number, Number::Double(_));
    let integers = left.is_integer() && right.is_integer();
    let big = is_big(left) || is_big(right);
    if is_decimal(left) || is_decimal(right) || (!integers && big) {
        Base::BigDecimal
    } else if integers {
        if big { Base::BigInteger } else { Base::Long }
    } else if is_double(left) || is_double(right) {
        Base::Double
    } else {
        Base::Float
    }
}

/// Calculates; nothing for a division by zero.
pub(super) fn calculate(operator: Operator, left: &Number, right: &Number) -> Result<Option<Number>, Thrown> {
    if matches!(operator, Operator::Divide | Operator::Modulo) && is_zero(right) {
        return Ok(None);
    }
    Ok(Some(match base(left, right) {
        Base::Long => longs(operator, left, right),
        Base::Float => Number::Float(floats(operator, left.to_f32(), right.to_f32())),
        Base::Double => Number::Double(doubles(operator, left.to_f64(), right.to_f64())),
        Base::BigInteger => big_integers(operator, &left.to_big_integer(), &right.to_big_integer())?,
        Base::BigDecimal => decimals(operator, &decimal(left)?, &decimal(right)?)?,
    }))
}

/// Compares; numbers that are not ordered count as equal, as in Velocity.
pub(super) fn compare(left: &Number, right: &Number) -> Result<Ordering, Thrown> {
    Ok(match base(left, right) {
        Base::Long => left.to_i64().cmp(&right.to_i64()),
        Base::Float => left.to_f32().partial_cmp(&right.to_f32()).unwrap_or(Ordering::Equal),
        Base::Double => left.to_f64().partial_cmp(&right.to_f64()).unwrap_or(Ordering::Equal),
        Base::BigInteger => left.to_big_integer().cmp(&right.to_big_integer()),
        Base::BigDecimal => decimal(left)?.compare(&decimal(right)?),
    })
}

fn is_zero(number: &Number) -> bool {
    match number {
        Number::BigInteger(number) => number.is_zero(),
        Number::BigDecimal(number) => number.is_zero(),
        other => other.to_f64() == 0.0,
    }
}

fn decimal(number: &Number) -> Result<Decimal, Thrown> {
    match number {
        Number::BigDecimal(decimal) => Ok((**decimal).clone()),
        Number::BigInteger(number) => Ok(Decimal::new((**number).clone(), 0)),
        other => {
            Decimal::from_f64(other.to_f64()).ok_or_else(|| Thrown::new("NumberFormatException", "Infinite or NaN"))
        }
    }
}

fn longs(operator: Operator, left: &Number, right: &Number) -> Number {
    let (a, b) = (left.to_i64(), right.to_i64());
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        // Velocity's own check misses this overflow.
        Operator::Multiply if a == i64::MIN && b == -1 => Some(i64::MIN),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => Some(a.wrapping_div(b)),
        Operator::Modulo => Some(a.wrapping_rem(b)),
    };
    match (result, operator) {
        (Some(result), _) => wrap(result, width(left).max(width(right))),
        (None, Operator::Add) => big(BigInt::from(a) + b),
        (None, Operator::Subtract) => big(BigInt::from(a) - b),
        (None, _) => big(BigInt::from(a) * b),
    }
}

/// Byte, Short, Integer, Long by size.
fn width(number: &Number) -> u8 {
    match number {
        Number::Byte(_) => 0,
        Number::Short(_) => 1,
        Number::Integer(_) => 2,
        _ => 3,
    }
}

/// The smallest class that holds the number, but none smaller than the operands'.
fn wrap(number: i64, width: u8) -> Number {
    if let (0, Ok(byte)) = (width, i8::try_from(number)) {
        return Number::Byte(byte);
    }
    if let (0 | 1, Ok(short)) = (width, i16::try_from(number)) {
        return Number::Short(short);
    }
    match (width, i32::try_from(number)) {
        (0..=2, Ok(integer)) => Number::Integer(integer),
        _ => Number::Long(number),
    }
}

fn big(number: BigInt) -> Number {
    Number::BigInteger(Rc::new(number))
}

fn floats(operator: Operator, a: f32, b: f32) -> f32 {
    match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Modulo => a % b,
    }
}

fn doubles(operator: Operator, a: f64, b: f64) -> f64 {
    match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Modulo => a % b,
    }
}

fn big_integers(operator: Operator, a: &BigInt, b: &BigInt) -> Result<Number, Thrown> {
    // Three bits and a third a digit.
    if a.bits() + b.bits() > MOST_DIGITS * 10 / 3 {
        return Err(Thrown::new("ArithmeticException", "the number has too many digits"));
    }
    Ok(big(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Modulo => {
            if b.sign() == Sign::Minus {
                return Err(Thrown::new("ArithmeticException", "BigInteger: modulus not positive"));
            }
            let rest = a % b;
            if rest.sign() == Sign::Minus { rest + b } else { rest }
        }
    }))
}

fn decimals(operator: Operator, a: &Decimal, b: &Decimal) -> Result<Number, Thrown> {
    let result = match operator {
        Operator::Add => a.add(b)?,
        Operator::Subtract => a.subtract(b)?,
        Operator::Multiply => a.multiply(b)?,
        Operator::Divide => a.divide(b)?,
        Operator::Modulo => {
            return Err(Thrown::new("ArithmeticException", "Cannot calculate the modulo of BigDecimals."));
        }
    };
    Ok(Number::BigDecimal(Rc::new(result)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(operator: Operator, left: &Number, right: &Number) -> String {
        let result = calculate(operator, left, right).unwrap();
        let mut out = String::new();
        let Some(number) = result else { return "null".into() };
        number.write(&mut out);
        format!("{} {out}", number.class())
    }

    #[test]
    fn integers_grow_when_they_overflow() {
        assert_eq!(text(Operator::Add, &Number::Integer(i32::MAX), &Number::Integer(1)), "Long 2147483648");
        assert_eq!(text(Operator::Add, &Number::Long(i64::MAX), &Number::Integer(1)), "BigInteger 9223372036854775808");
        assert_eq!(
            text(Operator::Multiply, &Number::Long(i64::MIN), &Number::Integer(-1)),
            "Long -9223372036854775808"
        );
        assert_eq!(text(Operator::Divide, &Number::Integer(7), &Number::Integer(-2)), "Integer -3");
        assert_eq!(text(Operator::Divide, &Number::Integer(7), &Number::Integer(0)), "null");
        assert_eq!(text(Operator::Divide, &Number::Double(7.0), &Number::Double(0.0)), "null");
        assert_eq!(text(Operator::Modulo, &Number::Integer(-7), &Number::Integer(3)), "Integer -1");
        assert_eq!(text(Operator::Add, &Number::Integer(1), &Number::Double(0.5)), "Double 1.5");
    }
}
