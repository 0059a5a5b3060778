// How items look to the pages: opened, with their state and what was answered.
import type { FileBody, ItemState, ItemView, VisitBody } from "./engine";
import type { Bytes } from "./payloads";
import { answered } from "./receipts";
import { type Sealer, decode } from "./seal";
import { type AnswerText, place } from "./sending";
import type { ItemRow, Store } from "./store";

export class Views {
  constructor(
    private readonly store: Store,
    private readonly sealer: Sealer,
    private readonly sending: ReadonlySet<number>,
  ) {}

  async of(person: number, clock: number): Promise<ItemView[]> {
    const { epoch } = await this.store.facts();
    const all = await this.store.items();
    const rows = all.filter((row) => row.person === person && row.settledBy === null);
    const views: ItemView[] = [];
    for (const row of rows.reverse()) {
      // Of a conflict the newest words of this phone are shown; those written upon it wait for it.
      const newest = isOpenConflict(row, epoch) ? (writtenUpon(row, rows).sort((a, b) => b.n! - a.n!)[0] ?? row) : row;
      const body = await this.bodyOf(newest);
      const answer = await this.answerOf(row);
      if (!body) continue;
      const state = this.stateOf(row, epoch);
      const waits = state === "waiting" || state === "refused_here";
      const reason = state === "held" || state === "conflict" ? row.verdict : "";
      views.push({
        id: row.id,
        kind: row.kind,
        revision: row.base + 1,
        state,
        savedAt: new Date(row.savedAt).toISOString(),
        body,
        visit: row.visit,
        reason: state === "refused_here" ? "too_large" : reason,
        message: answer?.message ?? "",
        place: answer?.place ?? "",
        current: answer?.current ?? null,
        attempts: row.attempts,
        nextTry: waits ? new Date(row.nextTry || clock).toISOString() : null,
        superseded: state !== "conflict" && rows.some((one) => one.id === row.id && one.kind === row.kind && one.n! > row.n!),
        settledThere: row.settledThere,
      });
    }
    return views;
  }

  async contentOf(row: ItemRow): Promise<Bytes | null> {
    const [owner, content] = [await this.store.owner(row.owner), await this.store.content(row.n!)];
    return owner && content ? this.sealer.open(owner.writing, place(row, "content"), content) : null;
  }

  private async bodyOf(row: ItemRow): Promise<ItemView["body"] | null> {
    if (row.kind === "file") {
      const body: FileBody = { visit: row.visit ?? "", file: row.file ?? "photo", size: row.size, type: row.type };
      return body;
    }
    const bytes = await this.contentOf(row);
    return bytes && (JSON.parse(decode(bytes)) as VisitBody);
  }

  async answerOf(row: ItemRow): Promise<AnswerText | null> {
    const owner = row.answer && (await this.store.owner(row.owner));
    return owner && row.answer ? this.sealer.openJson<AnswerText>(owner.writing, place(row, "answer"), row.answer) : null;
  }

  private stateOf(row: ItemRow, epoch: string | null): ItemState {
    if (this.sending.has(row.n!)) return "sending";
    if (answered(row.receipt, epoch)) {
      if (row.verdict === "taken" || row.settledThere === "taken") return "taken";
      return row.verdict === "conflict" ? "conflict" : "held";
    }
    return row.tooLarge ? "refused_here" : "waiting";
  }
}

export function isOpenConflict(row: ItemRow, epoch: string | null): boolean {
  return row.settledBy === null && row.verdict === "conflict" && !row.settledThere && answered(row.receipt, epoch);
}

/** Everything that was written upon an item, and upon that in turn. */
export function writtenUpon(item: ItemRow, rows: ItemRow[]): ItemRow[] {
  const next = rows.filter((row) => row.parent === item.n);
  return next.flatMap((row) => [row, ...writtenUpon(row, rows)]);
}
