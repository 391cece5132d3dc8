# SPDX-License-Identifier: Apache-2.0
"""The rows of the ablation: which mechanisms take part, as a request can say it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """`image`: without, the language model is asked the question alone. `adapters`: without, the bundle is served without them."""

    name: str
    query_fusion: bool = False
    decoder_integration: bool = False
    perception_prompt: bool = False
    second_look: bool = False
    image: bool = True
    adapters: bool = True

    @property
    def changes_boxes(self) -> bool:
        return self.query_fusion or self.second_look

    def apply(self, perception, modes) -> None:
        """Fills a PerceptionSettings message; `modes`: the contract's enum SecondLookMode."""
        perception.mechanisms.query_fusion = self.query_fusion
        perception.mechanisms.decoder_integration = self.decoder_integration
        perception.mechanisms.perception_prompt = self.perception_prompt
        perception.second_look.mode = modes.Value(
            "SECOND_LOOK_MODE_AUTOMATIC" if self.second_look else "SECOND_LOOK_MODE_OFF"
        )


_EVERYTHING = {"query_fusion": True, "decoder_integration": True, "perception_prompt": True, "second_look": True}

TEXT_ONLY = Row("text only, no image", image=False)
BASELINE = Row("baseline")
PROMPT = Row("prompt only", perception_prompt=True)
INTEGRATION = Row("integration only", decoder_integration=True)
FUSION = Row("fusion to perception only", query_fusion=True)
SECOND_LOOK = Row("second look only", second_look=True)
ALL = Row("all", **_EVERYTHING)
ALL_UNADAPTED = Row("all, without adapters", adapters=False, **_EVERYTHING)

ROWS = (TEXT_ONLY, BASELINE, PROMPT, INTEGRATION, FUSION, SECOND_LOOK, ALL, ALL_UNADAPTED)
# The first is the detector alone.
BOX_ROWS = (BASELINE, FUSION, SECOND_LOOK, ALL)


def named(names: list[str]) -> list[Row]:
    """The rows of these names, in the order of the table."""
    known = {row.name for row in ROWS}
    if unknown := sorted(set(names) - known):
        raise SystemExit(f"--rows: expected some of {sorted(known)}, got {unknown}")
    return [row for row in ROWS if row.name in names]
