// SPDX-License-Identifier: Apache-2.0
// What tenants keep from each other, and how they let go of it.
#include <functional>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/test_server.h"
#include "tests/server/image_decoding/encoded_images.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TenancyTest : public testing::TestWithParam<Transport> {
 protected:
  // One call for a tenant; empty: without the metadata.
  struct Call {
    explicit Call(const std::string& tenant) {
      if (!tenant.empty()) context.AddMetadata("x-tenant", tenant);
    }
    grpc::ClientContext context;
  };

  grpc::Status Detect(const std::string& tenant, const v1::DetectRequest& request,
                      v1::DetectResponse* reply) {
    Call call(tenant);
    return stub_->Detect(&call.context, request, reply);
  }
  // The image_id of the picture, and whether it was known.
  v1::ImageReference Show(const std::string& tenant) {
    v1::DetectResponse reply;
    EXPECT_TRUE(Detect(tenant, WithPicture<v1::DetectRequest>(picture_), &reply).ok());
    return reply.images(0).image();
  }
  grpc::Status Recall(const std::string& tenant, const std::string& image_id) {
    v1::DetectRequest request;
    request.add_images()->set_image_id(image_id);
    v1::DetectResponse reply;
    return Detect(tenant, request, &reply);
  }
  int Release(const std::string& tenant, std::vector<std::string> image_ids) {
    v1::ReleaseImagesRequest request;
    request.mutable_image_ids()->Add(image_ids.begin(), image_ids.end());
    v1::ReleaseImagesResponse reply;
    Call call(tenant);
    EXPECT_TRUE(stub_->ReleaseImages(&call.context, request, &reply).ok());
    return reply.released_count();
  }

  TestServer server_{GetParam()};
  std::unique_ptr<v1::MrMllmService::Stub> stub_ = server_.NewStub();
  const std::string picture_ = EncodeRedGreen(".png", 12, 8);
};

INSTANTIATE_TEST_SUITE_P(Transports, TenancyTest,
                         testing::Values(Transport::kTcp, Transport::kInProcess),
                         [](const auto& info) {
                           return info.param == Transport::kTcp ? "Tcp" : "InProcess";
                         });

TEST_P(TenancyTest, AnImageIdServesOnlyTheTenantThatItWasGivenTo) {
  const std::string id = Show("alice").image_id();
  EXPECT_TRUE(Recall("alice", id).ok());
  for (const std::string other : {"bob", "Alice", ""}) {
    EXPECT_EQ(Recall(other, id).error_code(), grpc::StatusCode::NOT_FOUND) << other;
  }
  const std::string nobodys = Show("").image_id();
  EXPECT_TRUE(Recall("", nobodys).ok());
  EXPECT_EQ(Recall("alice", nobodys).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_P(TenancyTest, AnotherTenantsIdLooksLikeOneThatNeverWas) {
  const std::string id = Show("alice").image_id();
  const std::string invented(id.size(), 'a');
  const auto text = [&](const std::string& image_id) {
    std::string message = Recall("bob", image_id).error_message();
    message.replace(message.find(image_id), image_id.size(), "ID");
    return message;
  };
  EXPECT_EQ(text(id), text(invented));
}

TEST_P(TenancyTest, APictureThatAnotherTenantShowedIsNew) {
  EXPECT_FALSE(Show("alice").cached());
  EXPECT_FALSE(Show("bob").cached());
  EXPECT_TRUE(Show("alice").cached());
  EXPECT_NE(Show("alice").image_id(), Show("bob").image_id());
}

TEST_P(TenancyTest, ReleasedImagesAreForgottenAtOnce) {
  const std::string id = Show("alice").image_id();
  EXPECT_EQ(Release("alice", {id, "never was", id}), 1);
  EXPECT_EQ(Recall("alice", id).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_FALSE(Show("alice").cached());
}

TEST_P(TenancyTest, NobodyReleasesTheImagesOfAnother) {
  const std::string id = Show("alice").image_id();
  EXPECT_EQ(Release("bob", {id}), 0);
  EXPECT_EQ(Release("", {id, "alice/" + id}), 0);
  EXPECT_TRUE(Recall("alice", id).ok());
}

TEST_P(TenancyTest, ReleaseWantsAFewIdsAndAnOpenServer) {
  grpc::ClientContext empty;
  v1::ReleaseImagesResponse reply;
  const grpc::Status status = stub_->ReleaseImages(&empty, {}, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(), "image_ids");
  server_.gate.Close();
  v1::ReleaseImagesRequest request;
  request.mutable_image_ids()->Add("id");
  grpc::ClientContext late;
  EXPECT_EQ(stub_->ReleaseImages(&late, request, &reply).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_P(TenancyTest, EveryMethodNamesATenantThatIsNone) {
  const std::function<grpc::Status(grpc::ClientContext*)> methods[] = {
      [&](auto* context) {
        v1::DetectResponse reply;
        return stub_->Detect(context, WithPicture<v1::DetectRequest>(picture_), &reply);
      },
      [&](auto* context) {
        v1::AskStreamRequest request;
        request.mutable_ask()->set_question("What?");
        v1::AskStreamResponse message;
        auto stream = stub_->AskStream(context, request);
        EXPECT_FALSE(stream->Read(&message));
        return stream->Finish();
      },
      [&](auto* context) {
        v1::DetectStreamResponse message;
        auto stream = stub_->DetectStream(context);
        EXPECT_FALSE(stream->Read(&message));
        return stream->Finish();
      },
      [&](auto* context) {
        v1::ReleaseImagesRequest request;
        request.mutable_image_ids()->Add("id");
        v1::ReleaseImagesResponse reply;
        return stub_->ReleaseImages(context, request, &reply);
      },
  };
  for (const auto& method : methods) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant", "two words");
    const grpc::Status status = method(&context);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), StartsWith("x-tenant: expected 1 to 64 characters"));
    EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(), "x-tenant");
  }
  EXPECT_TRUE(server_.engine.steps().empty());
}

TEST_P(TenancyTest, TwoTenantsInOneCallAreOneTooMany) {
  grpc::ClientContext context;
  context.AddMetadata("x-tenant", "alice");
  context.AddMetadata("x-tenant", "bob");
  v1::DetectResponse reply;
  const grpc::Status status =
      stub_->Detect(&context, WithPicture<v1::DetectRequest>(picture_), &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("x-tenant: expected one value"));
}

TEST_P(TenancyTest, AWorkingCallIsOnItsTenantsAccount) {
  server_.engine.Hold();
  std::thread call([&] { Show("alice"); });
  server_.engine.AwaitHeld();
  EXPECT_EQ(server_.scheduler->admission().usage("alice").requests, 1);
  EXPECT_EQ(server_.scheduler->admission().usage("alice").pixels, 12 * 8);
  EXPECT_EQ(server_.scheduler->admission().usage("bob"), Admission::Usage());
  server_.engine.Release();
  call.join();
}

TEST_P(TenancyTest, WithoutAKeyEveryoneIsOneTenant) {
  TestServer server(GetParam(), {}, {.tenant_key = ""});
  auto stub = server.NewStub();
  v1::DetectResponse reply;
  for (const std::string name : {"alice", "two words"}) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant", name);
    ASSERT_TRUE(stub->Detect(&context, WithPicture<v1::DetectRequest>(picture_), &reply).ok());
  }
  EXPECT_TRUE(reply.images(0).image().cached());
}

}  // namespace
}  // namespace mrmllm
