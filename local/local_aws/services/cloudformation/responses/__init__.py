"""The calls of CloudFormation on stacks.

Corrects moto's, which know few of AWS's refusals.
"""
