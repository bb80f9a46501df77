"""OpenAPI documents as deployed APIs: they are loaded, explained, compared, and followed while they are edited."""

from apigw.documents.document import Document, DocumentError, Problem, from_file, from_mapping, of_file, read
from apigw.documents.loading import (
    DIGEST_TAG,
    DOCUMENT_TAG,
    Deployed,
    deploy,
    find,
    import_document,
    load_document,
    put,
)

__all__ = [
    "DIGEST_TAG",
    "DOCUMENT_TAG",
    "Deployed",
    "Document",
    "DocumentError",
    "Problem",
    "deploy",
    "find",
    "from_file",
    "from_mapping",
    "import_document",
    "load_document",
    "of_file",
    "put",
    "read",
]
