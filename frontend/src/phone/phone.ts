// The phone: what is kept here, for whom, and when it talks with the server.
import type { FileKind, OutcomeDraft, VisitDraft } from "./body";
import type { Bundle } from "./bundle";
import type { Account, HowSaved, ItemView, Owner, Phone, Saved } from "./engine";
import { type About, Exchange, openReading, presentOwner } from "./exchange";
import { NotKept } from "./faults";
import { type Bytes, type Footing, type Fresh, MOST_BYTES, newId, newItem, outcomeBytes, visitBytes } from "./payloads";
import type { Platform } from "./platform";
import { answered } from "./receipts";
import { Sealer } from "./seal";
import { Sender, growing, isStranded, isUnsent, place } from "./sending";
import { type Facts, NO_FACTS, type ItemRow, type OwnerRow, type SealedItem, Store } from "./store";
import { Transport } from "./transport";
import { Views, isOpenConflict, writtenUpon } from "./views";

const REGULARLY = 10 * 60_000;
const HALF_A_MINUTE = 30_000;
const SOON = 1_000;
const LOCK = "jiafang-sync";

/** What becomes one item. */
interface Part {
  bytes: Bytes;
  fresh: Fresh;
}

export async function openOn(platform: Platform): Promise<PhoneHere> {
  const phone = new PhoneHere(platform, new Store(platform), new Sealer(platform.crypto), new Transport(platform));
  await phone.start();
  return phone;
}

export class PhoneHere implements Phone {
  readonly kind = "ready";
  owner: Owner | null = null;
  capacities: { key: string; label: string }[] = [];
  unsent = 0;
  unsentOfOthers = 0;
  persisted = false;

  private facts: Facts = NO_FACTS;
  private kept: Bundle | null = null;
  private keptStamp = "";
  private running: Promise<void> | null = null;
  private refreshed: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<() => void>();
  private readonly views: Views;
  private readonly exchange: Exchange;
  private callOff: () => void = () => undefined;
  private alive = false;

  constructor(
    private readonly platform: Platform,
    private readonly store: Store,
    private readonly sealer: Sealer,
    transport: Transport,
  ) {
    const sender = new Sender(platform, store, sealer, transport, () => this.changed());
    this.views = new Views(store, sealer, sender.sending);
    this.exchange = new Exchange(platform, store, sealer, transport, sender, () => this.changed());
  }

  get online(): boolean {
    return this.platform.online() && this.exchange.reached;
  }

  get account(): Account {
    return this.facts.account;
  }

  get syncing(): boolean {
    return this.running !== null;
  }

  get lastSync(): string | null {
    return this.facts.lastSync === null ? null : new Date(this.facts.lastSync).toISOString();
  }

  bundle(): Bundle | null {
    return this.kept;
  }

  now(): Date {
    return new Date(this.platform.clock() + this.facts.offset);
  }

