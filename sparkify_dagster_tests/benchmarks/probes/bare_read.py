"""Opens, reads and closes each file below a folder, and prints the seconds that it took.

What belongs here: the least that any program in Python can do with files. What doesn't: what is in them.
"""

import os
import sys
import time


def read_all(folder: str) -> int:
    """Reads all files below a folder; returns their bytes."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with open(f"{path}/{name}", "rb") as file:
                total += len(file.read())
    return total


if __name__ == "__main__":
    began = time.monotonic()
    read_all(sys.argv[1])
    print(time.monotonic() - began)
