// @ts-check
// The pages of imports and exports: they work without this, too.
import "./elements/import-drop.js";
import "./elements/job-standing.js";
