// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_transformer.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "engine/base/finite.h"

namespace lectern {

using kernels::DeviceOutput;

namespace {

/// Seconds since the last call.
class Clock {
public:
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        return std::chrono::duration<double>(now - std::exchange(m_last, now)).count();
    }

private:
    std::chrono::steady_clock::time_point m_last = std::chrono::steady_clock::now();
};

}  // namespace

DeviceOutput DeviceTransformer::rows(const Work& work, const DeviceBuffer& f32, const DeviceBuffer& f16) const {
    if (work.few) return {f32.as<float>(), nullptr};
    return {nullptr, f16.as<std::uint16_t>()};
}

/// The residual stream behind a norm, which products of few tokens work out themselves.
DeviceTransformer::Input DeviceTransformer::normed(const Work& work, const float* weight) {
    if (work.few) return {m_x.as<float>(), nullptr, weight};
    m_steps << m_device->table().rmsNorm(m_x.as<float>(), weight, m_model->config.rms_eps, work.tokens,
                                         m_model->config.hidden, {nullptr, m_norm_half.as<std::uint16_t>()},
                                         m_device->stream());
    return {nullptr, m_norm_half.as<std::uint16_t>(), nullptr};
}

/// Products with as many of the tokens' rows at once as the kernels take.
void DeviceTransformer::fewRows(const Work& work, kernels::MatvecArgs args, Input x) {
    args.norm = x.norm, args.eps = m_model->config.rms_eps;
    for (int first = 0; first < work.tokens; first += args.tokens) {
        args.tokens = std::min(work.tokens - first, kernels::MatvecArgs::kMostTokens);
        args.x = x.f32 + std::size_t(first) * std::size_t(args.w[0].cols);
        m_steps << m_device->table().matvecs(args, m_device->stream());
        for (int i = 0; i < args.count; ++i) args.y[i] += std::size_t(args.tokens) * std::size_t(args.w[i].rows);
    }
}

/// The weights as fp16 and a matrix product with x [rows][cols].
void DeviceTransformer::manyRows(const Product& product, const std::uint16_t* x, int rows, bool add) {
    const auto& t = m_device->table();
    const auto stream = m_device->stream();
    const kernels::DeviceWeights& w = product.w;
    const auto* half = reinterpret_cast<const std::uint16_t*>(w.elements);
    if (w.type != WeightType::F16) {
        m_steps << t.halfRows(w, 0, w.rows, m_half.as<std::uint16_t>(), stream);
        half = m_half.as<std::uint16_t>();
    }
    m_steps << t.gemm(m_device->gemm(), {x, half, product.y, rows, w.rows, w.cols, w.rows, add ? 1.0F : 0.0F}, stream);
    if (product.bias != nullptr) m_steps << t.addToRows(product.y, product.bias, rows, w.rows, stream);
}

/// y (+)= x · wᵀ + bias for every row and matrix: of few tokens, neighbours of one type in one launch.
void DeviceTransformer::products(const Work& work, std::initializer_list<Product> all, Input x, bool add) {
    kernels::MatvecArgs args;
    args.add = add;
    for (const Product* p = all.begin(); p != all.end(); ++p) {
        if (!work.few) {
            manyRows(*p, x.f16, work.tokens, add);
            continue;
        }
        args.w[args.count] = p->w, args.bias[args.count] = p->bias, args.y[args.count++] = p->y;
        if (p + 1 != all.end() && p[1].w.type == p->w.type) continue;
        fewRows(work, args, x);
        args.count = 0;
    }
}

/// x += norm(x · wᵀ + bias), the norm where the model has one.
void DeviceTransformer::addResult(const Work& work, const kernels::DeviceWeights& w, Input x, const float* bias,
                                  const float* norm) {
    products(work, {{w, norm == nullptr ? m_x.as<float>() : m_y.as<float>(), bias}}, x, norm == nullptr);
    if (norm != nullptr) addNormed(work, norm);
}

/// x += norm(y).
void DeviceTransformer::addNormed(const Work& work, const float* norm) {
    m_steps << m_device->table().addNorm(m_x.as<float>(), m_y.as<float>(), norm, m_model->config.rms_eps, work.tokens,
                                         m_model->config.hidden, m_device->stream());
}

/// Queries, keys and values of all tokens, as the matrices give them.
void DeviceTransformer::keysAndValues(const Work& work, int index) {
    const DeviceLayerWeights& w = m_weights->layers[std::size_t(index)];
    float *k = fresh(work, index, KvKind::Key), *v = fresh(work, index, KvKind::Value);
    products(work, {{w.q, m_q.as<float>(), w.q_bias}, {w.k, k, w.k_bias}, {w.v, v, w.v_bias}},
             normed(work, w.attn_norm));
}

