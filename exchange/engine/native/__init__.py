"""The native engine: the rulebook in C++ behind the engine port (DESIGN section 3)."""
