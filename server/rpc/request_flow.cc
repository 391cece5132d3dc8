// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request_flow.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/status_macros.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

// Memory can run out wherever a step allocates; then its own request fails and no other.
template <typename Step>
absl::Status CatchOutOfMemory(Step step) {
  try {
    return step();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("not enough memory for the request");
  }
}

}  // namespace

RequestFlow::RequestFlow(const RpcContext& context, Arrival arrival,
                         std::shared_ptr<ServedModel> model, FlowSink* sink)
    : context_(context), arrival_(std::move(arrival)), model_(std::move(model)), sink_(sink) {}

void RequestFlow::Start(absl::StatusOr<ParsedRequest> parsed) {
  absl::Status status = arrival_.fault.ok() ? parsed.status() : arrival_.fault;
  if (status.ok()) {
    parsed_ = *std::move(parsed);
    parsed_.priority = std::max(parsed_.priority, arrival_.max_priority);  // low is the greatest
    outcome_.settings = parsed_.perception;
    guided_ = parsed_.answer.has_value() || !parsed_.perception.classes.empty();
    status = CatchOutOfMemory([this] { return Admit(); });
  }
  if (!status.ok()) {
    CountRejection(status);
    End(std::move(status));
    return;
  }
  handed_over_ = context_.clock->Now();
  // Nothing to decode: the way to another thread and back would be most of what this costs.
  if (std::ranges::all_of(images_, &ImageIntake::TakenImage::known)) {
    LoadAndSubmit();
    return;
  }
  const bool taken =
      context_.decode_pool->Run([self = shared_from_this()] { self->LoadAndSubmit(); });
  if (!taken) End(absl::UnavailableError("the server is stopping"));
}

void RequestFlow::Cancel() {
  std::optional<RequestHandle> handle;
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    handle = handle_;
  }
  if (handle.has_value()) model_->scheduler().Cancel(*handle);
}

absl::Status RequestFlow::Admit() {
  RETURN_IF_ERROR(context_.gate->Enter());
  inside_gate_ = true;
  if (context_.clock->Now() >= arrival_.deadline) {
    return absl::DeadlineExceededError("the deadline had passed on arrival");
  }
  Cost cost;
  RETURN_IF_ERROR(CheckImages(&cost));
  if (parsed_.answer.has_value()) AddAnswer(&cost);
  absl::StatusOr<Reservation> place =
      model_->scheduler().admission().Reserve(cost, arrival_.tenant);
  if (absl::IsResourceExhausted(place.status())) {
    return WithRetryInfo(place.status(), model_->scheduler().SuggestedRetryDelay());
  }
  if (absl::IsInvalidArgument(place.status())) {
    const absl::string_view text = place.status().message();
    return InvalidField("request", std::string_view(text.data(), text.size()));
  }
  RETURN_IF_ERROR(place.status());
  place_ = *std::move(place);
  return absl::OkStatus();
}

absl::Status RequestFlow::CheckImages(Cost* cost) {
  for (const ImageSource& source : parsed_.images) {
    ASSIGN_OR_RETURN(ImageIntake::TakenImage image, model_->intake().Check(source, intent()));
    cost->pixels += image.pixels;
    images_.push_back(std::move(image));
  }
  return absl::OkStatus();
}

void RequestFlow::AddAnswer(Cost* cost) const {
  const int images = static_cast<int>(images_.size());
  const size_t text_bytes = parsed_.text_bytes();
  const int prompt_tokens = model_->EstimatePromptTokens(images, text_bytes);
  cost->image_tokens = prompt_tokens - model_->EstimatePromptTokens(0, text_bytes);
  cost->tokens = prompt_tokens + parsed_.answer->generation.max_new_tokens;
  const int block_tokens = model_->info().kv_block_tokens;
  if (block_tokens > 0) cost->kv_blocks = (cost->tokens + block_tokens - 1) / block_tokens;
}

void RequestFlow::LoadAndSubmit() {
  absl::Status status = CatchOutOfMemory([this] { return LoadImages(); });
  if (!images_.empty()) {
    outcome_.image_decode = context_.clock->Now() - handed_over_;
    if (context_.observer != nullptr) context_.observer->OnImageDecode(outcome_.image_decode);
  }
  if (status.ok()) {
    status = Submit();
    // From here on a flow that was taken belongs to the executor.
    const bool too_late = absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
    if (too_late && context_.observer != nullptr) {
      context_.observer->OnRejection(Rejection::kDeadline);
    }
  }
  if (absl::IsResourceExhausted(status)) {
    status = WithRetryInfo(std::move(status), model_->scheduler().SuggestedRetryDelay());
  }
  if (!status.ok()) End(std::move(status));
}

