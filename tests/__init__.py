"""The tests of apigw; see CONTRIBUTING.md."""
