"""The endpoints of SCIM, mounted beside moto's application.

moto has none.
"""
