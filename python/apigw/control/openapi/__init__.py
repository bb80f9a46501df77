"""OpenAPI documents to records."""
