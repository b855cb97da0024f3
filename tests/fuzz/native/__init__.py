"""libFuzzer on engine and codec: `make fuzz-native`."""
