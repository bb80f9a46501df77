"""The template language as deployed APIs run it, and all that templates read: rest-api §10, by MOCKs and plain HTTP."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Answer, Deployed, deploy, mock, operation
from tests.journeys.observed import ARN, written

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')
BODY = {
    "a": {"b": "c", "list": [1, 2, {"x": "y"}], "null": None, "pi": 3.10, "big": 12345678901234567890, "é": "ü\"\\/'"},
    "pets": [{"name": "Rex", "age": 3}, {"name": "Tom", "age": 1}],
    "yes": True,
}


def says(gateway: ServedGateway, client: Any, *templates: str) -> tuple[Deployed, Answer]:
    """What the templates write, by a backend that is none: a MOCK whose response carries each in a line of its own."""
    api = deploy(gateway, client, {"/pets/{id}": {"post": operation(mock("\n".join(templates)), ("path", "id"))}})
    add = [{"op": "add", "path": f"/variables/{name}", "value": f"{name}-value"} for name in ("shop", "other")]
    client.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=add)
    fields = ("User-Agent: tester", "X-Head: one", "X-Head: two", "id: header", "Content-Type: application/json")
    body = json.dumps(BODY, ensure_ascii=False).encode()
    return api, api.send("/stage/pets/a%2Fb?id=query&q=1&q=2&sp=a+b", "POST", *fields, body=body)


def table(gateway: ServedGateway, client: Any, backend: Backend, rows: dict[str, str]) -> None:
    """Each template, rendered over the request's body for the backend, says what stands beside it."""
    said = "\n".join(f"{number}={template}|" for number, template in enumerate(rows))
    integration = {
        "type": "http",
        "httpMethod": "POST",
        "uri": backend.url,
        "requestTemplates": {"application/json": said},
        "responses": {"default": {"statusCode": "200"}},
    }
    api = deploy(gateway, client, {"/pets/{id}": {"post": operation(integration, ("path", "id"))}})
    add = [{"op": "add", "path": f"/variables/{name}", "value": f"{name}-value"} for name in ("shop", "other")]
    client.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=add)
    fields = ("X-Head: one", "X-Head: two", "id: header", "only: header")
    body = json.dumps(BODY, ensure_ascii=False).encode()
    assert api.send("/stage/pets/a%2Fb?id=query&q=1&q=2&sp=a+b", "POST", *fields, body=body).status == 200
    found = backend.requests[-1].body.decode().removesuffix("|").split("|\n")
    wanted = [f"{number}={text}" for number, text in enumerate(rows.values())]
    assert dict(zip(rows, found, strict=True)) == dict(zip(rows, wanted, strict=True))


