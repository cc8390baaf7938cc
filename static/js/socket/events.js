// @ts-check
/**
 * What the server says over the socket, and over HTTP after a number. Mirrors `conversations/protocol.py`;
 * docs/protocol.md tells the whole story. Unknown types are ignored.
 *
 * @typedef {"pending" | "streaming" | "stopping" | "completed" | "stopped" | "failed" | "interrupted"} Status
 * @typedef {{ code: string, message: string } | null} Trouble
 * @typedef {{ replayed: boolean, answered_by: string | null, tries: number,
 *   thought_seconds: number | null }} Details
 *
 * @typedef {{ type: "welcome", protocol: number, heartbeat_seconds: number }} Welcome
 * @typedef {{ type: "joined", conversation: string, leaf: string | null }} Joined
 * @typedef {{ type: "snapshot", conversation: string, message: string, generation: string, status: Status,
 *   sequence: number, text: string, reasoning: string, error: Trouble, finish_reason: string | null,
 *   details: Details | null, position: number | null }} Snapshot
 * @typedef {{ type: "delta", conversation: string, message: string, generation: string, sequence: number,
 *   part: "text" | "reasoning", operation: "append" | "replace", text: string }} Delta
 * @typedef {{ type: "status", conversation: string, message: string, generation: string, status: Status,
 *   sequence: number, error: Trouble, finish_reason: string | null, details: Details | null,
 *   position: number | null }} StatusEvent
 * @typedef {{ type: "branch", conversation: string, leaf: string }} Branch
 * @typedef {{ type: "conversation", conversation: string, title: string, url: string, writing: boolean,
 *   updated: string }} ConversationNews
 * @typedef {{ type: "conversation_deleted", conversation: string }} ConversationDeleted
 * @typedef {{ type: "gone", conversation: string }} Gone
 */

/** Statuses in which a generation may still write. @param {string | undefined} status */
export const isActive = (status) => status === "pending" || status === "streaming" || status === "stopping";
