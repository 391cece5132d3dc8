// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_loader.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/bundle_folders.h"
#include "tests/server/models/fake_factory.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Loaded = absl::StatusOr<std::shared_ptr<ServedModel>>;

// What the observer heard, in words.
class RecordingModelObserver : public ModelObserver {
 public:
  void OnLoaded(const EngineInfo& model, absl::Duration) override { Note("loaded", model); }
  void OnLoadFailed(std::string_view, const absl::Status&) override { Note("failed"); }
  void OnActivated(const EngineInfo& model) override { Note("active", model); }
  void OnDraining(const EngineInfo& model) override { Note("draining", model); }
  void OnFreed(const EngineInfo& model) override { Note("freed", model); }

  std::vector<std::string> heard() const {
    absl::MutexLock lock(&mutex_);
    return heard_;
  }

 private:
  void Note(const std::string& event) {
    absl::MutexLock lock(&mutex_);
    heard_.push_back(event);
  }
  void Note(const char* event, const EngineInfo& model) {
    Note(absl::StrCat(event, " ", model.model_name, "/", model.model_version));
  }

  mutable absl::Mutex mutex_;
  std::vector<std::string> heard_ ABSL_GUARDED_BY(mutex_);
};

class ModelLoaderTest : public testing::Test {
 protected:
  ModelLoaderTest() {
    for (const char* version : {"1", "2", "3"}) folders_.Add("coco", version);
    folders_.Add("pets", "1");
  }

  // Collects the ends of loads.
  ModelLoader::Done Collect() {
    return [this](const Loaded& loaded) {
      absl::MutexLock lock(&mutex_);
      ends_.push_back(loaded.status());
    };
  }
  std::vector<absl::Status> AwaitEnds(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count]()
                            ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ends_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
    return ends_;
  }
  absl::Status Load(const std::string& name, const std::string& version,
                    OtherVersions others = OtherVersions::kDrain) {
    return loader_->LoadNow(name, version, others).status();
  }
  std::string Active(const std::string& name) const {
    const auto model = models_.Find(name, "");
    return model.ok() ? (*model)->info().model_version : "none";
  }
  // "coco/1 ready active", by name and version.
  std::vector<std::string> List() const {
    static constexpr const char* kStates[] = {"loading", "ready", "draining", "failed"};
    std::vector<std::string> words;
    for (const ModelStatus& status : models_.List()) {
      words.push_back(absl::StrCat(
          status.name, "/", status.version, " ", kStates[static_cast<int>(status.state)],
          status.active ? " active" : "", status.is_default ? " default" : ""));
    }
    return words;
  }

  FakeClock clock_;
  BundleFolders folders_;
  FakeFactory factory_;
  RecordingModelObserver observer_;
  ModelRegistry models_{{.observer = &observer_}};
  absl::Mutex mutex_;
  std::vector<absl::Status> ends_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<ModelLoader> loader_ = std::make_unique<ModelLoader>(
      ModelLoader::Parts{.repository = ModelRepository(folders_.path()),
                         .factory = &factory_,
                         .models = &models_,
                         .observer = &observer_,
                         .clock = &clock_});
};

TEST_F(ModelLoaderTest, TheNewVersionTakesOverAndTheOldOneIsFreed) {
  ASSERT_OK(Load("coco", "1"));
  EXPECT_THAT(List(), ElementsAre("coco/1 ready active default"));
  ASSERT_OK(Load("coco", ""));
  EXPECT_EQ(Active("coco"), "3");
  factory_.AwaitFreed("coco/1");
  EXPECT_THAT(List(), ElementsAre("coco/3 ready active default"));
  EXPECT_THAT(observer_.heard(), ElementsAre("loaded coco/1", "active coco/1", "loaded coco/3",
                                             "active coco/3", "draining coco/1", "freed coco/1"));
}

