<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AnswerView</name>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
</context>
<context>
    <name>AttentionPage</name>
    <message>
        <source>Other documents</source>
        <translation>其他文档</translation>
    </message>
    <message>
        <source>Attention by document</source>
        <translation>各文档的注意力</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Share of attention</source>
        <translation>注意力占比</translation>
    </message>
    <message>
        <source>Ask something: each answer then shows which documents it attended to.</source>
        <translation>提出一个问题：每个回答都会显示它关注了哪些文档。</translation>
    </message>
    <message>
        <source>These answers were given before their attention was kept by document; ask again to see it.</source>
        <translation>这些回答产生时尚未按文档记录注意力；再问一次即可看到。</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>What the documents drew of the attention that went to them, over all layers and heads.</source>
        <translation>在所有层和注意力头上，落在文档上的注意力中各文档所占的部分。</translation>
    </message>
</context>
<context>
    <name>BranchBeside</name>
    <message>
        <source>The conversation to read beside</source>
        <translation>并排阅读的对话</translation>
    </message>
    <message>
        <source>Show one conversation</source>
        <translation>只显示一个对话</translation>
    </message>
    <message>
        <source>Conversation beside</source>
        <translation>并排的对话</translation>
    </message>
</context>
<context>
    <name>BranchFlow</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Remove the deleted conversations for good?</source>
        <translation>永久移除已删除的对话？</translation>
    </message>
    <message>
        <source>They cannot be brought back after that. What other conversations go on from stays.</source>
        <translation>此后无法恢复。其他对话所延续的内容会保留。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>“%1” is deleted.</source>
        <translation>“%1”已删除。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>The earlier answer is kept.</source>
        <translation>先前的回答已保留。</translation>
    </message>
    <message>
        <source>Bring it back</source>
        <translation>找回</translation>
    </message>
</context>
<context>
    <name>BranchTabs</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>New conversation about the same documents (Ctrl+T)</source>
        <translation>关于相同文档的新对话 (Ctrl+T)</translation>
    </message>
    <message>
        <source>All conversations</source>
        <translation>所有对话</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Goes on from “%1” after answer %2</source>
        <translation>接着“%1”的第 %2 个回答</translation>
    </message>
    <message>
        <source>Delete this conversation (Ctrl+W)</source>
        <translation>删除此对话 (Ctrl+W)</translation>
    </message>
    <message>
        <source>Rename the conversation</source>
        <translation>重命名对话</translation>
    </message>
    <message>
        <source>Its name:</source>
        <translation>名称：</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>No conversation yet</source>
        <translation>还没有对话</translation>
    </message>
    <message>
        <source>Deleted</source>
        <translation>已删除</translation>
    </message>
    <message>
        <source>Bring back “%1”</source>
        <translation>恢复“%1”</translation>
    </message>
    <message>
        <source>Remove them for good…</source>
        <translation>永久移除…</translation>
    </message>
</context>
<context>
    <name>CalibrationDialog</name>
    <message>
        <source>Calibrate the model</source>
        <translation>校准模型</translation>
    </message>
    <message>
        <source>Calibrate %1</source>
        <translation>校准 %1</translation>
    </message>
    <message>
        <source>The model reads a text, forwards and backwards, to learn where its memory can be coarse and where it must be exact. The result is saved beside the model and used by sessions begun afterwards. It takes from half a minute for a small model to hours for a large one, and can be cancelled.</source>
        <translation>模型会正向和反向读一段文本，学习其记忆在哪里可以粗略、在哪里必须精确。结果保存在模型旁边，供之后新建的会话使用。小模型需要半分钟，大模型可能要数小时，随时可以取消。</translation>
    </message>
    <message>
        <source>Lectern&apos;s own text: reports, contracts, stories, code, several languages</source>
        <translation>Lectern 自带的文本：报告、合同、故事、代码，多种语言</translation>
    </message>
    <message>
        <source>Texts of mine, like what will be read:</source>
        <translation>我自己的文本，与将要阅读的内容相近：</translation>
    </message>
    <message>
        <source>Texts to calibrate on</source>
        <translation>用于校准的文本</translation>
    </message>
    <message>
        <source>Choose texts…</source>
        <translation>选择文本…</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>It is not part of this installation.</source>
        <translation>此安装中没有该文本。</translation>
    </message>
    <message>
        <source>Choose texts to calibrate on</source>
        <translation>选择用于校准的文本</translation>
    </message>
    <message>
        <source>Plain text (*.txt *.md);;All files (*)</source>
        <translation>纯文本 (*.txt *.md);;所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>CitationChip</name>
    <message>
        <source>p. %1</source>
        <translation>第 %1 页</translation>
    </message>
    <message>
        <source>p. %1 (%2)</source>
        <translation>第 %1 页 (%2)</translation>
    </message>
    <message>
        <source>%1 %2, attended %3</source>
        <translation>%1 %2，关注度 %3</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>您想做什么？</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>查找命令</translation>
    </message>
</context>
<context>
    <name>ComparisonPage</name>
    <message>
        <source>Q-Norm</source>
        <translation>Q-Norm</translation>
    </message>
    <message>
        <source>no Q-Norm</source>
        <translation>无 Q-Norm</translation>
    </message>
    <message>
        <source>no sinks</source>
        <translation>无起始词元</translation>
    </message>
    <message numerus="yes">
        <source>%n sink(s)</source>
        <translation>
            <numerusform>%n 个起始词元</numerusform>
        </translation>
    </message>
    <message>
        <source>window %1</source>
        <translation>窗口 %1</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Settings compared</source>
        <translation>比较过的设置</translation>
    </message>
    <message>
        <source>the comparison</source>
        <translation>比较结果</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>KL</source>
        <translation>KL</translation>
    </message>
    <message>
        <source>Agrees</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>Tick what is to be measured.</source>
        <translation>勾选要测量的项目。</translation>
    </message>
    <message>
        <source>Divergence of its predictions from those of the fp16 cache, nats</source>
        <translation>其预测与 fp16 缓存预测的散度，单位 nat</translation>
    </message>
    <message>
        <source>How often its likeliest next token is that of the fp16 cache</source>
        <translation>其最可能的下一个词元与 fp16 缓存相同的频率</translation>
    </message>
    <message>
        <source>Of the sampled text: lower is better</source>
        <translation>抽样文本的困惑度：越低越好</translation>
    </message>
    <message>
        <source>Of a token&apos;s keys and values, all layers together, without sinks and window</source>
        <translation>一个词元的键和值，所有层合计，不含起始词元和窗口</translation>
    </message>
    <message>
        <source>This session&apos;s own setting</source>
        <translation>本会话自己的设置</translation>
    </message>
    <message>
        <source>99th percentile %1</source>
        <translation>第 99 百分位 %1</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1%</translation>
    </message>
    <message>
        <source>Comparing… %1</source>
        <translation>正在比较… %1</translation>
    </message>
    <message>
        <source>Comparing…</source>
        <translation>正在比较…</translation>
    </message>
    <message>
        <source>Compare again</source>
        <translation>再次比较</translation>
    </message>
    <message>
        <source>Measured on %1 places of these documents, %2.</source>
        <translation>在这些文档的 %1 处测量，%2。</translation>
    </message>
    <message>
        <source>What the ticked settings would cost, measured on samples of these documents against an fp16 cache.</source>
        <translation>勾选的设置会带来多大损失，在这些文档的样本上与 fp16 缓存对照测量。</translation>
    </message>
    <message>
        <source>Read documents into the session first: settings are compared on their text.</source>
        <translation>请先把文档读入会话：设置是在其文本上比较的。</translation>
    </message>
</context>
<context>
    <name>ConversationPanel</name>
    <message>
        <source>Find in this conversation</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>What is this document about?</source>
        <translation>这份文档讲的是什么？</translation>
    </message>
    <message>
        <source>What are the main conclusions?</source>
        <translation>主要结论是什么？</translation>
    </message>
    <message>
        <source>Which numbers and dates matter most?</source>
        <translation>哪些数字和日期最重要？</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Ask (Enter)</source>
        <translation>提问 (Enter)</translation>
    </message>
    <message>
        <source>Stop answering (Esc)</source>
        <translation>停止回答 (Esc)</translation>
    </message>
    <message>
        <source>Enter asks · Shift+Enter for a new line</source>
        <translation>Enter 提问 · Shift+Enter 换行</translation>
    </message>
    <message>
        <source>Waits for the session to open…</source>
        <translation>等待会话打开…</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>思考中…</translation>
    </message>
    <message>
        <source>Ask about your documents</source>
        <translation>就您的文档提问</translation>
    </message>
    <message>
        <source>Nothing to ask about yet</source>
        <translation>还没有可问的内容</translation>
    </message>
    <message>
        <source>Everything on the shelf is in one context. The pages an answer attended to come with it.</source>
        <translation>书架上的一切都在同一个上下文中。每个回答都附有它关注过的页面。</translation>
    </message>
    <message>
        <source>Answers come once the documents on the shelf are read.</source>
        <translation>书架上的文档读完后即可回答。</translation>
    </message>
    <message>
        <source>Ask about the documents</source>
        <translation>就文档提问</translation>
    </message>
    <message>
        <source>This session is open for reading only</source>
        <translation>此会话以只读方式打开</translation>
    </message>
    <message>
        <source>Questions wait for the present work</source>
        <translation>问题会等当前工作完成</translation>
    </message>
    <message>
        <source>Questions are answered when all is read</source>
        <translation>全部读完后回答问题</translation>
    </message>
    <message>
        <source>Asking begins a conversation of its own here; the other one stays as it is</source>
        <translation>在此提问会开始一个新对话；另一个对话保持不变</translation>
    </message>
    <message>
        <source>one document is off</source>
        <translation>一份文档已关闭</translation>
    </message>
    <message>
        <source>%1 documents are off</source>
        <translation>%1 份文档已关闭</translation>
    </message>
    <message>
        <source>%1 (earlier answer)</source>
        <translation>%1（先前的回答）</translation>
    </message>
    <message>
        <source>They are being read. Ask already: the answer comes once all is read.</source>
        <translation>文档正在读取。现在就可以提问：全部读完后即给出回答。</translation>
    </message>
    <message>
        <source>Is asked once all is read…</source>
        <translation>全部读完后提问…</translation>
    </message>
    <message>
        <source>Enter asks once all is read · Shift+Enter for a new line</source>
        <translation>Enter 在全部读完后提问 · Shift+Enter 换行</translation>
    </message>
    <message>
        <source>Take the question back (Esc)</source>
        <translation>收回问题 (Esc)</translation>
    </message>
