"""What IAM refuses to keep: too many policies, principals that do not exist, metadata that are none.

moto keeps everything.
"""
