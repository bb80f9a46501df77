"""``${AWS::AccountId}``, ``${AWS::Partition}`` and ``${AWS::Region}`` in a document's text.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/import-api-aws-variables.html
"""

from __future__ import annotations


def substitute(text: bytes, account: str, partition: str, region: str) -> bytes:
    """Put the call's own values in; they hold no character that JSON or YAML would read otherwise."""
    if b"${AWS::" not in text:
        return text
    for name, value in (("AccountId", account), ("Partition", partition), ("Region", region)):
        text = text.replace(b"${AWS::" + name.encode() + b"}", value.encode())
    return text
