// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/connection_acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

// Files that are not connections: weights, logs, certificates, the scrape of metrics.
constexpr int64_t kOtherFiles = 128;
constexpr int kWaitForDescriptorsMs = 100;

int64_t ConnectionsThatFilesAllow() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 1024 - kOtherFiles;
  const auto limit = static_cast<int64_t>(std::min<rlim_t>(files.rlim_cur, 1 << 30));
  return std::max<int64_t>(limit - kOtherFiles, 16);
}

absl::Status Fault(const std::string& address, std::string_view reason) {
  return absl::UnavailableError(absl::StrCat(
      "cannot listen on ", address, ": ", absl::string_view(reason.data(), reason.size()),
      "; is the port in use, or the address not of this machine?"));
}

struct Place {
  std::string host;
  std::string port;
};

absl::StatusOr<Place> Split(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Fault(address, "expected host:port");
  Place place{address.substr(0, colon), address.substr(colon + 1)};
  if (place.host.starts_with('[') && place.host.ends_with(']')) {
    place.host = place.host.substr(1, place.host.size() - 2);
  }
  // IPv6 sockets take IPv4 too.
  if (place.host == "0.0.0.0" || place.host.empty()) place.host = "::";
  return place;
}

int PortOf(int listener) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return bound.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port)
                                     : ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

// -1 and errno on failure.
int ListenAt(const addrinfo& at) {
  const int listener =
      socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at.ai_protocol);
  if (listener < 0) return -1;
  const int on = 1, off = 0;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (at.ai_family == AF_INET6) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (bind(listener, at.ai_addr, at.ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0) {
    return listener;
  }
  const int reason = errno;
  close(listener);
  errno = reason;
  return -1;
}

// On every address that the name stands for; port 0 is the same free one on all of them.
absl::StatusOr<std::vector<int>> ListenAtAll(const std::string& address, const Place& place) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found)) {
    return Fault(address, gai_strerror(fault));
  }
  const absl::Cleanup free_found = [&] { freeaddrinfo(found); };
  std::vector<int> listeners;
  int reason = 0;
  for (addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (!listeners.empty()) {
      const in_port_t port = htons(static_cast<uint16_t>(PortOf(listeners.front())));
      if (at->ai_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(at->ai_addr)->sin6_port = port;
      if (at->ai_family == AF_INET) reinterpret_cast<sockaddr_in*>(at->ai_addr)->sin_port = port;
    }
    if (const int listener = ListenAt(*at); listener >= 0) {
      listeners.push_back(listener);
    } else {
      reason = errno;
    }
  }
  if (listeners.empty()) return Fault(address, std::strerror(reason));
  return listeners;
}

ino_t SocketOf(int descriptor) {
  struct stat file = {};
  return fstat(descriptor, &file) == 0 && S_ISSOCK(file.st_mode) ? file.st_ino : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Listen(Options options) {
  ASSIGN_OR_RETURN(const Place place, Split(options.address));
  absl::StatusOr<std::vector<int>> listeners = ListenAtAll(options.address, place);
  // A machine without IPv6.
  if (!listeners.ok() && place.host == "::") {
    listeners = ListenAtAll(options.address, {"0.0.0.0", place.port});
  }
  RETURN_IF_ERROR(listeners.status());
  const int port = PortOf(listeners->front());
  const int stop_event = eventfd(0, EFD_CLOEXEC);
  return absl::WrapUnique(
      new ConnectionAcceptor(std::move(options), *std::move(listeners), port, stop_event));
}

ConnectionAcceptor::ConnectionAcceptor(Options options, std::vector<int> listeners, int port,
                                       int stop_event)
    : options_(std::move(options)),
      max_connections_(options_.max_connections > 0 ? options_.max_connections
                                                    : ConnectionsThatFilesAllow()),
      listeners_(std::move(listeners)),
      port_(port),
      stop_event_(stop_event) {}

ConnectionAcceptor::~ConnectionAcceptor() {
  Stop();
  close(stop_event_);
}

void ConnectionAcceptor::Start(std::unique_ptr<Target> target) {
  target_ = std::move(target);
  thread_ = std::thread([this] { Run(); });
}

void ConnectionAcceptor::Stop() {
  if (std::exchange(stopped_, true)) return;
  eventfd_write(stop_event_, 1);
  if (thread_.joinable()) thread_.join();
  for (const int listener : listeners_) close(listener);
}

void ConnectionAcceptor::Run() {
  std::vector<pollfd> waits = {{.fd = stop_event_, .events = POLLIN}};
  for (const int listener : listeners_) waits.push_back({.fd = listener, .events = POLLIN});
  bool descriptors_left = true;
  while (true) {
    // Without descriptors the listeners are always ready, and nothing could be done about it.
    const nfds_t count = descriptors_left ? waits.size() : 1;
    for (pollfd& wait : waits) wait.revents = 0;
    poll(waits.data(), count, descriptors_left ? -1 : kWaitForDescriptorsMs);
    if (waits.front().revents != 0) return;
    const bool look_at_all = !std::exchange(descriptors_left, true);
    for (size_t i = 1; i < waits.size(); ++i) {
      if (look_at_all || waits[i].revents != 0) descriptors_left &= AcceptAll(waits[i].fd);
    }
  }
}

bool ConnectionAcceptor::AcceptAll(int listener) {
  while (true) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      HandOver(listener, connection);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return false;
    } else if (errno == EAGAIN || errno == EBADF || errno == EINVAL) {
      return true;
    }
    // Everything else is about the connection, which has gone.
  }
}

void ConnectionAcceptor::HandOver(int listener, int connection) {
  // The number was free, so whatever had it has been closed.
  handed_over_.erase(connection);
  if (!HasRoom()) {
    if (options_.on_refused) options_.on_refused(max_connections_);
    close(connection);
    return;
  }
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  handed_over_[connection] = SocketOf(connection);
  Target::NewConnectionParameters parameters;
  parameters.listener_fd = listener;
  parameters.fd = connection;
  target_->HandleNewConnection(&parameters);
}

bool ConnectionAcceptor::HasRoom() {
  if (static_cast<int64_t>(handed_over_.size()) < max_connections_) return true;
  std::erase_if(handed_over_,
                [](const auto& known) { return SocketOf(known.first) != known.second; });
  return static_cast<int64_t>(handed_over_.size()) < max_connections_;
}

}  // namespace mrmllm
