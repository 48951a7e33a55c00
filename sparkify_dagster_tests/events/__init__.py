"""Tests of what announces new files: notifications of S3, the queue, and the sensor that it feeds."""
