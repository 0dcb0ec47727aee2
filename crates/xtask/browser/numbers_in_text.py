"""Whether two texts are the same up to the last digits of their numbers.

The kernel computes on the reader's machine. The order of additions and the last bit of a logarithm differ between
machines, and with them the last digit that is printed.
"""

import re

NUMBER = re.compile(r"(?<![\w.])[-−+]?\d+(?:[.]\d+)?(?:[eE][-−+]?\d+)?")
# A number that was rounded may go the other way: one unit of the last digit, and a little for the subtraction.
UNITS = 1.01
# Below this a number is the rounding error of another, and says nothing but that it is small.
NOTHING = 1e-9


def squeezed(text: str) -> str:
    return " ".join(text.split())


def value(number: str) -> float:
    return float(number.replace("−", "-"))


def unit(number: str) -> float:
    """One in the last digit."""
    mantissa, _, exponent = number.lower().replace("−", "-").partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals)


def agree(one: str, other: str) -> bool:
    a, b = value(one), value(other)
    if max(abs(a), abs(b)) < NOTHING:
        return True
    # A whole number is a count: it is right or wrong.
    if not re.search(r"[.eE]", one + other):
        return a == b
    return abs(a - b) <= UNITS * max(unit(one), unit(other))


def differs(expected: str, found: str) -> str | None:
    """Says how the texts differ, if they do."""
    expected, found = squeezed(expected), squeezed(found)
    numbers = NUMBER.findall(expected), NUMBER.findall(found)
    if NUMBER.sub("#", expected) != NUMBER.sub("#", found):
        return f"{shortened(found)!r} instead of {shortened(expected)!r}"
    for one, other in zip(*numbers):
        if not agree(one, other):
            return f"{other} instead of {one}"
    return None


def shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"
