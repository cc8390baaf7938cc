// @ts-check
/** Close codes of the portal; see docs/protocol.md. */
const BROKEN = 1006;
const TOO_MANY = 1013;
const LOGGED_OUT = 4401;

/**
 * Looks like a WebSocket that only listens, and is a response that goes on: server-sent events, read by fetch, which
 * unlike EventSource tells a log-in that ended from a broken line, and leaves the tries to whoever holds it.
 */
export class StreamSocket {
  /** @type {((event: { data: string }) => void) | null} */
  onmessage = null;
  /** @type {((event: { code: number }) => void) | null} */
  onclose = null;
  #abort = new AbortController();

  /** @param {string} url */
  constructor(url) {
    this.#run(url).then((code) => this.onclose?.({ code }));
  }

  send() {}

  close() {
    this.#abort.abort();
  }

  /** @param {string} url @returns {Promise<number>} how it closed */
  async #run(url) {
    try {
      const response = await fetch(url, {
        headers: { Accept: "text/event-stream" },
        cache: "no-store",
        credentials: "same-origin",
        redirect: "error", // to somebody's log-in page
        signal: this.#abort.signal,
      });
      if (response.status === 401) return LOGGED_OUT;
      if (response.status === 429) return TOO_MANY;
      const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
      return response.ok && isStream && response.body ? await this.#read(response.body) : BROKEN;
    } catch {
      return BROKEN;
    }
  }

  /** @param {ReadableStream<Uint8Array>} body */
  async #read(body) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return BROKEN;
      const events = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = event.startsWith("data: ") ? event.slice(6) : "";
        const code = closingCode(data);
        if (code) return code;
        if (data) this.onmessage?.({ data });
      }
    }
  }
}

/** @param {string} data */
function closingCode(data) {
  if (!data.startsWith('{"type":"closing"')) return 0;
  return Number(JSON.parse(data).code);
}
