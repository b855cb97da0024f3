"""The tests. Folders mirror the packages; ``test_tidy*.py`` hold the rules of the house."""
