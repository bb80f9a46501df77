"""The Python API: a gateway in one's own process; docs/python.md is its guide."""

from apigw.gateway.gateway import DocumentLike, Gateway

__all__ = ["DocumentLike", "Gateway"]
