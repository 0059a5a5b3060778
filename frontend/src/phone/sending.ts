// Sends what waits, each item by itself: one that cannot be sent holds up only what was written upon it.
import type { Platform } from "./platform";
import { type Bytes, address, rebased } from "./payloads";
import { type PinnedKeys, answered, hashOf, proves } from "./receipts";
import type { Sealer } from "./seal";
import type { ItemRow, OwnerRow, Store, Verdict } from "./store";
import type { ItemAnswer, Transport } from "./transport";

const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 60 * 60_000;
const DAY = 24 * 60 * 60_000;
/** So many items in a row without an answer, and the line is taken to be down. */
const MISSES = 3;

/** again: begin with a new greeting · signed_out · lost: no line, or a server that answers nobody · busy · done */
export type Pass = "done" | "again" | "signed_out" | "lost" | "busy";

export interface Talk {
  person: number;
  csrf: string;
  epoch: string;
  keys: PinnedKeys;
  /** Also what would have to wait longer, because somebody asked. */
  force: boolean;
  /** A greeting of this moment did not help: what is refused now is refused for reasons of its own. */
  greeted: boolean;
}

export interface AnswerText {
  message: string;
  place: string;
  current: ItemAnswer["current"] | null;
}

export function place(row: { id: string; owner: string }, what: string): string {
  return `${what}|${row.owner}|${row.id}`;
}

export class Sender {
  readonly sending = new Set<number>();

  constructor(
    private readonly platform: Platform,
    private readonly store: Store,
    private readonly sealer: Sealer,
    private readonly transport: Transport,
    private readonly changed: () => Promise<void>,
  ) {}

  /** One pass over all that waits; every item gets one try. */
  async run(talk: Talk): Promise<Pass> {
    const tried = new Set<number>();
    let misses = 0;
    for (;;) {
      const rows = await this.store.items();
      const row = rows
        .filter((one) => one.person === talk.person && !tried.has(one.n!) && this.isDue(one, talk.force))
        .sort((a, b) => a.attempts - b.attempts || a.n! - b.n!)
        .find((one) => isReady(one, rows, talk.epoch));
      if (!row) return "done";
      tried.add(row.n!);
      const result = await this.send(row, rows, talk);
      if (result === "miss") misses += 1;
      else if (result === "got") misses = 0;
      else return result;
      if (misses >= MISSES) return "lost";
    }
  }

  /** A clock that jumped back must not make anything wait for years. */
  private isDue(row: ItemRow, force: boolean): boolean {
    const wait = row.nextTry - this.platform.clock();
    return force || wait <= 0 || wait > 2 * DAY;
  }

  private async send(row: ItemRow, rows: ItemRow[], talk: Talk): Promise<"got" | "miss" | Pass> {
    const owner = await this.store.owner(row.owner);
    const content = await this.store.content(row.n!);
    if (!owner || !content) return "got";
    let bytes: Bytes = await this.sealer.open(owner.writing, place(row, "content"), content);
    let item = row;
    const { stranded, base, parent } = foundation(row, rows, talk.epoch);
    if (stranded.length && !wasAttempted(row)) {
      bytes = rebased(this.platform.crypto, bytes, { base, revision: row.revision });
      item = { ...row, base, parent };
      const sealed = await this.sealer.seal(owner.writing, place(row, "content"), bytes);
      await this.store.rebase(item, sealed, stranded);
    }
    // Counted before it leaves, so that an item that brings the page down waits its turn as well.
    const attempts = row.attempts + 1;
    await this.store.change(row.n!, { attempts, nextTry: this.platform.clock() + this.wait(attempts) });
    this.sending.add(row.n!);
    await this.changed();
    try {
      const { path, type } = address(item);
      const as = { person: owner.person, capacity: owner.capacity };
      const answer = await this.transport.put(path, as, talk.csrf, type, bytes);
      if (answer.told) return await this.note(item, owner, bytes, answer.told, talk);
      if (answer.refusal === "signed_out") return "signed_out";
      if (answer.refusal === "busy") {
        // No fault of the item: it must not wait for hours because all came home at once. That it was sent stays known.
        await this.store.change(row.n!, { attempts: Math.max(1, row.attempts), nextTry: row.nextTry });
        return "busy";
      }
      if (answer.refusal === "forbidden" || answer.refusal === "other_person") return talk.greeted ? "got" : "again";
      if (answer.refusal !== "too_large") return "miss";
      await this.store.change(row.n!, { tooLarge: true, nextTry: this.platform.clock() + DAY });
      return "got";
    } finally {
      this.sending.delete(row.n!);
    }
  }

