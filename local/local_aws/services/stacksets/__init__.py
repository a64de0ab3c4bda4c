"""CloudFormation StackSets as on AWS: operations that take time, one at a time, with roles, rights and results.

Corrects moto, where operations succeed at once and neither ids, filters, parameters nor roles matter.
"""
