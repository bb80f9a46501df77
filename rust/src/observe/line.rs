//! An access log format, compiled: literal text and variables in turn. What is the same for every request of a stage becomes
//! literal; the variables of a known length that come first are written over their places in one block.
//!
//! `$context.…` is the only thing that is replaced, as AWS says (set-up-logging); what a request does not have is `-`.

use super::room::{Room, WORD};
use crate::{
    exchange::Exchange,
    per_core::clock::{Clock, Micros},
    primitives::{find::find, header_names::HeaderName},
};

/// The gateway's own line. `gatewayMembers` is ours, a variable for all that stands between status and path: one by one they
/// take twice the instructions, and integration members are left out where no backend was asked.
const OF_GATEWAY: &str = r#"{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId","requestTime":"$context.requestTime","protocol":"$context.protocol","status":$context.gatewayMembers","path":"$context.path","apiId":"$context.apiId","stage":"$context.stage","userAgent":"$context.identity.userAgent"}"#;

/// A request that has ended, and what is known of it then.
#[derive(Debug)]
pub struct Completed<'a> {
    /// All that its phases left.
    pub exchange: &'a Exchange,
    /// For texts of times.
    pub clock: &'a Clock,
    /// Microseconds from its head to its last byte.
    pub latency: Micros,
    /// Microseconds of the backend, when one was asked.
    pub integration: Option<Micros>,
}

/// What stands in a line where a variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    /// For the rest of a literal that does not fit into one word.
    Nothing,
    RequestId,
    ExtendedRequestId,
    RequestTime,
    Protocol,
    GatewayMembers,
    /// Below the stage, or as it was sent where there is none.
    Path,
    UserAgent,
}

/// A variable and the literal text behind it.
#[derive(Debug)]
struct Piece {
    word: [u8; WORD],
    length: u8,
    variable: Variable,
}

/// Where in a line's beginning variables stand.
#[derive(Debug, Default)]
struct Places {
    request_id: Option<u16>,
    extended_request_id: Option<u16>,
    request_time: Option<u16>,
    protocol: Option<u16>,
}

impl Places {
    /// The place of a variable of known length, and that length.
    fn of(&mut self, variable: Variable) -> Option<(&mut Option<u16>, usize)> {
        Some(match variable {
            Variable::RequestId => (&mut self.request_id, 36),
            Variable::ExtendedRequestId => (&mut self.extended_request_id, 16),
            Variable::RequestTime => (&mut self.request_time, 26),
            Variable::Protocol => (&mut self.protocol, 8),
            _ => return None,
        })
    }
}

/// A compiled format.
#[derive(Debug)]
pub struct LineFormat {
    /// The literal at the beginning, with places for variables of known length.
    start: Box<[u8]>,
    places: Places,
    pieces: Box<[Piece]>,
}

/// What the name of a variable stands for.
enum Meaning {
    Literal(String),
    Varies(Variable),
    /// A literal, then the variable.
    Both(String, Variable),
}

fn meaning(name: &str, stage: Option<(&str, &str)>) -> Meaning {
    let constant = |text: Option<&str>| {
        let mut escaped = Vec::new();
        super::escaped(&mut escaped, text.unwrap_or("-").as_bytes());
        Meaning::Literal(String::from_utf8(escaped).unwrap_or_default())
    };
    Meaning::Varies(match name {
        "requestId" => Variable::RequestId,
        "extendedRequestId" => Variable::ExtendedRequestId,
        "requestTime" => Variable::RequestTime,
        "protocol" => Variable::Protocol,
        "gatewayMembers" => Variable::GatewayMembers,
        "path" => match stage {
            Some((_, stage)) => return Meaning::Both(format!("/{stage}"), Variable::Path),
            None => Variable::Path,
        },
        "identity.userAgent" => Variable::UserAgent,
        "apiId" => return constant(stage.map(|(api_id, _)| api_id)),
        "stage" => return constant(stage.map(|(_, name)| name)),
        _ => return constant(None),
    })
}

impl LineFormat {
    /// The gateway's own format for the requests of a stage (API and name), or for those that have none.
    pub fn of_gateway(stage: Option<(&str, &str)>) -> Self {
        let mut building = Building::default();
        let mut rest = OF_GATEWAY;
        while let Some((literal, after)) = rest.split_once("$context.") {
            building.literal(literal);
            let end = after.find(|next: char| !next.is_ascii_alphanumeric() && next != '.').unwrap_or(after.len());
            match meaning(&after[..end], stage) {
                Meaning::Literal(text) => building.literal(&text),
                Meaning::Varies(variable) => building.variable(variable),
                Meaning::Both(text, variable) => {
                    building.literal(&text);
                    building.variable(variable);
                }
            }
            rest = &after[end..];
        }
        building.literal(rest);
        building.literal("\n");
        building.end()
    }

