"""Random operations on the management API, the rules the records must keep, and a compile from scratch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st

from apigw.domain import path_part, resource_tree
from apigw.domain.errors import ControlError
from apigw.domain.rest_api import Deployment, Method, Resource, RestApi, Stage
from apigw.snapshot import publish, units
from tests.unit.control.management import REGION, Management

PARTS = ("a", "b", "{x}", "{y+}")
CODES = ("200", "404")
Step = tuple[int, int, int, int]


class World:
    """Picks from what is there by number, so that most random steps mean something."""

    def __init__(self, management: Management) -> None:
        self.management = management

    def pick(self, kind: Any, family: str, parent: str, number: int) -> str:
        found = [one for one, _ in self.management.store.list(kind, family, REGION, parent)]
        return found[number % len(found)] if found else "nothing"

    def api(self, number: int) -> str:
        return self.pick(RestApi, "rest_api", "", number)

    def resource(self, api_id: str, number: int) -> str:
        return self.pick(Resource, "resource", api_id, number)

    def method(self, api_id: str, number: int) -> dict[str, str]:
        found = self.pick(Method, "method", api_id, number)
        resource_id, _, verb = found.partition("/")
        return {"rest_api_id": api_id, "resource_id": resource_id, "http_method": verb or "GET"}

    def deployment(self, api_id: str, number: int) -> str:
        return self.pick(Deployment, "deployment", api_id, number)

    def stage(self, api_id: str, number: int) -> str:
        return self.pick(Stage, "stage", api_id, number)


def create_resource(world: World, api_id: str, b: int, c: int) -> None:
    parent = world.resource(api_id, b)
    world.management("CreateResource", rest_api_id=api_id, parent_id=parent, path_part=PARTS[c % 4])


def move_resource(world: World, api_id: str, b: int, c: int) -> None:
    names = {"rest_api_id": api_id, "resource_id": world.resource(api_id, b)}
    if c % 2:
        operation = ("replace", "/parentId", world.resource(api_id, c))
    else:
        operation = ("replace", "/pathPart", PARTS[c // 2 % 4])
    world.management.update("UpdateResource", operation, **names)


def delete_resource(world: World, api_id: str, b: int, c: int) -> None:
    world.management("DeleteResource", rest_api_id=api_id, resource_id=world.resource(api_id, b))


def mock(world: World, api_id: str, b: int, c: int) -> None:
    world.management.mock(api_id, world.resource(api_id, b), ("GET", "ANY")[c % 2])


def proxy(world: World, api_id: str, b: int, c: int) -> None:
    world.management("PutIntegration", **world.method(api_id, b), type="HTTP_PROXY", integration_http_method="ANY", uri=f"http://h{c}/")  # fmt: skip


def respond(world: World, api_id: str, b: int, c: int) -> None:
    names = {**world.method(api_id, b), "status_code": CODES[c % 2]}
    header = {f"method.response.header.H{c % 3}": False}
    world.management("PutMethodResponse", **names, response_parameters=header)
    world.management("PutIntegrationResponse", **names, response_parameters=dict.fromkeys(header, f"'{c}'"))


def forget_response(world: World, api_id: str, b: int, c: int) -> None:
    world.management("DeleteMethodResponse", **world.method(api_id, b), status_code=CODES[c % 2])


def require_key(world: World, api_id: str, b: int, c: int) -> None:
    value = ("true", "false")[c % 2]
    world.management.update("UpdateMethod", ("replace", "/apiKeyRequired", value), **world.method(api_id, b))


def validate(world: World, api_id: str, b: int, c: int) -> None:
    # A step that fails must have changed nothing.
    world.management("GetMethod", **world.method(api_id, b))
    names = {"rest_api_id": api_id, "name": f"v{c}"}
    body, parameters = bool(b % 2), bool(c % 2)
    made = world.management(
        "CreateRequestValidator", **names, validate_request_body=body, validate_request_parameters=parameters
    )
    operations = (
        ("replace", "/requestValidatorId", made["id"]),
        ("add", "/requestModels/application~1json", ("Error", "Empty")[c % 2]),
        ("add", f"/requestParameters/method.request.querystring.q{c % 2}", "true"),
    )
    world.management.update("UpdateMethod", *operations, **world.method(api_id, b))


def change_model(world: World, api_id: str, b: int, c: int) -> None:
    reference = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/Empty"
    schema = f'{{"properties": {{"a": {{"$ref": "{reference}"}}, "b": {{"maxLength": {c}}}}}}}'
    world.management.update("UpdateModel", ("replace", "/schema", schema), rest_api_id=api_id, model_name="Error")


def customise(world: World, api_id: str, b: int, c: int) -> None:
    names = {"rest_api_id": api_id, "response_type": ("DEFAULT_4XX", "THROTTLED")[b % 2]}
    if c % 3 == 0:
        world.management("DeleteGatewayResponse", **names)
        return
    headers = {"gatewayresponse.header.X": f"'{c}'"}
    world.management("PutGatewayResponse", **names, status_code=str(400 + c % 50), response_parameters=headers)


def delete_method(world: World, api_id: str, b: int, c: int) -> None:
    world.management("DeleteMethod", **world.method(api_id, b))


def deploy(world: World, api_id: str, b: int, c: int) -> None:
    stage_name = (None, "prod", "dev")[b % 3]
    world.management("CreateDeployment", rest_api_id=api_id, stage_name=stage_name, variables={"v": str(c)})


def describe(world: World, api_id: str, b: int, c: int) -> None:
    names = {"rest_api_id": api_id, "deployment_id": world.deployment(api_id, b)}
    world.management.update("UpdateDeployment", ("replace", "/description", str(c)), **names)


def delete_deployment(world: World, api_id: str, b: int, c: int) -> None:
    world.management("DeleteDeployment", rest_api_id=api_id, deployment_id=world.deployment(api_id, b))


def create_stage(world: World, api_id: str, b: int, c: int) -> None:
    deployment_id = world.deployment(api_id, c)
    world.management("CreateStage", rest_api_id=api_id, stage_name=f"s{b % 3}", deployment_id=deployment_id)


def update_stage(world: World, api_id: str, b: int, c: int) -> None:
    names = {"rest_api_id": api_id, "stage_name": world.stage(api_id, b)}
    operations = [
        ("replace", "/deploymentId", world.deployment(api_id, c)),
        ("replace", f"/variables/v{c % 2}", str(c)),
        ("remove", "/variables/v0"),
        ("replace", "/tracingEnabled", "true"),
        ("replace", "/canarySettings/deploymentId", world.deployment(api_id, b)),
        ("replace", "/canarySettings/stageVariableOverrides/v0", str(c)),
        ("copy", "/deploymentId", "", "/canarySettings/deploymentId"),
        ("remove", "/canarySettings"),
    ]
    world.management.update("UpdateStage", operations[c % 8], **names)


def tag_stage(world: World, api_id: str, b: int, c: int) -> None:
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api_id}/stages/{world.stage(api_id, b)}"
    world.management("TagResource", resource_arn=arn, tags={"t": str(c)})


def delete_stage(world: World, api_id: str, b: int, c: int) -> None:
    world.management("DeleteStage", rest_api_id=api_id, stage_name=world.stage(api_id, b))


def create_api(world: World, api_id: str, b: int, c: int) -> None:
    world.management.api(name=f"api{c}", clone_from=api_id if b % 2 and api_id != "nothing" else None)


def rename_api(world: World, api_id: str, b: int, c: int) -> None:
    world.management.update("UpdateRestApi", ("replace", "/name", f"n{c}"), rest_api_id=api_id)


def delete_api(world: World, api_id: str, b: int, c: int) -> None:
    world.management("DeleteRestApi", rest_api_id=api_id)


ACTIONS: tuple[Callable[[World, str, int, int], None], ...] = (
    create_resource, create_resource, move_resource, delete_resource, mock, mock, proxy, respond, forget_response,
    require_key, validate, change_model, customise, delete_method, deploy, deploy, deploy, describe, delete_deployment, create_stage, update_stage,
    update_stage, tag_stage, delete_stage, create_api, rename_api, delete_api,
)  # fmt: skip


def check_trees(management: Management) -> None:
    store = management.store
    for _, _, api_id, api in store.scan(RestApi, "rest_api"):
        resources = dict(store.list(Resource, "resource", REGION, api_id))
        assert resources[api.root_resource_id].path == "/"
        for resource in resources.values():
            if resource.parent_id is None:
                assert resource.id == api.root_resource_id
                continue
            parent = resources[resource.parent_id]
            assert resource.path == resource_tree.child_path(parent.path, resource.path_part or "")
            assert not path_part.is_greedy(parent.path_part)
        for children in resource_tree.children_of(resources.values()).values():
            names = [child.path_part for child in children]
            assert len(set(names)) == len(names)
            assert sum(path_part.is_variable(name) for name in names) <= 1
        for _, method in store.list(Method, "method", REGION, api_id):
            assert method.resource_id in resources
        for _, stage in store.list(Stage, "stage", REGION, api_id):
            assert store.get(Deployment, "deployment", REGION, api_id, stage.deployment_id) is not None


def from_scratch(management: Management) -> dict[str, units.Unit]:
    """What an engine that starts would be given, compiled anew from records alone."""
    store = management.store
    deployments = [f"deployment/{api_id}/{one}" for _, api_id, one, _ in store.scan(Deployment, "deployment")]
    bodies = [(key, publish.recompile(store, key)) for key in deployments]
    return {key: msgspec.json.decode(body, type=units.Unit) for key, body in [*bodies, *publish.stages(store)]}


STEPS = st.lists(st.tuples(*[st.integers(0, 23), *[st.integers(0, 7)] * 3]), min_size=10, max_size=60)


def perform(management: Management, steps: list[Step]) -> None:
    """A first API with a stage, then ``steps``; after each the records must keep their rules."""
    world = World(management)
    _, root = management.api()
    management.mock(world.api(0), root)
    management("CreateDeployment", rest_api_id=world.api(0), stage_name="prod")
    for action, a, b, c in steps:
        run = ACTIONS[action]
        before = management.everything()
        try:
            run(world, world.api(a), b, c)
        except ControlError:
            # One call is one savepoint; a refused one leaves nothing behind.
            assert run in (mock, respond) or management.everything() == before
        check_trees(management)
