"""How whole processes are measured, and what is worked out of it.

What belongs in this package: running a process and knowing its time and memory, running two in turn, medians, ratios
and slopes, and seeing which files are opened. What doesn't: which processes are run, and what is said of them.
"""
