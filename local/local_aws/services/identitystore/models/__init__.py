"""The identity stores and what is in them, which SCIM shares.

moto makes a store for any id.
"""
