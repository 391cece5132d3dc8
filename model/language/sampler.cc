// SPDX-License-Identifier: Apache-2.0
#include "model/language/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/language/kernels/lanes.h"
#include "model/language/kernels/rows.h"

namespace mrmllm {
namespace {

// Of equal logits the lower id is first, so that the order is total and the same everywhere.
auto MoreProbable(absl::Span<const float> logits) {
  return [logits](int32_t a, int32_t b) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  };
}

// Brings the most probable ids whose probabilities reach `mass` (in units of `total`) to the front,
// sorted; returns how many. Sorts little by little: the mass is nearly always in a few ids.
size_t SortUntilMass(absl::Span<const float> logits, absl::Span<const double> weights, double mass,
                     std::vector<int32_t>& ids) {
  double sum = 0;
  size_t sorted = 0;
  for (size_t count = 0; count < ids.size(); ++count) {
    if (count == sorted) {
      sorted = std::min(ids.size(), sorted == 0 ? 64 : 4 * sorted);
      std::partial_sort(ids.begin() + count, ids.begin() + sorted, ids.end(), MoreProbable(logits));
    }
    sum += weights[ids[count]];
    if (sum >= mass) return count + 1;
  }
  return ids.size();
}

}  // namespace

Candidates SelectCandidates(absl::Span<const float> logits, const GenerationSettings& settings) {
  Candidates result;
  result.ids.resize(logits.size());
  std::iota(result.ids.begin(), result.ids.end(), 0);
  if (settings.top_k > 0 && settings.top_k < static_cast<int>(logits.size())) {
    std::nth_element(result.ids.begin(), result.ids.begin() + settings.top_k - 1, result.ids.end(),
                     MoreProbable(logits));
    result.ids.resize(settings.top_k);
  }
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> weights(logits.size());
  double total = 0;
  for (int32_t id : result.ids) {
    weights[id] = std::exp((logits[id] - largest) / settings.temperature);
    total += weights[id];
  }
  // Without a cut the order is that of the ids: sorting the vocabulary costs more than a layer.
  if (settings.top_p < 1 || result.ids.size() < logits.size()) {
    const double mass = settings.top_p < 1 ? settings.top_p * total : HUGE_VAL;
    result.ids.resize(SortUntilMass(logits, weights, mass, result.ids));
  }
  double kept = 0;
  for (int32_t id : result.ids) kept += weights[id];
  for (int32_t id : result.ids) result.probabilities.push_back(weights[id] / kept);
  return result;
}

Sampler::Sampler(const GenerationSettings& settings, absl::Span<const int32_t> prompt)
    : settings_(settings), random_(settings.seed) {
  if (settings_.repetition_penalty != 1) seen_.insert(prompt.begin(), prompt.end());
}

bool Sampler::is_plain_greedy() const {
  return settings_.temperature == 0 && settings_.repetition_penalty == 1;
}

int32_t Sampler::Sample(const at::Tensor& logits) {
  const c10::InferenceMode inference;
  TORCH_CHECK(logits.dim() == 1 && logits.scalar_type() == at::kFloat,
              "sampler: expected float32 logits [vocab], got ", logits.sizes());
  const at::Tensor penalized = Penalized(logits);
  const int32_t token =
      settings_.temperature == 0 ? ArgMax(penalized.unsqueeze(0)).front() : Draw(penalized);
  if (settings_.repetition_penalty != 1) seen_.insert(token);
  return token;
}

std::vector<int32_t> Sampler::ArgMax(const at::Tensor& logits) {
  if (logits.is_cpu() && logits.scalar_type() == at::kFloat && logits.is_contiguous() &&
      logits.size(-1) % kernels::kLanes == 0) {
    std::vector<int32_t> best(logits.size(0));
    kernels::ArgMaxRows(logits.size(0), logits.size(1), logits.const_data_ptr<float>(),
                        best.data());
    return best;
  }
  const at::Tensor best = logits.argmax(-1).to(at::kInt).cpu().contiguous();
  const int32_t* data = best.const_data_ptr<int32_t>();
  return {data, data + best.numel()};
}

at::Tensor Sampler::Penalized(const at::Tensor& logits) const {
  if (settings_.repetition_penalty == 1 || seen_.empty()) return logits;
  std::vector<int64_t> ids(seen_.begin(), seen_.end());
  const at::Tensor index = at::tensor(ids, at::kLong).to(logits.device());
  const at::Tensor scores = logits.index_select(0, index);
  const double penalty = settings_.repetition_penalty;
  return logits.index_put({index}, at::where(scores < 0, scores * penalty, scores / penalty));
}

int32_t Sampler::Draw(const at::Tensor& logits) {
  const at::Tensor row = logits.cpu().contiguous();
  const Candidates candidates =
      SelectCandidates({row.const_data_ptr<float>(), static_cast<size_t>(row.numel())}, settings_);
  double left = NextUniform();
  for (size_t i = 0; i + 1 < candidates.ids.size(); ++i) {
    left -= candidates.probabilities[i];
    if (left < 0) return candidates.ids[i];
  }
  return candidates.ids.back();
}

double Sampler::NextUniform() {
  // The standard fixes the generator's bits but not its distributions.
  return static_cast<double>(random_() >> 11) * 0x1.0p-53;
}

}  // namespace mrmllm
