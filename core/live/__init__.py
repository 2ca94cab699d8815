"""A camera's frame in, the frame to show out: tracking, steadiness, views and clips of the mirror."""