</context>
<context>
    <name>DocumentFlow</name>
    <message>
        <source>Nothing has to be read again.</source>
        <translation>无需重新阅读。</translation>
    </message>
    <message>
        <source>%1 tokens are read again</source>
        <translation>将重新阅读 %1 个词元</translation>
    </message>
    <message>
        <source>%1, in a moment.</source>
        <translation>%1，片刻即可。</translation>
    </message>
    <message>
        <source>%1, about %2.</source>
        <translation>%1，约 %2。</translation>
    </message>
    <message>
        <source>%1 documents</source>
        <translation>%1 份文档</translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation>“%1”</translation>
    </message>
    <message>
        <source>Take %1 out of the session?</source>
        <translation>把 %1 从会话中取出？</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>取出</translation>
    </message>
    <message>
        <source>Move %1?</source>
        <translation>移动 %1？</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Read what has changed on disk again?</source>
        <translation>重新阅读磁盘上已更改的文件？</translation>
    </message>
    <message>
        <source>About %1 tokens are read again.</source>
        <translation>将重新阅读约 %1 个词元。</translation>
    </message>
    <message>
        <source>Up to %1 tokens are read again: the new text, and what follows it.</source>
        <translation>最多重新阅读 %1 个词元：新的文本及其后的内容。</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新阅读</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Conversations stay, and are computed again where they go on.</source>
        <translation>对话会保留，继续时重新计算。</translation>
    </message>
    <message>
        <source>%1 is out of the session.</source>
        <translation>%1 已移出会话。</translation>
    </message>
    <message>
        <source>%1 are out of the session.</source>
        <translation>%1 已移出会话。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>DropZone</name>
    <message>
        <source>Drop documents here</source>
        <translation>把文档拖到这里</translation>
    </message>
    <message>
        <source>Drop PDFs, text or Markdown here</source>
        <translation>把 PDF、文本或 Markdown 拖到这里</translation>
    </message>
    <message>
        <source>Files and whole folders. You see a plan before anything is read.</source>
        <translation>文件和整个文件夹均可。阅读之前您会先看到计划。</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>选择文件夹…</translation>
    </message>
</context>
<context>
    <name>ExportFlow</name>
    <message>
        <source>There is no answer to export yet.</source>
        <translation>还没有可导出的回答。</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>There is no summary to export yet.</source>
        <translation>还没有可导出的摘要。</translation>
    </message>
    <message>
        <source>Export the summary</source>
        <translation>导出摘要</translation>
    </message>
    <message>
        <source>Summary of %1</source>
        <translation>%1 的摘要</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>网页 (*.html)</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Exported to %1.</source>
        <translation>已导出到 %1。</translation>
    </message>
</context>
<context>
    <name>FidelityCard</name>
    <message>
        <source>Close</source>
        <translation>接近</translation>
    </message>
    <message>
        <source>Noticeable</source>
        <translation>可察觉</translation>
    </message>
    <message>
        <source>Poor</source>
        <translation>较差</translation>
    </message>
    <message>
        <source>Fidelity</source>
        <translation>保真度</translation>
    </message>
    <message>
        <source>Calibrate the model…</source>
        <translation>校准模型…</translation>
    </message>
    <message>
        <source>Checking… %1</source>
        <translation>正在检查… %1</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>再次检查</translation>
    </message>
    <message>
        <source>Check fidelity</source>
        <translation>检查保真度</translation>
    </message>
    <message>
        <source>How far answers are from those of an uncompressed cache: measured on samples of these documents.</source>
        <translation>回答与未压缩缓存的回答相差多少：在这些文档的样本上测量。</translation>
    </message>
    <message>
        <source>Same likeliest next word as with an fp16 cache at %1 of %2 places; KL divergence %3.</source>
        <translation>%2 处中有 %1 与 fp16 缓存给出相同的最可能的下一个词；KL 散度 %3。</translation>
    </message>
    <message>
        <source>%1, 99th percentile of the divergence %2 nats</source>
        <translation>%1，散度的第 99 百分位 %2 nat</translation>
    </message>
    <message>
        <source>Use more bits with this model.</source>
        <translation>请为此模型使用更多位数。</translation>
    </message>
    <message>
        <source>Calibrate the model, or use more bits.</source>
        <translation>请校准模型，或使用更多位数。</translation>
    </message>
    <message>
        <source>Thresholds and codebooks come from the model&apos;s calibration.</source>
        <translation>阈值和码本来自模型的校准。</translation>
    </message>
    <message>
        <source>Not calibrated: thresholds come from the first tokens that were read.</source>
        <translation>未校准：阈值来自最先读入的词元。</translation>
    </message>
</context>
<context>
    <name>FigureSaver</name>
    <message>
        <source>%1 cannot be written (%2); choose another folder.</source>
        <translation>无法写入 %1（%2）；请选择其他文件夹。</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>导出 %1</translation>
    </message>
    <message>
        <source>Picture (PNG)…</source>
        <translation>图片 (PNG)…</translation>
    </message>
    <message>
        <source>Drawing (SVG)…</source>
        <translation>矢量图 (SVG)…</translation>
    </message>
    <message>
        <source>Numbers (CSV)…</source>
        <translation>数据 (CSV)…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1 文件 (*.%2)</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Previous match</source>
        <translation>上一处</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一处</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>关闭查找</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
</context>
<context>
    <name>HeatMapView</name>
    <message>
        <source>%1 by layer</source>
        <translation>各层的%1</translation>
    </message>
    <message>
        <source>no such number</source>
        <translation>无此数值</translation>
    </message>
    <message>
        <source>Layer %1, keys: %2</source>
        <translation>第 %1 层，键：%2</translation>
    </message>
    <message>
        <source>Layer %1, values: %2</source>
        <translation>第 %1 层，值：%2</translation>
    </message>
</context>
<context>
    <name>LayerPage</name>
    <message>
        <source>What the map shows</source>
        <translation>热图显示的内容</translation>
    </message>
    <message>
        <source>the map</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>Layer %1, keys</source>
        <translation>第 %1 层，键</translation>
    </message>
    <message>
        <source>Layer %1, values</source>
        <translation>第 %1 层，值</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>%1 outliers</source>
        <translation>%1 离群值</translation>
    </message>
    <message>
        <source>%1 dB</source>
        <translation>%1 dB</translation>
    </message>
    <message>
        <source>measured on %1</source>
        <translation>测量于 %1</translation>
    </message>
    <message>
        <source>Kept in fp16 by this session&apos;s setting: nothing is quantized here.</source>
        <translation>按本会话的设置以 fp16 保存：此处不做量化。</translation>
    </message>
    <message>
        <source>Dotted lines part the heads.</source>
        <translation>虚线分隔各注意力头。</translation>
    </message>
    <message>
        <source>The outermost bars hold all that lies further out.</source>
        <translation>最外侧的柱包含更远处的所有值。</translation>
    </message>
    <message>
        <source>Ask something: this then shows how much each layer looks at the documents.</source>
        <translation>请先提问：之后这里显示每一层对文档的关注程度。</translation>
    </message>
