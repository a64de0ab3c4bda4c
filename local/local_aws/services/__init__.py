"""A folder for each service of AWS, named as moto names its own; the README says which files one has.

A module corrects moto where it is written, see local_aws.patches.
"""
