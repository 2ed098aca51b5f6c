// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cuda_emulation/scheduler.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "tests/support/cuda_emulation/fibre.h"

namespace lectern::emulation {
namespace {

enum class State { Ready, AtBlock, AtWarp, Ended };

struct Copy {
    void* to;
    const void* from;
    std::size_t bytes;
};

struct Thread {
    std::vector<Copy> open_copies;              ///< not yet in a group
    std::deque<std::vector<Copy>> copy_groups;  ///< oldest first
    dim3 index;
    State state = State::Ready;
    Place place{};
    std::unique_ptr<Fibre> fibre;
};

std::string text(dim3 i) {
    return "(" + std::to_string(i.x) + "," + std::to_string(i.y) + "," + std::to_string(i.z) + ")";
}

std::string text(const Place& place) {
    return std::string(place.what) + " at " + place.file + ":" + std::to_string(place.line);
}

/// The threads of one block at a time; kept for all blocks of a launch.
class Block {
public:
    Block(dim3 size, std::size_t shared_bytes, const std::function<void()>& body);

    void run(dim3 index);
    std::byte* shared() { return m_shared.get(); }
    Thread& current() { return m_threads[m_current]; }
    int lane() const { return int(m_current % kWarp); }
    void meetAll(Place place);
    Meeting& meet(unsigned mask, Place place, const void* mine, std::size_t bytes);

private:
    struct Free {
        void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t(128)); }
    };

    void threadMain(const std::function<void()>& body);
    void step(std::size_t i);
    void wait(State state, Place place);
    std::string stuck() const;
    unsigned existing(std::size_t warp) const;
    static Meeting& open(std::deque<Meeting>& meetings, unsigned mask, Place place);

    std::deque<Thread> m_threads;
    std::vector<std::deque<Meeting>> m_meetings;  ///< [warp], open or not yet left by all
    std::unique_ptr<std::byte[], Free> m_shared;
    std::size_t m_shared_bytes, m_current = 0, m_at_block = 0;  ///< m_at_block: threads at a barrier
    dim3 m_index;
    std::string m_problem;  ///< found inside a thread, thrown outside
};

thread_local Block* running = nullptr;

Block::Block(dim3 size, std::size_t shared_bytes, const std::function<void()>& body)
    : m_shared(new (std::align_val_t(128)) std::byte[shared_bytes]), m_shared_bytes(shared_bytes) {
    for (unsigned z = 0; z < size.z; ++z)
        for (unsigned y = 0; y < size.y; ++y)
            for (unsigned x = 0; x < size.x; ++x) {
                Thread& thread = m_threads.emplace_back();
                thread.index = dim3(x, y, z);
                thread.fibre = std::make_unique<Fibre>([this, &body] { threadMain(body); });
            }
    m_meetings.resize((m_threads.size() + kWarp - 1) / kWarp);
}

void Block::threadMain(const std::function<void()>& body) {
    while (true) {  // once per block
        body();
        wait(State::Ended, {"the end", "", 0});
    }
}

void Block::run(dim3 index) {
    m_index = blockIdx = index;
    m_at_block = 0;
    std::fill_n(m_shared.get(), m_shared_bytes, std::byte(0xff));
    for (Thread& thread : m_threads) {
        thread.state = State::Ready;
        thread.open_copies.clear();
        thread.copy_groups.clear();
    }
    for (auto& meetings : m_meetings) meetings.clear();
    while (true) {
        bool moved = false, all_ended = true;
        for (std::size_t i = 0; i < m_threads.size(); ++i) {
            const std::size_t next = thread_order == Order::Ascending ? i : m_threads.size() - 1 - i;
            moved |= m_threads[next].state == State::Ready;
            if (m_threads[next].state == State::Ready) step(next);
            all_ended &= m_threads[next].state == State::Ended;
        }
        if (all_ended) return;
        if (!moved) throw KernelError(stuck());
    }
}

void Block::step(std::size_t i) {
    m_current = i;
    threadIdx = m_threads[i].index;
    m_threads[i].fibre->resume();
    if (!m_problem.empty()) throw KernelError("block " + text(m_index) + ": " + m_problem);
}

/// Pauses the running thread in a state.
void Block::wait(State state, Place place) {
    Thread& self = current();
    self.state = state;
    self.place = place;
    self.fibre->pause();
}

void Block::meetAll(Place place) {
    current().state = State::AtBlock;
    current().place = place;
    const auto here = [&](const Thread& t) { return t.place == place; };
    if (++m_at_block < m_threads.size() || !std::all_of(m_threads.begin(), m_threads.end(), here))
        return wait(State::AtBlock, place);
    m_at_block = 0;
    for (Thread& thread : m_threads) thread.state = State::Ready;
}

