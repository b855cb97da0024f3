"""The public API's generated stubs, one sub-package for each version of the API.

Generated from ``proto/`` by ``make proto``; never edited. Only this file and its sub-packages'
``__init__.py`` are written by hand.
"""
