// One talk with the server: who is signed in, what waits, what is new, what may go.
import type { Bundle } from "./bundle";
import { newId } from "./payloads";
import type { Platform } from "./platform";
import { answered, inEveryBackup, pin } from "./receipts";
import type { Sealer } from "./seal";
import { type Sender, place } from "./sending";
import type { Facts, OwnerRow, Store } from "./store";
import type { Hello, Transport } from "./transport";

const DAY = 24 * 60 * 60_000;
const KEPT_UNSYNCED = 30 * DAY;
const BUNDLE_AGE = 10 * 60_000;
const ROUNDS = 4;

/** What is told of the owner at the greeting, sealed like the bundle. */
export interface About {
  name: string;
  capacities: { key: string; label: string }[];
}

export class Exchange {
  /** Whether the last attempt reached anybody. */
  reached = true;
  /** Attempts in a row at which the server had no word for this phone. */
  unheard = 0;
  /** Attempts in a row at which the server said that it has no time for phones. */
  putOff = 0;

  constructor(
    private readonly platform: Platform,
    private readonly store: Store,
    private readonly sealer: Sealer,
    private readonly transport: Transport,
    private readonly sender: Sender,
    private readonly changed: () => Promise<void>,
  ) {}

  async run(force: boolean): Promise<void> {
    const before = this.unheard;
    const putOffBefore = this.putOff;
    await this.watchTheClock();
    for (let rounds = 0; rounds < ROUNDS; rounds += 1) {
      const { told: hello, refusal } = await this.transport.hello();
      this.reached = refusal !== "lost";
      this.putOff = refusal === "busy" ? putOffBefore + 1 : 0;
      this.unheard = hello || this.putOff ? 0 : before + 1;
      if (refusal === "signed_out") return this.expire();
      if (!hello || !(await this.adopt(hello))) return;
      const { keys, epoch } = await this.store.facts();
      if (epoch !== hello.epoch) return;
      const greeted = rounds > 0;
      const pass = await this.sender.run({ person: hello.person, csrf: hello.csrf, epoch, keys, force, greeted });
      await this.dropCovered();
      if (pass === "signed_out") return this.expire();
      if (pass === "again") continue;
      if (pass === "lost") this.unheard = before + 1;
      if (pass === "busy") this.putOff = putOffBefore + 1;
      if (pass === "lost" || pass === "busy") return;
      await this.fetchBundle(force);
      await this.store.note(() => ({ lastSync: Date.parse(hello.now) }));
      return;
    }
  }

  /** Learns who is signed in and which life of the database this is; false when there is nothing to talk about. */
  private async adopt(hello: Hello): Promise<boolean> {
    const before = await this.store.facts();
    const leaves = (facts: Facts) =>
      facts.leaving === hello.person && (facts.session === null || facts.session === hello.session);
    if (leaves(before)) {
      if (await this.transport.signOut(hello.csrf)) await this.store.note(() => ({ leaving: null }));
      return false;
    }
    const wanted = before.chosen[hello.person] ?? hello.capacity;
    const capacity = hello.capacities.some((one) => one.key === wanted) ? wanted : hello.capacity;
    const owner = await this.admit(hello, capacity ?? "");
    let trusted = true;
    await this.store.note((now) => {
      const keys = pin(now.keys, hello.key_id, hello.public_key);
      trusted = keys !== null && !leaves(now);
      if (!trusted) return {};
      const sameLife = now.epoch === hello.epoch;
      return {
        owner: owner.id,
        account: "in",
        leaving: null,
        session: hello.session,
        unsynced: 0,
        clockSeen: this.platform.clock(),
        epoch: hello.epoch,
        safeThrough: sameLife ? Math.max(now.safeThrough, hello.safe_through) : hello.safe_through,
        keys: keys!,
        offset: Date.parse(hello.now) - this.platform.clock(),
      };
    });
    if (!trusted) return false;
    const held = hello.capacities.map((one) => one.key);
    const past = (one: OwnerRow) =>
      one.id !== owner.id && (one.person !== hello.person || !held.includes(one.capacity));
    if ((await this.store.owners()).some((one) => past(one) && one.reading)) await this.store.wipe(past, {});
    await this.changed();
    return true;
  }

  private async admit(hello: Hello, capacity: string): Promise<OwnerRow> {
    const id = `${hello.person}|${capacity}`;
    const there = await this.store.owner(id);
    const owner = there?.reading
      ? there
      : await this.store.admit({
          id,
          person: hello.person,
          capacity,
          writing: await this.sealer.newKey(),
          writingId: newId(this.platform.crypto),
          reading: await this.sealer.newKey(),
          readingId: newId(this.platform.crypto),
          about: null,
          bundle: null,
          etag: "",
          bundleAt: 0,
        });
    const about: About = { name: hello.name, capacities: hello.capacities };
    const known = owner.about && (await openReading<About>(this.sealer, owner, "about"));
    if (JSON.stringify(known) !== JSON.stringify(about)) {
      await this.store.describe(owner, { about: await this.sealer.sealJson(owner.reading!, readingPlace(owner, "about"), about) });
    }
    return owner;
  }

