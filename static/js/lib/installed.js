// @ts-check
/**
 * The service worker's side of the page: it is registered where browsers allow it (over HTTPS, or from this machine), told
 * what to keep, and asked whether this page was kept or came from the portal.
 */

/** @returns {HTMLLinkElement | null} */
const link = () => document.querySelector('link[rel="manifest"]');

export const isPossible = () => "serviceWorker" in navigator && window.isSecureContext;

/** @param {(at: string) => void} onKept with the time at which the page was kept */
export async function register(onKept) {
  const worker = link()?.dataset.worker;
  if (!isPossible() || !worker) return;
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", ({ data }) => {
    if (data?.type === "how old" && data.at) onKept(data.at);
  });
  serviceWorker.controller?.postMessage({ type: "how old" });
  try {
    await serviceWorker.register(worker, { scope: new URL(worker, location.href).pathname.replace(/[^/]*$/, "") });
    const registration = await serviceWorker.ready;
    // The page that brings it in has loaded everything already.
    if (!serviceWorker.controller) {
      const urls = performance.getEntriesByType("resource").map(({ name }) => name);
      registration.active?.postMessage({ type: "keep", urls });
      registration.active?.postMessage({ type: "keep page", url: location.href.split(/[?#]/)[0] });
    }
  } catch {
    // A private window, or a browser that was told not to: the portal works without.
  }
}
