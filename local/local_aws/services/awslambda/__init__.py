"""Lambda: Invoke runs the built binaries, see local_aws.lambda_service.

Corrects moto, whose Invoke needs docker or runs nothing.
"""
