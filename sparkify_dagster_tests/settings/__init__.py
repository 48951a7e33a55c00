"""Tests of the settings that only Redshift needs, and of ``dwh.cfg``."""