  on(_event: "change", listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async start(): Promise<void> {
    await this.store.open();
    // A browser that cannot keep a key cannot keep a promise either; better to know before anything is typed.
    await this.sealer.seal(await this.sealer.newKey(), "probe", new Uint8Array(1));
    await this.exchange.watchTheClock();
    await this.refresh();
  }

  /** From now on it talks with the server by itself: at once, when the line is back, and regularly. */
  live(): void {
    this.alive = true;
    this.platform.hear(() => this.afterwards(this.refresh().then(() => this.emit())));
    this.platform.wake((lineIsBack) => void this.talk(lineIsBack));
    this.afterwards(
      this.platform.persist().then((persisted) => {
        this.persisted = persisted;
        this.emit();
      }),
    );
    void this.talk(false);
  }

  close(): void {
    this.alive = false;
    this.callOff();
    this.store.close();
  }

  // What is written here.

  async saveVisit(draft: VisitDraft, how: HowSaved = {}): Promise<Saved> {
    const id = how.edit?.id ?? newId(this.platform.crypto);
    const seen = how.edit?.baseRevision ?? 0;
    const rows = await this.store.itemsOf(id);
    const seenHere = rows.filter((row) => row.base + 1 === seen);
    const upon = seenHere.filter((row) => row.settledBy === null).pop() ?? seenHere.pop();
    const { epoch } = await this.store.facts();
    const inVain = upon !== undefined && (isStranded(upon, epoch) || isOpenConflict(upon, epoch));
    const base = inVain ? upon.base : seen;
    const parent = (inVain ? upon.parent : upon?.n) ?? null;
    const insteadOf = inVain && !isOpenConflict(upon, epoch) ? [upon.n!] : [];
    const fresh = { id, kind: "visit" as const, on: { base, revision: after(rows, base) }, parent };
    const files = await Promise.all((how.files ?? []).map((one) => this.fileOf(id, one.kind, one.blob)));
    return this.saveRevision(draft, fresh, insteadOf, files, how.ofDrafts);
  }

  async settleConflict(id: string, merged: VisitDraft): Promise<Saved> {
    const rows = await this.store.itemsOf(id);
    const { epoch } = await this.store.facts();
    const conflict = rows.filter((row) => isOpenConflict(row, epoch)).pop();
    const current = conflict && (await this.views.answerOf(conflict))?.current;
    if (!conflict || !current) throw new NotKept("no_conflict");
    const settled = [...rows.filter((row) => isOpenConflict(row, epoch)), ...writtenUpon(conflict, rows)];
    const on = { base: current.revision, revision: after(rows, current.revision) };
    const fresh = { id, kind: "visit" as const, on, parent: null };
    return this.saveRevision(merged, fresh, [...new Set(settled.map((row) => row.n!))]);
  }

  async saveOutcome(draft: OutcomeDraft): Promise<Saved> {
    const bytes = outcomeBytes(this.platform.crypto, draft, this.now().toISOString());
    return this.keep([{ bytes, fresh: { id: newId(this.platform.crypto), kind: "outcome" } }]);
  }

  async saveFile(visit: string, kind: FileKind, blob: Blob): Promise<Saved> {
    return this.keep([await this.fileOf(visit, kind, blob)]);
  }

  private async fileOf(visit: string, file: FileKind, blob: Blob): Promise<Part> {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const type = blob.type || "application/octet-stream";
    return { bytes, fresh: { id: newId(this.platform.crypto), kind: "file", visit, file, type } };
  }

  async file(id: string): Promise<Blob | null> {
    const row = (await this.store.itemsOf(id)).find((one) => one.kind === "file");
    const bytes = row && (await this.views.contentOf(row));
    return bytes ? new Blob([bytes], { type: row.type }) : null;
  }

  async dismiss(id: string): Promise<void> {
    const { epoch } = await this.store.facts();
    const rows = (await this.store.itemsOf(id)).filter((row) => row.settledBy === null);
    const held = rows.filter((row) => row.tooLarge || (answered(row.receipt, epoch) && row.verdict !== "taken"));
    const upon = held.filter((row) => isOpenConflict(row, epoch)).flatMap((row) => writtenUpon(row, rows));
    await this.store.drop([...held, ...upon].map((row) => row.n!));
    await this.changed();
  }

  async items(): Promise<ItemView[]> {
    return this.owner ? this.views.of(this.owner.person, this.platform.clock()) : [];
  }

  async draft<T>(key: string): Promise<T | null> {
    const owner = await presentOwner(this.store);
    const row = owner && (await this.store.draft(owner.id, key));
    return row ? await this.sealer.openJson<T>(owner.writing, draftPlace(owner, key), row.content) : null;
  }

  async keepDraft(key: string, value: unknown, typed = true): Promise<void> {
    await this.sealed(async (owner) => {
      const content = await this.sealer.sealJson(owner.writing, draftPlace(owner, key), value);
      return this.store.keepDraft(owner, { owner: owner.id, key, keptAt: this.platform.clock(), typed, content });
    });
  }

  async dropDraft(key: string): Promise<void> {
    const owner = await presentOwner(this.store);
    if (owner) await this.store.dropDraft(owner.id, key);
  }

  async drafts(): Promise<{ key: string; keptAt: string }[]> {
    const owner = await presentOwner(this.store);
    const rows = owner ? await this.store.drafts(owner.id) : [];
    return rows.map(({ key, keptAt }) => ({ key, keptAt: new Date(keptAt).toISOString() }));
  }

  private async saveRevision(
    draft: VisitDraft,
    fresh: Fresh & { on: Footing },
    insteadOf: number[],
    files: Part[] = [],
    ofDrafts: string[] = [],
  ): Promise<Saved> {
    const bytes = visitBytes(this.platform.crypto, draft, fresh.on, this.now().toISOString());
    if (bytes.length > MOST_BYTES) throw new NotKept("too_large");
    return this.keep([{ bytes, fresh }, ...files], insteadOf, ofDrafts);
  }

  /** All parts at once; the answer is about the first. */
  private async keep(parts: Part[], insteadOf: number[] = [], ofDrafts: string[] = []): Promise<Saved> {
    const first = parts[0].fresh;
    await this.sealed(async (owner) => {
      const items: SealedItem[] = [];
      for (const { bytes, fresh } of parts) {
        const row = newItem(owner, this.platform.clock(), bytes.length, fresh);
        items.push({ row, content: await this.sealer.seal(owner.writing, place(row, "content"), bytes) });
      }
      return this.store.save(owner, items, insteadOf, ofDrafts);
    });
    this.platform.sendInBackground();
    this.afterwards(this.changed().then(() => (this.alive ? this.talk(false) : undefined)));
    return { id: first.id, revision: (first.on?.base ?? 0) + 1 };
  }

  /** Seals and stores for the present owner; once more with the new key if the owner left and came back meanwhile. */
  private async sealed(store: (owner: OwnerRow) => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 3; tries += 1) {
      const owner = await presentOwner(this.store);
      if (!owner) throw new NotKept("no_owner");
      try {
        if (await store(owner)) return;
      } catch (error) {
        throw new NotKept(isFull(error) ? "full" : "storage");
      }
    }
    throw new NotKept("no_owner");
  }

