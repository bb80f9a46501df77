//! YAML 1.2 to JSON, bounded.

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line}, column {column}")]
pub struct YamlError {
    /// One sentence.
    pub message: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
}

/// Turns a YAML document into JSON.
pub fn yaml_to_json(text: &[u8]) -> Result<Vec<u8>, YamlError> {
    let _ = text;
    Err(YamlError { message: "not there yet".into(), line: 1, column: 1 })
}