/// Rows of one kind into the raw pages they belong to.
void DeviceTransformer::pack(const Work& work, int index, KvKind kind) {
    const KvCache& cache = work.cache;
    const std::uint64_t end = cache.tokens() + std::uint64_t(work.tokens);
    for (std::uint64_t at = cache.tokens(); at < end;) {
        const int page = cache.pageCount(at + 1) - 1;
        const std::uint64_t begin = cache.pageBegin(page);
        // Sinks do not fill their page: what follows is counted anew.
        const std::uint64_t stop =
            cache.sinkPage(page) ? std::min(end, begin + std::uint64_t(cache.pageCapacity(page))) : end;
        kernels::PackArgs args;
        args.layout = rawLayout(kind, cache.shape());
        args.stride = cache.shape().channels();
        args.x = fresh(work, index, kind) + (at - cache.tokens()) * std::size_t(args.stride);
        args.tokens = int(stop - at), args.first = int(at - begin);
        args.pages = work.table.blocks(index, kind) + page;
        m_steps << m_device->table().pack(args, m_device->stream());
        at = stop;
    }
}

/// Where rows of one layer and kind begin among those that come back, in floats.
std::size_t DeviceTransformer::rowPlace(const Work& work, int layer, KvKind kind) {
    const auto width = std::size_t(work.tokens) * std::size_t(work.cache.shape().channels());
    return (std::size_t(layer) * 2 + std::size_t(kind)) * width;
}

float* DeviceTransformer::rowsBack(const Work& work, int layer, KvKind kind) const {
    return m_host_rows.as<float>() + rowPlace(work, layer, kind);
}

/// The new keys or values of a layer, on the device.
float* DeviceTransformer::fresh(const Work& work, int layer, KvKind kind) const {
    if (work.by_rows) return m_rows.as<float>() + rowPlace(work, layer, kind);
    return (kind == KvKind::Key ? m_k : m_v).as<float>();
}

/// Norms of heads, the rotation of the queries, and few tokens into their pages.
Status DeviceTransformer::finishHeads(const Work& work, int index) {
    const ModelConfig& c = m_model->config;
    const DeviceLayerWeights& w = m_weights->layers[std::size_t(index)];
    kernels::HeadsArgs args;
    args.tokens = work.tokens, args.heads = c.heads, args.kv_heads = c.kv_heads, args.head_dim = c.head_dim;
    args.q = m_q.as<float>();
    args.k = fresh(work, index, KvKind::Key), args.v = fresh(work, index, KvKind::Value);
    args.q_norm = w.q_norm, args.k_norm = w.k_norm, args.eps = c.rms_eps;
    if (work.at_once) {
        args.key_pages = work.table.blocks(index, KvKind::Key) + work.first_page;
        args.value_pages = work.table.blocks(index, KvKind::Value) + work.first_page;
        args.first = int(work.cache.tokens() - work.cache.pageBegin(work.first_page));
        args.first_later = work.recorded ? m_ids.as<int>() + work.tokens : nullptr;
    }
    return m_attention->finishHeads(work.cache, index, args, m_a.as<float>());
}

/// New keys and values into their pages.
Status DeviceTransformer::append(Work& work, int index) {
    if (auto done = finishHeads(work, index); !done) return done;
    if (work.on_host) return appendOnHost(work, index);
    if (work.by_page) {
        const auto elements = std::size_t(work.tokens) * std::size_t(work.cache.shape().channels());
        auto* flag = m_flags.as<std::int32_t>() + index;
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            m_steps << m_device->table().findNonFinite(fresh(work, index, kind), elements, flag, m_device->stream());
    }
    if (work.at_once) return {};
    pack(work, index, KvKind::Key);
    pack(work, index, KvKind::Value);
    return {};
}

/// The host codes them, and the device gets its pages.
Status DeviceTransformer::appendOnHost(Work& work, int index) {
    const std::size_t bytes = std::size_t(work.tokens) * std::size_t(work.cache.shape().channels()) * sizeof(float);
    float *k = rowsBack(work, 0, KvKind::Key), *v = rowsBack(work, 0, KvKind::Value);
    m_steps << m_device->table().copyOut(k, m_k.data(), bytes, m_device->stream())
            << m_device->table().copyOut(v, m_v.data(), bytes, m_device->stream());
    if (auto done = finished(); !done) return done;
    if (auto appended = work.cache.append(index, k, v, work.tokens, m_pool); !appended) return appended;
    return m_pages->push(work.cache, work.table, index, work.first_page, work.end_page);
}

