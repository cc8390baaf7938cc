/**
 * The inside of the frame that draws diagrams. It has no origin, its policy lets it fetch nothing, and it talks to the
 * page around it alone: a source in, a drawing out. The page shows the drawing as an image.
 *
 * A classic script, for modules are fetched by origin.
 */
(() => {
  const light = {
    background: "transparent",
    primaryColor: "#eef1f8",
    primaryBorderColor: "#8f98ad",
    primaryTextColor: "#20242c",
    secondaryColor: "#e4f0e8",
    tertiaryColor: "#f5efe2",
    lineColor: "#5d6678",
    textColor: "#20242c",
    noteBkgColor: "#f7f1dc",
    noteTextColor: "#20242c",
    noteBorderColor: "#c9b98a",
  };
  const dark = {
    darkMode: true,
    background: "transparent",
    primaryColor: "#2b3140",
    primaryBorderColor: "#7d879e",
    primaryTextColor: "#e6e8ec",
    secondaryColor: "#263a30",
    tertiaryColor: "#3a3426",
    lineColor: "#a9b1c2",
    textColor: "#e6e8ec",
    noteBkgColor: "#3a3522",
    noteTextColor: "#e6e8ec",
    noteBorderColor: "#857a54",
  };
  const setUp = (isDark) => ({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    deterministicIds: true,
    // Labels as text of the drawing: HTML in an image is drawn differently by each browser.
    htmlLabels: false,
    flowchart: { htmlLabels: false, useMaxWidth: false },
    class: { htmlLabels: false },
    secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "htmlLabels"],
    theme: "base",
    themeVariables: { ...(isDark ? dark : light), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: "14px" },
    fontFamily: getComputedStyle(document.body).fontFamily,
  });

  async function draw({ id, source, dark }) {
    const { mermaid } = globalThis;
    mermaid.initialize(setUp(dark));
    const { svg } = await mermaid.render(`diagram-${Number(id)}`, String(source), document.getElementById("table"));
    const drawn = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
    const [, , width, height] = drawn.getAttribute("viewBox").split(/[\s,]+/).map(Number);
    drawn.setAttribute("width", width);
    drawn.setAttribute("height", height);
    drawn.style.maxWidth = "";
    return { id, svg: new XMLSerializer().serializeToString(drawn), width, height };
  }

  let last = Promise.resolve();
  addEventListener("message", ({ source, data }) => {
    if (source !== parent) return;
    // One after another: the drawer has one table.
    last = last
      .then(() => draw(data))
      .catch(() => ({ id: data.id, failed: true }))
      .then((answer) => parent.postMessage(answer, "*"));
  });
})();
