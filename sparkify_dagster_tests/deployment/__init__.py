"""A deployment: its processes, the proxy before them, and the files that describe it."""
