# SPDX-License-Identifier: Apache-2.0
"""protomotions-cli."""

__version__ = "0.1.0"
