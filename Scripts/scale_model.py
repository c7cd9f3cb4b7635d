"""What Scripts/scale computes with: measured numbers, the cost of a length, lengths, and the division among shards.

The measured numbers are those of `esmfold help scale`; each names the option of Scripts/scale that measures it anew.
"""

import bisect
import heapq
import math
import random
import statistics
from collections import Counter
from pathlib import Path

# Parts per thousand of the residues of the proteome in scale-lengths.tsv.
COMPOSITION = dict(
    zip("ACDEFGHIKLMNPQRSTVWY", [95, 12, 52, 57, 39, 74, 23, 60, 44, 107, 28, 40, 44, 45, 55, 59, 54, 70, 15, 29])
)
MIB = 1 << 20
GIB = 1 << 30

# --measure, fp32, one thread on one core: seconds of a processor for the start of a process, for each record, and for
# each unit of cost, by model.
SECONDS = {
    "fold": (1.38, 0.768, 2.81e-3),
    "650M": (1.09, 0, 1.423e-2),
}
# --files: bytes of a result of L residues, a + b L + c L².
BYTES = {
    "PDB": (844, 632.3, 0),
    "mmCIF": (5375, 673.8, 0),
    "PAE": (0, 0, 4.98),
    "scores": (132, 0, 5.917),
    "mmCIF with PAE": (21749, 0, 37.66),
}
# Float32 numbers of a residue, or of a record with --pool, by model; and what an HDF5 file needs for each record.
WIDTHS = {"650M": 1280, "3B": 2560}
HDF5_RECORD = 540
# esmfold info --length L: memory of each process (MiB) besides the weights that all of a node share.
PROGRAM = 30.5
LANGUAGE_MODEL = (150.2, 0.0984, 0)  # the layer that is unpacked, and activations
TRUNK = (0.3, 0.0726, 0.001482)
TRUNK_WEIGHTS = 2662
MODEL_BYTES = 8_436_720_962


def polynomial(coefficients, length):
    a, b, c = coefficients
    return a + length * (b + length * c)


def fold_cost(length):
    """The cost of a fold as `--shard` takes it (`RecordCost.folding`)."""
    return length * (55 + length * (1 + length * (1 / 672)))


def read_cost(length):
    """The cost of reading with a language model (`RecordCost.reading`)."""
    return length * (1 + length * (1 / 4096))


def own_memory(length):
    """MiB that a fold has for itself: the language model and the trunk follow one another."""
    return PROGRAM + max(polynomial(LANGUAGE_MODEL, length), polynomial(TRUNK, length))


def planned_memory(length):
    """MiB as `esmfold info --length` says, the mapped weights included."""
    return PROGRAM + max(polynomial(LANGUAGE_MODEL, length), polynomial(TRUNK, length) + TRUNK_WEIGHTS)


def protein(length, seed=0):
    """A sequence of the proteome's composition, the same each time."""
    draws = random.Random(1000 * length + seed)
    letters, weights = list(COMPOSITION), list(COMPOSITION.values())
    bounds = [sum(weights[: i + 1]) for i in range(len(weights))]
    return "".join(letters[bisect.bisect(bounds, draws.random() * bounds[-1])] for _ in range(length))


class Lengths:
    """A distribution of lengths: how many records have which."""

    def __init__(self, counts):
        self.counts = sorted(counts.items())
        self.records = sum(counts.values())

    @classmethod
    def read(cls, path):
        """From FASTA, or from a table `length<TAB>records`."""
        counts, letters = Counter(), None
        with open(path) as lines:
            for line in lines:
                if line.startswith(">"):
                    if letters:
                        counts[letters] += 1
                    letters = 0
                elif letters is not None:
                    letters += len(line.strip().rstrip("*"))
                elif line[0].isdigit():
                    length, count = line.split()
                    counts[int(length)] += int(count)
        if letters:
            counts[letters] += 1
        if not counts:
            raise SystemExit(f"{path}: found no lengths, expected FASTA or a table of lengths")
        return cls(counts)

    def upto(self, longest):
        """Without longer ones; the shortest alone where all are longer."""
        longest = max(longest, self.counts[0][0])
        return Lengths({length: count for length, count in self.counts if length <= longest})

    def mean(self, value):
        """The mean of a number of a length."""
        return sum(count * value(length) for length, count in self.counts) / self.records

    def quantile(self, part):
        left = part * self.records
        for length, count in self.counts:
            left -= count
            if left < 0:
                return length
        return self.counts[-1][0]

    @property
    def longest(self):
        return self.counts[-1][0]

    def part_above(self, length, value=lambda _: 1):
        """Which part of a sum over the records is that of longer ones."""
        above = sum(count * value(l) for l, count in self.counts if l > length)
        return above / (self.records * self.mean(value))

    def sample(self, number, seed=1):
        """Lengths of so many records in random order, the same each time."""
        bounds, sum_ = [], 0
        for _, count in self.counts:
            sum_ += count
            bounds.append(sum_)
        draws = random.Random(seed)
        return [self.counts[bisect.bisect(bounds, draws.random() * sum_)][0] for _ in range(number)]


def balanced(costs, shards):
    """The load of the shard with most to do: the longest record first, each to the least load."""
    loads = [0.0] * shards
    for cost in sorted(costs, reverse=True):
        heapq.heapreplace(loads, loads[0] + cost)
    return max(loads)


def round_robin(costs, shards):
    """The same with record i of the file in shard i modulo their number."""
    return max(sum(costs[first::shards]) for first in range(shards))


def pieces(costs, shards):
    """The same with a file that is sorted by length and cut into pieces of equal numbers of records."""
    size = math.ceil(len(costs) / shards)
    return sum(sorted(costs, reverse=True)[:size])


def spread_of_many(lengths, records, shards, cost):
    """For more records than a list holds, the greatest load over the mean load.

    Returns: round-robin, by mean and variance of a shard's sum and the expected greatest of so many normal numbers
    (Blom 1958); pieces of a sorted file, exactly; the bound of balanced shards, which no division of the kind exceeds:
    the mean load and one record (Graham 1969).
    """
    each, mean = records / shards, lengths.mean(cost)
    variance = lengths.mean(lambda l: cost(l) ** 2) - mean**2
    normal = statistics.NormalDist().inv_cdf((shards - 0.375) / (shards + 0.25))
    left, longest_first = each, 0.0
    for length, count in reversed(lengths.counts):
        taken = min(left, count * records / lengths.records)
        longest_first += taken * cost(length)
        left -= taken
    return (
        1 + normal * math.sqrt(variance / each) / mean,
        longest_first / (each * mean),
        1 + cost(lengths.longest) / (each * mean),
    )