  private async note(item: ItemRow, owner: OwnerRow, bytes: Bytes, told: ItemAnswer, talk: Talk): Promise<"got" | "miss" | Pass> {
    const { crypto } = this.platform;
    const { id, kind, revision } = item;
    const held = told.status !== "taken";
    const expected = { id, kind, revision, hash: await hashOf(crypto, bytes), epoch: talk.epoch, held };
    if (!(await proves(crypto, talk.keys, told.receipt, expected))) {
      return told.epoch !== undefined && told.epoch !== talk.epoch ? "again" : "miss";
    }
    const { sequence } = told.receipt as { sequence: number };
    const text: AnswerText = { message: told.message ?? "", place: told.place ?? "", current: told.current ?? null };
    const settled = item.settledThere !== "" && !held;
    await this.store.change(item.n!, {
      receipt: { sequence, epoch: talk.epoch, held },
      verdict: settled ? item.verdict : verdictOf(told),
      answer: held ? await this.sealer.sealJson(owner.writing, place(item, "answer"), text) : null,
      settledThere: settled ? item.settledThere : "",
      tooLarge: false,
      attempts: 0,
      nextTry: 0,
    });
    const safe = told.safe_through;
    if (told.epoch === talk.epoch && typeof safe === "number" && Number.isSafeInteger(safe)) {
      await this.store.note((facts) =>
        facts.epoch === talk.epoch ? { safeThrough: Math.max(facts.safeThrough, safe) } : {},
      );
    }
    return "got";
  }

  private wait(attempts: number): number {
    return growing(attempts, LONGEST_WAIT, this.platform.random());
  }
}

/** Doubled at each attempt up to the longest; jitter keeps all the phones of an evening from coming back together. */
export function growing(attempts: number, longest: number, random: number): number {
  return Math.min(longest, FIRST_WAIT * 2 ** Math.min(attempts - 1, 20)) * (0.5 + random);
}

function verdictOf(told: ItemAnswer): Verdict {
  if (told.status === "taken" || told.status === "conflict") return told.status;
  return told.reason === "out_of_reach" ? "out_of_reach" : "refused";
}

/** Whether the server will never build upon it: what was written upon it then stands upon what it stood upon. */
export function isStranded(row: ItemRow, epoch: string | null): boolean {
  const here = answered(row.receipt, epoch);
  if (here && row.verdict === "taken") return false;
  return row.settledBy !== null || row.tooLarge || (here && (row.verdict !== "conflict" || row.settledThere !== ""));
}

/** What an item really stands upon. A base that only another version of this phone had would be a lie. */
function foundation(row: ItemRow, rows: ItemRow[], epoch: string): { stranded: number[]; base: number; parent: number | null } {
  const stranded: number[] = [];
  let { base, parent } = row;
  for (;;) {
    const under = rows.find((one) => one.n === parent);
    if (!under || !isStranded(under, epoch)) return { stranded, base, parent };
    stranded.push(under.n!);
    ({ base, parent } = under);
  }
}

function wasAttempted(row: ItemRow): boolean {
  return row.attempts > 0 || row.receipt !== null;
}

/** Whether it still has to be sent, and nothing has to go before it. */
function isReady(row: ItemRow, rows: ItemRow[], epoch: string): boolean {
  // What the server held and somebody has settled there has another receipt by now.
  const asksAgain = row.settledBy === null && row.settledThere !== "" && row.receipt?.held === true;
  if (!isUnsent(row, epoch)) return asksAgain;
  if (row.kind === "file") return hasVisit(row, rows, epoch);
  const under = rows.find((one) => one.n === foundation(row, rows, epoch).parent);
  return !under || (answered(under.receipt, epoch) && under.verdict === "taken");
}

function hasVisit(file: ItemRow, rows: ItemRow[], epoch: string): boolean {
  const visits = rows.filter((one) => one.kind === "visit" && one.id === file.visit && one.settledBy === null);
  const here = visits.map((one) => (answered(one.receipt, epoch) ? one.verdict : ""));
  return !here.length || here.includes("taken") || here.every((verdict) => verdict === "out_of_reach");
}

/** On this phone alone, as far as this life of the server's database knows. */
export function isUnsent(row: ItemRow, epoch: string | null): boolean {
  return row.settledBy === null && !answered(row.receipt, epoch);
}
