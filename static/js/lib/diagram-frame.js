// @ts-check
import { fromTemplate } from "./dom.js";

/** A diagram that takes longer has sent the drawer round in circles. */
const PATIENCE_MS = 15_000;

/**
 * Draws diagrams in a frame of another, empty origin: what a model writes is run through megabytes of drawing code there,
 * which reaches neither this page nor its cookies, nor any other host. What comes back is a picture, shown as an image,
 * in which nothing runs.
 *
 * @typedef {{ svg: string, width: number, height: number }} Drawing
 */
class DiagramFrame {
  /** @type {Promise<HTMLIFrameElement> | null} */
  #frame = null;
  /** @type {Map<number, { resolve: (drawing: Drawing) => void, reject: (error: Error) => void }>} */
  #awaited = new Map();
  #count = 0;

  /**
   * @param {string} source
   * @param {boolean} dark
   * @returns {Promise<Drawing>}
   */
  async draw(source, dark) {
    const frame = await (this.#frame ??= this.#open());
    const id = (this.#count += 1);
    const giveUp = setTimeout(() => this.#close(), PATIENCE_MS);
    try {
      return await new Promise((resolve, reject) => {
        this.#awaited.set(id, { resolve, reject });
        // It has no origin that could be named here; what it is told is not secret.
        frame.contentWindow?.postMessage({ id, source, dark }, "*");
      });
    } finally {
      clearTimeout(giveUp);
      this.#awaited.delete(id);
    }
  }

  /** @returns {Promise<HTMLIFrameElement>} */
  #open() {
    window.addEventListener("message", this.#hear);
    return new Promise((resolve, reject) => {
      const frame = /** @type {HTMLIFrameElement | null} */ (fromTemplate("diagram-frame"));
      if (!frame) return reject(new Error("no frame"));
      this.element = frame;
      frame.addEventListener("load", () => resolve(frame), { once: true });
      document.body.append(frame);
    });
  }

  /** @param {MessageEvent} event */
  #hear = ({ source, data }) => {
    if (!this.element || source !== this.element.contentWindow) return;
    const awaited = this.#awaited.get(data?.id);
    const { svg, width, height } = data ?? {};
    if (typeof svg === "string" && width > 0 && height > 0) awaited?.resolve({ svg, width: Number(width), height: Number(height) });
    else awaited?.reject(new Error("no diagram"));
  };

  /** The next diagram gets a new one. */
  #close() {
    this.element?.remove();
    this.#frame = null;
    for (const { reject } of this.#awaited.values()) reject(new Error("took too long"));
  }
}

export const diagramFrame = new DiagramFrame();
