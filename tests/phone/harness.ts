// Runs the phone's own engine in Node for the tests: several phones, each with tabs, a clock and a line of its own.
// Commands come as lines of JSON on standard input; what the phones ask of the server goes out as lines and waits for
// the test's answer. A tab can be killed at any point where it waits for something.
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { createInterface } from "node:readline";
import { PhoneHere } from "../../frontend/src/phone/phone";
import type { Platform } from "../../frontend/src/phone/platform";
import { Sealer } from "../../frontend/src/phone/seal";
import { Store } from "../../frontend/src/phone/store";
import { Transport } from "../../frontend/src/phone/transport";

type Line = Record<string, any>;
const say = (line: Line) => process.stdout.write(`${JSON.stringify(line)}\n`);

class Device {
  readonly factory = new IDBFactory();
  readonly tabs = new Map<string, Tab>();
  readonly locks = new Map<string, Tab>();
  readonly all: Tab[] = [];
  clock = Date.now();
  locking = true;
  full = false;
}

class Tab {
  dead = false;
  private died!: () => void;
  readonly death = new Promise<void>((resolve) => (this.died = resolve));
  private steps = 0;
  private crashAt = Infinity;
  private readonly listeners: (() => void)[] = [];
  private readonly store: Store;
  readonly phone: PhoneHere;

  constructor(
    readonly device: Device,
    readonly name: string,
  ) {
    const platform = this.platform();
    this.store = new Store(platform);
    this.phone = new PhoneHere(platform, this.gated(this.store), new Sealer(platform.crypto), new Transport(platform));
  }

  crashIn(steps: number | undefined): void {
    this.steps = 0;
    this.crashAt = steps ?? Infinity;
  }

  get count(): number {
    return this.steps;
  }

  kill(): void {
    this.dead = true;
    this.died();
  }

  forget(): void {
    this.store.close();
  }

  /** Every wait of the engine passes here twice; a dead tab waits for ever. */
  private async point(): Promise<void> {
    this.steps += 1;
    if (!this.dead && this.steps >= this.crashAt) this.kill();
    if (this.dead) await new Promise(() => undefined);
  }

  private async wait<T>(work: () => Promise<T>): Promise<T> {
    await this.point();
    const result = await work();
    await this.point();
    return result;
  }

  private gated<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const value = Reflect.get(of, name, of) as unknown;
        if (typeof value !== "function") return value;
        const call = (...given: unknown[]) => value.apply(of, given) as unknown;
        if (name === "close") return call;
        return (...given: unknown[]) => {
          if (this.device.full && ["save", "keepDraft"].includes(String(name))) {
            return Promise.reject(Object.assign(new Error("full"), { name: "QuotaExceededError" }));
          }
          return this.wait(async () => call(...given));
        };
      },
    });
  }

  private platform(): Platform {
    const { device } = this;
    return {
      indexedDB: device.factory as unknown as IDBFactory,
      keyRange: IDBKeyRange as unknown as Platform["keyRange"],
      crypto: {
        subtle: this.gated(crypto.subtle),
        getRandomValues: crypto.getRandomValues.bind(crypto),
      } as Crypto,
      fetch: (path, init) => this.wait(() => ask(this, path, init)),
      clock: () => device.clock,
      random: () => Math.random(),
      online: () => true,
      later: () => () => undefined,
      alone: async (name, run) => {
        const holder = device.locks.get(name);
        if (device.locking && holder && !holder.dead) return undefined;
        device.locks.set(name, this);
        try {
          return await run();
        } finally {
          device.locks.delete(name);
        }
      },
      tell: () => {
        for (const other of device.tabs.values()) {
          if (other !== this && !other.dead) for (const listener of other.listeners) listener();
        }
      },
      hear: (listener) => this.listeners.push(listener),
      wake: () => undefined,
      sendInBackground: () => undefined,
      persist: async () => true,
    };
  }
}

const devices = new Map<string, Device>();
const asked = new Map<number, { answer: (response: Response) => void; cut: () => void }>();
let calls = 0;

/** The test answers for the server: whole, cut, or not at all. */
function ask(tab: Tab, path: string, init: RequestInit): Promise<Response> {
  calls += 1;
  const call = calls;
  const body = init.body ? Buffer.from(init.body as Uint8Array).toString("base64") : "";
  const headers = Object.fromEntries(new Headers(init.headers));
  say({ ask: call, device: nameOf(tab.device), tab: tab.name, method: init.method, path, headers, body });
  return new Promise((resolve, reject) => {
    asked.set(call, { answer: resolve, cut: () => reject(new TypeError("the line was cut")) });
  });
}

