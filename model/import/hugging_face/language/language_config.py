# SPDX-License-Identifier: Apache-2.0
"""A language model's config.json as the `language_model` section of a bundle's."""

from hugging_face import plain_file, strict_json
from hugging_face.config_keys import ConfigKeys
from hugging_face.language import rope
from hugging_face.refusal import Refusal

_FAMILIES = {"LlamaForCausalLM": "llama", "MistralForCausalLM": "mistral", "Qwen2ForCausalLM": "qwen2"}
_MAX_WIDTH = 65_536
_MAX_CONTEXT = 16_777_216

# Keys whose value, whatever it is, has no part in what the service computes.
_WITHOUT_EFFECT = {
    "_attn_implementation_autoset": "how transformers runs it",
    "_name_or_path": "where the authors had it",
    "attention_dropout": "training alone",
    "bos_token_id": "the chat template writes that token",
    "dtype": "every tensor says its own",
    "id2label": "names of classes that a language model has none of",
    "initializer_range": "training alone",
    "label2id": "names of classes that a language model has none of",
    "max_sequence_length": "read by no implementation in transformers",
    "output_attentions": "what a caller of transformers gets back",
    "output_hidden_states": "what a caller of transformers gets back",
    "pad_token_id": "nothing is padded",
    "pretraining_tp": "how a sum was split when it was trained; the sum is the same",
    "problem_type": "classification alone",
    "return_dict": "what a caller of transformers gets back",
    "rope_interleaved": "read by no implementation in transformers",
    "tokenizer_class": "tokenizer.json says all",
    "torch_dtype": "every tensor says its own",
    "transformers.js_config": "how browsers run it",
    "transformers_version": "who wrote the file",
    "use_cache": "the service always caches",
}

# Keys understood with these values only: with any other the model computes something else.
_NOTHING_SPECIAL = {
    "add_cross_attention": (False,),
    "auto_map": (),  # code of the checkpoint
    "chunk_size_feed_forward": (0,),
    "cross_attention_hidden_size": (),
    "hidden_act": ("silu",),
    "is_decoder": (False,),
    "is_encoder_decoder": (False,),
    "is_llama_config": (True,),
    "mlp_bias": (False,),
    "partial_rotary_factor": (1.0,),
    "pruned_heads": ({},),
    "quantization_config": (),
    "tie_encoder_decoder": (False,),
    "use_mrope": (False,),
}


def read(directory, context=None):
    """The section, without eos_token_ids. `context` cuts max_position_embeddings, for what a sliding window allows."""
    path = plain_file.locate(directory, "config.json")
    keys = ConfigKeys(path, strict_json.read(directory, "config.json"))
    family = _family(keys)
    section = {"family": family}
    section["hidden_size"] = keys.whole("hidden_size", 1, _MAX_WIDTH)
    section["intermediate_size"] = keys.whole("intermediate_size", 1, 4 * _MAX_WIDTH)
    section["num_hidden_layers"] = keys.whole("num_hidden_layers", 1, 1024)
    section["num_attention_heads"] = keys.whole("num_attention_heads", 1, 1024)
    _read_heads(keys, section)
    section["rms_norm_eps"] = keys.number("rms_norm_eps", 1e-12, 1)
    section["rope_theta"], scaling = rope.read(keys)
    section["vocab_size"] = keys.whole("vocab_size", 1, 4_000_000)
    section["max_position_embeddings"] = _context(keys, section, context)
    section["tie_word_embeddings"] = keys.boolean("tie_word_embeddings", False)
    if family == "qwen2":
        keys.only("attention_bias", True)
        section["attention_bias"] = True
    else:
        # Llama's own implementation would add one to o_proj as well.
        keys.only("attention_bias", False)
    if scaling is not None:
        trained = scaling.get("original_max_position_embeddings", 0)
        if trained > section["max_position_embeddings"]:
            raise Refusal(path, f"the longest conversation may not be below original_max_position_embeddings {trained}")
        section["rope_scaling"] = scaling
    for key, values in _NOTHING_SPECIAL.items():
        keys.only(key, *values)
    keys.ignore({"eos_token_id": "read by generation.py"})
    keys.ignore(_WITHOUT_EFFECT)
    keys.finish()
    return section


def _family(keys):
    names = keys.value("architectures")
    known = " or ".join(_FAMILIES)
    if not isinstance(names, list) or len(names) != 1 or names[0] not in _FAMILIES:
        raise keys.refuse("architectures", f"[one of {known}]")
    family = _FAMILIES[names[0]]
    if keys.value("model_type") != family:
        raise keys.refuse("model_type", f"'{family}' as architectures says")
    return family


def _read_heads(keys, section):
    heads = section["num_attention_heads"]
    # Only Llama's first configurations leave it out; the other families then mean something else.
    default = {"default": heads} if section["family"] == "llama" else {}
    section["num_key_value_heads"] = keys.whole("num_key_value_heads", 1, 1024, **default)
    if heads % section["num_key_value_heads"] != 0:
        raise keys.refuse("num_key_value_heads", f"a divisor of num_attention_heads {heads}")
    if not keys.has("head_dim") and section["hidden_size"] % heads != 0:
        raise keys.refuse("num_attention_heads", f"a divisor of hidden_size {section['hidden_size']}")
    section["head_dim"] = keys.whole("head_dim", 2, 1024, default=section["hidden_size"] // heads)
    if section["head_dim"] % 2 != 0:
        raise keys.refuse("head_dim", "an even number", section["head_dim"])


def _context(keys, section, asked):
    """The longest conversation: attention has no window here, so up to a sliding window's width and no further."""
    longest = keys.whole("max_position_embeddings", 1, _MAX_CONTEXT)
    if asked is not None and asked > longest:
        raise Refusal(keys.path, f"--context {asked} is more than max_position_embeddings {longest}")
    result = longest if asked is None else asked
    window = keys.whole("sliding_window", 1, _MAX_CONTEXT, default=None)
    uses, first_with_window = section["family"] == "mistral", 0
    if section["family"] == "qwen2":
        uses = keys.boolean("use_sliding_window", False)
        first_with_window = keys.whole("max_window_layers", 0, 1_000_000, default=0)
    kinds = keys.value("layer_types")
    if kinds is not None:
        layers = section["num_hidden_layers"]
        known = ("full_attention", "sliding_attention")
        if not isinstance(kinds, list) or len(kinds) != layers or any(kind not in known for kind in kinds):
            raise keys.refuse("layer_types", f"{layers} of 'full_attention' or 'sliding_attention'")
        slides = "sliding_attention" in kinds
        if slides and window is None:
            raise keys.refuse("sliding_window", "a width, as layer_types has 'sliding_attention'")
    else:
        slides = uses and window is not None and first_with_window < section["num_hidden_layers"]
    if slides and window < result:
        raise keys.refuse(
            "sliding_window",
            f"null or at least {result} positions; --context {window} imports it for conversations in which every "
            "token is seen from every other",
            window,
        )
    return result
