# SPDX-License-Identifier: Apache-2.0
"""Chat templates, from Jinja to data."""
