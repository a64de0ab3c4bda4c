"""The calls of IAM that moto has not, or has otherwise: aliases, tags of SAML providers, root access management.

What identities may do is in `resources`.
"""
