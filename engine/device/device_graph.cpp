// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_graph.h"

namespace lectern {

DeviceGraph::~DeviceGraph() {
    if (m_graph != nullptr && m_device->use()) forget();
}

void DeviceGraph::forget() {
    if (m_graph != nullptr) m_device->table().destroyGraph(m_graph);
    m_graph = nullptr;
}

/// False, and nothing enqueued, where it cannot be recorded.
bool DeviceGraph::record(const std::function<Status()>& enqueue) {
    const auto& t = m_device->table();
    if (t.beginCapture(m_device->stream()) != 0) return false;
    const bool enqueued = bool(enqueue());
    const bool ended = t.endCapture(m_device->stream(), &m_graph) == 0;
    if (!ended) m_graph = nullptr;
    if (!enqueued) forget();
    return m_graph != nullptr;
}

Status DeviceGraph::run(const Key& key, const std::function<Status()>& enqueue) {
    if (key != m_last) {
        forget();
        m_last = key;
        return enqueue();
    }
    if (m_graph == nullptr && !m_refused) m_refused = !record(enqueue);
    if (m_graph == nullptr) return enqueue();
    const std::int32_t failure = m_device->table().launchGraph(m_graph, m_device->stream());
    return failure == 0 ? Status() : m_device->error(failure);
}

}  // namespace lectern
