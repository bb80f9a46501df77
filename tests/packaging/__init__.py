"""What is shipped: wheel, source distribution, image, unit."""
