//! Java's regular expressions (`java.util.regex` of Java 17) with a budget of steps: what a pattern matches, and what its groups
//! capture, is what Java says; what cannot be matched exactly is refused when it is compiled, with its position.
//!
//! Texts are UTF-8, so places are between characters. Java counts UTF-16 units: there an empty match may also stand inside a
//! surrogate pair (`"😀".split("")` gives two halves), and a lone surrogate is a character; neither can be written in UTF-8.

mod blocks;
mod charset;
mod compile;
mod escape;
mod flags;
mod fold;
mod machine;
mod memo;
mod parse;
mod parse_class;
mod parse_group;
mod positions;
mod program;
mod refused;
mod repeats;
mod replace;
mod search;
mod source;
mod syntax;
#[cfg(test)]
mod tests;
mod unicode;

pub use flags::Flags;
pub use refused::{OutOfSteps, Refused, ReplaceError};
pub use search::{Match, Matches, Regex};