    /// Writes a line into an empty room.
    #[inline]
    pub(super) fn write(&self, completed: &Completed<'_>, room: &mut impl Room) {
        room.plain(&self.start);
        let (exchange, places) = (completed.exchange, &self.places);
        if let Some(at) = places.request_id {
            room.patch(at.into(), exchange.request_id);
        }
        if let Some(at) = places.extended_request_id {
            room.patch(at.into(), exchange.extended_request_id);
        }
        if let Some(at) = places.request_time {
            room.patch(at.into(), completed.request_time());
        }
        if let Some(at) = places.protocol {
            room.patch(at.into(), completed.protocol());
        }
        for piece in &self.pieces {
            completed.put(piece.variable, room);
            room.word(&piece.word, usize::from(piece.length));
        }
    }
}

#[derive(Default)]
struct Building {
    start: Vec<u8>,
    places: Places,
    pieces: Vec<Piece>,
}

impl Building {
    fn literal(&mut self, text: &str) {
        if self.pieces.is_empty() {
            return self.start.extend_from_slice(text.as_bytes());
        }
        for byte in text.bytes() {
            if self.pieces.last().is_none_or(|piece| usize::from(piece.length) == WORD) {
                self.piece(Variable::Nothing);
            }
            if let Some(piece) = self.pieces.last_mut() {
                piece.word[usize::from(piece.length)] = byte;
                piece.length += 1;
            }
        }
    }

    fn variable(&mut self, variable: Variable) {
        if self.pieces.is_empty()
            && let Ok(at) = u16::try_from(self.start.len())
            && let Some((place @ None, length)) = self.places.of(variable)
        {
            *place = Some(at);
            self.start.resize(usize::from(at) + length, b'?');
        } else {
            self.piece(variable);
        }
    }

    fn piece(&mut self, variable: Variable) {
        self.pieces.push(Piece { word: [b' '; WORD], length: 0, variable });
    }

    fn end(self) -> LineFormat {
        LineFormat { start: self.start.into(), places: self.places, pieces: self.pieces.into() }
    }
}

impl Completed<'_> {
    #[inline]
    fn request_time(&self) -> [u8; 26] {
        self.clock.request_time(self.exchange.arrived)
    }

    #[inline]
    fn protocol(&self) -> [u8; 8] {
        *self.exchange.head.version.protocol()
    }

    // Inlined into the loop over pieces, all that any variable needs would be made ready for each line.
    #[inline(never)]
    fn put(&self, variable: Variable, room: &mut impl Room) {
        let exchange = self.exchange;
        match variable {
            Variable::Nothing => {}
            Variable::RequestId => room.array(exchange.request_id),
            Variable::ExtendedRequestId => room.array(exchange.extended_request_id),
            Variable::RequestTime => room.array(self.request_time()),
            Variable::Protocol => room.array(self.protocol()),
            Variable::GatewayMembers => self.put_gateway_members(room),
            Variable::Path if exchange.stage.is_some() => room.json(exchange.path.of(&exchange.input)),
            Variable::Path => {
                let target = exchange.head.path.of(&exchange.input);
                room.json(&target[..find(b'?', target).unwrap_or(target.len())]);
            }
            Variable::UserAgent => text(room, exchange.header(HeaderName::UserAgent).unwrap_or_default()),
        }
    }

    #[inline(never)]
    fn put_gateway_members(&self, room: &mut impl Room) {
        let exchange = self.exchange;
        room.number(u64::from(exchange.status));
        room.array(*b",\"responseLength\":");
        room.number(exchange.response_length);
        room.array(*b",\"responseLatency\":");
        room.number(self.latency / 1000);
        if let Some(latency) = self.integration {
            room.array(*b",\"integrationStatus\":");
            room.number(u64::from(exchange.integration_status));
            room.array(*b",\"integrationLatency\":");
            room.number(latency / 1000);
        }
        room.array(*b",\"ip\":\"");
        let (lines, ip) = exchange.forwarded.ip();
        room.part(lines, ip.start, ip.len());
        room.array(*b"\",\"httpMethod\":\"");
        // A token: no quote, backslash or control can be in it.
        let method = exchange.head.method;
        room.part(&exchange.input, method.start as usize, (method.end - method.start) as usize);
        room.array(*b"\",\"resourcePath\":\"");
        // Paths were looked at when they were compiled.
        match exchange.deployment().map(|deployment| deployment.tree.path(exchange.resource)) {
            Some(path) if !path.is_empty() => room.plain(path),
            _ => room.array([b'-']),
        }
    }
}

/// A client's text, or that there is none.
#[inline]
fn text(room: &mut impl Room, value: &[u8]) {
    if value.is_empty() { room.array([b'-']) } else { room.json(value) }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
