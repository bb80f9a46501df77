"""``python -m apigw`` is ``apigw``."""

from apigw.cli import main

main()
