//! Mapping templates: any text as a template over any text as a body ends with a result or an error, within its limits;
//! JSON is read as json-smart reads it, and what is written can be read again.

use apigw_engine::primitives::{
    java::{
        self,
        json_write::{self, Style},
    },
    vtl::{Limits, Template, testing::World},
};

const LIMITS: Limits = Limits { steps: 20_000, memory: 1 << 20, output: 1 << 16 };

/// The text before the first zero byte is the template, what follows the body.
pub fn vtl(bytes: &[u8]) {
    let at = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let template = String::from_utf8_lossy(&bytes[..at]);
    let body = String::from_utf8_lossy(bytes.get(at + 1..).unwrap_or_default());
    if let Ok(value) = java::read(&body) {
        let mut json = String::new();
        if json_write::write(&value, Style::Json, &mut json, 1 << 20).is_ok() {
            assert!(java::read(&json).is_ok(), "{body:?} became {json:?}");
        }
        let _ = value.to_text();
    }
    match Template::compile(&template) {
        Ok(compiled) => {
            let mut out = String::from("before");
            let _ = compiled.render(&mut World::new(&body), &LIMITS, &mut out);
            assert!(out.starts_with("before") && out.len() <= LIMITS.output + 64, "{template:?}");
        }
        Err(error) => {
            let lines = template.lines().count() as u32 + 1;
            assert!((1..=lines).contains(&error.line) && error.column > 0 && !error.message.is_empty(), "{template:?}");
        }
    }
}
