"""The Lambda that `PermissionDowngrade` replaces, as meshStack's documentation prints it.

Kept only to be measured beside ours.
"""