absl::Status RequestFlow::LoadImages() {
  int hits = 0;
  for (size_t i = 0; i < images_.size(); ++i) {
    RETURN_IF_ERROR(StillWanted());
    RETURN_IF_ERROR(model_->intake().Load(parsed_.images[i], intent(), &images_[i]));
    const bool cached = images_[i].perception != nullptr;
    hits += cached;
    outcome_.images.push_back({images_[i].image_id, cached, images_[i].perception});
  }
  if (context_.observer != nullptr && !images_.empty()) {
    context_.observer->OnCacheLookup(hits, static_cast<int>(images_.size()) - hits);
  }
  // Views into the caller's message; it is not needed any more.
  parsed_.images.clear();
  return StillWanted();
}

absl::Status RequestFlow::StillWanted() {
  if (context_.clock->Now() >= arrival_.deadline) {
    return absl::DeadlineExceededError("the deadline passed before the model's turn");
  }
  absl::MutexLock lock(&mutex_);
  return cancelled_ ? absl::CancelledError("the client went away") : absl::OkStatus();
}

absl::Status RequestFlow::Submit() {
  Request request;
  request.id = arrival_.request_id;
  for (const ImageIntake::TakenImage& image : images_) {
    request.images.push_back({.key = image.key,
                              .input = image.input,
                              .perception = image.perception,
                              .look_again = image.look_again});
  }
  request.second_look.settings = parsed_.perception.second_look;
  request.second_look.classes = parsed_.perception.classes;
  if (parsed_.answer.has_value()) request.second_look.question = parsed_.answer->question;
  request.query_fusion = parsed_.perception.mechanisms.query_fusion;
  request.answer = std::move(parsed_.answer);
  if (request.answer.has_value()) request.answer->cache_salt = arrival_.tenant;
  request.arrival = arrival_.at;
  request.deadline = arrival_.deadline;
  request.tenant = arrival_.tenant;
  request.priority = parsed_.priority;
  request.may_degrade = parsed_.may_degrade;
  request.listener = shared_from_this();
  // From here on the executor has the flow; only what the mutex guards may still be touched.
  ASSIGN_OR_RETURN(const RequestHandle handle,
                   model_->scheduler().Submit(std::move(request), std::move(place_)));
  bool cancelled;
  {
    absl::MutexLock lock(&mutex_);
    handle_ = handle;
    cancelled = cancelled_;
  }
  if (cancelled) model_->scheduler().Cancel(handle);
  return absl::OkStatus();
}

void RequestFlow::OnFirstLook(const std::vector<std::shared_ptr<const Perception>>& images) {
  See(images);
}

void RequestFlow::OnPerceived(const std::vector<std::shared_ptr<const Perception>>& images) {
  See(images);
  images_.clear();
}

void RequestFlow::See(const std::vector<std::shared_ptr<const Perception>>& images) {
  for (size_t i = 0; i < images.size(); ++i) {
    outcome_.images[i].perception = images[i];
    model_->intake().Remember(intent(), &images_[i], images[i]);
  }
  if (!std::exchange(told_of_images_, true)) sink_->OnPerceived(outcome_);
}

void RequestFlow::OnText(std::string_view delta) { sink_->OnText(delta); }

void RequestFlow::OnDone(absl::Status status, const RequestResult& result) {
  outcome_.result = result;
  scheduled_ = true;
  End(std::move(status));
}

ImageIntake::Intent RequestFlow::intent() const {
  return {.tenant = arrival_.tenant,
          .query_fusion = parsed_.perception.mechanisms.query_fusion,
          .second_look = parsed_.perception.second_look,
          .guided = guided_};
}

void RequestFlow::CountRejection(const absl::Status& status) const {
  if (context_.observer == nullptr || absl::IsDeadlineExceeded(status)) return;
  context_.observer->OnRejection(RejectionOf(status));
}

void RequestFlow::End(absl::Status status) {
  const absl::Time now = context_.clock->Now();
  // gRPC tells of a passed deadline by cancelling.
  if (absl::IsCancelled(status) && now >= arrival_.deadline) {
    status = absl::DeadlineExceededError("the deadline passed");
  }
  outcome_.total = now - arrival_.at;
  place_.Release();
  if (context_.observer != nullptr) {
    RequestRecord record{.method = arrival_.method,
                         .request_id = arrival_.request_id,
                         .caller = arrival_.caller,
                         .tenant = arrival_.tenant,
                         .trace = arrival_.trace,
                         .priority = parsed_.priority,
                         .scheduled = scheduled_,
                         .status = status,
                         .at = arrival_.at,
                         .total = outcome_.total,
                         .handed_over = handed_over_,
                         .image_decode = outcome_.image_decode,
                         .image_count = static_cast<int>(outcome_.images.size())};
    record.cached_image_count =
        static_cast<int>(std::ranges::count(outcome_.images, true, &Outcome::SeenImage::cached));
    record.result = outcome_.result;
    record.result.answer.clear();
    context_.observer->OnRequestDone(record);
  }
  if (inside_gate_) context_.gate->Leave();
  // The sink may be gone as soon as it knows.
  std::exchange(sink_, nullptr)->OnEnd(status, outcome_);
}

}  // namespace mrmllm
