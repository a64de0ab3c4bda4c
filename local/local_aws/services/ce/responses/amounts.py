"""Amounts as Cost Explorer writes them: plain, in E notation, or with the last digit of a float.

Which of them depends on the amount alone, so the same question has the same answer. Zero comes without a currency.
"""

import math
import zlib
from decimal import Decimal

CURRENCY = "USD"
NO_CURRENCY = "N/A"


def amount(value: Decimal) -> dict[str, str]:
    """A MetricValue."""
    kind = zlib.crc32(f"{value.normalize():f}".encode()) % 4
    if not value:
        return {"Amount": "0", "Unit": NO_CURRENCY}
    written = {0: _plain, 1: _scientific, 2: _artefact, 3: _padded}[kind](value)
    return {"Amount": written, "Unit": CURRENCY}


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _padded(value: Decimal) -> str:
    return f"{value:.10f}" if value == round(value, 10) else _plain(value)


def _scientific(value: Decimal) -> str:
    """As Java writes it: one digit before the point, at least one after it, no plus sign."""
    sign, digits, _ = value.normalize().as_tuple()
    rest = "".join(str(digit) for digit in digits[1:]) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{rest}E{value.adjusted()}"


def _artefact(value: Decimal) -> str:
    """The next float, such as 0.6960000000000001 for 0.696."""
    return _plain(Decimal(repr(math.nextafter(float(value), math.copysign(math.inf, value)))))
