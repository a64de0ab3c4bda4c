"""The calls of CloudFormation on StackSets.

Corrects moto's, where neither ids, filters, parameters nor roles matter.
"""
