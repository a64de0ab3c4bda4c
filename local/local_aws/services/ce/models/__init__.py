"""What the organization costs: usage by the hour, plans, single charges, and what Cost Explorer knows of them by today.

moto has no costs.
"""
