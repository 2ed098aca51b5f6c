// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's end of the protocol: blocking, one frame at a time.
#pragma once

#include <string>
#include <string_view>

#include "engine/document/wire.h"

namespace lectern::worker {

struct Command {
    wire::FrameType type{};
    std::string payload;
};

class Channel {
public:
    Channel(int input, int output) : m_input(input), m_output(output) {}

    /// False at the end of input or when what came is not a command.
    bool receive(Command& command);

    /// False when the application is gone: then there is nobody left to work for.
    bool send(wire::FrameType type, std::string_view payload);

private:
    int m_input, m_output;
};

}  // namespace lectern::worker
