// SPDX-License-Identifier: Apache-2.0
#include "client/cli/command_line.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "client/draw/picture_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_service.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

// Runs the whole command against a scripted server.
class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    folder_ = testing::TempDir() + "command_line_test";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    server_.service.detect = DetectByBytes;
  }
  ~CommandLineTest() override { std::filesystem::remove_all(folder_); }

  // One object named after the bytes of the picture; "bad" is refused.
  static grpc::Status DetectByBytes(grpc::ServerContext*, const v1::DetectRequest& request,
                                    v1::DetectResponse* response) {
    if (request.images(0).content() == "bad") {
      return RichStatus(grpc::StatusCode::INVALID_ARGUMENT, "invalid request",
                        BadField("images[0].content", "expected JPEG, got 3 bytes"));
    }
    v1::Detection& detection = *response->add_images()->add_detections();
    detection.set_label(request.images(0).content());
    return grpc::Status::OK;
  }

  ExitCode Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address(), "--retries", "1"});
    out_.str("");
    err_.str("");
    return RunCommandLine(std::move(arguments), console_);
  }

  std::string Add(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ + "/" + name) << bytes;
    return folder_ + "/" + name;
  }

  FakeServer server_;
  std::string folder_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.in = in_, .out = out_, .err = err_};
};

TEST_F(CommandLineTest, HelpNamesCommandsAndExitCodes) {
  EXPECT_EQ(Run({"--help"}), ExitCode::kOk);
  for (const char* word :
       {"detect", "ask", "perceive", "release", "models", "health", "Exit codes:"}) {
    EXPECT_THAT(out_.str(), HasSubstr(word));
  }
}

