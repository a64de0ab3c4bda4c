"""Named corrections of moto, one module per area of AWS.

Each module has an install() and says for every correction which behaviour of moto it replaces.
"""
