"""Version 1 of the public API: protobuf messages and gRPC stubs of package exchange.api.v1.

Everything else in this folder is generated from ``proto/exchange/api/v1/*.proto`` by
``make proto``; ``make proto-check`` fails when the two differ.
"""
