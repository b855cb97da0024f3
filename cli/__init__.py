"""The command lines: ``exchange`` runs a node, ``exctl`` operates one.

``exctl`` speaks gRPC through ``exchange.client``, or reads a stopped node's storage offline.
No rule of the market lives here: arguments become a call, the answer becomes a table or JSON.
The JSON shapes and the exit codes are contracts.
"""
