"""Comparing both engines for as long as one likes: `make fuzz`, see README.md."""
