// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/claims.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using Kind = Claim::Kind;

// One letter a claim: there, not there, place, relation, color.
std::string Kinds(const std::string& answer) {
  static const ClassWords& words = *new ClassWords({"person", "dog", "cat", "car"});
  std::string kinds;
  for (const Claim& claim : FindClaims(answer, words, 1)) {
    kinds += "tnprc"[static_cast<int>(claim.kind)];
  }
  return kinds;
}

TEST(FindClaimsTest, OneSentenceMayClaimSeveralThings) {
  EXPECT_EQ(Kinds("There is a red car on the left and no dog."), "tcpn");
  EXPECT_EQ(Kinds("The dog is left of the cat."), "trt");
  EXPECT_EQ(Kinds("The car is red."), "tc");
}

TEST(FindClaimsTest, OnlyWhatIsSaidOfTheseImagesIsAClaim) {
  for (const char* answer :
       {"Dogs are loyal.", "A dog needs food.", "Is there a dog?", "There may be a dog.",
        "If you see a dog, stop.", "It is unclear whether the dog is old.", "Paris."}) {
    EXPECT_EQ(Kinds(answer), "") << answer;
  }
}

TEST(FindClaimsTest, NumbersAreExactUnlessNarrowedDown) {
  static const ClassWords& words = *new ClassWords({"dog"});
  const auto quantity = [&](const std::string& answer) {
    return FindClaims(answer, words, 1).at(0).quantity;
  };
  constexpr int kAny = Quantity::kAny;
  EXPECT_EQ(quantity("There are 2 dogs in the picture."), (Quantity{2, 2}));
  EXPECT_EQ(quantity("There are 2 dogs in total."), (Quantity{2, 2}));
  EXPECT_EQ(quantity("There are 2 dogs on a couch."), (Quantity{2, kAny}));
  EXPECT_EQ(quantity("There are 2 black dogs."), (Quantity{2, kAny}));
  EXPECT_EQ(quantity("The 2 dogs are here."), (Quantity{2, kAny}));
  EXPECT_EQ(quantity("There are dogs."), (Quantity{1, kAny}));
}

}  // namespace
}  // namespace mrmllm
