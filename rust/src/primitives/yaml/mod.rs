//! YAML 1.2 to JSON in one pass over the parser's events, bounded in size, depth and what aliases may multiply.
//! Keys become strings as written (`200:` is `"200"`); plain scalars follow the core schema and nothing older (`no` is a string).

mod scalar;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line}, column {column}")]
pub struct YamlError {
    /// One sentence.
    pub message: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
}

impl YamlError {
    fn at(marker: Marker, message: impl Into<String>) -> Self {
        Self { message: message.into(), line: marker.line(), column: marker.col() + 1 }
    }
}

/// Nested collections, aliases followed.
const MOST_DEPTH: usize = 200;
/// Bytes of JSON, and of what anchors hold.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Maps beyond this size look keys up by hash.
const FEW_KEYS: usize = 16;

/// Turns a YAML document into JSON; no document at all is `null`.
pub fn yaml_to_json(text: &[u8]) -> Result<Vec<u8>, YamlError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        YamlError {
            message: "the text is not UTF-8".into(),
            line,
            column: String::from_utf8_lossy(&before[start..]).chars().count() + 1,
        }
    })?;
    let mut writer = Writer { out: Vec::with_capacity(text.len() + text.len() / 4 + 16), ..Writer::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError::at(*error.marker(), error.info()))?;
        writer.event(event, span)?;
    }
    if writer.documents == 0 {
        writer.out.extend_from_slice(b"null");
    }
    Ok(writer.out)
}

/// JSON so far, and the collections that are open.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    open: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    anchored_bytes: usize,
    documents: usize,
}

/// A finished node that aliases may repeat.
struct Anchor {
    json: Vec<u8>,
    height: usize,
    /// For a map: its entries in `json`.
    entries: Option<Vec<Entry>>,
}

#[derive(Clone)]
struct Entry {
    key: Range<usize>,
    value: Range<usize>,
}

/// An open collection.
struct Frame {
    map: bool,
    anchor: usize,
    /// Where its JSON begins.
    start: usize,
    /// Levels below it.
    height: usize,
    /// Whether an item was written.
    filled: bool,
    entries: Vec<Entry>,
    keys: HashSet<Vec<u8>>,
    /// The key whose value comes next.
    key: Option<Key>,
    /// Entries that `<<` adds unless the map has them itself, as JSON.
    merged: Vec<(Vec<u8>, Vec<u8>)>,
    /// A list under `<<`: what its maps add.
    merging: bool,
}

enum Key {
    Named(Range<usize>),
    /// `<<`, and the end of the JSON before its value.
    Merge(usize),
}

