"""The local AWS: moto as the engine, corrected where it differs from AWS, with the AVM deployed.

`python -m local_aws serve` runs it in one process, without docker and without the internet.
"""
