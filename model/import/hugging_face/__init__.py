# SPDX-License-Identifier: Apache-2.0
"""Reads directories as Hugging Face publishes them. Everything in them comes from outside and is checked before use."""