unsigned Block::existing(std::size_t warp) const {
    const std::size_t lanes = std::min<std::size_t>(kWarp, m_threads.size() - warp * kWarp);
    return lanes == kWarp ? ~0U : (1U << lanes) - 1;
}

/// A meeting nobody needs any more, or a new one: references to the others stay valid.
Meeting& Block::open(std::deque<Meeting>& meetings, unsigned mask, Place place) {
    const auto done = [](const Meeting& m) { return m.left == m.mask; };
    const auto old = std::find_if(meetings.begin(), meetings.end(), done);
    Meeting& meeting = old != meetings.end() ? *old : meetings.emplace_back();
    meeting.mask = mask, meeting.place = place;
    meeting.arrived = meeting.left = 0;
    return meeting;
}

Meeting& Block::meet(unsigned mask, Place place, const void* mine, std::size_t bytes) {
    const std::size_t warp = m_current / kWarp;
    const unsigned own = 1U << lane();
    mask &= existing(warp);  // a last warp may be short; its missing lanes count as ended
    auto& meetings = m_meetings[warp];
    auto found = std::find_if(meetings.begin(), meetings.end(), [&](const Meeting& m) {
        return m.mask == mask && (m.arrived & own) == 0 && m.arrived != m.mask;
    });
    Meeting& meeting = found != meetings.end() ? *found : open(meetings, mask, place);
    if ((mask & own) == 0) m_problem = "thread " + text(threadIdx) + " is not in its own mask, " + text(place);
    if (!(meeting.place == place))
        m_problem = "lanes of one warp meet in different operations, " + text(place) + " and " + text(meeting.place);
    if (!m_problem.empty()) wait(State::AtWarp, place);
    std::memcpy(meeting.brought[std::size_t(lane())].data(), mine, bytes);
    meeting.arrived |= own;
    if (meeting.arrived != mask) {
        wait(State::AtWarp, place);
        return meeting;
    }
    for (std::size_t i = 0; i < kWarp; ++i)
        if ((mask >> i & 1U) != 0) m_threads[warp * kWarp + i].state = State::Ready;
    return meeting;
}

/// Who waits where: the message of a barrier that not all reach.
std::string Block::stuck() const {
    std::string message = "block " + text(m_index) + ": threads wait for others that never come;";
    std::vector<std::pair<Place, std::vector<dim3>>> groups;
    for (const Thread& thread : m_threads) {
        auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == thread.place; });
        if (at == groups.end()) at = groups.insert(at, {thread.place, {}});
        at->second.push_back(thread.index);
    }
    for (const auto& [place, threads] : groups)
        message += " " + std::to_string(threads.size()) + " (first " + text(threads.front()) + ") are in " +
                   (place.line == 0 ? "no operation, they ended;" : text(place) + ";");
    return message;
}

}  // namespace

void runGrid(dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& body) {
    ++grids_run;
    Block threads(block, shared_bytes, body);
    struct Running {
        explicit Running(Block* block) { running = block; }
        ~Running() { running = nullptr; }
    } const now(&threads);
    gridDim = grid, blockDim = block;
    const unsigned count = grid.x * grid.y * grid.z;
    for (unsigned i = 0; i < count; ++i) {
        const unsigned at = thread_order == Order::Ascending ? i : count - 1 - i;
        threads.run(dim3(at % grid.x, at / grid.x % grid.y, at / (grid.x * grid.y)));
    }
}

std::byte* sharedMemory() {
    return running->shared();
}

int laneIndex() {
    return running->lane();
}

void meetBlock(Place place) {
    running->meetAll(place);
}

Meeting& meetWarp(unsigned mask, Place place, const void* mine, std::size_t bytes) {
    return running->meet(mask, place, mine, bytes);
}

void leave(Meeting& meeting) {
    meeting.left |= 1U << running->lane();
}

void startCopy(void* to, const void* from, std::size_t bytes) {
    std::memset(to, 0xff, bytes);
    running->current().open_copies.push_back({to, from, bytes});
}

void closeCopyGroup() {
    Thread& self = running->current();
    self.copy_groups.push_back(std::move(self.open_copies));
    self.open_copies.clear();
}

void finishCopies(int pending_groups) {
    auto& groups = running->current().copy_groups;
    for (; int(groups.size()) > pending_groups; groups.pop_front())
        for (const Copy& copy : groups.front()) std::memcpy(copy.to, copy.from, copy.bytes);
}

}  // namespace lectern::emulation
