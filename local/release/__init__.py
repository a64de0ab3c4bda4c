"""`make package`: what can be deployed without a toolchain, the same bytes from every build of the same sources.

A folder for each processor: the functions as zips, the templates that name them, checksums, licences, a bill of materials.
"""
