# SPDX-License-Identifier: Apache-2.0
"""Errors that a user can mend; each message says what was given, what was expected and what to do."""


class AlgorithmError(ValueError):
    """A wrong setting, an environment that can't be used, or training that has broken down."""


class CheckpointError(AlgorithmError):
    """A checkpoint that is missing, damaged, too new, or made for other networks."""
