"""The AWS wire: service models, rest-json, errors and dispatch."""
