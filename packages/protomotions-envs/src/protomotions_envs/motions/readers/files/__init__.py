# SPDX-License-Identifier: Apache-2.0
"""Content of files, read without trusting it: archives, pickles, text."""
