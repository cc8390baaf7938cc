// @ts-check
// The page of settings: it works without this, too.
import "./elements/install-portal.js";
