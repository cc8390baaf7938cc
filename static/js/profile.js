// @ts-check
// The page of a profile: it works without this, too.
import "./elements/look-preview.js";
import "./elements/own-time-zone.js";
import "./elements/picture-drop.js";
