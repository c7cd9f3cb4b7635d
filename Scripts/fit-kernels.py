#!/usr/bin/env python3
"""Prints the polynomial coefficients of Sources/CKernels/body_vector.h and their errors (needs numpy, scipy, mpmath).

exp:  (e^r - 1 - r) / r^2 on |r| <= ln2/2, degree 4.
erfc: log(erfc(x)) / x on [0, 4], degree 10, so that erf(x) = 1 - exp(x * P(x)) and erf(0) = 0 exactly.
Chebyshev interpolation: within a small factor of the minimax polynomial.
"""

import mpmath
import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.special import erf, log_ndtr


def fit(function, low: float, high: float, degree: int, nodes: int = 800) -> np.ndarray:
    angles = np.pi * (np.arange(nodes) + 0.5) / nodes
    t = np.cos(angles)
    x = (low + high) / 2 + (high - low) / 2 * t
    in_t = chebyshev.cheb2poly(chebyshev.chebfit(t, function(x), degree))
    line = np.array([-(low + high) / (high - low), 2 / (high - low)])
    result, power = np.zeros(1), np.ones(1)
    for coefficient in in_t:
        result = polynomial.polyadd(result, coefficient * power)
        power = polynomial.polymul(power, line)
    return result


def show(title: str, coefficients: np.ndarray, error: float) -> None:
    print(f"{title}: error {error:.2e}")
    for power, value in enumerate(coefficients):
        print(f"  x^{power}: {np.float32(value)!r}")


def main() -> None:
    half = np.log(2) / 2 * 1.01

    def exp_tail(values):
        return np.array([float((mpmath.e**v - 1 - v) / v**2) for v in map(mpmath.mpf, values)])

    p = fit(exp_tail, -half, half, 4, 400)
    r = np.linspace(-half, half, 20001)
    show("exp", p, np.abs((1 + r + r * r * polynomial.polyval(r, p)) / np.exp(r) - 1).max())

    def log_erfc_over_x(x):
        return (np.log(2) + log_ndtr(-x * np.sqrt(2))) / x

    q = fit(log_erfc_over_x, 1e-6, 4.0, 10)
    x = np.linspace(0, 4, 20001)
    show("erf", q, np.abs(1 - np.exp(x * polynomial.polyval(x, q)) - erf(x)).max())


if __name__ == "__main__":
    main()
