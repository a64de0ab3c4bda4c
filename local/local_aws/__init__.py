"""local-aws: AWS on one machine, moto as the engine, corrected where it differs from AWS; the AVM is deployed into it.

`python -m local_aws serve` runs it in one process, without docker and without the internet. Only `deploy` knows the AVM.
"""
