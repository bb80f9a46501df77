//! The seven verbs and `ANY`: bits of a resource's set, and names in one byte.

/// The verbs that a resource can have, each one bit of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Verb {
    /// `DELETE`.
    Delete = 1,
    /// `GET`.
    Get = 2,
    /// `HEAD`.
    Head = 4,
    /// `OPTIONS`.
    Options = 8,
    /// `PATCH`.
    Patch = 16,
    /// `POST`.
    Post = 32,
    /// `PUT`.
    Put = 64,
}

impl Verb {
    /// The verb of a method name; names are case-sensitive.
    #[inline]
    pub fn parse(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"GET" => Self::Get,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"DELETE" => Self::Delete,
            b"PATCH" => Self::Patch,
            b"HEAD" => Self::Head,
            b"OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    /// Whether a message with this verb has no body towards a backend (§7.5) and no content type of the client's (§7.4).
    #[inline]
    pub fn is_bodiless(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }
}

/// What `ANY` stands for.
pub const ANY_VERB: u8 = 127;
/// The bit of `ResourcePlan::verbs` that says that there is an `ANY` method.
pub const HAS_ANY: u8 = 128;

/// The name of a method in one byte: the place of its bit among the verbs, `ANY` last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodName(u8);

impl MethodName {
    /// The name of one of the verbs' bits, or of `HAS_ANY`.
    pub fn of_bit(bit: u8) -> Self {
        Self(bit.trailing_zeros() as u8 & 7)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY"][usize::from(self.0 & 7)]
    }
}
