"""The native extensions under AddressSanitizer and UBSan: `make sanitize`."""
