#!/usr/bin/env python3
"""Prints the polynomial coefficients of Sources/CKernels/body_vector.h and their errors (needs numpy, scipy).

exp:  (2^r - 1) / r on |r| <= 1/2, degree 4, with the least relative error of 1 + r P(r).
erfc: log(erfc(x)) / x on [0, 4], degree 10, so that erf(x) = 1 - exp(x * P(x)) and erf(0) = 0 exactly; Chebyshev
      interpolation, within a small factor of the minimax polynomial.
"""

import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.optimize import linprog
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


def fit_exp2(half: float, degree: int, points: int = 4001) -> np.ndarray:
    """Minimax: the least t with |1 + r P(r) - 2^r| / 2^r <= t at all points is a linear program."""
    r = np.linspace(-half, half, points)
    r = r[r != 0]
    weight = r / np.exp2(r)
    powers = np.vander(r, degree + 1, increasing=True) * weight[:, None]
    wanted = np.expm1(r * np.log(2)) / r * weight
    t = np.ones((len(r), 1))
    return linprog(
        [0] * (degree + 1) + [1],
        A_ub=np.block([[powers, -t], [-powers, -t]]),
        b_ub=np.concatenate([wanted, -wanted]),
        bounds=(None, None),
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    ).x[:-1]


def show(title: str, coefficients: np.ndarray, error: float) -> None:
    print(f"{title}: error {error:.2e}")
    for power, value in enumerate(coefficients):
        print(f"  x^{power}: {np.float32(value)!r}")


def main() -> None:
    # A little more than 1/2: what rounding to n leaves may be beyond it.
    p = fit_exp2(0.50005, 4)
    r = np.linspace(-0.5, 0.5, 20001)
    show("exp", p, np.abs((1 + r * polynomial.polyval(r, p)) / np.exp2(r) - 1).max())

    def log_erfc_over_x(x):
        return (np.log(2) + log_ndtr(-x * np.sqrt(2))) / x

    q = fit(log_erfc_over_x, 1e-6, 4.0, 10)
    x = np.linspace(0, 4, 20001)
    show("erf", q, np.abs(1 - np.exp(x * polynomial.polyval(x, q)) - erf(x)).max())


if __name__ == "__main__":
    main()
