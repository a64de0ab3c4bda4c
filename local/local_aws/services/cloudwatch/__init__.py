"""CloudWatch's alarms in templates.

moto has alarms, but not for CloudFormation.
"""