TEST_F(CommandLineTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Run({"paint"}), ExitCode::kUsage);
  EXPECT_EQ(Run({}), ExitCode::kUsage);
  EXPECT_EQ(Run({"ask"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--question is required"));
}

TEST_F(CommandLineTest, DetectPrintsFilesInTheirOrder) {
  Add("b.jpg", "dog");
  Add("a.jpg", "cat");
  EXPECT_EQ(Run({"detect", folder_}), ExitCode::kOk);
  EXPECT_LT(out_.str().find("cat"), out_.str().find("dog"));
}

TEST_F(CommandLineTest, DetectGoesOnAfterAnImageThatIsRefused) {
  Add("a.jpg", "bad");
  Add("b.jpg", "dog");
  EXPECT_EQ(Run({"detect", folder_, "--json"}), ExitCode::kSomeFailed);
  EXPECT_THAT(out_.str(), HasSubstr("\"label\":\"dog\""));
  EXPECT_THAT(out_.str(), HasSubstr("\"code\":\"INVALID_ARGUMENT\""));
  EXPECT_THAT(err_.str(), HasSubstr("a.jpg: invalid request; images[0].content: expected JPEG"));
}

TEST_F(CommandLineTest, DetectReadsStandardInput) {
  in_.str("horse");
  EXPECT_EQ(Run({"detect", "-"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("stdin  0 x 0  1 object"));
  EXPECT_THAT(out_.str(), HasSubstr("horse"));
}

TEST_F(CommandLineTest, DetectNamesAFileThatIsNotThere) {
  EXPECT_EQ(Run({"detect", "no/such.jpg"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("no/such.jpg"));
}

TEST_F(CommandLineTest, SaysWhatToDoWithoutAServer) {
  const std::string file = Add("a.jpg", "dog");
  EXPECT_EQ(RunCommandLine({"detect", file, "-s", "127.0.0.1:1", "--retries", "1"}, console_),
            ExitCode::kUnreachable);
  EXPECT_THAT(err_.str(), HasSubstr("Is the server running and ready at 127.0.0.1:1?"));
}

TEST_F(CommandLineTest, AskPrintsTheAnswerAndNothingElse) {
  server_.service.ask_stream = [](auto*, const v1::AskStreamRequest& request, auto* writer) {
    v1::AskStreamResponse message;
    for (const char* piece : {"two ", "dogs"}) {
      message.set_text_delta(piece);
      writer->Write(message);
    }
    message.mutable_summary()->set_answer(request.ask().question());
    writer->Write(message);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"ask", "-q", "How many?"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "two dogs\n");
}

TEST_F(CommandLineTest, AskSendsTogetherWhatBelongsTogether) {
  std::vector<int> image_counts;
  server_.service.ask = [&](auto*, const v1::AskRequest& request, auto*) {
    image_counts.push_back(request.images_size());
    return grpc::Status::OK;
  };
  Add("a.jpg", "x");
  Add("b.jpg", "y");
  EXPECT_EQ(Run({"ask", "-q", "?", "--json", folder_}), ExitCode::kOk);
  EXPECT_EQ(Run({"ask", "-q", "?", "--json", "--together", folder_, "--image-id", "id"}),
            ExitCode::kOk);
  EXPECT_THAT(image_counts, testing::ElementsAre(1, 1, 3));
}

TEST_F(CommandLineTest, PerceivePrintsTheBoxesBeforeTheAnswer) {
  server_.service.perceive_stream = [](auto*, const auto&, auto* writer) {
    v1::PerceiveAndAnswerStreamResponse message;
    message.mutable_perception()->add_images()->add_detections()->set_label("dog");
    writer->Write(message);
    message.set_text_delta("It sleeps.");
    writer->Write(message);
    message.mutable_summary();
    writer->Write(message);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"perceive", "-q", "?", Add("a.jpg", "x")}), ExitCode::kOk);
  EXPECT_LT(out_.str().find("dog"), out_.str().find("It sleeps."));
}

TEST_F(CommandLineTest, PerceivePrintsTheBoxesOfASecondLookAfterTheAnswer) {
  server_.service.perceive_stream = [](auto*, const auto&, auto* writer) {
    v1::PerceiveAndAnswerStreamResponse message;
    message.mutable_perception()->add_images()->add_detections()->set_label("dog");
    writer->Write(message);
    message.set_text_delta("It sleeps.");
    writer->Write(message);
    v1::ImageDetections& final_boxes = *message.mutable_summary()->add_images();
    final_boxes.add_detections()->set_label("cat");
    final_boxes.mutable_second_look()->add_regions();
    writer->Write(message);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"perceive", "-q", "?", Add("a.jpg", "x")}), ExitCode::kOk);
  EXPECT_LT(out_.str().find("dog"), out_.str().find("It sleeps."));
  EXPECT_THAT(out_.str().substr(out_.str().find("It sleeps.")), HasSubstr("cat"));
}

TEST_F(CommandLineTest, PerceiveSaysWhenThereWasNoTimeForTheAnswer) {
  v1::PerceiveAndAnswerRequest asked;
  server_.service.perceive_stream = [&](auto*, const auto& request, auto* writer) {
    asked = request.request();
    v1::PerceiveAndAnswerStreamResponse message;
    message.mutable_perception()->add_images()->add_detections()->set_label("dog");
    writer->Write(message);
    message.mutable_summary()->set_degradation(v1::DEGRADATION_ANSWER_SKIPPED);
    writer->Write(message);
    return grpc::Status::OK;
  };
  const std::string file = Add("a.jpg", "x");
  EXPECT_EQ(Run({"perceive", "-q", "?", "--allow-degraded", "--priority", "high", file}),
            ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("dog"));
  EXPECT_THAT(out_.str(), HasSubstr("no answer: the time was too short"));
  EXPECT_TRUE(asked.allow_degraded());
  EXPECT_EQ(asked.scheduling().priority(), v1::PRIORITY_HIGH);
  EXPECT_EQ(Run({"ask", "-q", "?", "--allow-degraded"}), ExitCode::kUsage);
}

TEST_F(CommandLineTest, ReleaseTellsHowManyTheServerForgot) {
  std::vector<int> batches;
  server_.service.release = [&](auto*, const v1::ReleaseImagesRequest& request, auto* response) {
    batches.push_back(request.image_ids_size());
    response->set_released_count(1);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"release", "a", "b"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "Forgot 1 of 2\n");
  std::vector<std::string> many = {"release", "--json"};
  many.insert(many.end(), 300, "x");
  EXPECT_EQ(Run(many), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "{\"image_ids\":300,\"released\":2}\n");
  EXPECT_THAT(batches, testing::ElementsAre(2, 256, 44));
  EXPECT_EQ(Run({"release"}), ExitCode::kUsage);
}

TEST_F(CommandLineTest, PerceiveWantsAPicture) {
  EXPECT_EQ(Run({"perceive", "-q", "?"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("at least one picture"));
}

TEST_F(CommandLineTest, AnnotateWritesAPicture) {
  const std::string picture = folder_ + "/photo.png";
  ASSERT_TRUE(WritePicture(picture, cv::Mat(300, 500, CV_8UC3, cv::Scalar::all(50))).ok());
  server_.service.detect = [](auto*, const auto&, v1::DetectResponse* response) {
    response->add_images()->add_detections()->set_label("dog");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"detect", "--annotate", folder_ + "/out", picture}), ExitCode::kOk);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/out/photo.png"));
}

TEST_F(CommandLineTest, HealthIsOkOnlyWhenServing) {
  server_.SetServing(Client::kServiceName, false);
  EXPECT_EQ(Run({"health"}), ExitCode::kUnreachable);
  EXPECT_EQ(out_.str(), "NOT_SERVING\n");
  server_.SetServing(Client::kServiceName, true);
  EXPECT_EQ(Run({"health", "--wait", "5s"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "SERVING\n");
}

TEST_F(CommandLineTest, HealthTellsLivenessFromReadiness) {
  server_.SetServing(Client::kServiceName, false);
  server_.SetServing("", true);
  EXPECT_EQ(Run({"health", "--live"}), ExitCode::kOk);
  server_.SetServing(Client::kServiceName, true);
  server_.SetServing("", false);
  EXPECT_EQ(Run({"health", "--live"}), ExitCode::kUnreachable);
  EXPECT_EQ(Run({"health", "--live", "--service", "x"}), ExitCode::kUsage);
}

TEST_F(CommandLineTest, ModelsListsWhatIsLoaded) {
  server_.service.models.add_models()->set_name("coco-135m");
  EXPECT_EQ(Run({"models"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("coco-135m"));
}

TEST_F(CommandLineTest, ModelsTellsWhyOneCouldNotBeLoaded) {
  v1::Model* const model = server_.service.models.add_models();
  model->set_name("coco-135m");
  model->set_version("3");
  model->set_state(v1::MODEL_STATE_FAILED);
  model->set_failure("model.safetensors: checksum");
  EXPECT_EQ(Run({"models"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("failed"));
  EXPECT_THAT(out_.str(), HasSubstr("coco-135m 3: model.safetensors: checksum"));
}

TEST_F(CommandLineTest, LoadAndUnloadNameAModel) {
  v1::LoadModelRequest loaded;
  server_.service.load = [&](auto*, const auto& request, auto* response) {
    loaded = request;
    response->mutable_model()->set_name(request.name());
    response->mutable_model()->set_state(v1::MODEL_STATE_READY);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"load", "coco-135m", "--version", "2", "--keep-others"}), ExitCode::kOk);
  EXPECT_EQ(loaded.name() + " " + loaded.version(), "coco-135m 2");
  EXPECT_TRUE(loaded.keep_others());
  EXPECT_THAT(out_.str(), HasSubstr("ready"));

  v1::UnloadModelRequest unloaded;
  server_.service.unload = [&](auto*, const auto& request, auto*) {
    unloaded = request;
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "is the last that is served");
  };
  EXPECT_EQ(Run({"unload", "coco-135m"}), ExitCode::kRefused);
  EXPECT_EQ(unloaded.name(), "coco-135m");
  EXPECT_FALSE(unloaded.allow_none());
  EXPECT_THAT(err_.str(), HasSubstr("is the last"));
}

TEST_F(CommandLineTest, ModelOptionNamesAModelAndItsVersion) {
  v1::AskRequest asked;
  server_.service.ask = [&](auto*, const auto& request, auto*) {
    asked = request;
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"ask", "--json", "-q", "Who?", "--model", "coco-135m@2"}), ExitCode::kOk);
  EXPECT_EQ(asked.model().name(), "coco-135m");
  EXPECT_EQ(asked.model().version(), "2");
  EXPECT_EQ(Run({"ask", "--json", "-q", "Who?", "--model", "coco-135m"}), ExitCode::kOk);
  EXPECT_EQ(asked.model().version(), "");
}

TEST_F(CommandLineTest, BadTlsOptionsAreUsageErrors) {
  EXPECT_EQ(Run({"models", "--tls-ca", "/no/such/ca.pem"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("/no/such/ca.pem"));
}

}  // namespace
}  // namespace mrmllm
