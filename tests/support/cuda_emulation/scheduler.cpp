// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cuda_emulation/scheduler.h"

#include <algorithm>
#include <array>
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

/// The threads of one block.
class Block {
public:
    Block(dim3 index, dim3 size, std::size_t shared_bytes, const std::function<void()>& body);
    ~Block();
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    void run();
    std::byte* shared() { return m_shared.get(); }
    Thread& current() { return m_threads[m_current]; }
    int lane() const { return int(m_current % kWarp); }
    void meetAll(Place place);
    Meeting& meet(unsigned mask, Place place, const void* mine, std::size_t bytes, Memory memory);

private:
    struct Free {
        void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t(128)); }
    };

    void threadMain();
    void step(std::size_t i);
    [[noreturn]] void fail(const std::string& message);
    void wait(State state, Place place);
    bool arriveAtBlock(Place place);
    Meeting& arriveAtWarp(unsigned mask, Place place, const void* mine, std::size_t bytes);
    bool haveAllCome(const Meeting& meeting);
    std::string stuck() const;
    unsigned existing(std::size_t warp) const;
    static Meeting& open(std::deque<Meeting>& meetings, unsigned mask, Place place);

    const dim3 m_index;
    const std::function<void()>& m_body;
    std::deque<Thread> m_threads;
    std::vector<std::deque<Meeting>> m_meetings;  ///< [warp], open or not yet left by all
    std::unique_ptr<std::byte[], Free> m_shared;
    std::size_t m_current = 0, m_at_block = 0;  ///< m_at_block: threads at a barrier
    std::array<char, 2> m_barriers{};           ///< places of order, for one barrier and the next
    std::size_t m_barriers_met = 0;
    std::string m_problem;  ///< found inside a thread, thrown outside
};

thread_local Block* running = nullptr;

// Places of order for the ends of grids, one for a grid and the other for the next: a grid that waits for the one
// before it knows no more of those before that one than that one did.
std::array<char, 2> grids_ended;
char arguments_taken;  ///< a place of order
char grid_begun;       ///< and another
std::size_t grid_turn = 0;

/// Fibres without work.
class IdleFibres {
public:
    ~IdleFibres() {
        const Unwatched emulation;
        m_fibres.clear();
    }
    std::unique_ptr<Fibre> take() {
        if (m_fibres.size() <= kKept) return std::make_unique<Fibre>();
        std::unique_ptr<Fibre> longest_idle = std::move(m_fibres.front());
        m_fibres.pop_front();
        return longest_idle;
    }
    void give(std::unique_ptr<Fibre> fibre) { m_fibres.push_back(std::move(fibre)); }

private:
    /// So many are idle before one is used again: to ThreadSanitizer it is the same thread as before, so that what the
    /// two do is no race.
    static constexpr std::size_t kKept = kFindsRaces ? 512 : 0;
    std::deque<std::unique_ptr<Fibre>> m_fibres;
};
thread_local IdleFibres idle_fibres;

Block::Block(dim3 index, dim3 size, std::size_t shared_bytes, const std::function<void()>& body)
    : m_index(index), m_body(body), m_shared(new (std::align_val_t(128)) std::byte[shared_bytes]) {
    std::fill_n(m_shared.get(), shared_bytes, std::byte(0xff));
    for (unsigned z = 0; z < size.z; ++z)
        for (unsigned y = 0; y < size.y; ++y)
            for (unsigned x = 0; x < size.x; ++x) {
                Thread& thread = m_threads.emplace_back();
                thread.index = dim3(x, y, z);
                thread.fibre = idle_fibres.take();
                thread.fibre->begin([this] { threadMain(); });
            }
    m_meetings.resize((m_threads.size() + kWarp - 1) / kWarp);
}

Block::~Block() {
    for (Thread& thread : m_threads)
        if (thread.state == State::Ended) idle_fibres.give(std::move(thread.fibre));
}

void Block::threadMain() {
    follow(&grid_begun);
    m_body();
    reach(&grids_ended[grid_turn % 2]);
    const Unwatched emulation;
    current().state = State::Ended;
    current().place = {"the end", "", 0};
}

void Block::run() {
    blockIdx = m_index;
    while (true) {
        bool moved = false, all_ended = true;
        for (std::size_t i = 0; i < m_threads.size(); ++i) {
            const std::size_t next = thread_order == Order::Ascending ? i : m_threads.size() - 1 - i;
            moved |= m_threads[next].state == State::Ready;
            if (m_threads[next].state == State::Ready) step(next);
            all_ended &= m_threads[next].state == State::Ended;
        }
        if (all_ended) return;
        if (!moved) fail(stuck());
    }
}

