"""The documentation: pages in Markdown, and what makes pages of the code (``making``)."""
