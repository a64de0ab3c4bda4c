"""Takes each denial and each condition out of the templates, one at a time, and runs the test that is named for it.

`make mutate-policies`; killers.yaml says which test that is. A test that still passes proves nothing about its policy.
"""
