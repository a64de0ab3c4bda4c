"""Objects and buckets as AWS has them: conditional writes with one winner, missing objects, buckets of templates.

Corrects moto, where two conditional writes may both win, and a bucket of a template loses most of its properties.
"""
