// SPDX-License-Identifier: Apache-2.0
#include "client/bench/workload.h"

#include <fstream>
#include <set>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Workload::Options SomeOptions() {
  return {.mix = *RpcMix::Parse("detect,ask"),
          .images = {"one", "two", "three"},
          .questions = {"why?", "who?"}};
}

TEST(WorkloadTest, RestartedItChoosesTheSameAgain) {
  Workload workload(SomeOptions());
  std::vector<Query> first;
  for (int i = 0; i < 30; ++i) first.push_back(workload.Next());
  workload.Restart();
  for (const Query& query : first) {
    const Query again = workload.Next();
    EXPECT_EQ(again.rpc, query.rpc);
    EXPECT_EQ(again.image, query.image);
    EXPECT_EQ(again.question, query.question);
  }
}

TEST(WorkloadTest, UsesAllThatItHas) {
  Workload workload(SomeOptions());
  std::set<std::string> images, questions;
  for (int i = 0; i < 100; ++i) {
    const Query query = workload.Next();
    images.insert(query.image);
    questions.insert(query.question);
  }
  EXPECT_EQ(images.size(), 3u);
  EXPECT_EQ(questions.size(), 2u);
}

TEST(WorkloadTest, ColdPicturesAreNeverTheSameEvenAfterARestart) {
  Workload::Options options = SomeOptions();
  options.cold_mark = "run 7";
  Workload workload(options);
  std::set<std::string> images;
  for (int i = 0; i < 50; ++i) images.insert(workload.Next().image);
  workload.Restart();
  for (int i = 0; i < 50; ++i) images.insert(workload.Next().image);
  EXPECT_EQ(images.size(), 100u);
}

TEST(ReadQuestionsTest, TakesALineForAQuestion) {
  const std::string path = testing::TempDir() + "questions.txt";
  std::ofstream(path) << "  What is it? \n\nWhere?\n";
  const auto questions = ReadQuestions(path);
  ASSERT_OK(questions);
  EXPECT_THAT(*questions, ElementsAre("What is it?", "Where?"));
}

TEST(ReadQuestionsTest, NamesTheFileThatHasNone) {
  const std::string path = testing::TempDir() + "no_questions.txt";
  std::ofstream(path) << "\n \n";
  EXPECT_THAT(ReadQuestions(path),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no_questions.txt")));
  EXPECT_THAT(ReadQuestions("/no/such/file"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such/file")));
}

}  // namespace
}  // namespace mrmllm