Status DeviceTransformer::layer(Work& work, int index) {
    keysAndValues(work, index);
    if (auto appended = append(work, index); !appended) return appended;
    const DeviceOutput a = rows(work, m_a, m_a_half);
    if (auto done = m_attention->run(work.cache, work.table, m_codecs, index, m_q.as<float>(), a); !done) return done;
    const DeviceLayerWeights& w = m_weights->layers[std::size_t(index)];
    addResult(work, w.o, input(a), w.o_bias, w.post_attn_norm);
    return feedForward(work, w);
}

void DeviceTransformer::embed(const Work& work) {
    const std::size_t bytes = (std::size_t(work.tokens) + 1) * sizeof(std::int32_t);
    m_steps << m_device->table().copyIn(m_ids.data(), m_host_ids.data(), bytes, m_device->stream())
            << m_device->table().embedRows(m_weights->embedding, m_ids.as<std::int32_t>(), work.tokens,
                                           m_model->config.embedding_scale, m_x.as<float>(), m_device->stream());
}

void DeviceTransformer::lastLogits(const Work& work) {
    kernels::MatvecArgs args;
    args.w[0] = m_weights->output, args.y[0] = m_logits.as<float>(), args.count = 1;
    args.x = m_x.as<float>() + std::size_t(work.tokens - 1) * std::size_t(m_model->config.hidden);
    args.norm = m_weights->final_norm, args.eps = m_model->config.rms_eps;
    m_steps << m_device->table().matvecs(args, m_device->stream())
            << m_device->table().copyOut(m_host_logits.data(), m_logits.data(),
                                         std::size_t(m_model->config.vocab) * sizeof(float), m_device->stream());
}

/// Logits of every token, some columns of the output matrix at a time.
Status DeviceTransformer::allLogits(const Work& work, float* logits) {
    const auto& t = m_device->table();
    const auto vocab = std::size_t(m_model->config.vocab), tokens = std::size_t(work.tokens);
    const kernels::DeviceWeights& w = m_weights->output;
    m_steps << t.rmsNorm(m_x.as<float>(), m_weights->final_norm, m_model->config.rms_eps, work.tokens, w.cols,
                         {nullptr, m_norm_half.as<std::uint16_t>()}, m_device->stream());
    for (int begin = 0; begin < w.rows; begin += kLogitColumns) {
        const int count = std::min(kLogitColumns, w.rows - begin);
        m_steps << t.halfRows(w, begin, count, m_half.as<std::uint16_t>(), m_device->stream())
                << t.gemm(m_device->gemm(),
                          {m_norm_half.as<std::uint16_t>(), m_half.as<std::uint16_t>(), m_logits.as<float>(),
                           work.tokens, count, w.cols, count, 0.0F},
                          m_device->stream())
                << t.copyOut(m_host_logits.data(), m_logits.data(), tokens * std::size_t(count) * sizeof(float),
                             m_device->stream());
        if (auto done = finished(); !done) return done;
        for (std::size_t row = 0; row < tokens; ++row)
            std::copy_n(m_host_logits.as<float>() + row * std::size_t(count), count,
                        logits + row * vocab + std::size_t(begin));
    }
    return {};
}

/// Waits, and hands the logits out.
Status DeviceTransformer::output(const Work& work, Logits which, float* logits) {
    if (which == Logits::All && work.tokens > 1) return allLogits(work, logits);
    if (auto done = finished(); !done) return done;
    if (which != Logits::None)
        std::memcpy(logits, m_host_logits.data(), std::size_t(m_model->config.vocab) * sizeof(float));
    return {};
}

/// Waits for what was enqueued. Errors: Failed.
Status DeviceTransformer::finished() {
    m_steps << m_device->wait();
    return m_steps.failure() == 0 ? Status() : m_device->error(m_steps.failure());
}

/// The model over the tokens, to the logits of the last one.
Status DeviceTransformer::enqueue(Work& work, Logits which) {
    m_steps = Steps();
    embed(work);
    for (int index = 0; index < m_model->config.layers; ++index) {
        if (auto done = layer(work, index); !done) return done;
    }
    if (work.by_rows)
        m_steps << m_device->table().copyOut(m_host_rows.data(), m_rows.data(),
                                             rowPlace(work, m_model->config.layers, KvKind::Key) * sizeof(float),
                                             m_device->stream());
    if (which == Logits::Last || (which == Logits::All && work.tokens == 1)) lastLogits(work);
    return m_steps.failure() == 0 ? Status() : m_device->error(m_steps.failure());
}

/// enqueue() of one token, recorded where that pays.
Status DeviceTransformer::again(Work& work, bool mass, Logits which) {
    DeviceGraph::Key key = {std::uint64_t(work.first_page), std::uint64_t(which == Logits::None), std::uint64_t(mass)};
    if (auto done = m_attention->follow(work.cache, work.table, m_codecs, key); !done) return done;
    return m_graph.run(key, [&] { return enqueue(work, which); });
}

