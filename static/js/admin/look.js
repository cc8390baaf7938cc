// @ts-check
// A classic script in the head: the page is shown in its colours from the beginning.
(() => {
  const look = document.querySelector('meta[name="portal-look"]');
  for (const name of ["theme", "accent", "textSize"]) {
    const value = /** @type {HTMLElement | null} */ (look)?.dataset[name];
    if (value) document.documentElement.dataset[name] = value;
  }
})();
