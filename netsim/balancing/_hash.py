"""A hash of whole numbers to 32 bits, in int64 arithmetic."""


def scatter(number: int, salt: int = 0) -> int:
    """32 well-mixed bits out of the low 62 of ``number``; other bits for each ``salt`` below 2^31.

    Two rounds of multiply and shift on 32 bits; no product leaves 63 bits, so that int64 arithmetic agrees.
    """
    x = (number ^ number >> 31 ^ salt) & 0x7FFFFFFF
    x = x * 0x9E3779B1 & 0xFFFFFFFF
    x ^= x >> 15
    x = (x & 0x7FFFFFFF) * 0x85EBCA77 & 0xFFFFFFFF
    return x ^ x >> 13
