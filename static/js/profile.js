// @ts-check
// The page of a profile: it works without this, too.
import "./elements/own-time-zone.js";
import "./elements/picture-drop.js";
