// The database of the phone: ids, states and times are plain, everything that says something about a person is sealed.
import Dexie, { type Table } from "dexie";
import type { FileKind } from "./body";
import type { ItemKind } from "./engine";
import type { Platform } from "./platform";
import type { Covered, PinnedKeys } from "./receipts";
import type { Sealed } from "./seal";

/** Somebody in one capacity. `reading` opens what was given to read, `writing` what was written here. */
export interface OwnerRow {
  id: string;
  person: number;
  capacity: string;
  writing: CryptoKey;
  writingId: string;
  reading: CryptoKey | null;
  readingId: string;
  /** Name and capacities, under `reading`. */
  about: Sealed | null;
  bundle: Sealed | null;
  etag: string;
  bundleAt: number;
}

export type Verdict = "" | "taken" | "refused" | "out_of_reach" | "conflict";

export interface ItemRow {
  n?: number;
  id: string;
  kind: ItemKind;
  revision: number;
  base: number;
  /** The item of the same visit that this one was written upon, while it is here. */
  parent: number | null;
  /** The item that stands in for this one: it need not be sent any more. */
  settledBy: number | null;
  owner: string;
  person: number;
  visit: string | null;
  file: FileKind | null;
  type: string;
  savedAt: number;
  attempts: number;
  /** By this phone's clock; 0 = at once. */
  nextTry: number;
  tooLarge: boolean;
  receipt: Covered | null;
  verdict: Verdict;
  /** Message, place and the server's version, under `writing`. */
  answer: Sealed | null;
  /** What became of it on the server after it was held there; empty while nothing has. */
  settledThere: string;
  size: number;
}

/** The exact bytes that are sent, under `writing`; apart from the items, because files are large. */
interface ContentRow {
  n: number;
  content: Sealed;
}

export interface SealedItem {
  row: ItemRow;
  content: Sealed;
}

export interface DraftRow {
  owner: string;
  key: string;
  keptAt: number;
  typed: boolean;
  content: Sealed;
}

/** What the phone knows of itself and of the server. */
export interface Facts {
  owner: string | null;
  account: "in" | "expired" | "out";
  /** This person has left, perhaps without a line: the session is ended as soon as there is one. */
  leaving: number | null;
  /** The session that was last talked in: who leaves, leaves that one, and may be back in another by then. */
  session: string | null;
  /** The capacity chosen on this phone, by person. */
  chosen: Record<number, string>;
  epoch: string | null;
  safeThrough: number;
  keys: PinnedKeys;
  /** Server's clock minus this phone's. */
  offset: number;
  lastSync: number | null;
  /** When the clock was last looked at, and how much of it has passed since the last sync. */
  clockSeen: number;
  unsynced: number;
}

export const NO_FACTS: Facts = {
  owner: null,
  account: "out",
  leaving: null,
  session: null,
  chosen: {},
  epoch: null,
  safeThrough: -1,
  keys: {},
  offset: 0,
  lastSync: null,
  clockSeen: 0,
  unsynced: 0,
};

const NAME = "jiafang-phone";

class Database extends Dexie {
  facts!: Table<Facts & { key: number }, number>;
  owners!: Table<OwnerRow, string>;
  items!: Table<ItemRow, number>;
  contents!: Table<ContentRow, number>;
  drafts!: Table<DraftRow, [string, string]>;

  constructor(platform: Platform) {
    super(NAME, {
      indexedDB: platform.indexedDB,
      IDBKeyRange: platform.keyRange,
      chromeTransactionDurability: "strict",
    });
    this.version(1).stores({
      facts: "key",
      owners: "id",
      items: "++n, id, owner",
      contents: "n",
      drafts: "[owner+key], owner",
    });
  }
}

/** Every method is one transaction; when it resolves, the disk has it. */
export class Store {
  private readonly database: Database;

  constructor(platform: Platform) {
    this.database = new Database(platform);
  }

  async open(): Promise<void> {
    await this.database.open();
  }

  close(): void {
    this.database.close();
  }

  async facts(): Promise<Facts> {
    return { ...NO_FACTS, ...(await this.database.facts.get(1)) };
  }

  /** Changes facts as they are at that moment, whoever else changed them meanwhile. */
  async note(change: (facts: Facts) => Partial<Facts>): Promise<Facts> {
    return this.database.transaction("rw", this.database.facts, async () => {
      const before = { ...NO_FACTS, ...(await this.database.facts.get(1)) };
      const after = { ...before, ...change(before) };
      await this.database.facts.put({ ...after, key: 1 });
      return after;
    });
  }

  owner(id: string): Promise<OwnerRow | undefined> {
    return this.database.owners.get(id);
  }

  owners(): Promise<OwnerRow[]> {
    return this.database.owners.toArray();
  }

