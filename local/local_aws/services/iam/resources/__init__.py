"""IAM in templates: roles, users and policies, also after an update.

moto drops policies and updates next to nothing.
"""