Status DeviceTransformer::compute(Work& work, std::span<const std::int32_t> ids, Logits which, float* logits,
                                  AttentionMass* mass) {
    const auto& t = m_device->table();
    if (auto done = m_attention->begin(work.cache, work.table, work.tokens, mass); !done) return done;
    const std::size_t flags = std::size_t(m_model->config.layers) * sizeof(std::int32_t);
    Steps before;
    if (work.by_page) before << t.fill(m_flags.data(), 0, flags, m_device->stream());
    if (before.failure() != 0) return m_device->error(before.failure());
    auto* host_ids = m_host_ids.as<std::int32_t>();
    *std::copy(ids.begin(), ids.end(), host_ids) =
        std::int32_t(work.cache.tokens() - work.cache.pageBegin(work.first_page));
    if (auto done = work.recorded ? again(work, mass != nullptr, which) : enqueue(work, which); !done) return done;
    if (work.by_page) m_steps << t.copyOut(m_host_flags.data(), m_flags.data(), flags, m_device->stream());
    if (mass != nullptr) {
        if (auto done = m_attention->fetchMass(); !done) return done;
    }
    return output(work, which, logits);
}

/// The cache gets what the device appended.
Status DeviceTransformer::takeBack(Work& work) {
    KvCache& cache = work.cache;
    for (int index = 0; index < cache.layers() && work.by_page; ++index)
        if (m_host_flags.as<std::int32_t>()[index] != 0) return KvCache::notFinite(index);
    if (work.by_page) {
        if (auto done = m_pages->fetchRaw(cache, work.table, work.first_page, work.end_page); !done) return done;
    }
    if (work.by_rows) {
        const std::size_t elements = 2 * std::size_t(work.tokens) * std::size_t(cache.shape().channels());
        for (int index = 0; index < cache.layers(); ++index)
            if (!allFinite({rowsBack(work, index, KvKind::Key), elements})) return KvCache::notFinite(index);
        m_pool.run(2 * cache.layers(), [&](int i, int) {
            const KvKind kind = i % 2 == 0 ? KvKind::Key : KvKind::Value;
            cache.fillRows(i / 2, kind, rowsBack(work, i / 2, kind), work.tokens);
        });
    }
    m_pages->markEqual(cache, work.table, work.first_page, work.end_page);
    return {};
}

Status DeviceTransformer::forward(KvCache& cache, std::span<const std::int32_t> tokens, Logits which, float* logits,
                                  AttentionMass* mass) {
    if (cache.filtered())
        return Error{ErrorCode::Usage, "Research forms of quantization are measured on the CPU: use --device cpu."};
    if (tokens.empty()) return {};
    if (auto ready = m_device->use(); !ready) return ready;
    if (auto there = cache.ready(); !there) return there;
    if (auto set = m_codecs.set(m_device, cache.quantizer()); !set) return set;
    const int count = int(tokens.size());
    Clock clock;
    cache.makeRoom(count, m_pool);
    auto table = m_pages->bring(cache, cache.tokens() + std::uint64_t(count));
    if (!table) return table.error();
    Work work{cache, **table, count};
    work.first_page = cache.pageCount(cache.tokens() + 1) - 1;
    work.end_page = cache.pageCount(cache.tokens() + std::uint64_t(count));
    work.few = count <= m_weights->mostFewRows();
    for (int page = work.first_page; page < work.end_page; ++page)
        for (int layer = 0; layer < cache.layers(); ++layer)
            for (const KvKind kind : {KvKind::Key, KvKind::Value})
                work.on_host = work.on_host || !cache.block(layer, kind, page)->layout().raw();
    work.by_page = !work.on_host && count > kRowsBack;
    work.by_rows = !work.on_host && !work.by_page;
    work.at_once = work.by_rows && (work.end_page == work.first_page + 1 || !cache.sinkPage(work.first_page));
    work.recorded = work.by_rows && count == 1 && (*table)->hostPages() == 0;
    m_steps = Steps();
    m_seconds.bring += clock.lap();
    auto done = compute(work, tokens, which, logits, mass);
    if (!done) {
        m_device->wait();  // nothing may still write when buffers are used again
        return done;
    }
    m_seconds.compute += clock.lap();
    if (auto taken = takeBack(work); !taken) return taken;
    m_seconds.take_back += clock.lap();
    if (mass != nullptr) m_attention->addMass(*mass);
    cache.advance(count);
    cache.settle(m_pool, m_coder.get());
    m_seconds.settle += clock.lap();
    return {};
}

}  // namespace lectern
