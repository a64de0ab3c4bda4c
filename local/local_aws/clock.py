"""Scaled time: the waits of the local AWS take a fraction of the seconds that AWS would take.

Only waits are scaled (Wait states, retry intervals, the time until an account is ready); function timeouts stay real.
"""

import os
import time

TIME_SCALE_VARIABLE = "AVM_LOCAL_TIME_SCALE"
DEFAULT_TIME_SCALE = 0.02


def time_scale() -> float:
    """The factor between a second on AWS and a second here."""
    text = os.environ.get(TIME_SCALE_VARIABLE, "").strip()
    if not text:
        return DEFAULT_TIME_SCALE
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale <= 1:
        raise ValueError(f"{TIME_SCALE_VARIABLE} must be a number from 0 to 1, not {text!r}")
    return scale


def now() -> float:
    """What intervals are measured with, in seconds of this machine."""
    return time.monotonic()


def scaled(seconds: float) -> float:
    """How long a wait of so many AWS seconds takes here."""
    return max(0.0, seconds) * time_scale()


def sleep(seconds: float) -> None:
    """Waits for so many AWS seconds."""
    time.sleep(scaled(seconds))
