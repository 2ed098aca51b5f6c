// SPDX-License-Identifier: GPL-3.0-or-later
// Work of a device that is recorded once and done again with one call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/device/device.h"

namespace lectern {

/// The work of one token: hundreds of short operations, of which the host enqueues one, once they were recorded. One
/// thread.
class DeviceGraph {
public:
    /// Everything that decides what is enqueued: addresses, sizes, ways to cut. What lies in memory when it is done
    /// does not count.
    using Key = std::vector<std::uint64_t>;

    explicit DeviceGraph(std::shared_ptr<Device> device) : m_device(std::move(device)) {}
    ~DeviceGraph();
    DeviceGraph(const DeviceGraph&) = delete;
    DeviceGraph& operator=(const DeviceGraph&) = delete;

    /// Enqueues what `enqueue` does, which depends on `key` alone: recorded when the same key comes a second time in
    /// succession, so that nothing is recorded that is not done again. A device that refuses to record is asked once.
    /// What earlier calls enqueued is done. Errors: those of `enqueue`; Failed.
    Status run(const Key& key, const std::function<Status()>& enqueue);

private:
    bool record(const std::function<Status()>& enqueue);
    void forget();

    std::shared_ptr<Device> m_device;
    LecternCudaModule::Graph m_graph = nullptr;  ///< of the last key, or none
    Key m_last;
    bool m_refused = false;
};

}  // namespace lectern
