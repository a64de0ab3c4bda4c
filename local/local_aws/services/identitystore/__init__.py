"""The identity store of IAM Identity Center: uniqueness, memberships and errors as AWS has them.

Corrects moto, which makes a store for any id, repeats memberships and leaves them behind.
"""
