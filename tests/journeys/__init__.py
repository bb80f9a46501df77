"""Black box: AWS's clients for control, real HTTP clients for data."""
