# SPDX-License-Identifier: Apache-2.0
"""Chat templates become data that writes the same characters, or are refused with the first difference."""

import json
import pathlib
import unittest
import unittest.mock

import tiny_checkpoint
from chat_templates import DATED, DEFAULT_SYSTEM, HEADERS, LLAMA2, MISTRAL3, PUBLISHED, SPECIAL, TOKENS
from hugging_face.chat import derivation
from hugging_face.chat.jinja_template import JinjaTemplate
from hugging_face.refusal import Refusal

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "data" / "chat_templates.json"


def template(text):
    return JinjaTemplate(pathlib.Path("chat_template.jinja"), text, TOKENS)


def derive(text, special=SPECIAL, plain_turns=False):
    return derivation.derive(pathlib.Path("chat_template.jinja"), text, TOKENS, special, plain_turns)


class ChatFormTest(unittest.TestCase):
    def assert_same(self, text, special=SPECIAL, plain_turns=False):
        """The form, after it wrote what the template writes."""
        form, original = derive(text, special, plain_turns), template(text)
        for turns in derivation.conversations():
            self.assertEqual(form.render(turns, True), original.render(turns, True))
        return form.config()

    def assert_refused(self, text, pattern, special=SPECIAL):
        with self.assertRaisesRegex(Refusal, "chat_template.jinja: chat_template: " + pattern):
            derive(text, special)

    def test_the_published_forms_are_those_of_transformers(self):
        golden = json.loads(GOLDEN.read_text())
        self.assertEqual(set(golden["templates"]), set(PUBLISHED))
        for name, expected in golden["templates"].items():
            form = derive(*PUBLISHED[name], plain_turns=True)
            self.assertEqual(form.config(), expected["form"], name)
            for chat in expected["chats"]:
                self.assertEqual(form.render([tuple(turn) for turn in chat["turns"]], True), chat["text"])

    def test_chatml(self):
        end = "<|im_end|>\n"
        self.assertEqual(
            self.assert_same(tiny_checkpoint.CHATML),
            {
                "system": {"prefix": "<|im_start|>system\n", "suffix": end},
                "user": {"prefix": "<|im_start|>user\n", "suffix": end},
                "assistant": {"prefix": "<|im_start|>assistant\n", "suffix": end},
                "generation_prefix": "<|im_start|>assistant\n",
            },
        )

    def test_chatml_with_a_system_text_of_its_own(self):
        config = self.assert_same(DEFAULT_SYSTEM)
        self.assertEqual(config["without_system"], "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n")
        self.assertEqual(config["system"]["prefix"], "<|im_start|>system\n")

    def test_headers_with_a_token_before_everything_and_trimmed_turns(self):
        config = self.assert_same(HEADERS)
        self.assertEqual(config["without_system"], "<|begin|>")
        self.assertEqual(config["system"]["prefix"], "<|begin|><|header|>system<|/header|>\n\n")
        self.assertEqual(config["trim"], ["system", "user", "assistant"])

    def test_a_template_that_writes_the_date_gets_one_for_good(self):
        config = self.assert_same(DATED)
        opening = "<|begin|><|header|>system<|/header|>\n\nToday: 26 Jul 2024\n\n"
        self.assertEqual(config["system"]["prefix"], opening)
        self.assertEqual(config["without_system"], opening + "<|end|>")

    def test_a_system_text_inside_the_first_users_turn(self):
        self.assert_refused(LLAMA2, r"no special token .* between .*' \[/INST\] '.*--plain-turns")
        config = self.assert_same(LLAMA2, plain_turns=True)
        self.assertEqual(config["system"], {"prefix": "<<SYS>>\n", "suffix": "\n<</SYS>>\n\n"})
        self.assertEqual((config["system_in_user"], config["trim"]), ("first", ["user", "assistant"]))
        self.assertTrue(config["plain_turns"])

    def test_a_system_text_inside_the_last_users_turn(self):
        config = self.assert_same(MISTRAL3, {"[/INST]"})
        self.assertEqual(config["system"], {"prefix": "", "suffix": "\n\n"})
        self.assertEqual((config["system_in_user"], config["trim"]), ("last", ["assistant"]))
        self.assertEqual(config["without_system"], "<|begin|>")
        self.assertNotIn("plain_turns", config)

    def test_a_special_token_inside_the_users_turn_is_refused(self):
        inside = MISTRAL3.replace("said + '\\n\\n'", "'<|im_start|>' + said")
        self.assert_refused(inside, "a special token stands inside a user's turn", {"[/INST]", "<|im_start|>"})

    def test_a_template_that_leaves_a_turn_out(self):
        thinking = tiny_checkpoint.CHATML.replace("message['content']", "message['content'].split('</think>')[-1]")
        self.assert_same(thinking)  # no conversation that is asked has that word
        last = tiny_checkpoint.CHATML.replace("in messages", "in messages[-2:]")
        self.assert_refused(last, "expected each turn once and in its place; .* text of turn 1 is not")

    def test_the_first_difference_is_shown(self):
        changed = tiny_checkpoint.CHATML.replace("message['content']", "message['content'] | replace('a  b', 'a b')")
        self.assert_refused(changed, "does not fit .*at character 19 the template writes .*na b<.*', the form .*na  b<")

    def test_one_trimmed_role_among_others(self):
        one = "message['content'] | trim if message.role == 'user' else message['content']"
        one = tiny_checkpoint.CHATML.replace("message['content']", f"({one})")
        self.assertEqual(self.assert_same(one)["trim"], ["user"])
        left = tiny_checkpoint.CHATML.replace("message['content']", "message['content'].lstrip()")
        self.assert_refused(left, "does not fit")

    def test_a_template_that_refuses_a_system_turn(self):
        no = (
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
            + tiny_checkpoint.CHATML
        )
        self.assert_refused(no, r"refuses a conversation of \['system'.*: no system")

    def test_a_template_that_a_user_could_imitate(self):
        self.assert_refused(tiny_checkpoint.CHATML, "no special token of the tokenizer stands between", special={"<s>"})

    def test_what_reaches_for_the_machine_or_for_memory(self):
        for text, pattern in (
            ("{{ ''.__class__.__mro__ }}", "fails with "),
            ("{{ messages.append(1) }}", "fails with "),
            ("{% include '/etc/passwd' %}", "fails with "),
            ("{{ 'x' * 1000000000 }}", "asks for more memory"),
            ("{{ 'x'.center(1000000000) }}", "asks for more memory"),
            ("{% for i in range(100000000) %}x{% endfor %}", "fails with "),
            ("{% for i in range(9999) %}{{ '%0999d' % 0 }}{% endfor %}", "writes more than 1000000 characters"),
            ("{% for %}", "expected a Jinja template"),
            ("{{ messages[0].nothing.more }}", "fails with "),
        ):
            with self.subTest(text):
                self.assert_refused(text, pattern)

    def test_what_never_ends(self):
        endless = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
        with unittest.mock.patch.object(derivation, "_SECONDS", 0.05):
            self.assert_refused(endless, "took longer than 0.05 s")


if __name__ == "__main__":
    unittest.main()
