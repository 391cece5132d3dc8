# SPDX-License-Identifier: Apache-2.0
"""Rotary positions as config.json gives them, in the forms of transformers 4 and 5."""

from hugging_face.refusal import Refusal, shown

_DEFAULT_THETA = 10000.0  # of every family here, where an old config.json says nothing


def read(keys):
    """(rope_theta, rope_scaling or None), the latter as a bundle's config.json has it."""
    if keys.has("rope_parameters") and keys.has("rope_scaling"):
        raise keys.refuse("rope_scaling", "null beside rope_parameters")
    theta = keys.number("rope_theta", 1, 1e12, default=None)
    scaling = None
    for key in ("rope_parameters", "rope_scaling"):
        if keys.has(key):
            section = keys.section(key)
            inner = section.number("rope_theta", 1, 1e12, default=None)
            if theta is not None and inner not in (None, theta):
                raise section.refuse("rope_theta", f"{theta} as the key of that name beside it says")
            theta = inner if theta is None else theta
            scaling = _scaling(section)
    return float(theta if theta is not None else _DEFAULT_THETA), scaling


def _scaling(section):
    # Transformers wrote `type` before `rope_type`; some files carry both.
    kinds = {section.value(key) for key in ("type", "rope_type") if section.has(key)}
    if len(kinds) != 1:
        raise section.refuse("rope_type", "one type of scaling", sorted(map(str, kinds)))
    kind = kinds.pop()
    section.only("partial_rotary_factor", 1.0)
    if kind == "default":
        section.finish()
        return None
    if kind not in ("linear", "llama3"):
        raise Refusal(
            section.path,
            f"rope_type: expected 'default', 'linear' or 'llama3', got {shown(kind)} (nothing else is understood)",
        )
    scaling = {"rope_type": kind, "factor": float(section.number("factor", 1, 1e6))}
    if kind == "llama3":
        scaling["low_freq_factor"] = float(section.number("low_freq_factor", 1e-3, 1e6))
        scaling["high_freq_factor"] = float(section.number("high_freq_factor", 1e-3, 1e6))
        if scaling["high_freq_factor"] <= scaling["low_freq_factor"]:
            raise section.refuse("high_freq_factor", "more than low_freq_factor")
        scaling["original_max_position_embeddings"] = section.whole("original_max_position_embeddings", 1, 16_777_216)
    section.finish()
    return scaling
