// What the engine needs of the browser, in one place, so that it also runs in a service worker and in Node.
import type { CannotKeep } from "./engine";

export interface Platform {
  indexedDB: IDBFactory;
  keyRange: typeof IDBKeyRange;
  crypto: Crypto;
  fetch: (path: string, init: RequestInit) => Promise<Response>;
  /** This phone's own clock, in milliseconds; it may be wrong by years. */
  clock(): number;
  random(): number;
  online(): boolean;
  /** Runs later, once; the returned function calls it off. */
  later(run: () => void, milliseconds: number): () => void;
  /** Runs alone among all tabs and the service worker; undefined when another one is at it. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T | undefined>;
  /** Tells the other tabs that something changed. */
  tell(): void;
  hear(listener: () => void): void;
  /** Calls back when it is worth trying: the line is back, somebody looks at the page. */
  wake(listener: (lineIsBack: boolean) => void): void;
  /** Asks the browser to send what waits when there is a line, even if the page is closed. */
  sendInBackground(): void;
  persist(): Promise<boolean>;
}

const CHANNEL = "jiafang-phone";
export const BACKGROUND_TAG = "jiafang-send";

export function browser(): Platform {
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
  return {
    indexedDB: globalThis.indexedDB,
    keyRange: globalThis.IDBKeyRange,
    crypto: globalThis.crypto,
    fetch: (path, init) => fetch(path, init),
    clock: () => Date.now(),
    random: () => Math.random(),
    online: () => navigator.onLine !== false,
    later: (run, milliseconds) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    alone: navigator.locks ? aloneByLock : alone,
    tell: () => channel?.postMessage("change"),
    hear: (listener) => channel?.addEventListener("message", listener),
    wake: (listener) => {
      globalThis.addEventListener("online", () => listener(true));
      globalThis.document?.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible") listener(false);
      });
    },
    sendInBackground: () => void registerBackground().catch(() => undefined),
    persist: async () => {
      if (!navigator.storage?.persist) return false;
      return (await navigator.storage.persisted()) || (await navigator.storage.persist());
    },
  };
}

async function aloneByLock<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  return await navigator.locks.request(name, { ifAvailable: true }, async (lock) => (lock ? run() : undefined));
}

const running = new Set<string>();
/** Without Web Locks only this tab is alone; two tabs may then send the same item, which the server takes once. */
async function alone<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  if (running.has(name)) return undefined;
  running.add(name);
  try {
    return await run();
  } finally {
    running.delete(name);
  }
}

async function registerBackground(): Promise<void> {
  const inWorker = (globalThis as { registration?: ServiceWorkerRegistration }).registration;
  const registration = inWorker ?? (await navigator.serviceWorker?.getRegistration("/"));
  const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
  await sync?.register(BACKGROUND_TAG);
}

/**
 * The service worker keeps the app's files. A new version takes over while nobody looks: the page that is open has all
 * it needs, and the next one that opens is new as a whole.
 */
export function keepApp(): void {
  const container = navigator.serviceWorker;
  if (!container) return;
  const hurry = (registration: ServiceWorkerRegistration) => registration.waiting?.postMessage("activate");
  container
    .register("/sw.js", { updateViaCache: "none" })
    .then((registration) => {
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") hurry(registration);
        else void registration.update().catch(() => undefined);
      });
    })
    .catch(() => undefined);
}

/** Why nothing may be called saved in this browser; null where a promise can be kept. */
export async function cannotKeep(): Promise<CannotKeep["reason"] | null> {
  if (/MicroMessenger/i.test(navigator.userAgent)) return "wechat";
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return "no_crypto";
  if (!globalThis.indexedDB) return "no_storage";
  return (await looksPrivate()) ? "private_window" : null;
}

/**
 * Browsers do not say that a window is private. Firefox and Safari refuse their private file system there; Chromium
 * gives such a window far less room than any phone has. A granted promise to persist settles it.
 */
async function looksPrivate(): Promise<boolean> {
  const storage = navigator.storage;
  if (!storage) return false;
  if (await storage.persisted?.().catch(() => false)) return false;
  const granted = await navigator.permissions
    ?.query({ name: "persistent-storage" as PermissionName })
    .then((answer) => answer.state === "granted")
    .catch(() => false);
  if (granted) return false;
  if ("getDirectory" in storage) {
    const refused = await storage.getDirectory().then(
      () => false,
      (error: Error) => error.name === "SecurityError" || /unknown transient/.test(error.message),
    );
    if (refused) return true;
  }
  const heap = (performance as { memory?: { jsHeapSizeLimit: number } }).memory?.jsHeapSizeLimit;
  const { quota } = heap && storage.estimate ? await storage.estimate() : { quota: undefined };
  return heap !== undefined && quota !== undefined && quota < 2 * heap;
}
