"""The ``AWS_*`` variables with which AWS's clients talk to a gateway, for a shell and for a process.

Endpoints: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

from apigw.data_dir import Credentials

# They would beat or confuse the variables below.
UNSET = ("AWS_SESSION_TOKEN", "AWS_PROFILE")


def aws_environment(endpoint: str, keys: Credentials, region: str) -> dict[str, str]:
    """The variables for a management API at ``endpoint``."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
    }