void Block::step(std::size_t i) {
    m_current = i;
    threadIdx = m_threads[i].index;
    m_threads[i].fibre->resume();
    if (!m_problem.empty()) fail("block " + text(m_index) + ": " + m_problem);
}

/// Ends the grid where its threads stand.
void Block::fail(const std::string& message) {
    for (Thread& thread : m_threads) thread.fibre->reachFromOutside(&grids_ended[grid_turn % 2]);
    settle();
    throw KernelError(message);
}

/// Pauses the running thread in a state.
void Block::wait(State state, Place place) {
    Fibre* fibre = nullptr;
    {
        const Unwatched emulation;
        current().state = state;
        current().place = place;
        fibre = current().fibre.get();
    }
    fibre->pause();
}

void Block::meetAll(Place place) {
    char& order = m_barriers[m_barriers_met % 2];
    reach(&order);
    if (!arriveAtBlock(place)) wait(State::AtBlock, place);
    follow(&order);
}

/// Whether all the others are there already.
bool Block::arriveAtBlock(Place place) {
    const Unwatched emulation;
    current().state = State::AtBlock;
    current().place = place;
    const auto here = [&](const Thread& t) { return t.place == place; };
    if (++m_at_block < m_threads.size() || !std::all_of(m_threads.begin(), m_threads.end(), here)) return false;
    m_at_block = 0;
    ++m_barriers_met;
    for (Thread& thread : m_threads) thread.state = State::Ready;
    return true;
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

Meeting& Block::meet(unsigned mask, Place place, const void* mine, std::size_t bytes, Memory memory) {
    Meeting& meeting = arriveAtWarp(mask, place, mine, bytes);
    if (memory == Memory::Ordered) reach(&meeting);
    if (!haveAllCome(meeting)) wait(State::AtWarp, place);
    if (memory == Memory::Ordered) follow(&meeting);
    return meeting;
}

/// The meeting that the running thread belongs to, which it has come to.
Meeting& Block::arriveAtWarp(unsigned mask, Place place, const void* mine, std::size_t bytes) {
    const Unwatched emulation;
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
    if (!m_problem.empty()) return meeting;
    std::memcpy(meeting.brought[std::size_t(lane())].data(), mine, bytes);
    meeting.arrived |= own;
    return meeting;
}

/// Lets them go on where the running thread is the last.
bool Block::haveAllCome(const Meeting& meeting) {
    const Unwatched emulation;
    if (!m_problem.empty() || meeting.arrived != meeting.mask) return false;
    for (std::size_t i = 0; i < kWarp; ++i)
        if ((meeting.mask >> i & 1U) != 0) m_threads[m_current / kWarp * kWarp + i].state = State::Ready;
    return true;
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

void settle() {
    for (char& ended : grids_ended) follow(&ended);
}

void argumentsTaken() {
    reach(&arguments_taken);
}

void waitForEarlierGrids() {
    follow(&grids_ended[(grid_turn + 1) % 2]);
}

void runGrid(dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& body, Begin begin) {
    const Unwatched emulation;
    ++grids_run;
    ++grid_turn;
    if (begin == Begin::After) settle();
    reach(&grid_begun);
    struct Running {
        ~Running() { running = nullptr; }
    } const until_the_end;
    gridDim = grid, blockDim = block;
    const unsigned count = grid.x * grid.y * grid.z;
    for (unsigned i = 0; i < count; ++i) {
        const unsigned at = thread_order == Order::Ascending ? i : count - 1 - i;
        const dim3 index(at % grid.x, at / grid.x % grid.y, at / (grid.x * grid.y));
        const auto made =
            std::make_unique<Block>(index, block, shared_bytes, body);  // whose memory is forgotten after it
        running = made.get();
        made->run();
    }
    follow(&arguments_taken);
    if (!InStream::there) settle();
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

Meeting& meetWarp(unsigned mask, Place place, const void* mine, std::size_t bytes, Memory memory) {
    return running->meet(mask, place, mine, bytes, memory);
}

LECTERN_UNWATCHED void leave(Meeting& meeting) {
    meeting.left |= 1U << running->lane();
}

void startCopy(void* to, const void* from, std::size_t bytes) {
    std::memset(to, 0xff, bytes);
    const Unwatched emulation;
    running->current().open_copies.push_back({to, from, bytes});
}

void closeCopyGroup() {
    const Unwatched emulation;
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
