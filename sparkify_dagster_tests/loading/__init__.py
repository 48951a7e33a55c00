"""Tests of the loading: what is a good record, and what becomes of whole files and of whole loads."""
