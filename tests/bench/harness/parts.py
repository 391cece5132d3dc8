# SPDX-License-Identifier: Apache-2.0
"""What is measured without a service, part by part. Where there are peers, runs alternate between them and us."""

import collections

import programs
from programs import Plan, counters, google_benchmark, language_rows, peer

FORMATS = ("bfloat16", "int8", "int4")
PEER_FORMATS = ("BF16", "Q8_0", "Q4_1")
_SHORT = ["--benchmark_min_time=0.5"]


def _peer_setting(row: dict) -> str:
    buffer = "" if row["streams"] == 1 else ", one buffer" if row["unified"] else ", a buffer each"
    return f"{row['format']}, flash attention {'on' if row['flash_attention'] else 'off'}{buffer}"


def _peer_language(options: list[str], plan: Plan) -> list[tuple[str, str, float, dict]]:
    """(row of the comparison, setting, tokens a second, the setting in llama_speed's words)."""
    where = ["--model-packages", str(programs.site_packages()), "--work", str(plan.work / "peers")]
    found = []
    for row in peer("llama_speed.py", [*where, *options], plan)["results"]:
        setting = _peer_setting(row)
        found.append((f"decode {row['streams']}", setting, row["decode_tokens_per_second"], row))
        if "prefill_tokens_per_second" in row:
            found.append(("prefill", setting, row["prefill_tokens_per_second"], row))
    return found


def _options_of(row: dict) -> list[str]:
    on_off = {True: "on", False: "off"}
    flash, unified = on_off[row["flash_attention"]], on_off[row["unified"]]
    return ["--formats", row["format"], "--streams", str(row["streams"]), "--flash", flash, "--unified", unified]


def language(plan: Plan, with_peers: bool) -> dict:
    """Every format of ours; of llama.cpp every setting once, then the best of each row in every round."""
    ours = {format_: collections.defaultdict(list) for format_ in FORMATS}
    peers: dict[str, dict[str, list[float]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    result: dict = {"language": {"tokens_per_second": ours}}
    chosen: dict[str, tuple[float, list[str]]] = {}
    if with_peers:
        result["language_peer"] = {"tokens_per_second": peers}
        # The settings that are seldom far from the best.
        fewer = ["--flash", "on", "--unified", "off"] if plan.quick else []
        for row, setting, speed, words in _peer_language(["--formats", *PEER_FORMATS, *fewer], plan):
            peers[setting][row].append(speed)
            if speed > chosen.get(row, (0.0, []))[0]:
                chosen[row] = (speed, _options_of(words))
    for _ in range(plan.rounds):
        for format_ in FORMATS:
            options = [f"--bundle={programs.BUNDLE}", f"--dtype={format_}", f"--threads={plan.threads}", *_SHORT]
            printed = google_benchmark("language_bench", options, plan)
            for row, speed in language_rows(printed).items():
                ours[format_][row].append(speed)
            read = counters(printed, "bytes_per_second").get("memory/read")
            if read:
                result["language"].setdefault("memory_bytes_per_second", []).append(read)
            result["language"].setdefault("weight_bytes", {})[format_] = int(printed["context"]["weight_bytes"])
        again = [] if plan.quick else dict.fromkeys(tuple(options) for _, options in chosen.values())
        for options in again:
            for row, setting, speed, _ in _peer_language(list(options), plan):
                peers[setting][row].append(speed)
    return result


def detector(plan: Plan, with_peers: bool) -> dict:
    ours = collections.defaultdict(list)
    peers: dict[str, dict[str, list[float]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    for _ in range(plan.rounds):
        options = [f"--bundle={programs.BUNDLE}", f"--threads={plan.threads}", *_SHORT]
        printed = google_benchmark("detector_bench", options, plan)
        for name, speed in counters(printed, "images_per_second").items():
            if name.startswith("detect/images:"):
                ours[name.rpartition(":")[2]].append(speed)
        if with_peers:
            seconds = "0.3" if plan.quick else "1"
            for row in peer("detector_runtimes.py", ["--seconds", seconds, "--work", str(plan.work / "peers")], plan)[
                "results"
            ]:
                setting = f"{row['runtime']} {row['precision']}, {row['setting']}"
                peers[setting][str(row["images"])].append(row["images_per_second"])
    result = {"detector": {"images_per_second": ours}}
    if with_peers:
        result["detector_peer"] = {"images_per_second": peers}
    return result


def null_engine(plan: Plan) -> dict:
    """Both sides of it are ours to run, so it needs no peers."""
    rounds, seconds = ("3", "0.3") if plan.quick else ("7", "0.7")
    command = [programs.program("null_engine_bench"), "--image", str(programs.PHOTOS / "cows.jpg")]
    command += ["--callers", "16", "64", "--rounds", rounds, "--seconds", seconds]
    return {"null_engine": programs.json_of(command, plan.work / "null_engine_bench.log")}