  private async fetchBundle(force: boolean): Promise<void> {
    const owner = await presentOwner(this.store);
    if (!owner?.reading || !owner.capacity) return;
    const age = this.platform.clock() - owner.bundleAt;
    if (!force && owner.bundle && age >= 0 && age < BUNDLE_AGE) return;
    const answer = await this.transport.bundle(owner, owner.bundle ? owner.etag : "");
    if (answer.refusal === "signed_out") return this.expire();
    if (answer.refusal) return;
    const bundleAt = this.platform.clock();
    if (answer.told === null) return this.store.describe(owner, { bundleAt });
    const { bundle, etag } = answer.told;
    const sealed = await this.sealer.sealJson(owner.reading, readingPlace(owner, "bundle"), bundle);
    await this.store.describe(owner, { bundle: sealed, etag, bundleAt });
    await this.noteSettled(bundle, owner);
  }

  /**
   * What became of items that the server held. It lists what waits, and for a month what was settled: what it no longer
   * lists in the capacity that wrote it was settled longer ago, and is asked for once more. Two versions are left to a
   * person all the same.
   */
  private async noteSettled(bundle: Bundle, owner: OwnerRow): Promise<void> {
    const { epoch } = await this.store.facts();
    for (const row of await this.store.items()) {
      if (row.person !== owner.person || !answered(row.receipt, epoch) || !row.receipt.held) continue;
      const told = bundle.held.find((one) => one.item === row.id && one.kind === row.kind && one.revision === row.revision);
      const gone = row.owner === owner.id && row.verdict !== "conflict";
      const state = told ? told.state : gone ? "settled" : "open";
      // Two versions are merged by a person, not by a third one that came later.
      const merged = state !== "replaced" || row.verdict !== "conflict";
      if (state !== "open" && merged && state !== row.settledThere) await this.store.change(row.n!, { settledThere: state });
    }
  }

  /** The session has ended: what could be read goes, what was written stays sealed until its owner is back. */
  private async expire(): Promise<void> {
    await this.dropCovered();
    const { owner } = await this.store.facts();
    await this.store.wipe(() => true, { account: owner === null ? "out" : "expired", leaving: null });
  }

  /** Deletes what every backup that can still be restored has, and what stood aside for it. */
  async dropCovered(): Promise<void> {
    const { epoch, safeThrough } = await this.store.facts();
    const rows = await this.store.items();
    const gone = new Set<number>();
    for (const row of rows) {
      // What somebody decided not to take stays in sight until its owner has seen that.
      const done = row.receipt !== null && !row.receipt.held && row.settledThere !== "left";
      if (done && inEveryBackup(row.receipt, epoch, safeThrough)) gone.add(row.n!);
    }
    const here = new Set(rows.map((row) => row.n!).filter((n) => !gone.has(n)));
    for (const row of [...rows].reverse()) {
      if (row.settledBy !== null && !here.has(row.settledBy)) {
        gone.add(row.n!);
        here.delete(row.n!);
      }
    }
    if (gone.size) await this.store.drop([...gone]);
  }

  /**
   * Adds up how long there was no sync. A clock that jumps forward can cost what was given to read, and no clock can
   * cost what was written here.
   */
  async watchTheClock(): Promise<void> {
    const clock = this.platform.clock();
    const facts = await this.store.note((before) => {
      const passed = before.clockSeen ? Math.max(0, clock - before.clockSeen) : 0;
      return { clockSeen: clock, unsynced: before.unsynced + passed };
    });
    if (facts.unsynced <= KEPT_UNSYNCED) return;
    await this.dropCovered();
    await this.store.wipe(() => true, { unsynced: 0 });
  }
}

export async function presentOwner(store: Store): Promise<OwnerRow | null> {
  const { owner } = await store.facts();
  return owner === null ? null : ((await store.owner(owner)) ?? null);
}

/** What the owner was given to read; null when there is none, or its key was wiped meanwhile. */
export async function openReading<T>(sealer: Sealer, owner: OwnerRow, what: "about" | "bundle"): Promise<T | null> {
  const sealed = owner[what];
  if (!owner.reading || !sealed) return null;
  return sealer.openJson<T>(owner.reading, readingPlace(owner, what), sealed).catch(() => null);
}

function readingPlace(owner: OwnerRow, what: string): string {
  return place({ id: owner.readingId, owner: owner.id }, what);
}
