// @ts-check
/**
 * What one answer says, built from numbered deltas. Deltas are numbered, not measured: overlap is dropped by number,
 * and a hole is never written over but reported as a gap, so that the page asks for a snapshot.
 *
 * @import { Delta } from "../socket/events.js"
 */
export class Transcript {
  /**
   * @param {{ generation: string, sequence: number, text?: string, reasoning?: string }} standing
   */
  constructor({ generation, sequence, text = "", reasoning = "" }) {
    this.begin({ generation, sequence, text, reasoning });
  }

  /** Starts over from a whole text: a snapshot, or what the server's page showed. */
  begin({ generation, sequence, text, reasoning }) {
    // Only who was there at number 0 knows which part this generation wrote, and which stood before a Continue.
    const watchedFromStart = generation === this.generation && this.began && sequence >= this.sequence;
    if (sequence === 0) this.began = { text: text.length, reasoning: reasoning.length };
    else if (!watchedFromStart) this.began = null;
    this.generation = generation;
    this.sequence = sequence;
    this.text = text;
    this.reasoning = reasoning;
    this.lost = false;
  }

  /**
   * @param {Pick<Delta, "sequence" | "part" | "operation" | "text">} delta
   * @returns {"appended" | "seen" | "gap"}
   */
  apply({ sequence, part, operation, text }) {
    if (sequence <= this.sequence) return "seen";
    if (sequence > this.sequence + 1) return "gap";
    if (operation === "replace") {
      if (!this.began) {
        this.lost = true;
        return "gap";
      }
      this[part] = this[part].slice(0, this.began[part]) + text;
    } else {
      this[part] += text;
    }
    this.sequence = sequence;
    return "appended";
  }

  /** Whether a snapshot would bring nothing new. */
  holds({ generation, sequence, text, reasoning }) {
    const inPlace = !this.lost && generation === this.generation && sequence === this.sequence;
    return inPlace && text === this.text && reasoning === this.reasoning;
  }

  /** Whether a snapshot was taken before what is here already. */
  isPast({ generation, sequence }) {
    return !this.lost && generation === this.generation && sequence < this.sequence;
  }

  /** The number to join with, or nothing when only a whole snapshot can help. */
  get position() {
    return this.lost ? null : this.sequence;
  }
}
