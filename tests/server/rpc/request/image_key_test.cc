// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/image_key.h"

#include <set>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

EngineInfo Info(std::string version = "1", int detector_size = 320) {
  EngineInfo info;
  info.model_name = "fake";
  info.model_version = std::move(version);
  info.detector_input.size = detector_size;
  return info;
}

ImageSource Encoded(std::string_view bytes) { return {.from = EncodedImage{bytes}}; }

TEST(ImageKeyTest, EqualImagesHaveEqualIds) {
  const ImageKey key(Info(), "secret");
  const auto id = key.IdOf(Encoded("bytes"), "");
  ASSERT_OK(id);
  EXPECT_EQ(id->size(), 64u);
  EXPECT_EQ(*key.IdOf(Encoded("bytes"), ""), *id);
}

TEST(ImageKeyTest, EverythingThatMattersChangesTheId) {
  const RawPixels raw{.pixels = "123456", .width = 2, .height = 1};
  RawPixels tall = raw;
  std::swap(tall.width, tall.height);
  RawPixels bgr = raw;
  bgr.format = RawPixels::Format::kBgr;
  const ImageKey key(Info(), "secret");
  const std::set<std::string> ids = {
      *key.IdOf(Encoded("123456"), ""),
      *key.IdOf(Encoded("123457"), ""),
      *key.IdOf(Encoded("123456"), "tenant"),
      *key.IdOf({.from = raw}, ""),
      *key.IdOf({.from = tall}, ""),
      *key.IdOf({.from = bgr}, ""),
      *ImageKey(Info(), "another").IdOf(Encoded("123456"), ""),
      *ImageKey(Info("2"), "secret").IdOf(Encoded("123456"), ""),
      *ImageKey(Info("1", 416), "secret").IdOf(Encoded("123456"), ""),
  };
  EXPECT_EQ(ids.size(), 9u);
}

TEST(ImageKeyTest, EveryProcessHasItsOwnSecret) {
  const auto one = ImageKey::Create(Info());
  const auto two = ImageKey::Create(Info());
  ASSERT_OK(one);
  EXPECT_NE(*one->IdOf(Encoded("x"), ""), *two->IdOf(Encoded("x"), ""));
}

TEST(ImageKeyTest, AKnownImageKeepsItsId) {
  EXPECT_EQ(*ImageKey(Info(), "s").IdOf({.from = KnownImage{"abc"}}, ""), "abc");
}

}  // namespace
}  // namespace mrmllm
