//! Tests of templates in the phases: what they read, what they write, and what fails (rest-api §7.13, §10).

use serde_json::{Value, json};

use crate::{
    fault::{Cause, Fault},
    integration::request,
    testing::{Gateway, body, deployment, from, header, http, mock_with, raw, response, stage},
};

fn template(text: &str) -> Value {
    json!([{"content_type": "application/json", "text": text}])
}

fn mock(request: &str, answer: &str) -> Gateway {
    let headers = json!([
        {"name": "X-Fixed", "source": from("literal", "fixed")},
        {"name": "X-Mapped", "source": from("context", "stage")},
    ]);
    let responses = json!([
        response("404", "4\\d\\d", &headers, &template(answer)),
        response("200", "", &headers, &template(answer)),
    ]);
    Gateway::serve(&json!([
        deployment("dep001", &[("/m/{id}", &[("ANY", mock_with(request, &responses))])]),
        stage("dev", "dep001", &[("host", "b.test"), ("version", "v7")])
    ]))
}

fn said(answer: &str) -> String {
    let gateway = mock("{\"statusCode\": 200}", answer);
    let line = "POST /dev/m/7?q=1&q=2%20x&id=query";
    let answer =
        gateway.answer(&raw(line, &["X-Head: h1", "X-Head: h2", "User-Agent: me", "TE: gone"], "{\"a\":1}"), "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    body(&answer).to_owned()
}

#[test]
fn s10_2_parameters() {
    assert_eq!(
        said("$input.params('id')|$input.params('q')|$input.params('X-Head')|$input.params('x-head')"),
        "7|2 x|h2|"
    );
    assert_eq!(said("$input.params('TE')$input.params('none')"), "");
    assert_eq!(
        said("$input.params().path.id|$input.params().querystring.q|$input.params('header').get('X-Head')"),
        "7|2 x|h2"
    );
}

#[test]
fn s10_4_and_s10_5_stage_variables_and_context() {
    assert_eq!(said("$stageVariables.version|$stageVariables['host']|${stageVariables.none}"), "v7|b.test|");
    assert_eq!(
        said(
            "$context.stage|$context.apiId|$context.httpMethod|$context.resourcePath|$context.identity.sourceIp|$context.none"
        ),
        "dev|abcdef1234|POST|/m/{id}|192.0.2.7|"
    );
    assert_eq!(said("$context.requestTimeEpoch $context.identity.userAgent"), "1795251600123 me");
    let keys = said("#foreach($key in $context.keySet())$key #end");
    assert_eq!(keys.split_whitespace().count(), 18, "{keys}");
    assert!(keys.trim_end().ends_with("requestOverride responseOverride"), "{keys}");
}

#[test]
fn s7_13_a_mocks_request_template_reads_the_body_and_selects() {
    let gateway = mock("{\"statusCode\": $input.path('$.code')}", "said $input.body");
    let call = |sent: &str| gateway.answer(&raw("POST /dev/m/7", &[], sent), "");
    let found = call("{\"code\": 404}");
    // AWS: the response phase of a MOCK has no body.
    assert!(found.starts_with("HTTP/1.1 404 ") && body(&found) == "said {}", "{found}");
    assert!(call("{\"code\": 200}").starts_with("HTTP/1.1 200 "));
    assert!(call("{\"code\": \"x\"}").starts_with("HTTP/1.1 500 "));
    assert!(call("no json").starts_with("HTTP/1.1 500 "));
}

#[test]
fn s20_13_an_override_of_the_request_template_changes_the_final_status() {
    let mut integration = mock_with(
        "#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-New = \"new\"){\"statusCode\": 200}",
        &json!([response("200", "", &json!([]), &json!([]))]),
    );
    integration["passthrough_behavior"] = json!("NEVER");
    let gateway = Gateway::with(&[("/m", &[("ANY", integration)])]);
    let answer = gateway.answer(&raw("GET /dev/m", &[], ""), "");
    assert!(answer.starts_with("HTTP/1.1 418 "), "{answer}");
    assert_eq!(header(&answer, "X-New"), Some("new"));
}

#[test]
fn s10_6_overrides_of_an_answer() {
    let answer = |text: &str| mock("{\"statusCode\": 200}", text).answer(&raw("GET /dev/m/7", &[], ""), "");
    let all = answer(
        "#set($context.responseOverride.header.x-fixed = \"a\")#set($context.responseOverride.header['X-Mapped'] = 7)\
         #set($context.responseOverride.header.Server = \"me\")#set($context.responseOverride.header.Content-Type = \"text/x\")\
         #set($context.responseOverride.header.X-List = [\"1\", 2])#set($context.responseOverride.status = 202)said",
    );
    assert!(all.starts_with("HTTP/1.1 202 "), "{all}");
    for (name, value) in [
        ("x-fixed", Some("a")),
        ("X-Mapped", Some("7")),
        ("x-amzn-Remapped-Server", Some("me")),
        ("Server", None),
        ("Content-Type", Some("text/x")),
        ("Content-Length", Some("4")),
    ] {
        assert_eq!(header(&all, name), value, "{name}");
    }
    assert!(all.contains("\r\nX-List: 1\r\nX-List: 2\r\n") && all.contains("\r\nx-fixed: a\r\n"), "{all}");
    for ignored in ["\"404\"", "99", "600", "1.5", "\"x\""] {
        let text = format!("#set($context.responseOverride.status = {ignored})said");
        assert!(answer(&text).starts_with("HTTP/1.1 200 "), "{ignored}");
    }
    let twice = "#set($context.responseOverride.header.A = \"1\")#set($context.responseOverride.header.A = \"2\")said";
    assert!(answer(twice).starts_with("HTTP/1.1 500 "));
    let evil = answer("#set($context.responseOverride.header.A = \"a\n\")said");
    assert!(evil.starts_with("HTTP/1.1 500 "), "{evil}");
}

fn http_with(text: &str) -> Gateway {
    let mut integration = http(
        "http://b.test/{mapped}/{free}?own=1",
        &[
            ("path", "mapped", from("path", "id")),
            ("querystring", "q", from("literal", "mapped")),
            ("header", "X-Mapped", from("literal", "mapped")),
        ],
        &json!([response("200", "", &json!([]), &template("$input.json('$.name')|$input.params('id')"))]),
    );
    integration["request_templates"] = template(text);
    Gateway::with(&[("/h/{id}", &[("ANY", integration)])])
}

fn sent(gateway: &Gateway, body: &[u8]) -> Result<(Vec<u8>, String), Fault> {
    let exchange = gateway.call("POST /dev/h/7", &[]).expect("routed");
    let rendered = request::body(&exchange, body)?.into_owned();
    let mut head = Vec::new();
    request::write_head(&exchange, crate::http1::Framing::Length(1), &mut head)?;
    Ok((rendered, String::from_utf8(head).expect("text")))
}

#[test]
fn s10_6_overrides_of_a_request() {
    let set = "#set($context.requestOverride.path.free = \"x\")";
    let (body, head) =
        sent(&http_with(&format!("{set}{{\"got\": $input.json('$.a')}}")), b"{\"a\": [1, \"b\"]}").expect("sent");
    assert_eq!(String::from_utf8(body).expect("text"), "{\"got\": [1,\"b\"]}");
    assert!(head.starts_with("POST /7/x?own=1&q=mapped HTTP/1.1\r\nHost: b.test\r\n"), "{head}");
    let more = format!(
        "{set}#set($context.requestOverride.path.mapped = \"y\")#set($context.requestOverride.querystring.q = [\"1\", \"a b\"])\
         #set($context.requestOverride.header['x-mapped'] = \"over\")#set($context.requestOverride.header.Host = \"c.test\")\
         #set($context.requestOverride.header.Accept = \"text/x\")"
    );
    let (_, head) = sent(&http_with(&more), b"").expect("sent");
    assert!(head.starts_with("POST /y/x?own=1&q=1&q=a%20b HTTP/1.1\r\nHost: c.test\r\n"), "{head}");
    assert_eq!((header(&head, "X-Mapped"), header(&head, "Accept")), (Some("over"), Some("text/x")));
    let forbidden = format!("{set}#set($context.requestOverride.header.Content-Length = \"1\")");
    assert_eq!(sent(&http_with(&forbidden), b"").expect_err("refused").cause, Some(Cause::ForbiddenHeader));
    let split = format!("{set}#set($context.requestOverride.header.A = $input.path('$.a'))");
    assert_eq!(sent(&http_with(&split), b"{\"a\": \"x\\r\\nHost: evil\"}").expect_err("refused"), Fault::CONFIGURATION);
    assert_eq!(sent(&http_with("x"), b"").expect_err("an unmapped name").cause, Some(Cause::InvalidEndpoint));
}

#[test]
fn s7_14_a_template_that_fails_is_500_and_says_which() {
    for text in [
        "#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])x#end#end#end",
        "$input.path('$[')",
    ] {
        assert_eq!(sent(&http_with(text), b"{}").expect_err("refused").cause, Some(Cause::TransformRequest), "{text}");
        let answer = mock("{\"statusCode\": 200}", text).answer(&raw("GET /dev/m/7", &[], ""), "");
        assert!(
            answer.starts_with("HTTP/1.1 500 ") && body(&answer) == "{\"message\":\"Internal server error\"}",
            "{answer}"
        );
    }
}

#[test]
fn s8_4_the_answer_of_a_backend_is_the_input_of_its_template() {
    let gateway = http_with("#set($context.requestOverride.path.free = \"x\")$input.body");
    let backend = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"name\":\"Rex\"}";
    let answer = gateway.answer(&raw("POST /dev/h/7", &[], ""), backend);
    assert_eq!(body(&answer), "\"Rex\"|7");
    let empty = gateway.answer(&raw("POST /dev/h/7", &[], ""), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(body(&empty), "\"\"|7");
}

#[test]
fn a_template_that_does_not_compile_is_refused_with_its_place() {
    let mut gateway = Gateway::with(&[]);
    let broken = mock_with("\n #if($a)", &json!([response("200", "", &json!([]), &template("#set($a = )"))]));
    let found = gateway.apply(&json!([deployment("dep002", &[("/m", &[("GET", broken)])])])).expect_err("refused");
    let place = "$.put[0].resources[0].methods[0].integration";
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].path, format!("{place}.request_templates[0].text"));
    assert_eq!(found[1].path, format!("{place}.responses[0].response_templates[0].text"));
    assert!(found.iter().all(|one| one.message.starts_with("line ") && one.message.contains("column ")), "{found:?}");
}

/// An override goes into a head: what no head holds fails at once, however large it would become.
#[test]
fn an_override_that_no_head_holds_fails() {
    let sent = |value: &str| {
        let request = format!(
            "#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end\
             #set($s = 'x')#foreach($i in [1..20])#set($s = $s + $s)#end\
             #set($context.responseOverride.header.X-New = {value}){{\"statusCode\": 200}}"
        );
        mock(&request, "done").answer(&raw("GET /dev/m/7", &[], ""), "")
    };
    for value in ["$l", "{'a': $l}", "$s", "[$s, $s]", "{$s: 1}"] {
        assert!(sent(value).starts_with("HTTP/1.1 500 "), "{value}");
    }
    assert!(sent("['a', 'b']").contains("\r\nX-New: a\r\nX-New: b\r\n"));
}
