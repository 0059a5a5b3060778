// What the server's word is worth: a receipt is believed by its signature, and allows to delete only what is in backups.
import { encode } from "./seal";

export interface Receipt {
  id: string;
  kind: string;
  revision: number;
  hash: string;
  sequence: number;
  epoch: string;
  held: boolean;
  key_id: string;
  signature: string;
}

/** What the phone remembers of a receipt that it has verified. */
export interface Covered {
  sequence: number;
  epoch: string;
  held: boolean;
}

export interface Expected {
  id: string;
  kind: string;
  revision: number;
  hash: string;
  epoch: string;
  held: boolean;
}

export type PinnedKeys = Record<string, JsonWebKey>;

/** The keys known so far and the one told now; null if it is told as another key under a known name. */
export function pin(known: PinnedKeys, id: string, key: JsonWebKey): PinnedKeys | null {
  const before = known[id];
  if (before && (before.x !== key.x || before.y !== key.y)) return null;
  return before ? known : { ...known, [id]: { kty: "EC", crv: "P-256", x: key.x, y: key.y } };
}

export async function hashOf(crypto: Crypto, bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether the server has signed that it has exactly this, in this life of its database. */
export async function proves(crypto: Crypto, keys: PinnedKeys, told: unknown, expected: Expected): Promise<boolean> {
  const receipt = told as Receipt | null;
  if (typeof receipt !== "object" || receipt === null) return false;
  for (const name of ["id", "kind", "revision", "hash", "epoch", "held"] as const) {
    if (receipt[name] !== expected[name]) return false;
  }
  const jwk = typeof receipt.key_id === "string" && receipt.key_id in keys ? keys[receipt.key_id] : null;
  if (!jwk || !Number.isSafeInteger(receipt.sequence) || typeof receipt.signature !== "string") return false;
  const { kind, id, revision, hash, sequence, epoch, held } = receipt;
  const statement = `jiafang receipt|${kind}|${id}|${revision}|${hash}|${sequence}|${epoch}|${held ? 1 : 0}`;
  const how = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  try {
    const key = await crypto.subtle.importKey("jwk", jwk, how, false, ["verify"]);
    return await crypto.subtle.verify(how, key, bytesOf(receipt.signature), encode(statement));
  } catch {
    return false;
  }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Whether the server of this life of the database has answered for the item, be it that it holds it. */
export function answered(receipt: Covered | null, epoch: string | null): receipt is Covered {
  return receipt !== null && receipt.epoch === epoch;
}

/** Whether every backup that can still be restored contains what the receipt is for. */
export function inEveryBackup(receipt: Covered | null, epoch: string | null, safeThrough: number): boolean {
  return answered(receipt, epoch) && receipt.sequence <= safeThrough;
}