def test_s10_1_the_language(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """Directives, references, literals and operators."""
    rows = {
        "#set($x = 1)$x ${x} $!x": "1 1 1",
        "#if(1 == 2)a#elseif(2 == 2)b#else c#end": "b",
        "#foreach($i in [1..3])$foreach.index$foreach.count$foreach.hasNext$foreach.first$foreach.last $velocityCount;#end": (
            "01truetruefalse 1;12truefalsefalse 2;23falsefalsetrue 3;"
        ),
        "#foreach($i in [1..5])#if($i == 3)#break#end$i#end": "12",
        "#define($d)<$x>#end$d": "<1>",
        "#macro(m $a)[$a]#end#m('y')": "[y]",
        "#macro(w)<$bodyContent>#end#@w()in#end": "<in>",
        "a## comment\nb": "ab",
        "\\$x \\\\$x \\#set $ x #hash": "$x \\1 #set $ x #hash",
        "#if(true)\n  kept\n#end\nb": "  kept\nb",
        "#foreach($o in ['a'])#foreach($i in [1, 2])$foreach.parent.index$foreach.count #end#end": "01 02 ",
        "a#* comment *#b": "ab",
        "#[[$x #if]]#": "$x #if",
        "#set($m = {'k': 'v', 'n': {'o': 1}})$m.k $m['k'] $m.get('k') $m.n.o": "v v v 1",
        "#set($l = ['a', 'b'])$l[1] $l.get(0) $l.size()": "b a 2",
        "#set($s = \"in $x\")$s,#set($t = 'in $x')$t": "in 1,in $x",
        "#set($n = 7 / 2)$n,#set($n = 7 % 2)$n,#set($n = 1.5 + 1)$n,#set($n = 2 * 3 - 1)$n": "3,1,2.5,5",
        "#set($n = 'a' + 1)$n": "a1",
        "#if(1 < 2 && 2 >= 2 || false)y#end#if(!true)n#end#if(1 lt 2 and not false)z#end": "yz",
        "#if('1' == 1)same#end": "same",
        "$none.nothing $none ${none} $!none": "   ",
        "#set($m = {'my-key': 'v'})$m.my-key": "v",
        "$x.class.name$x.getClass()": "",
        "#set($r = 'abc')$r.replaceAll('[ab]', 'x') $r.substring(1) $r.length() $r.toUpperCase() $r.split('b').size()": "xxc bc 3 ABC 2",
    }
    table(shared_gateway, shared_apigateway, backend, rows)


@pytest.mark.parametrize(
    "template",
    [
        "#include('a')",
        "#parse('a')",
        "#evaluate('$x')",
        '#set($x = "a\\"b")$x',
        "#if(1)",
        "#set($x = )",
        "#end",
        "${none|'alternate'}",
        '$!{none|"alternate"}',
    ],
)
def test_s10_1_what_is_no_part_of_the_language_is_refused_when_it_is_put(shared_apigateway: Any, template: str) -> None:
    """``#include``, ``#parse``, ``#evaluate``, an escaped quote in a literal, alternate values, and what does not parse."""
    api = shared_apigateway.create_rest_api(name="refused")
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    shared_apigateway.put_method(**names, authorizationType="NONE")
    with pytest.raises(ClientError, match="Invalid mapping template"):
        shared_apigateway.put_integration(**names, type="MOCK", requestTemplates={"application/json": template})


def test_s10_1_how_values_are_written(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """Null is nothing, lists are JSON, maps as Java writes them, numbers keep their form."""
    rows = {
        "$input.path('$.a.null')$input.path('$.none')": "",
        "#set($x = $input.path('$.none'))#if($x == $null)null#end#if($x == \"\")empty#end": "nullempty",
        "$input.path('$.a.list')": '[1,2,{"x":"y"}]',
        "$input.path('$.a.list').toString()": '[1,2,{"x":"y"}]',
        "$input.path('$.pets[0]')": "{name=Rex, age=3}",
        "#set($m = {'foo': [{'nested': 'bar'}]})$m": '{foo=[{"nested":"bar"}]}',
        "$input.path('$.yes')": "true",
        "$input.path('$.a.big')": "12345678901234567890",
    }
    table(shared_gateway, shared_apigateway, backend, rows)


def test_s10_2_what_input_gives(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """``$input``: JSON, objects, and the request's parameters by name and by place."""
    rows = {
        "$input.json('$.a.b')": '"c"',
        "$input.json('$.a.list')": '[1,2,{"x":"y"}]',
        "$input.json('$.none')": '""',
        "$input.json('$.a.é')": '"ü\\"\\\\/\'"',
        "$input.body.a": "",
        "$input.path('$.pets[*].name')": '["Rex","Tom"]',
        "$input.path('$..age')": "[3,1]",
        "$input.path('$.pets[?(@.age > 1)].name')": '["Rex"]',
        "$input.path('$.pets[-1:]')[0].name": "Tom",
        "$input.path('$.pets.length()')": "2",
        "$input.path('$')['a']['b']": "c",
        "$input.params('id')": "a%2Fb",
        "$input.params('q')": "2",
        "$input.params('sp')": "a b",
        "$input.params('X-Head')": "two",
        "$input.params('x-head')": "",
        "$input.params('only')": "header",
        "[$input.params('missing')]": "[]",
        "$input.params().path.id $input.params().querystring.id $input.params().header.id": "a%2Fb query header",
        "$input.params().header.get('X-Head')": "two",
        "$input.params('header').get('only')": "header",
        "#foreach($k in $input.params().querystring.keySet())$k,#end": "id,q,sp,",
    }
    table(shared_gateway, shared_apigateway, backend, rows)


@pytest.mark.parametrize("body", [b"", b"no JSON", b"<xml/>", b"{"])
def test_s10_2_a_body_that_is_no_json(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, body: bytes
) -> None:
    """An empty body reads as ``{}``; of what is no JSON there is the text alone."""
    integration = {
        "type": "http",
        "httpMethod": "POST",
        "uri": backend.url,
        "requestTemplates": {"application/json": "$input.json('$.x')|$input.path('$.x')|$input.body"},
        "responses": {"default": {"statusCode": "200"}},
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    assert api.send("/stage", "POST", body=body).status == 200
    assert backend.requests[0].body == b'""||' + (body or b"{}")


def test_s10_3_what_util_does(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """``$util``: escaping, parsing, and both codings."""
    rows = {
        "$util.escapeJavaScript($input.path('$.a.é'))": "\\u00FC\\\"\\\\\\/\\'",
        "[$util.escapeJavaScript($none)$util.urlEncode($none)$util.urlDecode($none)]": "[]",
        '#set($p = $util.parseJson(\'{"x": [1, {"y": 2}]}\'))$p.x[1].y': "2",
        '$util.urlEncode(\'{"some": "value"}\')': "%7B%22some%22%3A+%22value%22%7D",
        "$util.urlDecode('a+b%C3%BC')": "a bü",
        "$util.base64Encode('ü')": "w7w=",
        "$util.base64Decode('w7w=')": "ü",
    }
    table(shared_gateway, shared_apigateway, backend, rows)


def test_s10_4_stage_variables(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """Every form of a stage variable; a missing one is nothing."""
    rows = {
        "$stageVariables.shop": "shop-value",
        "$stageVariables['shop']": "shop-value",
        "${stageVariables['shop']}": "shop-value",
        "${stageVariables.shop}": "shop-value",
        "[$stageVariables.none$stageVariables['none']]": "[]",
        "#foreach($k in $stageVariables.keySet())$k,#end": "shop,other,",
    }
    table(shared_gateway, shared_apigateway, backend, rows)


VARIABLES = (
    "accountId", "apiId", "stage", "deploymentId", "resourceId", "resourcePath", "httpMethod", "path", "protocol",
    "domainName", "domainPrefix", "requestId", "extendedRequestId", "requestTime", "requestTimeEpoch",
    "identity.sourceIp", "identity.userAgent",
)  # fmt: skip
ABSENT = (
    "awsEndpointRequestId", "isCanaryRequest", "authorizer.principalId", "authorizer.claims.sub",
    "identity.accountId", "identity.caller", "identity.user", "identity.userArn", "identity.accessKey",
    "identity.apiKey", "identity.apiKeyId", "identity.cognitoIdentityId", "identity.clientCert.subjectDN",
    "identity.vpcId", "identity.vpceId", "wafResponseCode", "webaclArn", "error.message", "error.messageString",
    "status", "integrationLatency", "nothing.of.this",
)  # fmt: skip


def test_s10_5_every_variable_of_the_context(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """What ``$context`` says of a request; what is absent is nothing."""
    lines = [f"$context.{name}|" for name in (*VARIABLES, *ABSENT)]
    api, answer = says(shared_gateway, shared_apigateway, *lines)
    found = dict(zip((*VARIABLES, *ABSENT), answer.body.decode().removesuffix("|").split("|\n"), strict=True))
    resource = next(
        one for one in shared_apigateway.get_resources(restApiId=api.api_id)["items"] if one["path"] == "/pets/{id}"
    )
    stage = shared_apigateway.get_stage(restApiId=api.api_id, stageName="stage")
    epoch = int(found.pop("requestTimeEpoch"))
    assert abs(epoch / 1000 - time.time()) < 60
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", found.pop("requestTime"))
    host = f"{api.api_id}.execute-api.us-east-1.amazonaws.com"
    assert found == {
        "accountId": "123456789012", "apiId": api.api_id, "stage": "stage", "deploymentId": stage["deploymentId"],
        "resourceId": resource["id"], "resourcePath": "/pets/{id}", "httpMethod": "POST",
        "path": "/stage/pets/a%2Fb", "protocol": "HTTP/1.1", "domainName": host, "domainPrefix": api.api_id,
        "requestId": answer.header("x-amzn-RequestId"), "extendedRequestId": answer.header("x-amz-apigw-id"),
        "identity.sourceIp": "127.0.0.1", "identity.userAgent": "tester", **dict.fromkeys(ABSENT, ""),
    }  # fmt: skip


def test_s10_5_the_context_can_be_walked(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """Its keys are those of a request's context and both overrides; a nested map by itself is nothing."""
    _, answer = says(
        shared_gateway,
        shared_apigateway,
        "#foreach($k in $context.keySet())$k,#end|",
        "#foreach($k in $context.requestOverride.keySet())$k,#end|",
        "#foreach($k in $context.responseOverride.keySet())$k,#end|",
        "[$context.identity$context.requestOverride$context.responseOverride.header]"
        "#foreach($k in $context.keySet())#if($k == 'identity')[$context.get($k)]#end#end|",
    )
    keys, request, response, nested = answer.body.decode().removesuffix("|").split("|\n")
    assert set(keys.removesuffix(",").split(",")) == {
        "resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId",
        "protocol", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName",
        "deploymentId", "apiId", "requestOverride", "responseOverride",
    }  # fmt: skip
    assert (request, response, nested) == ("path,header,querystring,", "header,", "[][]")


OVERRIDES = (
    "#set($context.requestOverride.querystring.a = 'b')",
    "#set($context.requestOverride.querystring['a'] = 'b')",
    "#set($context.requestOverride['querystring']['a'] = 'b')",
    "#set($q = $context.requestOverride.querystring)#set($q.a = 'b')",
    "$context.requestOverride.querystring.put('a', 'b')",
)


@pytest.mark.parametrize("template", OVERRIDES)
def test_s10_6_every_way_to_write_an_override(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, template: str
) -> None:
    """By property, by index, by nested index and by ``put``, which prints nothing."""
    integration = {
        "type": "http",
        "httpMethod": "POST",
        "uri": f"{backend.url}/x",
        "requestTemplates": {"application/json": f"{template}body"},
        "responses": {"default": {"statusCode": "200"}},
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    assert api.send("/stage", "POST").status == 200
    assert (backend.requests[0].target, backend.requests[0].body) == ("/x?a=b", b"body")


@pytest.mark.parametrize(
    "template",
    [
        "#set($context.requestOverride.header.A = '1')#set($context.requestOverride.header.A = '2')",
        "#set($context.requestOverride.header['Content-Length'] = '1')",
        "#set($context.responseOverride.status = 201)#set($context.responseOverride.status = 202)",
    ],
)
def test_s10_6_an_override_twice_or_of_a_forbidden_header_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, template: str
) -> None:
    integration = {
        "type": "http",
        "httpMethod": "POST",
        "uri": backend.url,
        "requestTemplates": {"application/json": template},
        "responses": {"default": {"statusCode": "200"}},
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    assert api.send("/stage", "POST").error == ERROR
    assert not backend.requests


def test_s10_6_another_template_may_override_anew(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A response template may override what the request's template did; in one template each target is set once."""
    request = "#set($context.responseOverride.status = 201)#set($context.responseOverride.header.A = 'first')"
    paths = {}
    for name, status in (("anew", 202), ("twice", 500)):
        response = "#set($context.responseOverride.status = 202)#set($context.responseOverride.header.A = 'second')"
        said = response + (response if status == 500 else "")
        default = {"statusCode": "200", "responseTemplates": {"application/json": f"{said}body"}}
        paths[f"/{name}"] = {
            "post": operation(
                {
                    "type": "http",
                    "httpMethod": "POST",
                    "uri": backend.url,
                    "requestTemplates": {"application/json": request},
                    "responses": {"default": default},
                }
            )
        }
    api = deploy(shared_gateway, shared_apigateway, paths)
    answer = api.send("/stage/anew", "POST")
    assert (answer.status, answer.header("A"), answer.body) == (202, "second", b"body")
    assert api.send("/stage/twice", "POST").error == ERROR


def test_s10_6_a_proxy_has_no_overrides(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Templates of HTTP_PROXY are not rendered: nothing is overridden."""
    integration = {
        "type": "http_proxy",
        "httpMethod": "POST",
        "uri": f"{backend.url}/x",
        "requestTemplates": {"application/json": OVERRIDES[0]},
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    assert api.send("/stage", "POST", body=b"sent").status == 200
    assert (backend.requests[0].target, backend.requests[0].body) == ("/x", b"sent")


def test_s10_5_access_logs_have_variables_of_their_own(
    gateway: ServedGateway, apigateway: Any, backend: Backend
) -> None:
    """What only access logs know; what is missing is a hyphen."""
    http = {"type": "http", "httpMethod": "GET", "uri": f"{backend.url}/status/404"}
    http["responses"] = {"default": {"statusCode": "200"}}
    failing = {**http, "responses": {"500": {"statusCode": "200"}}}
    paths = {"/": {"get": operation(http)}, "/failing": {"get": operation(failing)}}
    api = deploy(gateway, apigateway, paths)
    present = ("status", "integrationStatus", "integration.status", "integration.integrationStatus", "responseLength",
               "error.responseType", "error.message", "endpointType")  # fmt: skip
    absent = ("authorizer.principalId", "authorize.error", "authenticate.status", "waf.status", "identity.caller",
              "customDomain.basePathMatched", "xrayTraceId")  # fmt: skip
    latencies = ("requestId", "responseLatency", "integrationLatency")
    form = json.dumps({name: f"$context.{name}" for name in (*present, *absent, *latencies)})
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
    apigateway.update_account(patchOperations=[role])
    operations = [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": f"{ARN}/aws/audit"},
        {"op": "replace", "path": "/accessLogSettings/format", "value": form},
    ]
    apigateway.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=operations)
    assert [api.send(f"/stage{path}").status for path in ("/", "/failing", "/unknown")] == [200, 500, 403]
    # Cores write on their own: the lines of three connections come in any order.
    seen = sorted(
        (json.loads(line) for line in written(gateway, "/aws/audit", 3)), key=lambda line: str(line["status"])
    )
    for line in seen:
        assert int(line.pop("responseLatency")) >= 0
        assert len(line.pop("requestId")) == 36
        assert {name: line.pop(name) for name in absent} == dict.fromkeys(absent, "-")
    assert [line.pop("integrationLatency").isdigit() for line in seen] == [True, False, True]
    wanted = [
        ("200", "404", "404", "404", "10", "-", "-", "EDGE"),
        ("403", "-", "-", "-", "42", "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token", "EDGE"),
        ("500", "404", "404", "404", "35", "API_CONFIGURATION_ERROR", "Internal server error", "EDGE"),
    ]
    assert seen == [dict(zip(present, values, strict=True)) for values in wanted]
