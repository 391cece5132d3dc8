// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/reflection_service.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/support/server_callback.h"

namespace mrmllm {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// Answers one question; the same for both versions, which differ in their types alone.
template <typename Request, typename Response>
class Answerer {
 public:
  explicit Answerer(std::vector<std::string> services) : services_(std::move(services)) {}

  Response Answer(const Request& request) const {
    Response response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
      case Request::kFileByFilename:
        AddFile(pool_.FindFileByName(request.file_by_filename()), &response);
        break;
      case Request::kFileContainingSymbol:
        AddFile(pool_.FindFileContainingSymbol(request.file_containing_symbol()), &response);
        break;
      case Request::kFileContainingExtension:
        AddFile(FileOfExtension(request), &response);
        break;
      case Request::kAllExtensionNumbersOfType:
        AddExtensionNumbers(request.all_extension_numbers_of_type(), &response);
        break;
      case Request::kListServices:
        for (const std::string& name : services_) {
          response.mutable_list_services_response()->add_service()->set_name(name);
        }
        break;
      default:
        AddError(grpc::StatusCode::INVALID_ARGUMENT, "expected a question", &response);
    }
    return response;
  }

 private:
  static void AddError(grpc::StatusCode code, const std::string& text, Response* response) {
    response->mutable_error_response()->set_error_code(code);
    response->mutable_error_response()->set_error_message(text);
  }

  static void AddFile(const FileDescriptor* file, Response* response) {
    if (file == nullptr) {
      AddError(grpc::StatusCode::NOT_FOUND, "nothing of this name", response);
      return;
    }
    std::set<std::string> seen;
    AddFileAndImports(*file, &seen, response);
  }

  static void AddFileAndImports(const FileDescriptor& file, std::set<std::string>* seen,
                                Response* response) {
    if (!seen->insert(file.name()).second) return;
    google::protobuf::FileDescriptorProto proto;
    file.CopyTo(&proto);
    response->mutable_file_descriptor_response()->add_file_descriptor_proto(
        proto.SerializeAsString());
    for (int i = 0; i < file.dependency_count(); ++i) {
      AddFileAndImports(*file.dependency(i), seen, response);
    }
  }

  const FileDescriptor* FileOfExtension(const Request& request) const {
    const auto& wanted = request.file_containing_extension();
    const Descriptor* type = pool_.FindMessageTypeByName(wanted.containing_type());
    const FieldDescriptor* field =
        type == nullptr ? nullptr : pool_.FindExtensionByNumber(type, wanted.extension_number());
    return field == nullptr ? nullptr : field->file();
  }

  void AddExtensionNumbers(const std::string& name, Response* response) const {
    const Descriptor* type = pool_.FindMessageTypeByName(name);
    if (type == nullptr) {
      AddError(grpc::StatusCode::NOT_FOUND, "nothing of this name", response);
      return;
    }
    auto* answer = response->mutable_all_extension_numbers_response();
    answer->set_base_type_name(name);
    std::vector<const FieldDescriptor*> extensions;
    pool_.FindAllExtensions(type, &extensions);
    for (const FieldDescriptor* extension : extensions) {
      answer->add_extension_number(extension->number());
    }
  }

  const std::vector<std::string> services_;
  const DescriptorPool& pool_ = *DescriptorPool::generated_pool();
};

// One open call: reads a question, writes its answer, and so on.
template <typename Request, typename Response>
class ReflectionCall final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  ReflectionCall(const Answerer<Request, Response>* answerer, const grpc::Status& entry)
      : answerer_(*answerer) {
    if (entry.ok()) {
      this->StartRead(&request_);
    } else {
      this->Finish(entry);
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      this->Finish(grpc::Status::OK);
      return;
    }
    response_ = answerer_.Answer(request_);
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      this->StartRead(&request_);
    } else {
      this->Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client went away"));
    }
  }
  void OnDone() override { delete this; }

 private:
  const Answerer<Request, Response>& answerer_;
  Request request_;
  Response response_;
};

template <typename Service, typename Request, typename Response>
class ReflectionService final : public Service::CallbackService {
 public:
  ReflectionService(std::vector<std::string> services, CallDoor door)
      : answerer_(std::move(services)), door_(std::move(door)) {}

  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* context) override {
    return new ReflectionCall<Request, Response>(&answerer_,
                                                 Enter(door_, "ServerReflectionInfo", context));
  }

 private:
  const Answerer<Request, Response> answerer_;
  const CallDoor door_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeReflectionServices(
    std::vector<std::string> services, const CallDoor& door) {
  namespace v1 = grpc::reflection::v1;
  namespace v1alpha = grpc::reflection::v1alpha;
  services.push_back(v1::ServerReflection::service_full_name());
  services.push_back(v1alpha::ServerReflection::service_full_name());
  std::vector<std::unique_ptr<grpc::Service>> reflection;
  reflection.push_back(
      std::make_unique<ReflectionService<v1::ServerReflection, v1::ServerReflectionRequest,
                                         v1::ServerReflectionResponse>>(services, door));
  reflection.push_back(
      std::make_unique<
          ReflectionService<v1alpha::ServerReflection, v1alpha::ServerReflectionRequest,
                            v1alpha::ServerReflectionResponse>>(services, door));
  return reflection;
}

}  // namespace mrmllm
