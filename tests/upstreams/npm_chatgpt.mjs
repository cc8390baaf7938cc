/**
 * The npm client `chatgpt` 5.2.5, driven from a test: one JSON object on standard input, one on standard output.
 * `{ url, token, messages: [{ text, options? }] }` → `[{ text, id, conversationId, parentMessageId, progress } | { error }]`
 */
import { ChatGPTUnofficialProxyAPI } from "chatgpt";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { url, token, messages } = JSON.parse(Buffer.concat(chunks).toString());
const api = new ChatGPTUnofficialProxyAPI({ accessToken: token, apiReverseProxyUrl: url });
const answers = [];
let last = null;
for (const { text, follows, options = {} } of messages) {
  const parent = follows === undefined ? last : follows === null ? null : answers[follows];
  const place = parent ? { conversationId: parent.conversationId, parentMessageId: parent.id } : {};
  const progress = [];
  try {
    const onProgress = (partial) => progress.push(partial.text);
    const answer = await api.sendMessage(text, { ...place, ...options, onProgress, timeoutMs: 10_000 });
    last = answer;
    answers.push({ ...answer, progress });
  } catch (error) {
    answers.push({ error: error.message, statusCode: error.statusCode });
  }
}
process.stdout.write(JSON.stringify(answers));
