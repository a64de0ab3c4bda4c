"""EC2's default VPCs and regions.

moto's default VPCs lack gateways, and every account has the same regions.
"""
