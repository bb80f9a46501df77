//! What a run on stable begins with. `make fuzz` adds the tables of tests/framing.

use super::mappings::HOST;

const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "\r\nGET /a?b=%20 HTTP/1.0\r\nhost: a.b:1\r\nConnection: keep-alive\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST http://h/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\nA : b\r\n c\r\n\r\n",
    "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\nExpect: 100-continue\r\n\r\n",
    "GET / HTTP/1.1\nHost: h\r\nA: \0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\nA\r\n: b\r\n\r\n",
    "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n",
];

const BODIES: &[&str] = &[
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "5;name=value\r\nhello\r\n6;x\r\n world\r\n00\r\nA: b\r\nC:\r\n\r\nGET / HTTP/1.1\r\n",
    "ffffffffffffffff\r\nabc",
    "10000000000000000\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "5 \r\nhello\r\n0\n\r\n",
    "1\r\na\r\n0\r\nA\r\n\r\n",
];

const RESPONSES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nto the end",
    "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nX-Out: a\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
];

const PLACES: &[&str] = &[
    "abcdef1234.execute-api.localhost:8080\n/dev/pets/1?a=b",
    "ABCDEF1234.Execute-API.eu-west-1.amazonaws.com\n//dev//a//b/",
    "h\n/restapis/abcdef1234/dev/_user_request_/a%20b",
    "h:80\n/_aws/execute-api/abcdef1234/dev/query-query/a?x=1",
    "[2001:db8::1.2.3.4]:1\nhttp://h/dev",
    "u@h:65536\n/",
];

const QUERIES: &[&str] = &["a=1&b=2;a=3", "a%62=%C3%a9+%2B&&=x&%4&a=b=c", "x=%0d%0aEvil:%20yes"];

const DOCUMENTS: &[&str] = &[
    "a: 1\nb: [x, 'y', \"z\\u00e9\"]\n200: &anchor {c: ~, d: 0x1f}\ne: *anchor\n",
    "base: &base {a: 1}\nmore:\n  <<: *base\n  b: 1.5e3\n",
    "{\"a\": [1, 2.5, -0, 1e5, true, null, \"\\ud83d\\ude00\"], \"\": {}}",
    "- |\n  text\n- >-\n  folded\n  text\n- !!str 5\n",
    "--- no\n...\n",
];

const TEMPLATES: &[&str] = &[
    "#set($a = $input.path('$'))$a.b[0] ${a.c.size()} $!a.keySet()\0{\"b\":[1,2.5],\"c\":{\"d\":null}}",
    "#foreach($i in $input.path('$.l'))$i#if($foreach.hasNext),#end#end\0{l:[1,'two',3]}",
    "#macro(m $x)[$x]$!bodyContent#end#m(\"a$b\")#@m({'k':[1..3]})y#end\0[1,2",
    "#define($d)x$d#end$d \\$a \\\\$a $!{a} #[[raw]]# ## c\n#* c *#\0",
    "#if($a == 'x' && !$b || 1 + 2 * 3 > 4.5)y#elseif(true)z#{else}n#end\0\"\\ud83d\"",
    "$util.escapeJavaScript($input.json('$.a')) $util.parseJson('{a:1}').a.replaceAll('(.)', '$1$1')\0{\"a\":\"\\u00e9\"}",
    "#set($l = [])$l.add($l)#foreach($i in [1..9])#set($s = \"$s$s\")$l.add([$l])#end$l\0",
];

const JSON: &[&str] = &[
    "{\"a\": 5, \"b\": {\"a\": 1, \"x\": \"abc\"}, \"y\": null}",
    "{\"a\": 0, \"a\": 1, \"\\u0061\": 2.5, \"b\": []}",
    "[1, \"x\", null, {\"a\": [1.50]}, [100.5, 0.5], [[], [[]]]]",
    "{\"abc\": \"2026-11-21T09:00:00Z\", \"e\": \"a@b.c\", \"c\": 1, \"a\": 2, \"b\": 3}",
    "[\"word\", {\"z\": 1}, 3]",
    "\"\\ud83d\\ude00 \\ud800 \\\"\\/\\n\"",
    "-12.5e+10",
    "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
    " {\"long\": \"eight bytes and some more\\t\"} ",
];

/// Seeds of a target.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let plain = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    // Cut once, in the middle.
    let cut = |texts: &[&str]| texts.iter().map(|text| [&[1, 0, 20], text.as_bytes()].concat()).collect();
    match target {
        "request_head" | "differential" => plain(REQUESTS),
        "request_stream" => cut(REQUESTS),
        "chunked_body" => cut(BODIES),
        "response" => RESPONSES.iter().map(|text| [&[1, 1, 0, 20], text.as_bytes()].concat()).collect(),
        "mapping" => mapped(),
        "cache_key" => pairs(),
        "address" => plain(PLACES),
        "query" => plain(QUERIES),
        "yaml" => plain(DOCUMENTS),
        "vtl" => plain(TEMPLATES),
        "request_body" => plain(JSON),
        // These begin with decisions.
        "path" | "java_regex" | "jsonpath" => (0..64u8)
            .map(|seed| (0..24).map(|at: u8| seed.wrapping_mul(37).wrapping_add(at.wrapping_mul(11))).collect())
            .collect(),
        _ => REQUESTS.iter().chain(RESPONSES).map(|text| text.as_bytes().to_vec()).collect(),
    }
}

/// Pairs of requests that differ in little, or in nothing that counts.
fn pairs() -> Vec<Vec<u8>> {
    let requests = [
        "GET /dev/a/b?a=1&x=2&x=3 HTTP/1.1\r\nHost: HOST\r\nX-In: a\r\n\r\n",
        "GET /dev/a/b?a=1&x=2%263 HTTP/1.1\r\nHost: HOST\r\nx-in: a\r\n\r\n",
        "GET /dev/a/b?x=2&x=3&a=%31&y=1 HTTP/1.1\r\nHost: HOST\r\nX-In: a\r\nX-Y: z\r\n\r\n",
        "GET /dev/a/b?a&x HTTP/1.1\r\nHost: HOST\r\nX-In:\r\nAccept: image/png;q=1, a\r\n\r\n",
        "DELETE /dev/a HTTP/1.1\r\nHost: HOST\r\nX-In: a\r\nX-In: b\r\n\r\n",
        "GET /dev/a HTTP/1.1\r\nHost: HOST\r\nX-HTTP-Method-Override: DELETE\r\nX-In: a,b\r\n\r\n",
    ];
    let all = requests.iter().flat_map(|one| requests.iter().map(move |other| format!("{one}\0\0{other}")));
    all.map(|pair| pair.replace("HOST", HOST).into_bytes()).collect()
}

fn mapped() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (number, location) in ["header", "querystring", "path"].iter().enumerate() {
        for source in ["path", "query", "multiquery", "header", "multiheader", "context", "domain"] {
            let answer = RESPONSES[number];
            seeds.push(
                format!(
                    "POST /dev/{location}-{source}/a%0d%0ab?x=a%0d%0ab&x=c HTTP/1.1\r\nHost: {HOST}\r\nX-In: a\r\nX-In: b\r\nContent-Length: 5\r\n\r\n\0\0{answer}"
                )
                .into_bytes(),
            );
        }
    }
    for path in ["/dev/a/b?c", "/dev/dynamic/x", "/dev//a", "/dev/%2e%2e/"] {
        seeds.push(
            format!("PUT {path} HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nConnection: x, te\r\nTE: trailers\r\nX: y\r\n\r\n\0\0{}", RESPONSES[3])
                .into_bytes(),
        );
    }
    seeds
}
