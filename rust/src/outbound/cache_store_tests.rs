//! What of a written answer is kept.

use std::sync::Arc;

use super::*;
use crate::{
    state::caches::{Caches, Stored},
    testing::{Gateway, http_proxy},
};

/// The head and body that come back for what was written; `None` when the answer passes.
fn kept(status: u16, written: &str, successes_only: bool) -> Option<String> {
    let gateway = Gateway::with(&[("/", &[("GET", http_proxy("http://backend.test/", &[]))])]);
    let mut exchange = gateway.call("GET /dev/", &[]).unwrap();
    exchange.status = status;
    let stage = Arc::<Caches>::default().stage("stage/a/dev", 1 << 30);
    let mut key = Vec::new();
    let generation = stage.begin_key(&mut key);
    let caching = Caching {
        key: key.as_slice().into(),
        generation,
        stage: stage.clone(),
        ttl_in_seconds: 1,
        is_encrypted: false,
        refreshes: false,
        lead: None,
    };
    keep(caching, &exchange, written.as_bytes(), None, (successes_only, 0));
    let held = stage.get(&key, 0).unwrap();
    let Stored::Answer(answer) = &held.value else { return None };
    let mut buffer = Vec::new();
    let opened = stage.open(answer, &mut buffer).unwrap();
    Some(format!("{}\n{}", String::from_utf8_lossy(opened.head), String::from_utf8_lossy(opened.body)))
}

#[test]
fn s13_the_lines_that_are_each_answers_own_are_not_kept() {
    let written = "HTTP/1.1 200 OK\r\nx-amzn-RequestId: a\r\nx-amz-apigw-id: b\r\nDate: c\r\nConnection: close\r\n\
                   Warning: 199 Cache-control headers were ignored because the caller was unauthorized.\r\n\
                   Warning: 110 old\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nTransfer-Encoding: chunked\r\n\r\nbody: x";
    let wanted =
        "HTTP/1.1 200 OK\r\nWarning: 110 old\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 7\r\n\nbody: x";
    assert_eq!(kept(200, written, false).unwrap(), wanted);
}

#[test]
fn s13_a_status_without_a_body_has_no_length() {
    assert_eq!(kept(204, "HTTP/1.1 204 No Content\r\n\r\n", false).unwrap(), "HTTP/1.1 204 No Content\r\n\n");
}

#[test]
fn s13_statuses_are_all_kept_but_those_of_conditions_and_ranges() {
    for status in [200, 201, 301, 400, 404, 429, 500, 503] {
        let written = format!("HTTP/1.1 {status} x\r\n\r\n");
        assert!(kept(status, &written, false).is_some(), "{status}");
        assert_eq!(kept(status, &written, true).is_some(), status < 300, "{status}");
    }
    for status in [206, 304] {
        assert!(kept(status, &format!("HTTP/1.1 {status} x\r\n\r\n"), false).is_none(), "{status}");
    }
}
