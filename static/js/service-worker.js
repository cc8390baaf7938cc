/* Serves what was kept when there is no line; chatportal/installing.py says before it what PORTAL is.
 *
 * Pages come from the portal as long as it answers. Each version has caches of its own, and takes over when no page of
 * the one before is open: so no page ever runs with files of another version. Whoever logs out leaves nothing here.
 */
const FILES = `portal-files-${PORTAL.version}`;
const PAGES = `portal-pages-${PORTAL.version}`;
/** Somebody's own, as the pages are, and gone with them; apart, so that many do not push pages out. */
const PICTURES = `portal-pictures-${PORTAL.version}`;
const MOST_PAGES = 40;
const MOST_PICTURES = 200;
const CONVERSATION = /\/conversations\/[0-9a-f-]{36}\/$/;
/** What an answer varies by (the cookie) is the same for all of one person's, and they go when another comes. */
const ANY = { ignoreVary: true };
const WHOSE = "X-Portal-Person";
const AWAY = new Set([502, 503, 504]);

/** When the page of a client was kept, by the client's id. */
const keptAt = new Map();

self.addEventListener("install", (event) => event.waitUntil(keepFile(PORTAL.offline)));

self.addEventListener("activate", (event) =>
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name.startsWith("portal-") && ![FILES, PAGES, PICTURES].includes(name)).map((name) => caches.delete(name)),
        ),
      ),
  ),
);

self.addEventListener("message", ({ data, source }) => {
  if (data?.type === "how old") source?.postMessage({ type: "how old", at: keptAt.get(source.id) ?? null });
  if (data?.type === "keep") data.urls.filter(isFile).forEach(keepFile);
  if (data?.type === "keep page") fetch(data.url, { credentials: "same-origin" }).then((answer) => keepPage(data.url, answer), () => {});
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin || !url.pathname.startsWith(PORTAL.base)) return;
  if (PORTAL.doors.includes(url.pathname) && (request.mode === "navigate" || request.method === "POST")) {
    event.waitUntil(forget());
    return;
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(visit(event, url));
  else if (isFile(url.href)) event.respondWith(file(request));
  else if (request.destination === "image") event.respondWith(picture(request));
  else if (request.destination === "script") event.respondWith(textsOf(request));
});

const isFile = (address) => new URL(address, location.href).pathname.startsWith(PORTAL.static);
const isKept = ({ pathname, search }) => !search && (pathname === PORTAL.base || CONVERSATION.test(pathname));

async function visit(event, url) {
  try {
    const answer = await fetch(event.request);
    if (!AWAY.has(answer.status)) {
      if (answer.ok && isKept(url)) event.waitUntil(keepPage(url.href, answer.clone()));
      if (answer.status === 404 || answer.status === 403) event.waitUntil(drop(url.href));
      return answer;
    }
    return (await kept(event)) ?? answer;
  } catch {
    return (await kept(event)) ?? (await caches.match(PORTAL.offline)) ?? Response.error();
  }
}

async function kept(event) {
  const found = await (await caches.open(PAGES)).match(event.request, ANY);
  if (found) keptAt.set(event.resultingClientId, found.headers.get("Date"));
  return found;
}

async function keepPage(address, answer) {
  if (!answer.ok || answer.redirected) return;
  if (await isAnothers(answer)) await forget();
  await keep(PAGES, MOST_PAGES, address, answer);
}

/** The newest stand last: what was kept first goes first. */
async function keep(name, most, address, answer) {
  const cache = await caches.open(name);
  await cache.delete(address, ANY);
  await cache.put(address, answer);
  const addresses = await cache.keys();
  await Promise.all(addresses.slice(0, -most).map((each) => cache.delete(each, ANY)));
}

/** Where a proxy says who asks, another person comes through no door. */
async function isAnothers({ headers }) {
  const pages = await caches.open(PAGES);
  const [first] = await pages.keys();
  const known = first && (await pages.match(first, ANY));
  return Boolean(known) && known.headers.get(WHOSE) !== headers.get(WHOSE);
}

const drop = async (address) => (await caches.open(PAGES)).delete(address, ANY);

/** Files have their content in their name. */
async function file(request) {
  const files = await caches.open(FILES);
  const found = await files.match(request, ANY);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await files.put(request, answer.clone());
  return answer;
}

async function keepFile(address) {
  const files = await caches.open(FILES);
  if (!(await files.match(address, ANY))) await files.add(address).catch(() => {});
}

async function picture(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(PICTURES, MOST_PICTURES, request, answer.clone());
    return answer;
  } catch {
    return (await (await caches.open(PICTURES)).match(request, ANY)) ?? Response.error();
  }
}

/** The texts of scripts may change without their address. */
async function textsOf(request) {
  const files = await caches.open(FILES);
  try {
    const answer = await fetch(request);
    if (answer.ok) await files.put(request, answer.clone());
    return answer;
  } catch {
    return (await files.match(request, ANY)) ?? Response.error();
  }
}

async function forget() {
  await Promise.all([PAGES, PICTURES].map((name) => caches.delete(name)));
  keptAt.clear();
}
