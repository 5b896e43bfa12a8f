# SPDX-License-Identifier: Apache-2.0
"""The task of keeping up with a point that moves along a path."""
