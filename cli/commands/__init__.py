"""The verbs of `exctl` and `exchange`, one noun a file.

Each is imported only when it is used; none imports grpc or rich before it runs.
"""
