"""Tests of the dashboard, the reports, and the notebook."""
