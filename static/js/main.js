// @ts-check
// The composer speaks to its menu as soon as it wakes.
import "./elements/template-menu.js";
import "./elements/announcement-list.js";
import "./elements/allowance-note.js";
import "./elements/chat-composer.js";
import "./elements/chat-message.js";
import "./elements/connection-status.js";
import "./elements/context-gauge.js";
import "./elements/conversation-list.js";
import "./elements/copy-button.js";
import "./elements/list-search.js";
import "./elements/model-picker.js";
import "./elements/offline-banner.js";
import "./elements/relative-time.js";
import "./elements/side-drawer.js";
import "./elements/toast-region.js";
// The page speaks to those above, and the thread, which begins to talk at once, to the page: so they wake last.
import "./elements/chat-page.js";
import "./elements/chat-thread.js";

// Few devices have a keyboard on the screen.
if (matchMedia("(pointer: coarse)").matches) {
  import("./lib/on-screen-keyboard.js").then(({ makeRoomForKeyboard }) => makeRoomForKeyboard());
}
