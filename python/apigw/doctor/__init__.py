"""Is this machine fit for a gateway? Checks that change nothing, each with what to do about it."""
