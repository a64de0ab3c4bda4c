"""IAM: policies, trust policies, SAML providers and account aliases as AWS takes them, also in templates.

moto takes nearly everything, and loses much of what templates say.
"""
