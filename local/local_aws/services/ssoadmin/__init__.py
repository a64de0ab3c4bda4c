"""IAM Identity Center's administration: one instance, permission sets, assignments that take time.

Corrects moto, where everybody has an instance, every assignment succeeds at once, and nothing is checked.
"""
