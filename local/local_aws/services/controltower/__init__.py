"""AWS Control Tower: a landing zone, registered units, enrolled accounts, auto-enrollment, and its mandatory control.

Unknown to moto.
"""