  /** Adds an owner unless another tab was faster, whose keys then count; gives a reading key back to one who left. */
  async admit(fresh: OwnerRow): Promise<OwnerRow> {
    return this.database.transaction("rw", this.database.owners, async () => {
      const there = await this.database.owners.get(fresh.id);
      if (there?.reading) return there;
      const row = there ? { ...there, reading: fresh.reading, readingId: fresh.readingId } : fresh;
      await this.database.owners.put(row);
      return row;
    });
  }

  /** Puts down what was given to read, unless it was wiped meanwhile. */
  async describe(owner: OwnerRow, change: Partial<Pick<OwnerRow, "about" | "bundle" | "etag" | "bundleAt">>): Promise<void> {
    const still = (row: OwnerRow) => row.reading !== null && row.readingId === owner.readingId;
    await this.database.owners.where("id").equals(owner.id).and(still).modify(change);
  }

  /**
   * Saves items whose contents were sealed for this owner, all or none of them, together with what the first stands in
   * for, which is not sent any more, and with the end of the drafts they were made of. False when the owner's key has
   * gone meanwhile and they have to be sealed anew.
   */
  async save(owner: OwnerRow, sealed: SealedItem[], insteadOf: number[] = [], ofDrafts: string[] = []): Promise<boolean> {
    const { owners, items, contents, drafts } = this.database;
    return this.database.transaction("rw", owners, items, contents, drafts, async () => {
      if (!(await this.sameKey(owner))) return false;
      const numbers: number[] = [];
      for (const { row, content } of sealed) {
        const n = await items.add(row);
        await contents.add({ n, content });
        numbers.push(n);
      }
      await items.where("n").anyOf(insteadOf).modify({ settledBy: numbers[0] });
      await drafts.bulkDelete(ofDrafts.map((key): [string, string] => [owner.id, key]));
      return true;
    });
  }

  /** Puts an item that was never sent upon another base, in place of those it was written upon. */
  async rebase(row: ItemRow, content: Sealed, insteadOf: number[]): Promise<void> {
    const { items, contents } = this.database;
    await this.database.transaction("rw", items, contents, async () => {
      await items.put(row);
      await contents.put({ n: row.n!, content });
      await items.where("n").anyOf(insteadOf).modify({ settledBy: row.n! });
    });
  }

  async content(n: number): Promise<Sealed | undefined> {
    return (await this.database.contents.get(n))?.content;
  }

  private async sameKey(owner: OwnerRow): Promise<boolean> {
    return (await this.database.owners.get(owner.id))?.writingId === owner.writingId;
  }

  async change(n: number, change: Partial<ItemRow>): Promise<void> {
    await this.database.items.update(n, change);
  }

  items(): Promise<ItemRow[]> {
    return this.database.items.orderBy("n").toArray();
  }

  itemsOf(id: string): Promise<ItemRow[]> {
    return this.database.items.where("id").equals(id).sortBy("n");
  }

  async drop(ns: number[]): Promise<void> {
    const { items, contents } = this.database;
    await this.database.transaction("rw", items, contents, async () => {
      await items.bulkDelete(ns);
      await contents.bulkDelete(ns);
    });
  }

  draft(owner: string, key: string): Promise<DraftRow | undefined> {
    return this.database.drafts.get([owner, key]);
  }

  drafts(owner: string): Promise<DraftRow[]> {
    return this.database.drafts.where("owner").equals(owner).toArray();
  }

  /** False when the owner's key has gone meanwhile. */
  async keepDraft(owner: OwnerRow, row: DraftRow): Promise<boolean> {
    const { owners, drafts } = this.database;
    return this.database.transaction("rw", owners, drafts, async () => {
      if (!(await this.sameKey(owner))) return false;
      await drafts.put(row);
      return true;
    });
  }

  async dropDraft(owner: string, key: string): Promise<void> {
    await this.database.drafts.delete([owner, key]);
  }

  /**
   * Takes from owners what they were given to read, with its key: what is left of it on the disk opens no more.
   * What they wrote stays sealed; an owner of whom nothing is left is forgotten.
   */
  async wipe(which: (owner: OwnerRow) => boolean, facts: Partial<Facts>): Promise<void> {
    const { facts: kept, owners, items, drafts } = this.database;
    await this.database.transaction("rw", kept, owners, items, drafts, async () => {
      const after = { ...NO_FACTS, ...(await kept.get(1)), ...facts };
      for (const owner of (await owners.toArray()).filter(which)) {
        await drafts
          .where("owner")
          .equals(owner.id)
          .filter((draft) => !draft.typed)
          .delete();
        const left =
          (await items.where("owner").equals(owner.id).count()) + (await drafts.where("owner").equals(owner.id).count());
        if (left || after.owner === owner.id) {
          await owners.put({ ...owner, reading: null, readingId: "", about: null, bundle: null, etag: "", bundleAt: 0 });
        } else await owners.delete(owner.id);
      }
      await kept.put({ ...after, key: 1 });
    });
  }
}
