"""SCIM for the users and groups of the identity store, behind AWS's limits.

moto has none.
"""
