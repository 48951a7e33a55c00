"""Tests of what the engines need beside loading: connecting."""