impl Writer {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        let at = span.start;
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 { Err(YamlError::at(at, "more than one document")) } else { Ok(()) }
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), at),
            Event::SequenceStart(anchor, tag) => self.begin(false, anchor, tag.as_deref(), at),
            Event::MappingStart(anchor, tag) => self.begin(true, anchor, tag.as_deref(), at),
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Alias(anchor) => self.alias(anchor, at),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Marker,
    ) -> Result<(), YamlError> {
        if self.awaits_key() {
            if anchor != 0 {
                return Err(YamlError::at(at, "an anchor on a key"));
            }
            return self.key(text, style == ScalarStyle::Plain && text == "<<", at);
        }
        self.before_value();
        let start = self.out.len();
        scalar::write(text, style == ScalarStyle::Plain, tag, &mut self.out)
            .map_err(|message| YamlError::at(at, message))?;
        self.after_value(start, anchor, 0, None, at)
    }

    fn begin(&mut self, map: bool, anchor: usize, tag: Option<&Tag>, at: Marker) -> Result<(), YamlError> {
        let fits = |tag: &Tag| tag.is_yaml_core_schema() && tag.suffix == if map { "map" } else { "seq" };
        if let Some(tag) = tag.filter(|tag| !fits(tag)) {
            return Err(YamlError::at(at, format!("the tag {tag} is not supported")));
        }
        if self.awaits_key() {
            return Err(YamlError::at(at, "a key that is no scalar"));
        }
        if self.open.len() == MOST_DEPTH {
            return Err(YamlError::at(at, format!("nested deeper than {MOST_DEPTH} levels")));
        }
        let merging = !map && self.open.last().is_some_and(|frame| matches!(frame.key, Some(Key::Merge(_))));
        self.before_value();
        let start = self.out.len();
        self.out.push(if map { b'{' } else { b'[' });
        self.open.push(Frame {
            map,
            anchor,
            start,
            height: 1,
            filled: false,
            entries: Vec::new(),
            keys: HashSet::new(),
            key: None,
            merged: Vec::new(),
            merging,
        });
        Ok(())
    }

    fn end(&mut self, at: Marker) -> Result<(), YamlError> {
        self.add_merged();
        let Some(frame) = self.open.pop() else { return Ok(()) };
        self.out.push(if frame.map { b'}' } else { b']' });
        if frame.merging {
            // The list under `<<` is not a value; its maps speak for themselves.
            if let Some(parent) = self.open.last_mut() {
                parent.merged.extend(frame.merged);
            }
            return self.after_value(frame.start, frame.anchor, frame.height, Some(Vec::new()), at);
        }
        self.after_value(frame.start, frame.anchor, frame.height, frame.map.then_some(frame.entries), at)
    }

    fn alias(&mut self, anchor: usize, at: Marker) -> Result<(), YamlError> {
        if self.awaits_key() {
            return Err(YamlError::at(at, "an alias as a key"));
        }
        self.before_value();
        let start = self.out.len();
        let Some(anchor) = self.anchors.get(&anchor) else {
            return Err(YamlError::at(at, "an alias inside of what it stands for"));
        };
        let height = anchor.height;
        if self.open.len() + height > MOST_DEPTH {
            return Err(YamlError::at(at, format!("nested deeper than {MOST_DEPTH} levels")));
        }
        if start + anchor.json.len() > MOST_BYTES {
            return Err(YamlError::at(at, "aliases make the document too large"));
        }
        self.out.extend_from_slice(&anchor.json);
        let shift = |range: &Range<usize>| range.start + start..range.end + start;
        let entries = anchor.entries.as_ref().map(|entries| {
            entries.iter().map(|entry| Entry { key: shift(&entry.key), value: shift(&entry.value) }).collect()
        });
        self.after_value(start, 0, height, entries, at)
    }

    fn awaits_key(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.map && frame.key.is_none())
    }

    fn key(&mut self, text: &str, merge: bool, at: Marker) -> Result<(), YamlError> {
        let Some(frame) = self.open.last_mut() else { return Ok(()) };
        let before = self.out.len();
        if merge {
            frame.key = Some(Key::Merge(before));
            return Ok(());
        }
        if frame.filled {
            self.out.push(b',');
        }
        let start = self.out.len();
        scalar::string(text, &mut self.out);
        let key = start..self.out.len();
        self.out.push(b':');
        if !remember(frame, &self.out, key.clone()) {
            return Err(YamlError::at(at, format!("the key {text:?} is there twice")));
        }
        frame.filled = true;
        frame.key = Some(Key::Named(key));
        Ok(())
    }

    /// Separates list items; map values are separated with their keys.
    fn before_value(&mut self) {
        if let Some(frame) = self.open.last_mut().filter(|frame| !frame.map) {
            if frame.filled {
                self.out.push(b',');
            }
            frame.filled = true;
        }
    }

    /// A node is complete: its anchor, what encloses it, and merges. `entries` are those of a map.
    fn after_value(
        &mut self,
        start: usize,
        anchor: usize,
        height: usize,
        entries: Option<Vec<Entry>>,
        at: Marker,
    ) -> Result<(), YamlError> {
        if self.out.len() > MOST_BYTES {
            return Err(YamlError::at(at, "the document is too large"));
        }
        if anchor != 0 {
            let json = self.out[start..].to_vec();
            self.anchored_bytes += json.len();
            if self.anchored_bytes > MOST_BYTES {
                return Err(YamlError::at(at, "anchors hold too much"));
            }
            let shift = |range: &Range<usize>| range.start - start..range.end - start;
            let relative = |entries: &Vec<Entry>| {
                entries.iter().map(|entry| Entry { key: shift(&entry.key), value: shift(&entry.value) }).collect()
            };
            self.anchors.insert(anchor, Anchor { json, height, entries: entries.as_ref().map(relative) });
        }
        let Some(frame) = self.open.last_mut() else { return Ok(()) };
        frame.height = frame.height.max(height + 1);
        let merge = match frame.key.take() {
            Some(Key::Named(key)) => {
                frame.entries.push(Entry { key, value: start..self.out.len() });
                return Ok(());
            }
            Some(Key::Merge(before)) => Some(before),
            None => None,
        };
        if merge.is_none() && !frame.merging {
            return Ok(());
        }
        let Some(entries) = entries else {
            return Err(YamlError::at(at, "<< takes a mapping or a list of mappings"));
        };
        let copied = entries.into_iter().map(|entry| (self.out[entry.key].to_vec(), self.out[entry.value].to_vec()));
        frame.merged.extend(copied);
        if let Some(before) = merge {
            self.out.truncate(before);
        }
        Ok(())
    }

    /// Writes what `<<` brought and the map does not have itself; of several, the first wins.
    fn add_merged(&mut self) {
        let Some(frame) = self.open.last_mut().filter(|frame| frame.map && !frame.merged.is_empty()) else { return };
        for (key, value) in std::mem::take(&mut frame.merged) {
            let before = self.out.len();
            if frame.filled {
                self.out.push(b',');
            }
            let start = self.out.len();
            self.out.extend_from_slice(&key);
            if !remember(frame, &self.out, start..self.out.len()) {
                self.out.truncate(before);
                continue;
            }
            self.out.push(b':');
            let key = start..self.out.len() - 1;
            let start = self.out.len();
            self.out.extend_from_slice(&value);
            frame.entries.push(Entry { key, value: start..self.out.len() });
            frame.filled = true;
        }
    }
}

/// Whether the key is new to its map.
fn remember(frame: &mut Frame, out: &[u8], key: Range<usize>) -> bool {
    let text = &out[key];
    if frame.entries.len() < FEW_KEYS {
        return frame.entries.iter().all(|entry| out[entry.key.clone()] != *text);
    }
    if frame.keys.is_empty() {
        frame.keys = frame.entries.iter().map(|entry| out[entry.key.clone()].to_vec()).collect();
    }
    frame.keys.insert(text.to_vec())
}

#[cfg(test)]
mod tests;
