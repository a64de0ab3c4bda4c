"""What the local AWS serves of its own, below /local-aws/: for tests and tools, not signed.

The log of calls, faults on demand, what no log may hold, and an identity provider's metadata.
"""
