"""Scripts that benchmarks run in processes of their own, beside those of the platform.

What belongs in this package: what is held against the platform, and what looks into it from within a process. What
doesn't: measuring.
"""
