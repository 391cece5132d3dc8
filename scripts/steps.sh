# SPDX-License-Identifier: Apache-2.0
# How every script here shows its work: one line a step, with its time; the step's own output goes to a log.
# Sourced, not run. Expects to be in the repository root.

step_log_dir=build/logs

# say TEXT...: a line of the script's own.
say() { printf '%s\n' "$*"; }

# fail TEXT [ADVICE]: says what went wrong and what to do about it, and ends the script.
fail() {
  printf '\nFAILED: %s\n' "$1" >&2
  if [ -n "${2:-}" ]; then printf 'What to do: %s\n' "$2" >&2; fi
  exit 1
}

# seconds_since START: of bash's EPOCHREALTIME, with one decimal.
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

# step NAME ADVICE COMMAND...: runs the command with its output in a log (or on the terminal where
# MRMLLM_VERBOSE=1), and fails with the end of that log and the advice.
step() {
  local name=$1 advice=$2 started=$EPOCHREALTIME status=0
  shift 2
  mkdir -p "$step_log_dir"
  local log
  log="$step_log_dir/$(printf '%s' "$name" | tr -cs 'a-zA-Z0-9' '-' | tr 'A-Z' 'a-z').log"
  if [ "${MRMLLM_VERBOSE:-0}" = 1 ]; then
    say "==> $name"
    "$@" || status=$?
  else
    printf '==> %-58s' "$name"
    "$@" >"$log" 2>&1 </dev/null || status=$?
  fi
  if [ "$status" -ne 0 ]; then
    printf ' failed\n'
    if [ "${MRMLLM_VERBOSE:-0}" != 1 ]; then
      tail -n 40 "$log" >&2
      advice="$advice
  The whole log: $log"
    fi
    fail "$name" "$advice"
  fi
  printf ' %6s s\n' "$(seconds_since "$started")"
}
