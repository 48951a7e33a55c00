"""``python -m sparkify_dagster.cli``: the same as ``sparkify``.

What belongs here: the call. What doesn't: anything else.
"""

from sparkify_dagster.cli import main

main()
