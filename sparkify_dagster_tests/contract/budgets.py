"""How many examples hypothesis tries.

What belongs here: that, for `make test` and for the slow tests. What doesn't: the examples (``strategies``).
"""

from hypothesis import HealthCheck, settings

QUICK = settings(
    max_examples=8,
    deadline=None,
    # The same examples each time: where a test of `make test` fails, it is for a change of the code.
    derandomize=True,
    # One lake and one warehouse serve all examples, emptied before each.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
THOROUGH = settings(QUICK, max_examples=800, derandomize=False, print_blob=True)
