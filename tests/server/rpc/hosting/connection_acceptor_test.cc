// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/connection_acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

// Stands in for gRPC: keeps the connections that it is given.
class Keeper : public ConnectionAcceptor::Target {
 public:
  ~Keeper() override {
    absl::MutexLock lock(&mutex_);
    for (const int connection : connections_) close(connection);
  }
  void HandleNewConnection(NewConnectionParameters* parameters) override {
    absl::MutexLock lock(&mutex_);
    connections_.push_back(parameters->fd);
  }
  void AwaitCount(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return connections_.size() >= count;
    };
    mutex_.Await(absl::Condition(&enough));
  }
  void CloseOne() {
    absl::MutexLock lock(&mutex_);
    close(connections_.back());
    connections_.pop_back();
  }

 private:
  absl::Mutex mutex_;
  std::vector<int> connections_ ABSL_GUARDED_BY(mutex_);
};

class ConnectionAcceptorTest : public testing::Test {
 protected:
  void Start(int max_connections) {
    auto acceptor = ConnectionAcceptor::Listen({.address = "127.0.0.1:0",
                                                .max_connections = max_connections,
                                                .on_refused = [this](int64_t) { ++refused_; }});
    ASSERT_OK(acceptor);
    acceptor_ = *std::move(acceptor);
    auto keeper = std::make_unique<Keeper>();
    keeper_ = keeper.get();
    acceptor_->Start(std::move(keeper));
  }
  int Connect() {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to = {.sin_family = AF_INET,
                      .sin_port = htons(static_cast<uint16_t>(acceptor_->port())),
                      .sin_addr = {htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    clients_.push_back(client);
    return client;
  }
  // Blocks until the server's end is closed.
  static bool IsClosedByServer(int client) {
    char byte;
    return recv(client, &byte, 1, 0) <= 0;
  }
  ~ConnectionAcceptorTest() override {
    for (const int client : clients_) close(client);
  }

  std::atomic<int> refused_ = 0;
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  Keeper* keeper_ = nullptr;
  std::vector<int> clients_;
};

TEST_F(ConnectionAcceptorTest, ClosesThoseBeyondTheLimitAtOnce) {
  Start(2);
  Connect();
  Connect();
  EXPECT_TRUE(IsClosedByServer(Connect()));
  EXPECT_EQ(refused_, 1);
}

TEST_F(ConnectionAcceptorTest, AClosedConnectionMakesRoom) {
  Start(2);
  Connect();
  Connect();
  keeper_->AwaitCount(2);
  keeper_->CloseOne();
  Connect();
  keeper_->AwaitCount(2);
  EXPECT_EQ(refused_, 0);
  EXPECT_TRUE(IsClosedByServer(Connect()));
}

TEST_F(ConnectionAcceptorTest, GoesOnAfterDescriptorsWereWanting) {
  Start(1000);
  Connect();
  keeper_->AwaitCount(1);
  // Made before, as it takes one too.
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  const rlim_t before = files.rlim_cur;
  files.rlim_cur = static_cast<rlim_t>(client);  // every number below it is taken, or soon will be
  std::vector<int> fillers;
  setrlimit(RLIMIT_NOFILE, &files);
  for (int filler = open("/dev/null", O_RDONLY); filler >= 0;
       filler = open("/dev/null", O_RDONLY)) {
    fillers.push_back(filler);
  }
  sockaddr_in to = {.sin_family = AF_INET,
                    .sin_port = htons(static_cast<uint16_t>(acceptor_->port())),
                    .sin_addr = {htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  for (const int filler : fillers) close(filler);
  files.rlim_cur = before;
  setrlimit(RLIMIT_NOFILE, &files);
  keeper_->AwaitCount(2);
  close(client);
}

TEST_F(ConnectionAcceptorTest, WithoutALimitTheOpenFilesAreOne) {
  Start(0);
  EXPECT_GE(acceptor_->max_connections(), 16);
}

TEST_F(ConnectionAcceptorTest, TakesNoMoreOnceItIsStopped) {
  Start(10);
  const int port = acceptor_->port();
  acceptor_->Stop();
  const auto again = ConnectionAcceptor::Listen({.address = absl::StrCat("127.0.0.1:", port)});
  EXPECT_OK(again);
}

TEST_F(ConnectionAcceptorTest, NamesAnAddressThatIsNone) {
  for (const std::string address : {"nonsense", "127.0.0.1:port", "no.such.host.invalid:1"}) {
    EXPECT_THAT(ConnectionAcceptor::Listen({.address = address}),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address)));
  }
}

}  // namespace
}  // namespace mrmllm
