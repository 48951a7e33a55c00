"""The same tables made with other tools, the way people write it with them.

What belongs in this package: one script (or project) for each tool, run in an environment of its own that
`requirements.lock` describes. What doesn't: the platform; none of its modules is imported, and none is needed.
"""
