# SPDX-License-Identifier: Apache-2.0
"""Which errors a user can mend: they become one line and exit code 2, everything else shows its traceback."""


class UsageError(ValueError):
    """A wrong flag, file or name given to the command line; the message says what to do."""


def is_user_error(error: BaseException) -> bool:
    """Return whether the message of `error` is all that a user needs."""
    # Imported late: `protomotions --help` must not wait for torch and MuJoCo.
    from protomotions_algos.errors import AlgorithmError
    from protomotions_envs.errors import ProtoMotionsError

    return isinstance(error, UsageError | AlgorithmError | ProtoMotionsError)
