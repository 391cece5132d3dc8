// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/log_writer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr size_t kRoom = 1 << 20;

// Both ends of a pipe; writing never blocks.
class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(pipe(ends_), 0);
    NeverBlock(ends_[1]);
  }
  ~Pipe() {
    CloseReader();
    close(ends_[1]);
  }

  int writer() const { return ends_[1]; }
  void CloseReader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  // Until nothing more fits; returns how much did.
  size_t Fill() const {
    size_t bytes = 0;
    while (write(ends_[1], "x", 1) == 1) ++bytes;
    return bytes;
  }
  // Waits for so much.
  std::string Read(size_t bytes) const {
    std::string text(bytes, '\0');
    for (size_t done = 0; done < bytes;) {
      const ssize_t got = read(ends_[0], text.data() + done, bytes - done);
      if (got <= 0) return "cannot read";
      done += static_cast<size_t>(got);
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

TEST(LogWriterTest, WritesLinesInTheirOrder) {
  const Pipe pipe;
  LogWriter writer(pipe.writer(), kRoom);
  writer.Write("one\n");
  writer.Write("two\n");
  EXPECT_EQ(pipe.Read(8), "one\ntwo\n");
  EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
  EXPECT_EQ(writer.lost_lines(), 0);
}

TEST(LogWriterTest, WhoLogsNeverWaitsForAPipeThatNobodyReads) {
  const Pipe pipe;
  const size_t filled = pipe.Fill();
  LogWriter writer(pipe.writer(), /*max_waiting_bytes=*/40);
  for (int i = 0; i < 10; ++i) writer.Write(absl::StrCat("line ", i, "\n"));
  EXPECT_EQ(writer.lost_lines(), 5);
  EXPECT_FALSE(writer.Flush(absl::Milliseconds(20)));
  pipe.Read(filled);
  EXPECT_EQ(pipe.Read(35), "line 0\nline 1\nline 2\nline 3\nline 4\n");
  EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
  writer.Write("room again\n");
  EXPECT_EQ(pipe.Read(11), "room again\n");
  EXPECT_EQ(writer.lost_lines(), 5);
}

TEST(LogWriterTest, EndsWhileNobodyReads) {
  const Pipe pipe;
  pipe.Fill();
  LogWriter writer(pipe.writer(), kRoom);
  writer.Write("never read\n");
}

TEST(LogWriterTest, LosesWhatTheFileDoesNotTake) {
  const int full = open("/dev/full", O_WRONLY);
  LogWriter writer(full, kRoom);
  writer.Write("lost\n");
  EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
  EXPECT_EQ(writer.lost_lines(), 1);
  close(full);
}

TEST(LogWriterTest, ALineThatIsLongerThanThePipeArrivesWhole) {
  const Pipe pipe;
  LogWriter writer(pipe.writer(), kRoom);
  const std::string line = std::string(300'000, 'a') + "\n";
  writer.Write(line);
  EXPECT_EQ(pipe.Read(line.size()), line);
}

TEST(LogWriterTest, LinesOfManyThreadsStayWhole) {
  const Pipe pipe;
  LogWriter writer(pipe.writer(), kRoom);
  std::vector<std::thread> threads;
  for (char name : {'a', 'b', 'c'}) {
    threads.emplace_back([&writer, name] {
      for (int i = 0; i < 500; ++i) writer.Write(std::string(50, name) + "\n");
    });
  }
  const std::string text = pipe.Read(3 * 500 * 51);
  for (std::thread& thread : threads) thread.join();
  for (size_t begin = 0; begin < text.size(); begin += 51) {
    EXPECT_EQ(text.substr(begin, 51), std::string(50, text[begin]) + "\n");
  }
}

TEST(NeverBlockTest, LeavesOthersWithTheSamePipeAsTheyAre) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int ours = dup(ends[1]);
  NeverBlock(ours);
  EXPECT_NE(fcntl(ours, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
  for (int file : {ends[0], ends[1], ours}) close(file);
}

TEST(NeverBlockTest, ASocketCanOnlyBeChangedForAll) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  NeverBlock(ends[1]);
  EXPECT_NE(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
  for (int file : ends) close(file);
}

TEST(NeverBlockTest, AFileIsLeftAlone) {
  const int file = open("/dev/null", O_WRONLY);
  NeverBlock(file);
  EXPECT_EQ(fcntl(file, F_GETFL) & O_NONBLOCK, 0);
  close(file);
}

}  // namespace
}  // namespace mrmllm