function nameOf(device: Device): string {
  return [...devices].find(([, one]) => one === device)?.[0] ?? "";
}

function answered(line: Line): void {
  const waiting = asked.get(line.answer);
  asked.delete(line.answer);
  if (!waiting) return;
  if (line.cut) return waiting.cut();
  const bare = [204, 304].includes(line.status);
  waiting.answer(new Response(bare ? null : Buffer.from(line.body, "base64"), { status: line.status, headers: line.headers }));
}

async function opened(device: Device, name: string): Promise<Tab> {
  const tab = new Tab(device, name);
  device.all.push(tab);
  device.tabs.set(name, tab);
  return tab;
}

const actions: Record<string, (phone: PhoneHere, line: Line) => Promise<unknown>> = {
  open: (phone) => phone.start(),
  saveVisit: (phone, line) => phone.saveVisit(line.draft, { edit: line.edit }),
  saveOutcome: (phone, line) => phone.saveOutcome(line.draft),
  saveFile: (phone, line) => phone.saveFile(line.visit, line.kind, new Blob([Buffer.from(line.data, "base64")], { type: line.type })),
  file: async (phone, line) => Buffer.from((await (await phone.file(line.id))?.arrayBuffer()) ?? []).toString("base64"),
  settle: (phone, line) => phone.settleConflict(line.id, line.draft),
  dismiss: (phone, line) => phone.dismiss(line.id),
  sync: (phone) => phone.sync(),
  signOut: (phone) => phone.signOut(),
  actAs: (phone, line) => phone.actAs(line.capacity),
  keepDraft: (phone, line) => phone.keepDraft(line.key, line.value, line.typed),
  draft: (phone, line) => phone.draft(line.key),
  dropDraft: (phone, line) => phone.dropDraft(line.key),
  items: (phone) => phone.items(),
  facts: async (phone) => ({
    owner: phone.owner,
    account: phone.account,
    online: phone.online,
    lastSync: phone.lastSync,
    unsent: phone.unsent,
    unsentOfOthers: phone.unsentOfOthers,
    bundle: phone.bundle(),
    now: phone.now().toISOString(),
  }),
};

async function run(line: Line): Promise<unknown> {
  if (line.do === "reset") {
    for (const device of devices.values()) for (const tab of device.all) tab.forget();
    devices.clear();
    asked.clear();
    return null;
  }
  if (!devices.has(line.device)) devices.set(line.device, new Device());
  const device = devices.get(line.device)!;
  if (line.do === "set") return void Object.assign(device, line.values);
  if (line.do === "raw") return raw(device);
  const name = line.tab ?? "1";
  if (line.do === "kill") return void device.tabs.get(name)?.kill();
  const tab = line.do === "open" ? await opened(device, name) : device.tabs.get(name);
  if (!tab) throw new Error(`no tab ${name}`);
  tab.crashIn(line.crashAt);
  const fallen = { crashed: true };
  const result = await Promise.race([actions[line.do](tab.phone, line), tab.death.then(() => fallen)]);
  const steps = tab.count;
  tab.crashIn(undefined);
  // What goes on behind an answer can fall after it: the person has the answer, and opens the page again.
  if (tab.dead && result !== fallen) await (await opened(device, name)).phone.start();
  return line.count ? { result: result ?? null, steps } : result;
}

/** Everything that lies on the disk of a phone, in the clear as far as it is. */
async function raw(device: Device): Promise<unknown> {
  const tables: Record<string, unknown[]> = {};
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = device.factory.open("jiafang-phone") as unknown as IDBOpenDBRequest;
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  for (const name of Array.from(database.objectStoreNames)) {
    const request = database.transaction(name).objectStore(name).getAll();
    tables[name] = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  }
  database.close();
  const plain = (_key: string, value: unknown) => {
    if (value instanceof CryptoKey) return { key: value.extractable ? "extractable" : "kept" };
    if (value instanceof ArrayBuffer) return Buffer.from(value).toString("latin1");
    return ArrayBuffer.isView(value) ? Buffer.from(value.buffer).toString("latin1") : value;
  };
  return JSON.parse(JSON.stringify(tables, plain));
}

createInterface({ input: process.stdin }).on("line", (text) => {
  const line = JSON.parse(text) as Line;
  if ("answer" in line) return answered(line);
  run(line).then(
    (result) => say({ done: line.command, result: result ?? null }),
    (error: Error & { code?: string }) => say({ done: line.command, error: error.code ?? `${error.name}: ${error.message}\n${error.stack}` }),
  );
});
say({ ready: true });
