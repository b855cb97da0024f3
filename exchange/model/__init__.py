"""The model: values of the market, and their bytes. No state, no I/O, no clock.

    units -> enums, reject -> instrument -> command, event -> layout -> records -> codec

Imports only `exchange.errors` and itself. Everything above speaks in these words.
"""
