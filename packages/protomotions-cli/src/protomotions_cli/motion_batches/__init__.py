# SPDX-License-Identifier: Apache-2.0
"""Many motion files in one go: which there are, work on all cores, and what is said about them in the end."""
