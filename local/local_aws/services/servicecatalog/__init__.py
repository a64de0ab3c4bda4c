"""Service Catalog with one product, Control Tower's Account Factory.

Corrects moto, which has portfolios and products, but neither versions, paths, principals nor anything provisioned.
"""
