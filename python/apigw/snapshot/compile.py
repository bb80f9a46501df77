"""Records to units. Pure: the same records always give the same bytes.

Refuses nothing: ``not_yet`` and the rules ran before. What cannot be expressed in units is a bug here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from apigw.domain import gateway_response_rules, log_rules, model_rules, stage_rules
from apigw.domain import mapping_expression as expressions
from apigw.domain import rest_api as domain
from apigw.snapshot import units
from apigw.snapshot.frozen import Frozen

COMPILER: Final = 6
# AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
ACCOUNT_BURST: Final = 5000


def deployment(frozen: Frozen, deployment_id: str) -> units.Deployment:
    """The unit of a deployment; resources and methods in creation order, resources without methods left out."""
    api = frozen.rest_api
    validators = {one.id: one for one in frozen.request_validators}
    methods: dict[str, list[units.Method]] = {}
    for method in frozen.methods:
        validator = validators.get(method.request_validator_id or "")
        methods.setdefault(method.resource_id, []).append(_method(method, _validation(method, validator)))
    return units.Deployment(
        api_id=api.id,
        api_name=api.name,
        deployment_id=deployment_id,
        account_id=frozen.account_id,
        region=frozen.region,
        endpoint_type=api.endpoint_configuration.types[0],
        disable_execute_api_endpoint=api.disable_execute_api_endpoint,
        binary_media_types=list(api.binary_media_types or ()),
        gateway_responses=[_gateway_response(record) for record in frozen.gateway_responses],
        models=_models(frozen, [one for found in methods.values() for one in found]),
        minimum_compression_size=api.minimum_compression_size,
        resources=[
            units.Resource(resource_id=resource.id, path=resource.path, methods=methods[resource.id])
            for resource in frozen.resources
            if resource.id in methods
        ],
    )


def _gateway_response(record: domain.GatewayResponse) -> units.GatewayResponse:
    # Only headers have an effect; AWS takes the other places too.
    targets = {target: gateway_response_rules.header(target) for target in record.response_parameters or {}}
    return units.GatewayResponse(
        response_type=record.response_type,
        status_code=record.status_code,
        headers=[
            units.GatewayHeader(name=name, source=_request_source((record.response_parameters or {})[target]))
            for target, name in targets.items()
            if name is not None
        ],
        templates=_templates(record.response_templates),
    )


def stage(api_id: str, record: domain.Stage, certificate: domain.ClientCertificate | None) -> units.Stage:
    """The unit of a stage; ``certificate`` is that of its ``clientCertificateId``."""
    return units.Stage(
        api_id=api_id,
        stage_name=record.stage_name,
        deployment_id=record.deployment_id,
        variables=_variables(record.variables),
        canary=_canary(record),
        access_log=_access_log(record.access_log_settings),
        method_settings=_method_settings(record.method_settings),
        cache_bytes=stage_rules.cache_bytes(record),
        client_certificate=None
        if certificate is None
        else units.ClientCertificate(
            certificate=certificate.pem_encoded_certificate, private_key=certificate.private_key
        ),
    )


def _variables(variables: Mapping[str, str] | None) -> list[units.StageVariable]:
    return [units.StageVariable(name=name, value=value) for name, value in (variables or {}).items()]


def _canary(record: domain.Stage) -> units.Canary | None:
    canary = record.canary_settings
    if canary is None:
        return None
    return units.Canary(
        percent_traffic=canary.percent_traffic,
        deployment_id=canary.deployment_id,
        # AWS: what the canary does not override it has from the stage.
        variables=_variables({**(record.variables or {}), **(canary.stage_variable_overrides or {})}),
        use_stage_cache=canary.use_stage_cache,
    )


def _method_settings(settings: Mapping[str, domain.MethodSetting]) -> list[units.MethodSetting]:
    compiled = [
        units.MethodSetting(
            method=_method_key(key),
            metrics_enabled=setting.metrics_enabled,
            logging_level=setting.logging_level or "OFF",  # type: ignore[arg-type]  # checked at write
            data_trace_enabled=setting.data_trace_enabled,
            throttle=throttle_limit(setting.throttling_rate_limit, setting.throttling_burst_limit),
            cache=_cache_setting(setting),
        )
        for key, setting in settings.items()
    ]
    # A method's own settings keep those of all away as a whole, also where they ask for nothing.
    return sorted(compiled, key=lambda one: one.method is None)


def _cache_setting(setting: domain.MethodSetting) -> units.CacheSetting | None:
    # AWS: a time of 0 turns caching off.
    if not setting.caching_enabled or setting.cache_ttl_in_seconds == 0:
        return None
    strategy: units.UnauthorizedStrategy = setting.unauthorized_cache_control_header_strategy  # type: ignore[assignment]  # checked at write
    return units.CacheSetting(
        ttl_in_seconds=setting.cache_ttl_in_seconds,
        encrypted=setting.cache_data_encrypted,
        require_authorization=setting.require_authorization_for_cache_control,
        unauthorized_strategy=strategy,
    )


def throttle_limit(rate: float, burst: int) -> units.ThrottleLimit | None:
    """AWS: -1 sets no limit of its own. A rate without a burst may burst as far as AWS lets an account."""
    if rate == 0 or burst == 0:
        return units.ThrottleLimit(rate_limit=0.0, burst_limit=0)
    if rate < 0:
        return None
    return units.ThrottleLimit(rate_limit=rate, burst_limit=ACCOUNT_BURST if burst < 0 else burst)


def _method_key(key: str) -> units.MethodKey | None:
    if key == stage_rules.EVERY_METHOD:
        return None
    # AWS keeps a key as it was patched: `~1pets~1{petId}/GET` and `pets/GET` are both of these.
    path, _, http_method = key.rpartition("/")
    path = path.replace("~1", "/").replace("~0", "~")
    return units.MethodKey(path="/" + path.lstrip("/"), http_method=http_method)


def _access_log(settings: domain.AccessLogSettings | None) -> units.AccessLogSettings | None:
    # AWS takes the two members one after the other; there is something to log when both are there.
    if settings is None or settings.destination_arn is None or settings.format is None:
        return None
    destination = log_rules.destination(settings.destination_arn)
    return units.AccessLogSettings(region=destination.region, destination=destination.name, format=settings.format)


def _validation(method: domain.Method, validator: domain.RequestValidator | None) -> units.Validation | None:
    if validator is None:
        return None
    parameters, models = method.request_parameters or {}, method.request_models or {}
    if not validator.validate_request_parameters:
        parameters = {}
    if not validator.validate_request_body:
        models = {}
    declared = [expressions.parse_declaration(name) for name, required in parameters.items() if required]
    if not declared and not models:
        return None
    return units.Validation(
        parameters=[units.RequiredParameter(location=one.location, name=one.name) for one in declared],
        models=[units.RequestModel(content_type=name, model=model) for name, model in models.items()],
    )


def _models(frozen: Frozen, methods: Iterable[units.Method]) -> list[units.Model]:
    """What validated methods need, and what that refers to: nothing else is compiled."""
    wanted = {one.model for method in methods if method.validation is not None for one in method.validation.models}
    if not wanted:
        return []
    api_id = frozen.rest_api.id
    found = model_rules.closure(api_id, wanted, {model.name: model for model in frozen.models})
    return [
        units.Model(name=model.name, url=model_rules.url(api_id, model.name), schema=model_rules.judged(model))
        for model in found
    ]


def _method(method: domain.Method, validation: units.Validation | None) -> units.Method:
    if method.method_integration is None:
        raise ValueError("a method without an integration was not refused")
    return units.Method(
        http_method=method.http_method,
        validation=validation,
        method_responses=list(method.method_responses or ()),
        integration=_integration(method.method_integration),
        cache_key=_cache_key(method.method_integration),
    )


def _integration(record: domain.Integration) -> units.Integration:
    if record.type == "HTTP_PROXY":
        return units.HttpProxyIntegration(
            backend=_backend(record),
            request_parameters=_request_parameters(record.request_parameters),
            response_transfer_mode="STREAM" if record.response_transfer_mode == "STREAM" else "BUFFERED",
        )
    templates = _templates(record.request_templates)
    passthrough: units.PassthroughBehavior = record.passthrough_behavior  # type: ignore[assignment]  # checked at write
    responses = _responses((record.integration_responses or {}).values())
    if record.type == "MOCK":
        # AWS accepts request parameters on MOCK and ignores them.
        return units.MockIntegration(
            content_handling=_content_handling(record.content_handling),
            request_templates=templates,
            passthrough_behavior=passthrough,
            responses=responses,
        )
    if record.type == "HTTP":
        return units.HttpIntegration(
            backend=_backend(record),
            request_parameters=_request_parameters(record.request_parameters),
            content_handling=_content_handling(record.content_handling),
            request_templates=templates,
            passthrough_behavior=passthrough,
            responses=responses,
        )
    raise ValueError(f"an integration of type {record.type} was not refused")


def _cache_key(record: domain.Integration) -> units.CacheKey:
    mapped = record.request_parameters or {}
    # A deployment of before, when it was no rule, may have a key that nothing maps: it tells nothing apart.
    sources = [mapped.get(name) if name.startswith("integration.") else name for name in record.cache_key_parameters]
    return units.CacheKey(
        namespace=record.cache_namespace,
        parameters=[_request_source(source) for source in sources if source is not None],
    )


def _content_handling(value: str | None) -> units.ContentHandling | None:
    return value  # type: ignore[return-value]  # checked at write


def _backend(record: domain.Integration) -> units.Backend:
    return units.Backend(
        uri=record.uri or "",
        http_method=None if record.http_method in (None, "ANY") else record.http_method,
        timeout_in_millis=record.timeout_in_millis,
        insecure_skip_verification=record.tls_config is not None and record.tls_config.insecure_skip_verification,
    )


def _templates(templates: Mapping[str, str | None] | None) -> list[units.Template]:
    return [units.Template(content_type=name, text=text or "") for name, text in (templates or {}).items()]


def _request_parameters(parameters: Mapping[str, str] | None) -> list[units.RequestParameter]:
    return [_request_parameter(target, source) for target, source in (parameters or {}).items()]


def _responses(responses: Iterable[domain.IntegrationResponse]) -> list[units.IntegrationResponse]:
    return [
        units.IntegrationResponse(
            status_code=response.status_code,
            selection_pattern=response.selection_pattern or "",
            content_handling=_content_handling(response.content_handling),
            response_parameters=[
                _response_parameter(target, source) for target, source in (response.response_parameters or {}).items()
            ],
            response_templates=_templates(response.response_templates),
        )
        for response in responses
    ]


@lru_cache(maxsize=4096)
def _request_parameter(target: str, source: str) -> units.RequestParameter:
    place = expressions.parse_request_target(target)
    return units.RequestParameter(location=place.location, name=place.name, source=_request_source(source))


@lru_cache(maxsize=4096)
def _response_parameter(target: str, source: str) -> units.ResponseParameter:
    return units.ResponseParameter(name=expressions.parse_response_target(target), source=_response_source(source))


def _request_source(text: str) -> units.RequestSource:
    source = expressions.parse_request_source(text)
    if isinstance(source, expressions.ParameterSource):
        match source.location:
            case "path":
                return units.PathSource(name=source.name)
            case "querystring":
                return units.QuerystringSource(name=source.name)
            case "multivaluequerystring":
                return units.MultiValueQuerystringSource(name=source.name)
            case "header":
                return units.HeaderSource(name=source.name)
            case "multivalueheader":
                return units.MultiValueHeaderSource(name=source.name)
    return _anywhere(source, text)


def _response_source(text: str) -> units.ResponseSource:
    source = expressions.parse_response_source(text)
    if isinstance(source, expressions.ParameterSource):
        if source.location == "header":
            return units.HeaderSource(name=source.name)
        return units.MultiValueHeaderSource(name=source.name)
    return _anywhere(source, text)


def _anywhere(
    source: expressions.Source, text: str
) -> units.BodySource | units.ContextSource | units.StageVariableSource | units.LiteralSource:
    if isinstance(source, expressions.BodySource):
        return units.BodySource(json_path=source.json_path)
    if isinstance(source, expressions.ContextSource):
        return units.ContextSource(path=source.path)
    if isinstance(source, expressions.StageVariableSource):
        return units.StageVariableSource(name=source.name)
    if isinstance(source, expressions.StaticSource):
        return units.LiteralSource(value=source.value)
    raise ValueError(f"the mapping expression {text} was not refused")
