// @ts-check
/** `- [x] done`: a box that is seen and copied with the text. It is no control: an answer is not edited by ticking it. */

const BOXES = { " ": ["", "☐"], x: [" task--done", "☑"] };

/** @param {any} parser */
export function taskLists(parser) {
  parser.core.ruler.after("inline", "task_lists", ({ tokens, Token }) => {
    for (let i = 2; i < tokens.length; i += 1) {
      const [item, paragraph, { type, children }] = [tokens[i - 2], tokens[i - 1], tokens[i]];
      if (type !== "inline" || paragraph.type !== "paragraph_open" || item.type !== "list_item_open") continue;
      const found = /^\[([ xX])\](?=\s)/.exec(children[0]?.content ?? "");
      if (!found || children[0].type !== "text") continue;
      item.attrJoin("class", "task-item");
      children[0].content = children[0].content.slice(found[0].length);
      children.unshift(Object.assign(new Token("task", "span", 0), { meta: BOXES[found[1].toLowerCase()] }));
    }
  });
  parser.renderer.rules.task = (tokens, index) => {
    const [done, box] = tokens[index].meta;
    return `<span class="task${done}">${box}\uFE0E</span>`;
  };
}
