"""Cost Explorer, computed from a ledger of one organization: costs, reservations, Savings Plans, tags, anomalies.

Corrects moto, which answers canned results to everybody, and refuses nothing.
"""