TEST_F(ModelLoaderTest, ServesOnWhileItLoads) {
  ASSERT_OK(Load("coco", "1"));
  factory_.Hold();
  loader_->Load("coco", "2", OtherVersions::kDrain, Collect());
  factory_.AwaitHeld();
  EXPECT_THAT(List(), ElementsAre("coco/1 ready active default", "coco/2 loading"));
  const auto heard = AskModel(*models_.Find("coco", ""), "Who?", &clock_);
  EXPECT_OK(heard->AwaitDone());
  factory_.Release();
  EXPECT_THAT(AwaitEnds(1), ElementsAre(IsOk()));
  EXPECT_EQ(Active("coco"), "2");
}

TEST_F(ModelLoaderTest, ARequestEndsOnTheVersionThatItBeganOn) {
  ASSERT_OK(Load("coco", "1"));
  factory_.engine("coco/1")->Hold();
  auto heard = AskModel(*models_.Find("coco", ""), "Who?", &clock_);
  factory_.engine("coco/1")->AwaitHeld();
  ASSERT_OK(Load("coco", "2"));
  EXPECT_THAT(List(), ElementsAre("coco/1 draining", "coco/2 ready active default"));
  EXPECT_TRUE(factory_.alive("coco/1"));

  factory_.engine("coco/1")->Release();
  EXPECT_OK(heard->AwaitDone());
  EXPECT_EQ(heard->result().answer, "You asked: Who?");
  heard.reset();
  factory_.AwaitFreed("coco/1");
  EXPECT_THAT(List(), ElementsAre("coco/2 ready active default"));
}

TEST_F(ModelLoaderTest, ABrokenVersionChangesNothingAndSaysWhy) {
  ASSERT_OK(Load("coco", "1"));
  factory_.Break("coco/2", absl::DataLossError("model.safetensors: checksum: expected a, got b"));
  EXPECT_THAT(Load("coco", "2"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("coco/2"), HasSubstr("model.safetensors: checksum"))));
  EXPECT_EQ(Active("coco"), "1");
  EXPECT_THAT(List(), ElementsAre("coco/1 ready active default", "coco/2 failed"));
  EXPECT_THAT(models_.List()[1].failure, HasSubstr("checksum"));
  EXPECT_THAT(observer_.heard(), ElementsAre("loaded coco/1", "active coco/1", "failed"));
}

TEST_F(ModelLoaderTest, ABundleMustBeWhatItsDirectorySays) {
  factory_.Disguise("coco/2", "coco", "1");
  EXPECT_THAT(Load("coco", "2"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          AllOf(HasSubstr("version '2'"), HasSubstr("and '1'"))));
  EXPECT_THAT(observer_.heard(), ElementsAre("failed"));
}

