// The service worker: keeps the app's own files, and sends what waits when there is a line again.
// Nothing about a person is ever put into its caches; records are in the phone's sealed database alone.
import { openOn } from "./phone/phone";
import { BACKGROUND_TAG, browser } from "./phone/platform";

interface Facts {
  version: string;
  shell: string;
  files: string[];
  /** The address that ends a session. */
  leave: string;
  /** Pages that lead to the app where there is no line. */
  homes: string[];
}
interface Event extends globalThis.Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Worker {
  JIAFANG: Facts;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(name: "install" | "activate", listener: (event: Event) => void): void;
  addEventListener(name: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(name: "sync", listener: (event: Event & { tag: string }) => void): void;
  addEventListener(name: "message", listener: (event: MessageEvent) => void): void;
}

const worker = globalThis as unknown as Worker;
const facts = worker.JIAFANG;
const PREFIX = "jiafang-app-";
const NAME = PREFIX + facts.version;

/** All or nothing: a shell that names a file of another version is not kept, and the version before goes on. */
async function install(): Promise<void> {
  const shell = await fetch(new Request(facts.shell, { cache: "reload" }));
  const named = Array.from((await shell.clone().text()).matchAll(/(?:src|href)="(\/static\/[^"#]+)/g), (found) => found[1]);
  const strange = named.filter((name) => !facts.files.includes(name));
  if (!shell.ok || shell.redirected || strange.length) throw new Error(`shell of another version: ${strange.join(" ")}`);
  const cache = await caches.open(NAME);
  await cache.addAll(facts.files.map((file) => new Request(file, { cache: "reload" })));
  await cache.put(facts.shell, shell);
}

/** The version before stays, for a page of it that may still be open; what is older goes. */
async function activate(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function shell(request: Request): Promise<Response> {
  const kept = await (await caches.open(NAME)).match(facts.shell);
  return kept ?? fetch(request);
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (await (await caches.open(NAME)).match(facts.shell)) return Response.redirect(facts.shell);
    throw error;
  }
}

/** Fails while something is left, so that the browser calls again. */
async function send(): Promise<void> {
  const phone = await openOn(browser());
  try {
    await phone.sync();
    if (phone.unsent && phone.account === "in") throw new Error("not all was sent");
  } finally {
    phone.close();
  }
}

/** Whoever signs out on any page leaves no names on this phone. */
async function leave(): Promise<void> {
  const phone = await openOn(browser());
  try {
    if (phone.owner) await phone.signOut();
  } finally {
    phone.close();
  }
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  if (event.data === "activate") void worker.skipWaiting();
});
worker.addEventListener("sync", (event) => {
  if (event.tag === BACKGROUND_TAG) event.waitUntil(send());
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && pathname === facts.leave) return event.waitUntil(leave());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (pathname === facts.shell) event.respondWith(shell(request));
    else if (facts.homes.includes(pathname)) event.respondWith(page(request));
  } else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});