  // Who uses the phone.

  async actAs(capacity: string): Promise<void> {
    const person = this.owner?.person;
    if (person === undefined) return;
    const row = (await this.store.owners()).find((one) => one.person === person && one.capacity === capacity);
    await this.store.note((facts) => ({
      chosen: { ...facts.chosen, [person]: capacity },
      owner: row?.id ?? facts.owner,
    }));
    await this.changed();
    await this.sync();
  }

  async signOut(): Promise<number> {
    await this.exchange.dropCovered();
    await this.changed(); // what was saved a moment ago counts too
    const left = this.unsent;
    await this.store.wipe(() => true, { owner: null, account: "out", leaving: this.owner?.person ?? null });
    await this.changed();
    await this.running;
    await this.sync();
    return left;
  }

  // Talking with the server.

  async sync(): Promise<void> {
    await this.talk(true);
  }

  /** Sends what waits, as the service worker does without a page. */
  private talk(force: boolean): Promise<void> {
    this.running ??= this.platform
      .alone(LOCK, () => this.exchange.run(force))
      .then(
        () => undefined,
        () => undefined,
      )
      .then(async () => {
        this.running = null;
        await this.changed();
        if (this.alive) await this.plan();
      })
      .catch(() => undefined);
    return this.running;
  }

  private async plan(): Promise<void> {
    this.callOff();
    const { epoch, person } = { epoch: this.facts.epoch, person: this.owner?.person };
    const clock = this.platform.clock();
    const waits = (await this.store.items())
      .filter((row) => row.person === person && isUnsent(row, epoch) && !row.tooLarge)
      .map((row) => Math.max(row.nextTry - clock, SOON));
    const { unheard, putOff } = this.exchange;
    const [times, longest] = putOff ? [putOff, HALF_A_MINUTE] : [unheard, REGULARLY];
    const pause = times ? growing(times, longest, this.platform.random()) : 0;
    this.callOff = this.platform.later(() => void this.talk(false), Math.max(pause, Math.min(REGULARLY, ...waits)));
  }

  // What the pages see.

  private async changed(): Promise<void> {
    await this.refresh();
    this.emit();
    this.platform.tell();
  }

  /** What fails after something was saved is tried again later and does not take the word back. */
  private afterwards(work: Promise<unknown>): void {
    void work.catch(() => undefined);
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }

  /** One after the other: what was read earlier must not be put over what was read later. */
  private refresh(): Promise<void> {
    this.refreshed = this.refreshed.catch(() => undefined).then(() => this.read());
    return this.refreshed;
  }

  private async read(): Promise<void> {
    this.facts = await this.store.facts();
    const row = await presentOwner(this.store);
    const about = row && (await openReading<About>(this.sealer, row, "about"));
    this.capacities = about?.capacities ?? [];
    this.owner = row && {
      person: row.person,
      name: about?.name ?? "",
      capacity: row.capacity,
      capacityLabel: this.capacities.find((one) => one.key === row.capacity)?.label ?? "",
    };
    const stamp = row?.bundle ? `${row.readingId} ${row.id} ${row.etag} ${row.bundleAt}` : "";
    if (stamp !== this.keptStamp) {
      this.kept = row && (await openReading<Bundle>(this.sealer, row, "bundle"));
      this.keptStamp = stamp;
    }
    const waiting = (await this.store.items()).filter((item) => isUnsent(item, this.facts.epoch));
    this.unsent = waiting.filter((item) => item.person === row?.person).length;
    this.unsentOfOthers = waiting.length - this.unsent;
  }
}

function after(rows: ItemRow[], base: number): number {
  return Math.max(base, ...rows.map((row) => row.revision)) + 1;
}

function draftPlace(owner: OwnerRow, key: string): string {
  return place({ id: key, owner: owner.id }, "draft");
}

function isFull(error: unknown): boolean {
  const { name, inner } = error as { name?: string; inner?: { name?: string } };
  return name === "QuotaExceededError" || inner?.name === "QuotaExceededError";
}
