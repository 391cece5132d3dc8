# SPDX-License-Identifier: Apache-2.0
"""A chat template as data: what stands before and after each turn. A bundle's config.json holds it, the server writes by it."""

import dataclasses

ROLES = ("system", "user", "assistant")


@dataclasses.dataclass
class ChatForm:
    """Texts before and after each role's turns, before an answer, and before a conversation without system turn.

    `system_in_user` is None, "first" or "last": the user's turn that the system's prefix, text and suffix stand in.
    `trim` are the roles whose texts lose the white space around them, a user's with what stands in it.
    """

    prefix: dict
    suffix: dict
    generation_prefix: str
    without_system: str
    system_in_user: str | None
    trim: list
    plain_turns: bool = False

    def render(self, turns, generate):
        if turns and turns[0][0] == "system" and self.system_in_user is not None:
            return self.render(self._with_system_in_user(turns), generate)
        text = "" if turns and turns[0][0] == "system" else self.without_system
        for role, content in turns:
            text += self.prefix[role] + self._trimmed(role, content) + self.suffix[role]
        return text + (self.generation_prefix if generate else "")

    def _trimmed(self, role, content):
        return content.strip() if role in self.trim else content

    def _with_system_in_user(self, turns):
        said, rest = self._trimmed(*turns[0]), list(turns[1:])
        users = [i for i, (role, _) in enumerate(rest) if role == "user"]
        at = users[0 if self.system_in_user == "first" else -1]
        rest[at] = ("user", self.prefix["system"] + said + self.suffix["system"] + rest[at][1])
        return rest

    def config(self):
        """The `chat_template` section of a bundle's config.json; what says nothing is left out."""
        section = {role: {"prefix": self.prefix[role], "suffix": self.suffix[role]} for role in ROLES}
        section["generation_prefix"] = self.generation_prefix
        for key in ("without_system", "system_in_user", "trim", "plain_turns"):
            if getattr(self, key):
                section[key] = getattr(self, key)
        return section
