// SPDX-License-Identifier: Apache-2.0
// Our products with packed weights against libtorch's: the language model's five weights, 1 to 64
// rows. As in a model, the weights are many and do not stay in the cache: every call takes the next
// of several copies.
//
//   language_kernels_bench --benchmark_filter='head.*rows:1$'
#include <ATen/core/dispatch/Dispatcher.h>
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "model/language/packed/product.h"

namespace mrmllm::packed {
namespace {

struct Shape {
  const char* name;
  int64_t out;
  int64_t in;
};
constexpr Shape kShapes[] = {{"qkv", 960, 576},
                             {"o", 576, 576},
                             {"gate_up", 3072, 576},
                             {"down", 576, 1536},
                             {"head", 49152, 576}};
constexpr int64_t kRows[] = {1, 4, 8, 16, 64, 150};
constexpr int64_t kCopiesBytes = 96 << 20;

int64_t Copies(const Shape& shape) {
  return std::max<int64_t>(2, kCopiesBytes / (shape.out * shape.in));
}

// One product with copy `i` of the weight, for x [rows, in].
using Product = std::function<void(int64_t i)>;

void Run(benchmark::State& state, const Shape& shape, int64_t rows, const Product& product) {
  const c10::InferenceMode inference;
  const int64_t copies = Copies(shape);
  int64_t i = 0;
  for (auto _ : state) product(i++ % copies);
  state.counters["products/s"] = benchmark::Counter(
      static_cast<double>(rows * shape.out * shape.in) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void Packed(benchmark::State& state, WeightFormat format, const Shape& shape, int64_t rows) {
  const at::Tensor weight = torch::randn({shape.out, shape.in});
  std::vector<PackedMatrix> copies;
  for (int64_t i = 0; i < Copies(shape); ++i) {
    copies.push_back(
        PackedMatrix::Stack(format, {{weight.const_data_ptr(), at::kFloat, shape.out, shape.in}}));
  }
  const at::Tensor x = torch::randn({rows, shape.in});
  at::Tensor y = torch::empty({rows, shape.out});
  EncodedRows encoded(format);
  Run(state, shape, rows, [&](int64_t i) {
    encoded.Encode({rows, shape.in}, x.const_data_ptr<float>());
    Multiply(copies[i], encoded, y.mutable_data_ptr<float>());
  });
}

void LibtorchInt8(benchmark::State& state, const Shape& shape, int64_t rows) {
  std::vector<at::Tensor> copies;
  for (int64_t i = 0; i < Copies(shape); ++i) {
    copies.push_back(torch::randint(-127, 128, {shape.out, shape.in}, torch::kInt8));
  }
  const at::Tensor scales = torch::rand({shape.out}).to(at::kBFloat16);
  const at::Tensor x = torch::randn({rows, shape.in}).to(at::kBFloat16);
  Run(state, shape, rows, [&](int64_t i) { at::_weight_int8pack_mm(x, copies[i], scales); });
}

void LibtorchInt4(benchmark::State& state, const Shape& shape, int64_t rows) {
  std::vector<at::Tensor> copies;
  for (int64_t i = 0; i < Copies(shape); ++i) {
    copies.push_back(at::_convert_weight_to_int4pack_for_cpu(
        torch::randint(0, 16, {shape.out, shape.in}, torch::kInt32), 1));
  }
  const at::Tensor terms = torch::rand({shape.in / 32, shape.out, 2}).to(at::kBFloat16);
  const at::Tensor x = torch::randn({rows, shape.in}).to(at::kBFloat16);
  Run(state, shape, rows,
      [&](int64_t i) { at::_weight_int4pack_mm_for_cpu(x, copies[i], 32, terms); });
}

void LibtorchBfloat16(benchmark::State& state, const Shape& shape, int64_t rows) {
  const auto reorder = c10::Dispatcher::singleton()
                           .findSchemaOrThrow("mkldnn::_reorder_linear_weight", "")
                           .typed<at::Tensor(const at::Tensor&, std::optional<int64_t>)>();
  const auto linear =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
          .typed<at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                            std::string_view, c10::List<std::optional<at::Scalar>>,
                            std::optional<std::string_view>)>();
  std::vector<at::Tensor> copies;
  for (int64_t i = 0; i < Copies(shape); ++i) {
    copies.push_back(
        reorder.call(torch::randn({shape.out, shape.in}).to(at::kBFloat16), std::nullopt));
  }
  const at::Tensor x = torch::randn({rows, shape.in}).to(at::kBFloat16);
  Run(state, shape, rows, [&](int64_t i) {
    linear.call(x, copies[i], std::nullopt, "none", c10::List<std::optional<at::Scalar>>(),
                std::nullopt);
  });
}

void Register() {
  for (const Shape& shape : kShapes) {
    for (const int64_t rows : kRows) {
      const auto add = [&](const std::string& who, auto function) {
        const std::string name =
            std::string(shape.name) + "/" + who + "/rows:" + std::to_string(rows);
        benchmark::RegisterBenchmark(name.c_str(), function)
            ->Unit(benchmark::kMicrosecond)
            ->UseRealTime();
      };
      for (const auto format :
           {WeightFormat::kBfloat16, WeightFormat::kInt8, WeightFormat::kInt4}) {
        add("ours_" + std::string(WeightFormatName(format)),
            [=](benchmark::State& state) { Packed(state, format, shape, rows); });
      }
      add("libtorch_bfloat16", [=](benchmark::State& s) { LibtorchBfloat16(s, shape, rows); });
      add("libtorch_int8", [=](benchmark::State& s) { LibtorchInt8(s, shape, rows); });
      add("libtorch_int4", [=](benchmark::State& s) { LibtorchInt4(s, shape, rows); });
    }
  }
}

}  // namespace
}  // namespace mrmllm::packed

int main(int argc, char** argv) {
  mrmllm::packed::Register();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
