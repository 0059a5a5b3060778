// The exact bytes of what is sent. A salt makes that their hash tells nothing about them.
import type { FileKind, OutcomeDraft, VisitBody, VisitDraft } from "./body";
import type { ItemRow, OwnerRow } from "./store";
import { decode, encode } from "./seal";

export type Bytes = Uint8Array<ArrayBuffer>;
export const MOST_BYTES = 256 * 1024;

/**
 * What a record is written upon. The server calls it `base + 1` when it has taken it; `revision` only rises on this
 * phone, also past revisions that the server could not take.
 */
export interface Footing {
  base: number;
  revision: number;
}

export function visitBytes(crypto: Crypto, draft: VisitDraft, on: Footing, writtenAt: string): Bytes {
  const body: VisitBody = {
    ...draft,
    format: 1,
    salt: salt(crypto),
    revision: on.revision,
    base_revision: on.base,
    written_at: writtenAt,
  };
  return encode(JSON.stringify(body));
}

/** The same record upon another base. */
export function rebased(crypto: Crypto, bytes: Bytes, on: Footing): Bytes {
  const body = JSON.parse(decode(bytes)) as VisitBody;
  return visitBytes(crypto, body, on, body.written_at);
}

export function outcomeBytes(crypto: Crypto, draft: OutcomeDraft, writtenAt: string): Bytes {
  return encode(JSON.stringify({ ...draft, format: 1, salt: salt(crypto), written_at: writtenAt }));
}

function salt(crypto: Crypto): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A random UUID, also where the browser is too old to make one itself. */
export function newId(crypto: Crypto): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** Where an item is put on the server, and as what. */
export function address(row: ItemRow): { path: string; type: string } {
  const json = "application/json";
  if (row.kind === "visit") return { path: `/api/visits/${row.id}`, type: json };
  if (row.kind === "outcome") return { path: `/api/outcomes/${row.id}`, type: json };
  return { path: `/api/visits/${row.visit}/files/${row.id}?kind=${row.file}`, type: row.type };
}

export interface Fresh {
  id: string;
  kind: ItemRow["kind"];
  on?: Footing;
  parent?: number | null;
  visit?: string;
  file?: FileKind;
  type?: string;
}

export function newItem(owner: OwnerRow, savedAt: number, size: number, fresh: Fresh): ItemRow {
  const on = fresh.on ?? { base: 0, revision: 1 };
  return {
    id: fresh.id,
    kind: fresh.kind,
    ...on,
    parent: fresh.parent ?? null,
    settledBy: null,
    owner: owner.id,
    person: owner.person,
    visit: fresh.visit ?? null,
    file: fresh.file ?? null,
    type: fresh.type ?? "",
    savedAt,
    attempts: 0,
    nextTry: 0,
    tooLarge: false,
    receipt: null,
    verdict: "",
    answer: null,
    settledThere: "",
    size,
  };
}
