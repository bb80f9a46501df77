# Varnish as it is, with one backend; @WORDS@ are filled in by the harness. Same work as the gateway: a request id in each answer.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "@BACKEND@";
}

sub vcl_recv {
    return (hash);
}

sub vcl_backend_response {
    set beresp.ttl = 1h;
    return (deliver);
}

sub vcl_deliver {
    set resp.http.x-amzn-RequestId = req.xid;
}
