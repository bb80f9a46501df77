"""What drives load: wrk's script, and locust's users with what starts them."""
