//! Percent-encoding of query strings.
