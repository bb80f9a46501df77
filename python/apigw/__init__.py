"""apigw: Amazon API Gateway that anyone can run."""
