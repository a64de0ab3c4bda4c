"""Python reads this at its start where the folder is on its path: the waits of the AWS CLI and of the SAM CLI are scaled.

The local AWS takes a fraction of AWS's seconds for everything; so do they, who would look every thirty seconds.
"""

import os
import time

_SCALE = float(os.environ.get("AVM_LOCAL_TIME_SCALE") or 0.02)
_sleep = time.sleep


def _scaled(seconds: float) -> None:
    _sleep(seconds * _SCALE)


time.sleep = _scaled
