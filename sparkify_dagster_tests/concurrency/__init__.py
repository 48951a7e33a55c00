"""Several processes at one warehouse at once: one after the other, or a clear refusal; never doubled rows."""