TEST_F(ModelLoaderTest, MemoryThatRanOutIsNotTheBundlesFault) {
  factory_.Break("coco/1", absl::ResourceExhaustedError("CUDA out of memory"));
  EXPECT_THAT(Load("coco", "1"), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(ModelLoaderTest, EqualLoadsAreOne) {
  factory_.Hold();
  for (int i = 0; i < 3; ++i) loader_->Load("coco", "2", OtherVersions::kDrain, Collect());
  factory_.AwaitHeld();
  loader_->Load("coco", "2", OtherVersions::kDrain, Collect());
  factory_.Release();
  EXPECT_THAT(AwaitEnds(4), ElementsAre(IsOk(), IsOk(), IsOk(), IsOk()));
  EXPECT_THAT(factory_.opened(), ElementsAre("coco/2"));
}

TEST_F(ModelLoaderTest, AVersionThatIsLoadedIsOnlySwitchedTo) {
  ASSERT_OK(Load("coco", "1"));
  ASSERT_OK(Load("coco", "2", OtherVersions::kKeep));
  EXPECT_THAT(List(), ElementsAre("coco/1 ready", "coco/2 ready active default"));
  ASSERT_OK(Load("coco", "1"));
  EXPECT_EQ(Active("coco"), "1");
  EXPECT_THAT(factory_.opened(), ElementsAre("coco/1", "coco/2"));
  factory_.AwaitFreed("coco/2");
}

TEST_F(ModelLoaderTest, AnotherNameStandsBeside) {
  ASSERT_OK(Load("coco", "1"));
  ASSERT_OK(Load("pets", ""));
  EXPECT_THAT(List(), ElementsAre("coco/1 ready active default", "pets/1 ready active"));
}

TEST_F(ModelLoaderTest, WithoutARepositoryThereIsNothingToLoad) {
  ModelLoader alone(
      {.factory = &factory_, .models = &models_, .observer = &observer_, .clock = &clock_});
  EXPECT_THAT(alone.LoadNow("coco", "1", OtherVersions::kDrain),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("models.repository")));
  ASSERT_OK(alone.LoadBundle("/elsewhere/coco/1"));
  EXPECT_EQ(Active("coco"), "1");
}

TEST_F(ModelLoaderTest, WhoWaitsWhenItEndsIsTold) {
  factory_.Hold();
  loader_->Load("coco", "1", OtherVersions::kDrain, Collect());
  factory_.AwaitHeld();
  loader_->Load("coco", "2", OtherVersions::kDrain, Collect());
  std::thread ending([this] { loader_.reset(); });
  factory_.Release();
  ending.join();
  EXPECT_EQ(AwaitEnds(2).size(), 2);
  EXPECT_EQ(AwaitEnds(2)[0], absl::OkStatus());
}

// Requests from all sides while versions come and go: each is answered once, by one version.
TEST_F(ModelLoaderTest, NoRequestIsLostInAnySwitch) {
  ASSERT_OK(Load("coco", "1"));
  absl::Mutex mutex;
  bool stop = false;
  std::vector<std::thread> callers;
  std::vector<int> answered(3, 0);
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&, caller] {
      while (true) {
        {
          absl::MutexLock lock(&mutex);
          if (stop && answered[caller] > 0) return;
        }
        const auto model = models_.Find("coco", "");
        ASSERT_OK(model.status());
        const auto heard = AskModel(*model, "Who?", &clock_);
        ASSERT_NE(heard, nullptr);
        EXPECT_OK(heard->AwaitDone());
        EXPECT_EQ(heard->done_count(), 1);
        absl::MutexLock lock(&mutex);
        ++answered[caller];
      }
    });
  }
  for (int round = 0; round < 10; ++round) {
    EXPECT_OK(Load("coco", round % 2 == 0 ? "2" : "3"));
  }
  {
    absl::MutexLock lock(&mutex);
    stop = true;
  }
  for (std::thread& caller : callers) caller.join();
  factory_.AwaitFreed("coco/2");
  EXPECT_THAT(List(), ElementsAre("coco/3 ready active default"));
}

TEST_F(ModelLoaderTest, UnloadTakesAVersionOutOfService) {
  ASSERT_OK(Load("coco", "1"));
  ASSERT_OK(Load("coco", "2", OtherVersions::kKeep));
  EXPECT_THAT(models_.Unload("coco", "3", false), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK(models_.Unload("coco", "2", false));
  EXPECT_EQ(Active("coco"), "1");
  EXPECT_THAT(models_.Find("coco", "2"), StatusIs(absl::StatusCode::kNotFound));
  factory_.AwaitFreed("coco/2");

  EXPECT_THAT(models_.Unload("coco", "", false),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("allow_none")));
  EXPECT_EQ(Active("coco"), "1");
  ASSERT_OK(models_.Unload("coco", "", true));
  EXPECT_THAT(models_.Find("", ""), StatusIs(absl::StatusCode::kNotFound, HasSubstr("none is")));
  factory_.AwaitFreed("coco/1");
  EXPECT_THAT(List(), IsEmpty());
}

TEST_F(ModelLoaderTest, UnloadClearsAFailure) {
  ASSERT_OK(Load("coco", "1"));
  factory_.Break("coco/2", absl::DataLossError("broken"));
  EXPECT_FALSE(Load("coco", "2").ok());
  ASSERT_OK(models_.Unload("coco", "2", false));
  EXPECT_THAT(List(), ElementsAre("coco/1 ready active default"));
}

}  // namespace
}  // namespace mrmllm