</context>
<context>
    <name>LinkFlow</name>
    <message>
        <source>The link %1 names no page of a session file.</source>
        <translation>链接 %1 没有指明会话文件中的页面。</translation>
    </message>
    <message>
        <source>The session %1 that the link names is not there.</source>
        <translation>链接指明的会话 %1 不存在。</translation>
    </message>
    <message>
        <source>The page that the link names is not in this session.</source>
        <translation>链接指明的页面不在此会话中。</translation>
    </message>
    <message>
        <source>Open a page in the reader first.</source>
        <translation>请先在阅读器中打开一页。</translation>
    </message>
    <message>
        <source>The link to page %1 of %2 is on the clipboard.</source>
        <translation>%2 第 %1 页的链接已复制到剪贴板。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Lectern</source>
        <translation>Lectern</translation>
    </message>
    <message>
        <source>Hide %1</source>
        <translation>隐藏%1</translation>
    </message>
    <message>
        <source>Shelf</source>
        <translation>书架</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>阅读器</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Counting the tokens with the other model</source>
        <translation>正在用另一个模型计算词元数</translation>
    </message>
    <message>
        <source>About “%1” (%2, p. %3):</source>
        <translation>关于“%1”（%2，第 %3 页）：</translation>
    </message>
    <message>
        <source>&amp;New session…</source>
        <translation>新建会话(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Open session…</source>
        <translation>打开会话(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Add documents…</source>
        <translation>添加文档(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Start page</source>
        <translation>起始页(&amp;S)</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>设置(&amp;T)…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Ask</source>
        <translation>提问(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>Answer a&amp;gain</source>
        <translation>再次回答(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Edit the last question</source>
        <translation>编辑上一个问题(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Copy the last answer</source>
        <translation>复制上一个回答(&amp;C)</translation>
    </message>
    <message>
        <source>E&amp;xport…</source>
        <translation>导出(&amp;X)…</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>查找(&amp;F)</translation>
    </message>
    <message>
        <source>Find in the &amp;document</source>
        <translation>在文档中查找(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Go to page</source>
        <translation>转到页面(&amp;G)</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>下一页</translation>
    </message>
    <message>
        <source>Previous page</source>
        <translation>上一页</translation>
    </message>
    <message>
        <source>Back in the reader</source>
        <translation>在阅读器中后退</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Fit the width</source>
        <translation>适合宽度</translation>
    </message>
    <message>
        <source>Copy a &amp;link to this page</source>
        <translation>复制此页的链接(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Ask about the selected text</source>
        <translation>就所选文本提问(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Thumbnails and outline</source>
        <translation>缩略图和大纲(&amp;T)</translation>
    </message>
    <message>
        <source>Dar&amp;k pages</source>
        <translation>深色页面(&amp;K)</translation>
    </message>
    <message>
        <source>Filter the shelf</source>
        <translation>筛选书架</translation>
    </message>
    <message>
        <source>&amp;Look for changed files</source>
        <translation>查找已更改的文件(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>Commands…</source>
        <translation>命令…</translation>
    </message>
    <message>
        <source>&amp;About Lectern</source>
        <translation>关于 Lectern(&amp;A)</translation>
    </message>
    <message>
        <source>New con&amp;versation</source>
        <translation>新对话(&amp;V)</translation>
    </message>
    <message>
        <source>Go on from the last answer in a new one</source>
        <translation>从上一个回答在新对话中继续</translation>
    </message>
    <message>
        <source>Re&amp;name the conversation…</source>
        <translation>重命名对话(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Delete the conversation</source>
        <translation>删除对话(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Two conversations side by side</source>
        <translation>并排显示两个对话(&amp;T)</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>下一个对话</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>上一个对话</translation>
    </message>
    <message>
        <source>Check &amp;fidelity</source>
        <translation>检查保真度(&amp;F)</translation>
    </message>
    <message>
        <source>Compare &amp;settings</source>
        <translation>比较设置(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Calibrate the model…</source>
        <translation>校准模型(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Documents</source>
        <translation>文档(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Conversation</source>
        <translation>对话(&amp;C)</translation>
    </message>
    <message>
        <source>All con&amp;versations</source>
        <translation>所有对话(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Summary</source>
        <translation>摘要(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Reader</source>
        <translation>阅读器(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Quality</source>
        <translation>质量(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新建</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Add documents</source>
        <translation>添加文档</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>About Lectern</source>
        <translation>关于 Lectern</translation>
    </message>
    <message>
        <source>Lectern %1</source>
        <translation>Lectern %1</translation>
    </message>
    <message>
        <source>Reads very long documents with a language model whose memory is compressed with KVQuant.

Free software under the GNU General Public License, version 3 or later; it comes without any warranty.</source>
        <translation>用语言模型阅读超长文档，模型的记忆由 KVQuant 压缩。

自由软件，遵循 GNU 通用公共许可证第 3 版或更高版本；不提供任何担保。</translation>
    </message>
    <message>
        <source>Made with these libraries:</source>
        <translation>使用了以下程序库：</translation>
    </message>
    <message>
        <source>The method: KVQuant: Towards 10 Million Context Length LLM Inference with KV Cache Quantization (arXiv:2401.18079).</source>
        <translation>方法：KVQuant: Towards 10 Million Context Length LLM Inference with KV Cache Quantization (arXiv:2401.18079)。</translation>
    </message>
    <message>
        <source>the built-in model</source>
        <translation>内置模型</translation>
    </message>
    <message>
        <source>Calibrating…</source>
        <translation>正在校准…</translation>
    </message>
    <message>
        <source>Cancel keeps the plan.</source>
        <translation>取消后计划仍保留。</translation>
    </message>
    <message>
        <source>Calibrating… %1</source>
        <translation>正在校准… %1</translation>
    </message>
    <message>
        <source>Calibrate…</source>
        <translation>校准…</translation>
    </message>
    <message>
        <source>Preparing the session with the calibration</source>
        <translation>正在按校准准备会话</translation>
    </message>
    <message>
        <source>The model is calibrated (%1 tokens in %2).</source>
        <translation>模型已校准（%1 个词元，用时 %2）。</translation>
    </message>
    <message>
        <source>Sessions begun from now on use it; this one keeps what it was begun with.</source>
        <translation>此后新建的会话会使用它；本会话保留其最初的设置。</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Read again…</source>
        <translation>重新阅读…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>The session is repaired: %1 damaged blocks are whole.</source>
        <translation>会话已修复：%1 个损坏的块已恢复完整。</translation>
    </message>
    <message>
        <source>%1 – Lectern</source>
        <translation>%1 – Lectern</translation>
    </message>
    <message>
        <source>Password needed</source>
        <translation>需要密码</translation>
    </message>
    <message>
        <source>That did not open %1. Its password:</source>
        <translation>该密码无法打开 %1。请输入密码：</translation>
    </message>
    <message>
        <source>%1 is locked. Its password:</source>
        <translation>%1 已加密。请输入密码：</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Leave it out</source>
        <translation>略过</translation>
    </message>
    <message>
        <source>Read the session again</source>
        <translation>重新阅读会话</translation>
    </message>
    <message>
        <source>The text of its documents is stored in the session, so it can be read again with %1.</source>
        <translation>其文档的文本保存在会话中，因此可以用%1重新阅读。</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新阅读</translation>
    </message>
    <message>
        <source>Lectern was not closed properly the last time. “%1” is saved up to the last chunk that was read, and goes on from there.</source>
        <translation>Lectern 上次没有正常关闭。“%1”已保存到最后读完的部分，可以从那里继续。</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Choose documents to read</source>
        <translation>选择要阅读的文档</translation>
    </message>
    <message>
        <source>Documents (*.pdf *.txt *.md *.markdown);;All files (*)</source>
        <translation>文档 (*.pdf *.txt *.md *.markdown);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Choose a folder to read</source>
        <translation>选择要阅读的文件夹</translation>
    </message>
    <message>
        <source>Open a session</source>
        <translation>打开会话</translation>
    </message>
    <message>
        <source>Lectern sessions (*.lectern);;All files (*)</source>
        <translation>Lectern 会话 (*.lectern);;所有文件 (*)</translation>
    </message>
    <message>
        <source>There are more documents than %1; only the first are taken.</source>
        <translation>文档超过 %1 份；只取前面的。</translation>
    </message>
    <message>
        <source>There is no PDF, text or Markdown file in that folder.</source>
        <translation>该文件夹中没有 PDF、文本或 Markdown 文件。</translation>
    </message>
    <message>
        <source>Documents can be added once the present work is done or cancelled.</source>
        <translation>当前工作完成或取消后才能添加文档。</translation>
    </message>
    <message>
        <source>This session is open for reading only; no document can be added to it.</source>
        <translation>此会话以只读方式打开；无法添加文档。</translation>
    </message>
    <message>
        <source>%1 files</source>
        <translation>%1 个文件</translation>
    </message>
    <message>
        <source>Preparing the session with your choices</source>
        <translation>正在按您的选择准备会话</translation>
    </message>
    <message>
        <source>Save the session as</source>
        <translation>会话另存为</translation>
    </message>
    <message>
        <source>Lectern sessions (*.lectern)</source>
        <translation>Lectern 会话 (*.lectern)</translation>
    </message>
    <message>
        <source>%1 is there already; choose another name.</source>
        <translation>%1 已存在；请换一个名称。</translation>
    </message>
    <message>
        <source>Locate %1</source>
        <translation>查找 %1</translation>
    </message>
    <message>
        <source>&amp;Summarize…</source>
        <translation>生成摘要(&amp;S)…</translation>
    </message>
    <message>
        <source>Show s&amp;ummaries</source>
        <translation>显示摘要(&amp;U)</translation>
    </message>
    <message>
        <source>E&amp;xport the summary…</source>
        <translation>导出摘要(&amp;X)…</translation>
    </message>
    <message>
        <source>The window speaks the new language from its next start on.</source>
        <translation>窗口将在下次启动时使用新语言。</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>模型(&amp;M)…</translation>
    </message>
    <message>
        <source>The model does badly at %1: at %2 of the places its likeliest next word is another one than with an fp16 cache.</source>
        <translation>模型在 %1 下表现不佳：在 %2 的位置上，它认为最可能的下一个词与使用 fp16 缓存时不同。</translation>
    </message>
    <message>
        <source>Read the documents into a session with more bits.</source>
        <translation>请用更多位数把文档读入一个新会话。</translation>
    </message>
    <message>
        <source>A calibration of the model may help; else more bits.</source>
        <translation>校准模型可能有帮助；否则请使用更多位数。</translation>
    </message>
    <message>
        <source>“%1” is open in another program; close it there. Its texts can be read here meanwhile.</source>
        <translation>“%1”已在另一个程序中打开；请在那里关闭它。其间仍可在此阅读其中的文本。</translation>
    </message>
    <message>
        <source>“%1” cannot be written. Questions are answered here, and nothing is saved.</source>
        <translation>无法写入“%1”。可以在此提问并得到回答，但不会保存任何内容。</translation>
    </message>
    <message>
        <source>The model&apos;s own chat template cannot be used; questions are put to it in the form “%1”.</source>
        <translation>无法使用该模型自带的对话模板；问题将以“%1”的格式提交给它。</translation>
    </message>
    <message>
        <source>“%1” is off this list; its file stays.</source>
        <translation>“%1”已从列表中移除；文件仍保留。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>The summary is deleted.</source>
        <translation>摘要已删除。</translation>
    </message>
    <message>
        <source>A model is being copied: wait for it, or cancel it first.</source>
        <translation>正在复制模型：请等待，或先取消。</translation>
    </message>
    <message>
        <source>Text in pictures is recognized by the program Tesseract, which is not installed: install it (for example: sudo apt install tesseract-ocr) and choose “Recognize text” again.</source>
        <translation>图像中的文字由 Tesseract 程序识别，但它尚未安装：请先安装（例如：sudo apt install tesseract-ocr），然后再次选择“识别文字”。</translation>
    </message>
    <message>
        <source>“%1” is damaged. What is damaged can be computed again.</source>
        <translation>“%1”已损坏。损坏的部分可以重新计算。</translation>
    </message>
</context>
<context>
    <name>MemoryGauge</name>
    <message>
        <source>Memory of this machine</source>
        <translation>本机内存</translation>
    </message>
    <message>
        <source>%1 for the model, its work and this session&apos;s cache</source>
        <translation>%1 用于模型、其工作和本会话的缓存</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>%2 中有 %1 可用</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>Memory of %1</source>
        <translation>%1 的内存</translation>
    </message>
    <message>
        <source>%1 of %2 free, as seen at the start</source>
        <translation>启动时 %2 中有 %1 可用</translation>
    </message>
</context>
<context>
    <name>MemoryHistory</name>
    <message>
        <source>Memory over time</source>
        <translation>内存随时间的变化</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>In memory</source>
        <translation>在内存中</translation>
    </message>
    <message>
        <source>Nothing is read yet.</source>
        <translation>还没有读入内容。</translation>
    </message>
    <message>
        <source>With an fp16 cache</source>
        <translation>若用 fp16 缓存</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>在磁盘上</translation>
    </message>
</context>
<context>
    <name>MemoryPanel</name>
    <message>
        <source>Cache by layer</source>
        <translation>各层的缓存</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Bytes of the documents&apos; tokens</source>
        <translation>文档词元的字节数</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Model weights in the chart</source>
        <translation>图中包含模型权重</translation>
    </message>
    <message>
        <source>%1×</source>
        <translation>%1×</translation>
    </message>
    <message>
        <source>smaller than
an fp16 cache</source>
        <translation>小于
fp16 缓存</translation>
    </message>
    <message>
        <source>the size of
an fp16 cache</source>
        <translation>与 fp16 缓存
大小相同</translation>
    </message>
    <message>
        <source>%1 instead of %2</source>
        <translation>%1，而非 %2</translation>
    </message>
    <message>
        <source>Not in memory yet.</source>
        <translation>尚未载入内存。</translation>
    </message>
    <message>
        <source>Nothing is read yet.</source>
        <translation>还没有读入内容。</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>On the device: %1 of weights, %2 for pages of the cache, %3 of work buffers</source>
        <translation>在设备上：权重 %1，缓存页 %2，工作缓冲区 %3</translation>
    </message>
    <message>
        <source>On disk at %1</source>
        <translation>磁盘位置：%1</translation>
    </message>
    <message>
        <source>No room there for %1 of pages: they stay on the processor</source>
        <translation>那里放不下 %1 的缓存页：它们留在处理器上</translation>
    </message>
</context>
<context>
    <name>MessageCard</name>
    <message>
        <source>Thinking…</source>
        <translation>思考中…</translation>
    </message>
    <message>
        <source>The built-in model answers with quotes. For answers in its own words open a LLaMA, Mistral or Qwen model (GGUF).</source>
        <translation>内置模型用引文回答。若要用自己的话回答，请打开 LLaMA、Mistral 或 Qwen 模型 (GGUF)。</translation>
    </message>
    <message>
        <source>Pages the answer attended to</source>
        <translation>该回答关注的页面</translation>
    </message>
    <message>
        <source>What this answer took</source>
        <translation>该回答的用量</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>复制回答</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>再次回答</translation>
    </message>
    <message>
        <source>Edit the question and ask again, in a conversation of its own</source>
        <translation>编辑问题并在新对话中重新提问</translation>
    </message>
    <message>
        <source>Go on from here in a conversation of its own</source>
        <translation>从这里在新对话中继续</translation>
    </message>
    <message>
        <source>Stopped before the first word.</source>
        <translation>在第一个词之前已停止。</translation>
    </message>
    <message>
        <source>(no answer)</source>
        <translation>（无回答）</translation>
    </message>
    <message>
        <source>“%1” — %2, %3</source>
        <translation>“%1” — %2，%3</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>length limit reached</source>
        <translation>达到长度上限</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>%1 reused, %2 new</source>
        <translation>重用 %1，新增 %2</translation>
    </message>
    <message>
        <source>1 document off</source>
        <translation>1 份文档已关闭</translation>
    </message>
    <message>
        <source>%1 documents off</source>
        <translation>%1 份文档已关闭</translation>
    </message>
    <message>
        <source>Tokens: %1 reused, %2 read for the question, %3 answered</source>
        <translation>词元：重用 %1，为问题读入 %2，回答 %3</translation>
    </message>
    <message>
        <source>First token after %1 s, question read at %2</source>
        <translation>%1 秒后得到首个词元，问题读入速度 %2</translation>
    </message>
    <message>
        <source>Answer written at %1</source>
        <translation>回答生成速度 %1</translation>
    </message>
    <message>
        <source>Asked: %1</source>
        <translation>提问时间：%1</translation>
    </message>
    <message>
        <source>seed %1</source>
        <translation>种子 %1</translation>
    </message>
    <message>
        <source>Temperature %1</source>
        <translation>温度 %1</translation>
    </message>
    <message>
        <source>top-k %1</source>
        <translation>top-k %1 个</translation>
    </message>
    <message>
        <source>top-p %1</source>
        <translation>top-p 为 %1</translation>
    </message>
    <message>
        <source>min-p %1</source>
        <translation>min-p 为 %1</translation>
    </message>
    <message>
        <source>repetition penalty %1</source>
        <translation>重复惩罚 %1</translation>
    </message>
    <message>
        <source>Context read for each token: %1; peak memory %2</source>
        <translation>每个词元读取的上下文：%1；内存峰值 %2</translation>
    </message>
    <message>
        <source>typical-p %1</source>
        <translation>typical-p %1</translation>
    </message>
    <message>
        <source>The likeliest token each time (temperature 0)</source>
        <translation>每次取最可能的词元（温度 0）</translation>
    </message>
    <message>
        <source>presence penalty %1</source>
        <translation>存在惩罚 %1</translation>
    </message>
    <message>
        <source>frequency penalty %1</source>
        <translation>频率惩罚 %1</translation>
    </message>
    <message>
        <source>DRY %1</source>
        <translation>DRY %1</translation>
    </message>
    <message>
        <source>Peak memory %1</source>
        <translation>内存峰值 %1</translation>
    </message>
</context>
<context>
    <name>ModelChooser</name>
    <message>
        <source>%1 parameters</source>
        <translation>%1 个参数</translation>
    </message>
    <message>
        <source>trained on %1 tokens</source>
        <translation>以 %1 个词元训练</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Built-in: %1</source>
        <translation>内置：%1</translation>
    </message>
    <message>
        <source>Choose a model file…</source>
        <translation>选择模型文件…</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Models (*.gguf *.safetensors config.json);;All files (*)</source>
        <translation>模型 (*.gguf *.safetensors config.json);;所有文件 (*)</translation>
    </message>
    <message>
        <source>%1 as %2</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1 fit this machine at 4 bits</source>
        <translation>4 位时本机可容纳 %1</translation>
    </message>
    <message>
        <source>reads text alone, no images</source>
        <translation>仅读取文本，不读取图像</translation>
    </message>
</context>
<context>
    <name>ModelFlow</name>
    <message>
        <source>“%1” is in the model folder.</source>
        <translation>“%1”已在模型文件夹中。</translation>
    </message>
    <message>
        <source>“%1” is in the trash, from where it can be brought back.</source>
        <translation>“%1”已移到回收站，可以从那里恢复。</translation>
    </message>
</context>
<context>
    <name>ModelManager</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>The model that is selected</source>
        <translation>所选模型</translation>
    </message>
    <message>
        <source>Work out its fingerprint</source>
        <translation>计算指纹</translation>
    </message>
    <message>
        <source>Reads all of the model&apos;s bytes once. Sessions know their model by it.</source>
        <translation>将完整读取模型一次。会话靠指纹识别所用的模型。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Fits at 4 bits</source>
        <translation>4 位可容纳</translation>
    </message>
    <message>
        <source>3 bits</source>
        <translation>3 位</translation>
    </message>
    <message>
        <source>2 bits</source>
        <translation>2 位</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 位</translation>
    </message>
    <message>
        <source>Tokens of context that fit the free memory beside the model.</source>
        <translation>除模型之外，空闲内存还能容纳的上下文词元数。</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <source>A GGUF file…</source>
        <translation>GGUF 文件…</translation>
    </message>
    <message>
        <source>A Hugging Face folder…</source>
        <translation>Hugging Face 文件夹…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Use for new sessions</source>
        <translation>用于新会话</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Where to get models</source>
        <translation>在哪里获取模型</translation>
    </message>
    <message>
        <source>Where to get models: %1 has them as one file, ready to use; most people want an “Instruct” model of 3 to 8 billion parameters in Q4_K_M (2 to 5 GB). %2 has the originals as folders. LLaMA, Mistral, Qwen and Phi-3 models work here. Read the licence of a model before you use it.</source>
        <translation>在哪里获取模型：%1 提供可直接使用的单个文件；多数人适合选择 30 亿至 80 亿参数、Q4_K_M 格式的“Instruct”模型（2 至 5 GB）。%2 提供文件夹形式的原始模型。这里可以使用 LLaMA、Mistral、Qwen 和 Phi-3 模型。使用前请阅读模型的许可证。</translation>
    </message>
    <message>
        <source>Hugging Face, GGUF</source>
        <translation>Hugging Face（GGUF）</translation>
    </message>
    <message>
        <source>Hugging Face, safetensors</source>
        <translation>Hugging Face（safetensors）</translation>
    </message>
    <message>
        <source>Models lie in the folders that the settings name.</source>
        <translation>模型位于设置中指定的文件夹。</translation>
    </message>
    <message>
        <source>Imported models go to %1. Further folders are named in the settings.</source>
        <translation>导入的模型保存在 %1。其他文件夹可在设置中指定。</translation>
    </message>
    <message>
        <source>Comes with Lectern</source>
        <translation>随 Lectern 提供</translation>
    </message>
    <message>
        <source>Used where they are</source>
        <translation>在原位置使用</translation>
    </message>
    <message>
        <source>cannot be used</source>
        <translation>无法使用</translation>
    </message>
    <message>
        <source>Fingerprint %1</source>
        <translation>指纹 %1</translation>
    </message>
    <message>
        <source>The open session uses it.</source>
        <translation>打开的会话正在使用它。</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>模型 (*.gguf);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Choose a model&apos;s folder</source>
        <translation>选择模型文件夹</translation>
    </message>
    <message>
        <source>Add “%1” to the models?</source>
        <translation>要把“%1”添加到模型中吗？</translation>
    </message>
    <message>
        <source>A copy in the model folder stays when the original goes. Used where it is, it takes no further disk, and is missing once it is moved or deleted.</source>
        <translation>模型文件夹中的副本在原文件消失后仍然可用。在原位置使用则不再占用磁盘，但文件一旦移动或删除就会缺失。</translation>
    </message>
    <message>
        <source>Copy it</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Use it where it is</source>
        <translation>在原位置使用</translation>
    </message>
    <message>
        <source>“%1” is off the list; its files stay where they are.</source>
        <translation>“%1”已从列表中移除；文件仍在原处。</translation>
    </message>
    <message>
        <source>Remove a model</source>
        <translation>移除模型</translation>
    </message>
    <message>
        <source>Move “%1” to the trash?</source>
        <translation>要把“%1”移到回收站吗？</translation>
    </message>
    <message>
        <source>It does not lie in the folder for imported models.</source>
        <translation>它不在导入模型的文件夹中。</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>移到回收站</translation>
    </message>
    <message>
        <source>The model is still being copied: wait for it, or cancel it.</source>
        <translation>模型仍在复制：请等待，或取消。</translation>
    </message>
    <message>
        <source>The whole folder %1 goes, with everything in it.</source>
        <translation>整个文件夹 %1 及其中的所有内容都会移走。</translation>
    </message>
    <message>
        <source>These are all files of %1, its calibration with them.</source>
        <translation>这包括 %1 的所有文件及其校准文件。</translation>
    </message>
    <message>
        <source>These are all files of %1 (%2), its calibration with them.</source>
        <translation>这包括 %1 的所有文件（%2）及其校准文件。</translation>
    </message>
    <message>
        <source>Sessions made with it cannot be asked any more until it is back.</source>
        <translation>在模型恢复之前，用它建立的会话将无法提问。</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
</context>
<context>
    <name>PageView</name>
    <message>
        <source>Page</source>
        <translation>页面</translation>
    </message>
</context>
<context>
    <name>PlanPage</name>
    <message>
        <source>%1 instead of %2 at fp16</source>
        <translation>%1，而 fp16 需要 %2</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>可用 %1</translation>
    </message>
    <message>
        <source>, %1 on the %2</source>
        <translation>，%2 上 %1</translation>
    </message>
    <message>
        <source>about %1, %2 free</source>
        <translation>约 %1，可用 %2</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>texts of up to %1 tokens</source>
        <translation>最长 %1 个词元的文本</translation>
    </message>
    <message>
        <source>. This is longer: expect weaker answers.</source>
        <translation>。本次更长：回答可能较弱。</translation>
    </message>
    <message>
        <source>The longest text the model has seen while it was trained.</source>
        <translation>模型训练时见过的最长文本。</translation>
    </message>
    <message>
        <source>not needed without compression</source>
        <translation>不压缩则无需校准</translation>
    </message>
    <message>
        <source>made for this model</source>
        <translation>已为此模型校准</translation>
    </message>
    <message>
        <source>none yet: less exact</source>
        <translation>尚无：精度较低</translation>
    </message>
    <message>
        <source>not for this share of outliers</source>
        <translation>不适用于此离群值比例</translation>
    </message>
    <message>
        <source>This model is not calibrated for this setting: thresholds will come from the first tokens read, which is less exact.</source>
        <translation>此模型没有针对该设置校准：阈值将来自最先读入的词元，精度较低。</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>about %1 on the %2</source>
        <translation>在%2上约需 %1</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Measuring… %1</source>
        <translation>正在测量… %1</translation>
    </message>
    <message>
        <source>Measure the loss on these documents</source>
        <translation>在这些文档上测量损失</translation>
    </message>
    <message>
        <source>next word as at 16 bits: %1%</source>
        <translation>下一个词与 16 位相同：%1%</translation>
    </message>
    <message>
        <source>Measured on %1 predictions in samples of these documents, with %2% outliers kept: perplexity %3, distance to the 16-bit cache (KL) %4.</source>
        <translation>在这些文档样本的 %1 次预测上测量，精确保留 %2% 的离群值：困惑度 %3，与 16 位缓存的距离 (KL) %4。</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>计划</translation>
    </message>
    <message>
        <source>Documents to read</source>
        <translation>要阅读的文档</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页数</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation>训练长度</translation>
    </message>
    <message>
        <source>Calibrate…</source>
        <translation>校准…</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更改…</translation>
    </message>
    <message>
        <source>Saved as</source>
        <translation>保存为</translation>
    </message>
    <message>
        <source>How the context is kept</source>
        <translation>上下文的保存方式</translation>
    </message>
    <message>
        <source>Outliers kept exactly</source>
        <translation>精确保留的离群值</translation>
    </message>
    <message>
        <source>Share of each vector that is kept in full precision beside the codes.</source>
        <translation>每个向量中在编码之外以全精度保留的比例。</translation>
    </message>
    <message>
        <source>First tokens in fp16</source>
        <translation>fp16 保存的起始词元</translation>
    </message>
    <message>
        <source>Attention sinks: the first tokens of the context stay uncompressed.</source>
        <translation>注意力汇点：上下文的起始词元不压缩。</translation>
    </message>
    <message>
        <source>Newest tokens in fp16</source>
        <translation>fp16 保存的最新词元</translation>
    </message>
    <message>
        <source>The recent window stays uncompressed.</source>
        <translation>最近的窗口不压缩。</translation>
    </message>
    <message>
        <source>Add documents…</source>
        <translation>添加文档…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>阅读</translation>
    </message>
    <message>
        <source>Looking at the documents…</source>
        <translation>正在查看文档…</translation>
    </message>
    <message>
        <source>being measured…</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <source>%1 of its pages have no text to read (pictures only, or damaged).</source>
        <translation>其中 %1 页没有可读文本（只有图片，或已损坏）。</translation>
    </message>
    <message>
        <source>Nothing to read</source>
        <translation>没有可读的内容</translation>
    </message>
    <message>
        <source>Ready to read</source>
        <translation>可以开始阅读</translation>
    </message>
    <message>
        <source>One document goes into one context.</source>
        <translation>一份文档进入同一个上下文。</translation>
    </message>
    <message>
        <source>%1 documents go into one context.</source>
        <translation>%1 份文档进入同一个上下文。</translation>
    </message>
    <message>
        <source>%1 could not be opened and will be left out.</source>
        <translation>%1 份无法打开，将被略过。</translation>
    </message>
    <message>
        <source>Read 1 document</source>
        <translation>阅读 1 份文档</translation>
    </message>
    <message>
        <source>Read %1 documents</source>
        <translation>阅读 %1 份文档</translation>
    </message>
    <message>
        <source>nothing is lost, nothing is compressed</source>
        <translation>没有损失，未作压缩</translation>
    </message>
    <message>
        <source>same next word as at 16 bits at %1% of the places, %2</source>
        <translation>在 %1% 的位置上，下一个词与 16 位时相同，%2</translation>
    </message>
    <message>
        <source>Distance to the predictions of the 16-bit cache (KL): %1 nats.</source>
        <translation>与 16 位缓存预测的距离（KL）：%1 nats。</translation>
    </message>
    <message>
        <source>measured on these documents</source>
        <translation>在这些文档上测得</translation>
    </message>
    <message>
        <source>measured in a session with this model</source>
        <translation>在使用此模型的会话中测得</translation>
    </message>
    <message>
        <source>not measured yet with this model</source>
        <translation>尚未用此模型测量</translation>
    </message>
    <message>
        <source>not measured yet with this model; LLaMA-7B: perplexity %1 instead of %2</source>
        <translation>尚未用此模型测量；LLaMA-7B：困惑度 %1，原为 %2</translation>
    </message>
    <message>
        <source>On Wikitext-2, from the KVQuant paper (arXiv:2401.18079), with 1% outliers.</source>
        <translation>Wikitext-2 上的结果，出自 KVQuant 论文（arXiv:2401.18079），保留 1% 离群值。</translation>
    </message>
    <message>
        <source>Expected quality</source>
        <translation>预期质量</translation>
    </message>
    <message>
        <source>fits with %1 on the %2, %3 on the processor</source>
        <translation>可容纳：%2 上 %1，处理器上 %3</translation>
    </message>
    <message>
        <source>Recognize text</source>
        <translation>识别文字</translation>
    </message>
    <message>
        <source>Reads the pages that are pictures with OCR</source>
        <translation>用 OCR 读取只有图像的页面</translation>
    </message>
    <message>
        <source>None of the documents can be read; each says why.</source>
        <translation>所有文档都无法读取；每个文档都说明了原因。</translation>
    </message>
    <message>
        <source>“%1” needs OCR: its pages are pictures.</source>
        <translation>“%1”需要 OCR：页面都是图像。</translation>
    </message>
    <message>
        <source>One is pictures of pages: recognize its text, or it is left out.</source>
        <translation>有一份是页面图像：请识别其文字，否则将被略过。</translation>
    </message>
    <message>
        <source>%1 are pictures of pages: recognize their text, or they are left out.</source>
        <translation>有 %1 份是页面图像：请识别其文字，否则将被略过。</translation>
    </message>
    <message>
        <source>. This is longer: some quotes may be missed.</source>
        <translation>。本次更长：部分引文可能会漏掉。</translation>
    </message>
</context>
<context>
    <name>QMessageBox</name>
    <message>
        <source>Show Details...</source>
        <translation>显示详情...</translation>
    </message>
    <message>
        <source>Hide Details...</source>
        <translation>隐藏详情...</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Restore Defaults</source>
        <translation>恢复默认值</translation>
    </message>
</context>
<context>
    <name>QuantizationPanel</name>
    <message>
        <source>Quantization</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>显示的内容</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Open a session to see what quantization does to its cache.</source>
        <translation>打开一个会话，看看量化对其缓存做了什么。</translation>
    </message>
    <message>
        <source>This session keeps its cache in fp16: nothing is quantized.</source>
        <translation>此会话以 fp16 保存缓存：没有量化。</translation>
    </message>
    <message>
        <source>Nothing is quantized yet: the first %1 tokens stay in fp16. Read more into the session.</source>
        <translation>尚未量化：前 %1 个词元保持 fp16。请向会话读入更多内容。</translation>
    </message>
</context>
<context>
    <name>QuestionEdit</name>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
</context>
<context>
    <name>QuotaFlow</name>
    <message>
        <source>Recent sessions take %1 of the disk, more than the %2 set for them.</source>
        <translation>最近的会话占用磁盘 %1，超过了设定的 %2。</translation>
    </message>
    <message>
        <source>Make room…</source>
        <translation>腾出空间…</translation>
    </message>
    <message>
        <source>%1: %2, last used %3</source>
        <translation>%1：%2，上次使用 %3</translation>
    </message>
    <message>
        <source>Make room</source>
        <translation>腾出空间</translation>
    </message>
    <message>
        <source>Drop the caches of the sessions that were not used for longest?</source>
        <translation>要删除最久未使用的会话的缓存吗？</translation>
    </message>
    <message>
        <source>Texts and conversations stay; the documents are read again when they are needed.</source>
        <translation>文本和对话会保留；需要时会重新读取文档。</translation>
    </message>
    <message>
        <source>Drop these caches</source>
        <translation>删除这些缓存</translation>
    </message>
    <message>
        <source>%1 of the disk are free again.</source>
        <translation>已释放 %1 磁盘空间。</translation>
    </message>
</context>
<context>
    <name>ReaderPanel</name>
    <message>
        <source>The text of this page is not in the session file.</source>
        <translation>会话文件中没有此页的文本。</translation>
    </message>
    <message>
        <source>%1 Below is the stored text of the page.</source>
        <translation>%1 下面是该页保存的文本。</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>解锁…</translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>There are more; these are the first.</source>
        <translation>还有更多；这些是最前面的。</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Back to where you were</source>
        <translation>回到原来的位置</translation>
    </message>
    <message>
        <source>Previous page</source>
        <translation>上一页</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>下一页</translation>
    </message>
    <message>
        <source>Page number</source>
        <translation>页码</translation>
    </message>
    <message>
        <source>Thumbnails and outline</source>
        <translation>缩略图和大纲</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit the width</source>
        <translation>适合宽度</translation>
    </message>
    <message>
        <source>Dark pages</source>
        <translation>深色页面</translation>
    </message>
    <message>
        <source>Find in this document</source>
        <translation>在此文档中查找</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>上一处</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一处</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>关闭查找</translation>
    </message>
    <message>
        <source>Choose a document on the shelf,
or a page below an answer.</source>
        <translation>在书架上选择文档，
或在回答下方选择页面。</translation>
    </message>
    <message>
        <source>No page open</source>
        <translation>没有打开的页面</translation>
    </message>
    <message>
        <source>of %1 (%2)</source>
        <translation>/ %1 (%2)</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>/ %1</translation>
    </message>
</context>
<context>
    <name>ReaderSide</name>
    <message>
        <source>Beside the pages</source>
        <translation>页面旁边</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>大纲</translation>
    </message>
</context>
<context>
    <name>ReadingCard</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Reading progress</source>
        <translation>阅读进度</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在阅读…</translation>
    </message>
    <message>
        <source>You can look at the pages in the meantime; questions are answered when all is read.</source>
        <translation>其间您可以查看页面；全部读完后回答问题。</translation>
    </message>
    <message>
        <source>Reading… %1</source>
        <translation>正在阅读… %1</translation>
    </message>
    <message>
        <source>%1 · page %2 of %3</source>
        <translation>%1 · 第 %2 页，共 %3 页</translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation>%1 / %2 个词元</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>剩余 %1</translation>
    </message>
    <message>
        <source>Reading is paused</source>
        <translation>阅读已暂停</translation>
    </message>
    <message>
        <source>%1 tokens are read and saved. Questions see only these until you resume.</source>
        <translation>已读入并保存 %1 个词元。继续之前，问题只能看到这些内容。</translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>opens in about %1</source>
        <translation>约 %1 打开</translation>
    </message>
    <message>
        <source>opens in under a second</source>
        <translation>不到一秒即可打开</translation>
    </message>
    <message>
        <source>Recent sessions</source>
        <translation>最近的会话</translation>
    </message>
    <message>
        <source>The file is not there any more. Click to locate or remove it.</source>
        <translation>文件已不在原处。点击以查找或移除。</translation>
    </message>
    <message>
        <source>Locate…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Remove from this list</source>
        <translation>从列表中移除</translation>
    </message>
</context>
<context>
    <name>SelectionBar</name>
    <message>
        <source>Ask about this</source>
        <translation>就此提问</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>SettingCard</name>
    <message>
        <source>%1. %2</source>
        <translation>%1。%2</translation>
    </message>
    <message>
        <source>does not fit what is free</source>
        <translation>超出可用空间</translation>
    </message>
</context>
<context>
    <name>SettingScale</name>
    <message>
        <source>Bits the context is kept with</source>
        <translation>保存上下文所用的位数</translation>
    </message>
    <message>
        <source>Further left takes less memory, further right is closer to the uncompressed context.</source>
        <translation>越靠左占用内存越少，越靠右越接近未压缩的上下文。</translation>
    </message>
    <message>
        <source>2 bits</source>
        <translation>2 位</translation>
    </message>
    <message>
        <source>smallest, visible loss</source>
        <translation>最小，损失可见</translation>
    </message>
    <message>
        <source>3 bits</source>
        <translation>3 位</translation>
    </message>
    <message>
        <source>smaller, slight loss</source>
        <translation>更小，略有损失</translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation>4 位</translation>
    </message>
    <message>
        <source>closest to the full cache</source>
        <translation>最接近完整缓存</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 位</translation>
    </message>
    <message>
        <source>uncompressed, to compare</source>
        <translation>不压缩，用于对照</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>阅读</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Font size</source>
        <translation>字号</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source> pt</source>
        <translation> 磅</translation>
    </message>
    <message>
        <source>Open the session of the last time</source>
        <translation>打开上次的会话</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>启动时</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Best available</source>
        <translation>最佳可用</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>All cores</source>
        <translation>所有核心</translation>
    </message>
    <message>
        <source>Memory limit</source>
        <translation>内存上限</translation>
    </message>
    <message>
        <source>What is free</source>
        <translation>以可用为限</translation>
    </message>
    <message>
        <source> GB</source>
        <translation> GB</translation>
    </message>
    <message>
        <source>For the model&apos;s weights and the context together. What would need more is refused before the work starts.</source>
        <translation>模型权重与上下文合计。需要更多内存的工作在开始前就会被拒绝。</translation>
    </message>
    <message>
        <source>Model folders</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Changes here restart the engine and reopen the session.</source>
        <translation>此处的更改会重启引擎并重新打开会话。</translation>
    </message>
    <message>
        <source>Cache setting</source>
        <translation>缓存设置</translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation>4 位</translation>
    </message>
    <message>
        <source>3 bits</source>
        <translation>3 位</translation>
    </message>
    <message>
        <source>2 bits</source>
        <translation>2 位</translation>
    </message>
    <message>
        <source>16 bits, uncompressed</source>
        <translation>16 位，不压缩</translation>
    </message>
    <message>
        <source>Outliers kept exactly</source>
        <translation>精确保留的离群值</translation>
    </message>
    <message>
        <source>First tokens in fp16</source>
        <translation>fp16 保存的起始词元</translation>
    </message>
    <message>
        <source>Newest tokens in fp16</source>
        <translation>fp16 保存的最新词元</translation>
    </message>
    <message>
        <source>For new sessions; the plan can change it each time.</source>
        <translation>用于新会话；每次都可在计划中更改。</translation>
    </message>
    <message>
        <source>Context kept in</source>
        <translation>上下文保存为</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>最长回答</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 个词元</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>0 (always the likeliest)</source>
        <translation>0（总取最可能的）</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>重复惩罚</translation>
    </message>
    <message>
        <source>Typical-p</source>
        <translation>Typical-p</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>存在惩罚</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>频率惩罚</translation>
    </message>
    <message>
        <source>Penalty for repeated phrases (DRY)</source>
        <translation>重复短语惩罚（DRY）</translation>
    </message>
    <message>
        <source>Stop strings</source>
        <translation>停止字符串</translation>
    </message>
    <message>
        <source>One on each line: an answer ends before the first of them.</source>
        <translation>每行一个：回答在其中第一个出现之前结束。</translation>
    </message>
    <message>
        <source>A new one for each answer</source>
        <translation>每个回答用新的</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Choose a folder with models</source>
        <translation>选择含有模型的文件夹</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Sessions</source>
        <translation>会话</translation>
    </message>
    <message>
        <source>Disk for recent sessions</source>
        <translation>最近会话可用的磁盘空间</translation>
    </message>
    <message>
        <source>Any amount</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Where they take more, you are asked whether the caches of those that were not used for longest may go. Texts and conversations always stay.</source>
        <translation>超出时，会询问是否可以删除最久未使用的会话的缓存。文本和对话始终保留。</translation>
    </message>
    <message>
        <source>From the next start on. Some of what the engine has to say stays English.</source>
        <translation>下次启动时生效。引擎的部分消息仍为英文。</translation>
    </message>
    <message>
        <source>DRY base</source>
        <translation>DRY 底数</translation>
    </message>
    <message>
        <source>DRY allowed length</source>
        <translation>DRY 允许长度</translation>
    </message>
    <message>
        <source>How many times the penalty grows with each token that the phrase is longer.</source>
        <translation>短语每增加一个词元，惩罚增大的倍数。</translation>
    </message>
    <message>
        <source>Tokens that may repeat before there is a penalty.</source>
        <translation>在受到惩罚之前可以重复的词元数。</translation>
    </message>
    <message>
        <source>Font</source>
        <translation>字体</translation>
    </message>
</context>
<context>
    <name>ShelfModel</name>
    <message>
        <source>Pages without text, which need OCR or are damaged: %1</source>
        <translation>没有文本、需要 OCR 或已损坏的页面：%1</translation>
    </message>
    <message>
        <source>The file has changed since it was read. “Read again” reads it anew, and what follows it.</source>
        <translation>文件在读入之后已更改。“重新阅读”会重新读入它及其后的内容。</translation>
    </message>
    <message>
        <source>The file is not there any more; its text is kept.</source>
        <translation>文件已不在原处；其文本已保留。</translation>
    </message>
    <message>
        <source>Off: questions do not read it.</source>
        <translation>已关闭：问题不会读取它。</translation>
    </message>
    <message>
        <source>Documents after it were read seeing it, and earlier answers may have used it; taking it out undoes the first.</source>
        <translation>其后的文档在读入时看到了它，先前的回答也可能用过它；取出它可消除前一种影响。</translation>
    </message>
    <message>
        <source>%1 · %2 tokens</source>
        <translation>%1 · %2 个词元</translation>
    </message>
    <message>
        <source>1 page</source>
        <translation>1 页</translation>
    </message>
    <message>
        <source>%1 pages</source>
        <translation>%1 页</translation>
    </message>
    <message>
        <source>Failed: %1</source>
        <translation>失败：%1</translation>
    </message>
    <message>
        <source>Waiting · %1</source>
        <translation>等待中 · %1</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>已停用</translation>
    </message>
    <message>
        <source>Changed on disk</source>
        <translation>磁盘上已更改</translation>
    </message>
    <message>
        <source>File not found</source>
        <translation>找不到文件</translation>
    </message>
    <message>
        <source>1 page needs OCR</source>
        <translation>1 页需要 OCR</translation>
    </message>
    <message>
        <source>%1 pages need OCR</source>
        <translation>%1 页需要 OCR</translation>
    </message>
    <message>
        <source>%1 without text</source>
        <translation>%1 页没有文字</translation>
    </message>
    <message>
        <source>Pages whose text was recognized in pictures (OCR) and may have mistakes: %1</source>
        <translation>文字由图像识别（OCR）得来、可能有误的页数：%1</translation>
    </message>
    <message>
        <source>Needs OCR</source>
        <translation>需要 OCR</translation>
    </message>
    <message>
        <source>Reading %1 · page %2 of %3</source>
        <translation>阅读中 %1 · 第 %2/%3 页</translation>
    </message>
</context>
<context>
    <name>ShelfPanel</name>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Filter documents</source>
        <translation>筛选文档</translation>
    </message>
    <message>
        <source>Add documents</source>
        <translation>添加文档</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Leave out of questions</source>
        <translation>提问时略过</translation>
    </message>
    <message>
        <source>Read for questions again</source>
        <translation>提问时重新读取</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Take out of the session…</source>
        <translation>从会话中取出…</translation>
    </message>
    <message>
        <source>Read again…</source>
        <translation>重新阅读…</translation>
    </message>
    <message>
        <source>One document has changed on disk.</source>
        <translation>磁盘上有一份文档已更改。</translation>
    </message>
    <message>
        <source>%1 documents have changed on disk.</source>
        <translation>磁盘上有 %1 份文档已更改。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Summarize…</source>
        <translation>生成摘要…</translation>
    </message>
    <message>
        <source>Recognize text</source>
        <translation>识别文字</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>What</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>New line in the question</source>
        <translation>在问题中换行</translation>
    </message>
    <message>
        <source>Shift+Enter</source>
        <translation>Shift+Enter</translation>
    </message>
    <message>
        <source>Leave a document out of questions, or read it again</source>
        <translation>提问时略过或重新读取文档</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格键</translation>
    </message>
    <message>
        <source>Zoom the page</source>
        <translation>缩放页面</translation>
    </message>
    <message>
        <source>Ctrl+wheel</source>
        <translation>Ctrl+滚轮</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Start page</source>
        <translation>起始页</translation>
    </message>
    <message>
        <source>Lectern</source>
        <translation>Lectern</translation>
    </message>
    <message>
        <source>Reads very long documents whole, and answers with the pages it looked at.</source>
        <translation>完整阅读超长文档，并附上所看的页面作答。</translation>
    </message>
    <message>
        <source>No document at hand? Try the sample document</source>
        <translation>手头没有文档？试试示例文档</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Recent sessions</source>
        <translation>最近的会话</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Open a session file</source>
        <translation>打开会话文件</translation>
    </message>
    <message>
        <source>Sessions appear here.

A session keeps what was read, compressed, in one file. Open it next week and ask on at once: nothing is read again.</source>
        <translation>会话会显示在这里。

会话把读过的内容压缩保存在一个文件中。下周打开它就能接着提问：无需重新阅读。</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>管理…</translation>
    </message>
    <message>
        <source>Add and remove models, and see what fits this machine</source>
        <translation>添加和移除模型，并查看本机能容纳多少</translation>
    </message>
    <message>
        <source>Quotes the sentence that answers. For answers in a model&apos;s own words choose a LLaMA, Mistral or Qwen model (GGUF).</source>
        <translation>引用作出回答的原句。若要用模型自己的话回答，请选择 LLaMA、Mistral 或 Qwen 模型（GGUF）。</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消 (Esc)</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>%1 tokens in context</source>
        <translation>上下文中有 %1 个词元</translation>
    </message>
    <message>
        <source>, about %1 fit</source>
        <translation>，约可容纳 %1</translation>
    </message>
    <message>
        <source>What fits is counted for this setting and the memory that was free when the session was opened.</source>
        <translation>可容纳的数量按此设置和打开会话时的可用内存计算。</translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation>正在启动引擎…</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>Looking at the documents…</source>
        <translation>正在查看文档…</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在阅读…</translation>
    </message>
    <message>
        <source>Answering…</source>
        <translation>正在回答…</translation>
    </message>
    <message>
        <source>Repairing…</source>
        <translation>正在修复…</translation>
    </message>
    <message>
        <source>One moment…</source>
        <translation>请稍候…</translation>
    </message>
    <message>
        <source>Checking fidelity…</source>
        <translation>正在检查保真度…</translation>
    </message>
    <message>
        <source>Comparing settings…</source>
        <translation>正在比较设置…</translation>
    </message>
    <message>
        <source>Calibrating…</source>
        <translation>正在校准…</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>正在导出…</translation>
    </message>
    <message>
        <source>Planning the summary…</source>
        <translation>正在规划摘要…</translation>
    </message>
    <message>
        <source>Summarizing…</source>
        <translation>正在生成摘要…</translation>
    </message>
    <message>
        <source>Measuring this machine…</source>
        <translation>正在测量本机…</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Restoring the context…</source>
        <translation>正在恢复上下文…</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 tokens restored in %2</source>
        <translation>用 %2 恢复了 %1 个词元</translation>
    </message>
    <message>
        <source>%1; about %2 of reading saved</source>
        <translation>%1；节省约 %2 的阅读时间</translation>
    </message>
    <message>
        <source>%1 cores</source>
        <translation>%1 个核心</translation>
    </message>
    <message>
        <source>Copying the model…</source>
        <translation>正在复制模型…</translation>
    </message>
</context>
<context>
    <name>SummaryCard</name>
    <message>
        <source>Reading…</source>
        <translation>正在阅读…</translation>
    </message>
    <message>
        <source>Show this sentence in %1</source>
        <translation>在 %1 中显示此句</translation>
    </message>
    <message>
        <source>Cut off at the most tokens.</source>
        <translation>已在词元上限处截断。</translation>
    </message>
    <message>
        <source>Nothing here can be quoted as a sentence.</source>
        <translation>此处没有可引用的完整句子。</translation>
    </message>
    <message>
        <source>The model had nothing to say.</source>
        <translation>模型没有可说的内容。</translation>
    </message>
</context>
<context>
    <name>SummaryDialog</name>
    <message>
        <source>Summarize</source>
        <translation>生成摘要</translation>
    </message>
    <message>
        <source>What to summarize</source>
        <translation>摘要范围</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>长度</translation>
    </message>
    <message>
        <source>Short: a sentence or two for each chapter</source>
        <translation>短：每章一两句话</translation>
    </message>
    <message>
        <source>Medium: the main points of each section</source>
        <translation>中：每节的要点</translation>
    </message>
    <message>
        <source>Long: every section in some detail</source>
        <translation>长：每节较为详细</translation>
    </message>
    <message>
        <source>&amp;What</source>
        <translation>范围(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Length</source>
        <translation>长度(&amp;L)</translation>
    </message>
    <message>
        <source>Sections of the summary</source>
        <translation>摘要的各节</translation>
    </message>
    <message>
        <source>Section</source>
        <translation>章节</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页码</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Planning…</source>
        <translation>正在规划…</translation>
    </message>
    <message>
        <source>All documents</source>
        <translation>所有文档</translation>
    </message>
    <message>
        <source>1 section</source>
        <translation>1 节</translation>
    </message>
    <message>
        <source>%1 sections</source>
        <translation>%1 节</translation>
    </message>
    <message>
        <source> (%1 of them are there already: it goes on after them)</source>
        <translation>（其中 %1 节已经完成：将从其后继续）</translation>
    </message>
    <message>
        <source>, and a lead over all of them</source>
        <translation>，以及总述</translation>
    </message>
    <message>
        <source>; about %1 on this machine</source>
        <translation>；在本机上约需 %1</translation>
    </message>
    <message>
        <source>This model quotes: it chooses sentences of the text, word for word.</source>
        <translation>此模型只引用：逐字选取文本中的句子。</translation>
    </message>
    <message>
        <source>The model writes in its own words, from one section at a time.</source>
        <translation>模型用自己的话逐节撰写。</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>%1. %2</source>
        <translation>%1。%2</translation>
    </message>
</context>
<context>
    <name>SummaryPanel</name>
    <message>
        <source>short</source>
        <translation>短</translation>
    </message>
    <message>
        <source>long</source>
        <translation>长</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>All documents</source>
        <translation>所有文档</translation>
    </message>
    <message>
        <source>p. %1</source>
        <translation>第 %1 页</translation>
    </message>
    <message>
        <source>pp. %1–%2</source>
        <translation>第 %1–%2 页</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>摘要</translation>
    </message>
    <message>
        <source>Back to the conversation</source>
        <translation>返回对话</translation>
    </message>
    <message>
        <source>Summaries</source>
        <translation>摘要</translation>
    </message>
    <message>
        <source>Summarize…</source>
        <translation>生成摘要…</translation>
    </message>
    <message>
        <source>Copy the summary</source>
        <translation>复制摘要</translation>
    </message>
    <message>
        <source>Summarize again</source>
        <translation>重新生成摘要</translation>
    </message>
    <message>
        <source>Export the summary…</source>
        <translation>导出摘要…</translation>
    </message>
    <message>
        <source>Delete the summary</source>
        <translation>删除摘要</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Progress of the summary</source>
        <translation>摘要进度</translation>
    </message>
    <message>
        <source>No summaries yet</source>
        <translation>还没有摘要</translation>
    </message>
    <message>
        <source>%1 · %2 · %3</source>
        <translation>%1 · %2 · %3</translation>
    </message>
    <message>
        <source>In short</source>
        <translation>总述</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Section %1 of %2: %3</source>
        <translation>第 %1 节，共 %2 节：%3</translation>
    </message>
    <message>
        <source>All of it in short…</source>
        <translation>正在撰写总述…</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>剩余约 %1</translation>
    </message>
    <message>
        <source>Go on with the summary</source>
        <translation>继续生成摘要</translation>
    </message>
    <message>
        <source>Going on after %1 sections that were kept.</source>
        <translation>从已保留的 %1 节之后继续。</translation>
    </message>
    <message>
        <source>No summary has been made in this session yet.</source>
        <translation>此会话中还没有生成过摘要。</translation>
    </message>
    <message>
        <source>Sentences of the text, chosen by %1.</source>
        <translation>由 %1 选取的原文句子。</translation>
    </message>
    <message>
        <source>Written by %1 from one section at a time.</source>
        <translation>由 %1 逐节撰写。</translation>
    </message>
    <message>
        <source>%1 tokens of documents reused, %2 new, in %3.</source>
        <translation>重用文档的 %1 个词元，新增 %2 个，用时 %3。</translation>
    </message>
    <message>
        <source>Stopped after %1 of %2 sections.</source>
        <translation>在 %2 节中的第 %1 节后停止。</translation>
    </message>
</context>
<context>
    <name>TextPage</name>
    <message>
        <source>Text of the page</source>
        <translation>页面文本</translation>
    </message>
</context>
<context>
    <name>ThumbnailList</name>
    <message>
        <source>Page %1</source>
        <translation>第 %1 页</translation>
    </message>
    <message>
        <source>Page %1 (%2)</source>
        <translation>第 %1 页 (%2)</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
</context>
<context>
    <name>error</name>
    <message>
        <source>That did not work:</source>
        <translation>操作未成功：</translation>
    </message>
    <message>
        <source>That cannot be done as it was asked for:</source>
        <translation>无法按要求执行：</translation>
    </message>
    <message>
        <source>A file cannot be used:</source>
        <translation>文件无法使用：</translation>
    </message>
    <message>
        <source>There is not enough room:</source>
        <translation>空间不足：</translation>
    </message>
    <message>
        <source>What was saved is damaged:</source>
        <translation>保存的内容已损坏：</translation>
    </message>
    <message>
        <source>The model is not the session&apos;s:</source>
        <translation>模型与会话不符：</translation>
    </message>
    <message>
        <source>Another program is using it:</source>
        <translation>另一个程序正在使用：</translation>
    </message>
    <message>
        <source>There is no room left on the disk for “%1”. Nothing that was saved is lost: make room, then do it again.</source>
        <translation>磁盘上没有空间存放“%1”了。已保存的内容没有丢失：请腾出空间后重试。</translation>
    </message>
    <message>
        <source>“%1” cannot be written: the file, its folder or its disk is read-only. Copy it to where you may write, and open the copy.</source>
        <translation>无法写入“%1”：文件、所在文件夹或磁盘为只读。请把它复制到可写的位置，然后打开副本。</translation>
    </message>
    <message>
        <source>“%1” was made by a newer Lectern. Install the newer version to open it.</source>
        <translation>“%1”由更新版本的 Lectern 创建。请安装新版本后再打开。</translation>
    </message>
    <message>
        <source>“%1” is not a Lectern session. Choose a .lectern file.</source>
        <translation>“%1”不是 Lectern 会话。请选择 .lectern 文件。</translation>
    </message>
    <message>
        <source>“%1” is damaged. Restore it from a backup, or read its documents again.</source>
        <translation>“%1”已损坏。请从备份恢复，或重新阅读其中的文档。</translation>
    </message>
    <message>
        <source>“%1” is open in another program. Close it there, then do it again.</source>
        <translation>“%1”正在另一个程序中打开。请先在那里关闭，然后重试。</translation>
    </message>
    <message>
        <source>The model “%1” is not there. Choose another one.</source>
        <translation>找不到模型“%1”。请选择其他模型。</translation>
    </message>
    <message>
        <source>“%1” cannot be used as a model: it is damaged, cut short, or of a kind that Lectern does not know. Get it again, or choose another one.</source>
        <translation>“%1”不能用作模型：它已损坏、不完整，或者是 Lectern 不认识的类型。请重新获取，或选择其他模型。</translation>
    </message>
    <message>
        <source>The model “%1”, with which “%2” was made, is not there any more. Put it back where it was, or read the documents again with another one.</source>
        <translation>创建“%2”所用的模型“%1”已不在原处。请把它放回原处，或用其他模型重新阅读文档。</translation>
    </message>
    <message>
        <source>“%1” was made with the model “%2” and cannot be continued with “%3”.</source>
        <translation>“%1”是用模型“%2”创建的，无法用“%3”继续。</translation>
    </message>
    <message>
        <source>Reading %1 tokens needs %2 of memory, and %3 are free. Use fewer bits or fewer documents, or raise the memory limit in the settings.</source>
        <translation>阅读 %1 个词元需要 %2 内存，可用 %3。请减少位数或文档，或在设置中提高内存上限。</translation>
    </message>
    <message>
        <source>Reading %1 tokens needs %2 on the disk, and %3 are free. Make room, or save the session on another disk.</source>
        <translation>阅读 %1 个词元需要 %2 磁盘空间，可用 %3。请腾出空间，或把会话保存到其他磁盘。</translation>
    </message>
    <message>
        <source>This needs %2 of memory on the device “%1”, and %3 are free there. Use fewer bits, fewer documents or a smaller model, or choose the CPU in the settings.</source>
        <translation>这需要设备“%1”上的 %2 内存，那里可用 %3。请减少位数或文档，改用更小的模型，或在设置中选择 CPU。</translation>
    </message>
</context>
<context>
    <name>export</name>
    <message>
        <source>%1 cannot be written (%2); choose another folder.</source>
        <translation>无法写入 %1（%2）；请选择其他文件夹。</translation>
    </message>
</context>
<context>
    <name>lectern::ui</name>
    <message>
        <source>%1 cannot be written (%2); choose another folder.</source>
        <translation>无法写入 %1（%2）；请选择其他文件夹。</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>under 1 s</source>
        <translation>不到 1 秒</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>Today %1</source>
        <translation>今天 %1</translation>
    </message>
    <message>
        <source>Yesterday %1</source>
        <translation>昨天 %1</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1%</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>值</translation>
    </message>
    <message>
        <source>%1, low</source>
        <translation>%1，低</translation>
    </message>
    <message>
        <source>%1, high</source>
        <translation>%1，高</translation>
    </message>
    <message>
        <source>%1 … %2</source>
        <translation>%1 … %2</translation>
    </message>
    <message>
        <source>%1 %2: %3</source>
        <translation>%1 %2：%3</translation>
    </message>
    <message>
        <source>Nothing is measured here yet: read more into the session.</source>
        <translation>此处尚未测量：请向会话读入更多内容。</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Outliers</source>
        <translation>离群值</translation>
    </message>
    <message>
        <source>Signal to noise</source>
        <translation>信噪比</translation>
    </message>
    <message>
        <source>Drift</source>
        <translation>漂移</translation>
    </message>
    <message>
        <source>Codes in use</source>
        <translation>使用的编码</translation>
    </message>
    <message>
        <source>Share of values beyond what the codes reach: they are kept exactly, beside the codes.</source>
        <translation>超出编码范围的值的比例：它们在编码之外精确保留。</translation>
    </message>
    <message>
        <source>Size of the vectors against what quantization changed in them: higher is closer to fp16.</source>
        <translation>向量大小与量化带来的变化之比：越高越接近 fp16。</translation>
    </message>
    <message>
        <source>Share of keys outside their thresholds: much more than the outliers asked for means that this text is unlike the calibration&apos;s. Values have no thresholds.</source>
        <translation>超出阈值的键的比例：远多于所要求的离群值，说明此文本与校准文本不同。值没有阈值。</translation>
    </message>
    <message>
        <source>Entropy of the codes: as many bits as the setting has where all codes come up equally often.</source>
        <translation>编码的熵：当所有编码出现得同样频繁时，等于设置的位数。</translation>
    </message>
    <message>
        <source>dB</source>
        <translation>dB</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>位</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Value before rotation</source>
        <translation>旋转前的值</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Mean magnitude</source>
        <translation>平均幅度</translation>
    </message>
    <message>
        <source>Values and codebook</source>
        <translation>值与码本</translation>
    </message>
    <message>
        <source>Normalised value</source>
        <translation>归一化的值</translation>
    </message>
    <message>
        <source>Share of values</source>
        <translation>值的比例</translation>
    </message>
    <message>
        <source>Codebook</source>
        <translation>码本</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>比例</translation>
    </message>
    <message>
        <source>Outliers per token</source>
        <translation>每个词元的离群值</translation>
    </message>
    <message>
        <source>Share of tokens</source>
        <translation>词元的比例</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Outliers over time</source>
        <translation>离群值随时间的变化</translation>
    </message>
    <message>
        <source>Drift over time</source>
        <translation>漂移随时间的变化</translation>
    </message>
    <message>
        <source>Share of keys outside their thresholds</source>
        <translation>超出阈值的键的比例</translation>
    </message>
    <message>
        <source>Values have no thresholds to drift from: their range is each token&apos;s own.</source>
        <translation>值没有可漂移的阈值：其范围取决于每个词元自身。</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <translation>yyyy年M月d日</translation>
    </message>
    <message>
        <source>“%1” does not exist: check its name and folder.</source>
        <translation>“%1”不存在：请检查名称和文件夹。</translation>
    </message>
    <message>
        <source>“%1” is a folder: give the files in it.</source>
        <translation>“%1”是文件夹：请选择其中的文件。</translation>
    </message>
    <message>
        <source>“%1” is no regular file: give a PDF or text file.</source>
        <translation>“%1”不是普通文件：请选择 PDF 或文本文件。</translation>
    </message>
    <message>
        <source>“%1” is empty: get a fresh copy of it.</source>
        <translation>“%1”是空文件：请重新获取一份。</translation>
    </message>
    <message>
        <source>“%1” cannot be opened: check that you may read it.</source>
        <translation>无法打开“%1”：请检查读取权限。</translation>
    </message>
    <message>
        <source>“%1” changed while it was being read: read it again when it is complete.</source>
        <translation>“%1”在读取过程中发生了变化：请在文件完整后重新读取。</translation>
    </message>
    <message>
        <source>“%1” looks like a binary file: give a PDF, text or Markdown file.</source>
        <translation>“%1”看起来是二进制文件：请选择 PDF、文本或 Markdown 文件。</translation>
    </message>
    <message>
        <source>“%1” is locked: open it with its password.</source>
        <translation>“%1”已加密：请用密码打开。</translation>
    </message>
    <message>
        <source>“%1” does not open with this password.</source>
        <translation>此密码无法打开“%1”。</translation>
    </message>
    <message>
        <source>“%1” took longer than %2 s to read: split it or save it again as a simpler PDF.</source>
        <translation>读取“%1”超过了 %2 秒：请拆分该文件，或另存为更简单的 PDF。</translation>
    </message>
    <message>
        <source>“%1” holds more text than Lectern reads from one file: split it.</source>
        <translation>“%1”的文本超过了 Lectern 单个文件的读取上限：请拆分该文件。</translation>
    </message>
    <message>
        <source>“%1” could not be read: it is probably damaged, get a fresh copy.</source>
        <translation>无法读取“%1”：文件可能已损坏，请重新获取一份。</translation>
    </message>
    <message>
        <source>“%1” has no page that can be read: get a fresh copy of it.</source>
        <translation>“%1”没有可读取的页面：请重新获取一份。</translation>
    </message>
    <message>
        <source>“%1” is damaged and cannot be read as a PDF: get a fresh copy of it.</source>
        <translation>“%1”已损坏，无法作为 PDF 读取：请重新获取一份。</translation>
    </message>
    <message>
        <source>“%1” has no pages: it is empty, cut short or damaged, get a fresh copy of it.</source>
        <translation>“%1”没有页面：文件为空、不完整或已损坏，请重新获取一份。</translation>
    </message>
    <message>
        <source>“%1” is too large for Lectern: split it.</source>
        <translation>“%1”对 Lectern 来说太大：请拆分该文件。</translation>
    </message>
    <message>
        <source>“%1” needs more memory than one document may have: split it.</source>
        <translation>“%1”所需内存超过单个文档的上限：请拆分该文件。</translation>
    </message>
    <message>
        <source>“%1” has no text.</source>
        <translation>“%1”没有文字。</translation>
    </message>
    <message>
        <source>“%1” has pictures of pages and no text. Choose “Recognize text”, or run OCR over it, for example with ocrmypdf, and choose “Try again” where the new file takes the old one&apos;s place.</source>
        <translation>“%1”只有页面图像，没有文字。请选择“识别文字”，或者先对它做 OCR（例如用 ocrmypdf），在新文件取代旧文件后选择“重试”。</translation>
    </message>
    <message>
        <source>“%1” has pictures of pages in which OCR found no text: try a better scan.</source>
        <translation>“%1”只有页面图像，OCR 没有在其中找到文字：请试试更清晰的扫描件。</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>Share of a question&apos;s attention that goes to the documents, the mean of all questions asked: layers with much of it look things up. It weighs keys and values alike.</source>
        <translation>提问时注意力中落在文档上的份额（所有提问的平均值）：份额高的层负责查找内容。它对键和值同样适用。</translation>
    </message>
    <message>
        <source>This page has no text.</source>
        <translation>此页没有文本。</translation>
    </message>
    <message>
        <source>This page is a picture: there is no text in it to read.</source>
        <translation>此页是图片，其中没有可读的文本。</translation>
    </message>
    <message>
        <source>This page is damaged, or missing from its file.</source>
        <translation>此页已损坏，或文件中缺少此页。</translation>
    </message>
</context>
<context>
    <name>lectern::ui::Geometry</name>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>V</source>
        <translation>V</translation>
    </message>
</context>
<context>
    <name>lectern::ui::HeatMapPainting</name>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>V</source>
        <translation>V</translation>
    </message>
</context>
<context>
    <name>memory</name>
    <message>
        <source>Model weights</source>
        <translation>模型权重</translation>
    </message>
    <message>
        <source>Key codes</source>
        <translation>键编码</translation>
    </message>
    <message>
        <source>Value codes</source>
        <translation>值编码</translation>
    </message>
    <message>
        <source>Outliers</source>
        <translation>离群值</translation>
    </message>
    <message>
        <source>Tokens in fp16</source>
        <translation>fp16 词元</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation>表</translation>
    </message>
    <message>
        <source>Cache at fp16</source>
        <translation>fp16 缓存</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>在磁盘上</translation>
    </message>
    <message>
        <source>Work buffers</source>
        <translation>工作缓冲区</translation>
    </message>
    <message>
        <source>Highest so far</source>
        <translation>目前最高</translation>
    </message>
</context>
</TS>
