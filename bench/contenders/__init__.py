"""Who is measured: each contender is a function that starts a server for a scenario on the gateway's core."""
