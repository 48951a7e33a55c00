"""The proof of the contract: what the tables hold, whatever the lake holds and whatever was done in which order."""
