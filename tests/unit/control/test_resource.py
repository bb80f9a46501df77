"""Resource. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html"""

from __future__ import annotations

import pytest

from tests.unit.control.management import Management


def make(management: Management, api_id: str, root: str, *paths: str) -> dict[str, str]:
    """Resources at ``paths`` (parents first) by path."""
    ids = {"/": root}
    for path in paths:
        parent, _, part = path.rpartition("/")
        made = management("CreateResource", rest_api_id=api_id, parent_id=ids[parent or "/"], path_part=part)
        assert made == {"id": made["id"], "parentId": ids[parent or "/"], "path": path, "pathPart": part}
        ids[path] = made["id"]
    return ids


def paths(management: Management, api_id: str) -> list[str]:
    return sorted(one["path"] for one in management("GetResources", rest_api_id=api_id)["item"])


@pytest.mark.parametrize("part", ["pets", "a.b_c-d", "v1:batch", "a,b", "{petId}", "{proxy+}"])
def test_path_parts(management: Management, part: str) -> None:
    api_id, root = management.api()
    make(management, api_id, root, f"/{part}")
    assert paths(management, api_id) == ["/", f"/{part}"]


@pytest.mark.parametrize(
    "part", ["", "a b", "a/b", "{", "{}", "{+}", "{a", "a}", "x{a}", "{a}x", "{a+}+", "a+", "ä", "a\n"]
)
def test_path_parts_that_are_refused(management: Management, part: str) -> None:
    api_id, root = management.api()
    assert management.refused("CreateResource", rest_api_id=api_id, parent_id=root, path_part=part) == (
        "BadRequest",
        "Resource's path part only allow a-zA-Z0-9._- and curly braces at the beginning and the end "
        "and an optional plus sign before the closing brace.",
    )


@pytest.mark.parametrize(
    ("existing", "parent", "part", "error"),
    [
        ("/{proxy+}", "/", "{id}", ("BadRequest", "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed")),
        ("/{proxy+}", "/{proxy+}", "x", ("BadRequest", "Cannot create a child of a resource with a greedy path variable: {proxy+}")),
        ("/pets", "/", "pets", ("Conflict", "Another resource with the same parent already has this name: pets")),
        ("/{id}", "/", "{id}", ("Conflict", "Another resource with the same parent already has this name: {id}")),
    ],
)  # fmt: skip
def test_places_that_are_refused(
    management: Management, existing: str, parent: str, part: str, error: tuple[str, str]
) -> None:
    api_id, root = management.api()
    ids = make(management, api_id, root, existing)
    assert management.refused("CreateResource", rest_api_id=api_id, parent_id=ids[parent], path_part=part) == error


def test_moving_and_renaming_recalculate_paths(management: Management) -> None:
    api_id, root = management.api()
    ids = make(management, api_id, root, "/a", "/a/b", "/a/b/{c}", "/x")
    moved = management.update(
        "UpdateResource",
        ("replace", "/parentId", ids["/x"]),
        ("replace", "/pathPart", "bb"),
        rest_api_id=api_id,
        resource_id=ids["/a/b"],
    )
    assert moved == {"id": ids["/a/b"], "parentId": ids["/x"], "path": "/x/bb", "pathPart": "bb"}
    assert paths(management, api_id) == ["/", "/a", "/x", "/x/bb", "/x/bb/{c}"]
    management.update("UpdateResource", ("replace", "/pathPart", "y"), rest_api_id=api_id, resource_id=ids["/x"])
    assert paths(management, api_id) == ["/", "/a", "/y", "/y/bb", "/y/bb/{c}"]


@pytest.mark.parametrize(
    ("path", "operation", "error"),
    [
        ("/a", ("replace", "/parentId", "/a/b"), ("BadRequest", "Resources cannot be cyclical.")),
        ("/a", ("replace", "/parentId", "/a"), ("BadRequest", "Resources cannot be cyclical.")),
        ("/a", ("replace", "/parentId", "nothing"), ("NotFound", "Invalid Resource identifier specified")),
        ("/", ("replace", "/parentId", "/a"), ("BadRequest", "Root resource cannot update its parentId.")),
        ("/", ("replace", "/pathPart", "x"), ("BadRequest", "Root resource cannot update its pathPart.")),
        ("/a", ("replace", "/pathPart", "x"), ("Conflict", "Another resource with the same parent already has this name: x")),
        ("/a", ("replace", "/pathPart", "{x+}"), ("BadRequest", "Cannot create a child of a resource with a greedy path variable: {x+}")),
        ("/a", ("replace", "/x", "y"), ("BadRequest", "Invalid patch path  '/x' specified for op 'replace'. Must be one of: [/parentId, /pathPart]")),
        ("/a", ("add", "/pathPart", "y"), ("BadRequest", "Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations")),
        ("/a", ("remove", "/x"), ("BadRequest", "Invalid patch path  '/x' specified for op 'remove'. Please choose supported operations")),
    ],
)  # fmt: skip
def test_update_refuses(management: Management, path: str, operation: tuple[str, ...], error: tuple[str, str]) -> None:
    api_id, root = management.api()
    ids = make(management, api_id, root, "/a", "/a/b", "/x")
    operation = (*operation[:2], *(ids.get(value, value) for value in operation[2:]))
    answer = management.update_refused("UpdateResource", operation, rest_api_id=api_id, resource_id=ids[path])
    assert answer == error


def test_delete_takes_the_subtree_and_its_methods(management: Management) -> None:
    api_id, root = management.api()
    ids = make(management, api_id, root, "/a", "/a/b", "/a/b/c", "/ab")
    for path in ids:
        management.mock(api_id, ids[path])
    management("DeleteResource", rest_api_id=api_id, resource_id=ids["/a"])
    assert paths(management, api_id) == ["/", "/ab"]
    left = [one for one in management.everything() if one[0] == "method"]
    assert [one[3] for one in left] == [f"{root}/GET", f"{ids['/ab']}/GET"]
    assert management.refused("DeleteResource", rest_api_id=api_id, resource_id=root)[0] == "BadRequest"


def test_methods_are_embedded_when_asked_for(management: Management) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    assert management("GetResource", rest_api_id=api_id, resource_id=root) == {
        "id": root,
        "path": "/",
        "resourceMethods": {"GET": {}},
    }
    (one,) = management("GetResources", rest_api_id=api_id, embed=["methods"])["item"]
    assert one["resourceMethods"]["GET"]["methodIntegration"]["type"] == "MOCK"
    assert one["resourceMethods"]["GET"]["methodResponses"] == {"200": {"statusCode": "200"}}


def test_unknown_resources_are_not_found(management: Management) -> None:
    api_id, root = management.api()
    expected = ("NotFound", "Invalid Resource identifier specified")
    assert management.refused("GetResource", rest_api_id=api_id, resource_id="x") == expected
    assert management.refused("CreateResource", rest_api_id=api_id, parent_id="x", path_part="a") == expected
    # Method-level calls say so of an unknown API, too.
    names = {"rest_api_id": "nothing", "resource_id": root, "http_method": "GET"}
    assert management.refused("GetMethod", **names) == expected
