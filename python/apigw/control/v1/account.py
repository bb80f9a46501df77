"""GetAccount, UpdateAccount: what is set once per account and region.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_Account.html
"""

from __future__ import annotations

import re
from typing import Any

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import patch_tables
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import Account

_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/\S+")
_BAD_ROLE = (
    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway "
    "and add the required role policy."
)


@operation("GetAccount")
def get_account(call: Call, _given: Input) -> dict[str, Any]:
    """200; an account that nothing limits shows no ``throttleSettings``, for a limit that is shown is kept."""
    return _shown(call, _current(call))


@operation("UpdateAccount")
def update_account(call: Call, given: Input) -> dict[str, Any]:
    """200. Nothing here assumes the role; as at AWS, stages may log once there is one."""
    before = _current(call)
    account = patch.apply(patch_tables.ACCOUNT, before, given.get("patch_operations"))
    if account.cloudwatch_role_arn is not None and _ROLE.fullmatch(account.cloudwatch_role_arn) is None:
        raise BadRequest(_BAD_ROLE)
    if account is not before:
        call.store.put("account", call.region, "", "account", account)
    return _shown(call, account)


def _current(call: Call) -> Account:
    return call.store.get(Account, "account", call.region, "", "account") or Account()


def _shown(call: Call, account: Account) -> dict[str, Any]:
    return {
        "cloudwatch_role_arn": account.cloudwatch_role_arn,
        "throttle_settings": call.account_throttle,
        "features": list(account.features),
        "api_key_version": "4",
    }
