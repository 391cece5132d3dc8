// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_RT_DETR_CONFIG_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_RT_DETR_CONFIG_H_

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "model/config.h"

namespace mrmllm {

// ResNet-vd; names as in Hugging Face's RTDetrResNetConfig.
struct ResNetVdConfig {
  int embedding_size = 0;         // channels of the stem, even
  std::vector<int> hidden_sizes;  // channels of every stage's output
  std::vector<int> depths;        // blocks of every stage
  std::string layer_type;         // "basic" or "bottleneck"
  bool downsample_in_first_stage = false;
  bool downsample_in_bottleneck = false;  // in its first convolution instead of its second
};

// The dimensions that only RT-DETR has; names as in Hugging Face's RTDetrConfig and RTDetrV2Config.
// The channels of the pyramid, `encoder_hidden_dim` there, are DetectorConfig::neck_channels.
struct RtDetrConfig {
  ResNetVdConfig backbone;
  int d_model = 0;  // width of the decoder, a multiple of its heads
  // The hybrid encoder. Activations are "gelu", "relu" or "silu".
  int encoder_layers = 0;
  std::vector<int> encode_proj_layers;  // pyramid levels that attend to themselves, ascending
  int encoder_ffn_dim = 0;
  int encoder_attention_heads = 0;
  std::string encoder_activation_function;  // of the feed-forward layers
  std::string activation_function;          // of the convolutions
  double hidden_expansion = 0;
  double positional_encoding_temperature = 0;
  // The decoder.
  int num_queries = 0;
  int decoder_layers = 0;
  int decoder_ffn_dim = 0;
  int decoder_attention_heads = 0;
  int decoder_n_points = 0;  // places that a head reads of each level
  std::string decoder_activation_function;
  double decoder_offset_scale = 0;  // of offsets, in sizes of the query's box
  std::string decoder_method;       // "default": between places, "discrete": at the nearest one
  double layer_norm_eps = 0;
  double batch_norm_eps = 0;  // of the hybrid encoder and of what leads to the decoder
};

// Reads `detector.rt_detr`. `detector` holds what every family shares; the pyramid that it states
// must be the one that these dimensions make. Errors go to `status`, as JsonFields' do; the result
// is of use only if that is still OK.
std::shared_ptr<const RtDetrConfig> ParseRtDetr(const nlohmann::json& object,
                                                const DetectorConfig& detector,
                                                absl::Status* status);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_RT_DETR_CONFIG_H_
