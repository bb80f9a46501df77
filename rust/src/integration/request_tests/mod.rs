//! Tests of `request`, by subject.

mod body;
mod headers;
mod mapping;
mod one_message;
mod splitting;
mod target;

use serde_json::{Value, json};

use super::*;
use crate::{
    fault::FaultKind,
    testing::{self, Gateway, deployment, from, header, http, http_proxy, response, stage},
};

/// A gateway whose `/{id}/{rest+}` and `/q` call this integration.
fn gateway(integration: &Value) -> Gateway {
    Gateway::with(&[("/q", &[("ANY", integration.clone())]), ("/p/{id}/{rest+}", &[("ANY", integration.clone())])])
}

fn proxy(parameters: &[(&str, &str, Value)]) -> Gateway {
    gateway(&http_proxy("http://backend.test/base", parameters))
}

fn forwarded(gateway: &Gateway, line: &str, headers: &[&str]) -> String {
    gateway.forwarded(line, headers).unwrap_or_else(|fault| panic!("{fault:?}")).0
}

fn fault(gateway: &Gateway, line: &str, headers: &[&str]) -> FaultKind {
    gateway.forwarded(line, headers).expect_err("refused").kind
}

fn target(head: &str) -> &str {
    head.split(' ').nth(1).expect("a target")
}
