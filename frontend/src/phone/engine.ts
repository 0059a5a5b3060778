// What the pages of the phone may ask of it. "Saved" is said only after the database of the phone has committed.
import type { FileBody, FileKind, OutcomeBody, OutcomeDraft, VisitBody, VisitDraft } from "./body";
import type { Bundle } from "./bundle";
import { openOn } from "./phone";
import { browser, cannotKeep, keepApp } from "./platform";

export type * from "./body";
export type * from "./bundle";
export { NotKept } from "./faults";

export type ItemKind = "visit" | "outcome" | "file";

/**
 * waiting: only on this phone · sending: on its way right now · taken: a receipt says that the server has it ·
 * held: the server keeps it for somebody to look at · conflict: held, and there are two versions to merge ·
 * refused_here: never left for good (too large), needs a change on this phone.
 */
export type ItemState = "waiting" | "sending" | "taken" | "held" | "conflict" | "refused_here";

export interface ItemView {
  id: string;
  kind: ItemKind;
  /** What the server calls it, or will: the `baseRevision` of an edit of what is shown here. */
  revision: number;
  state: ItemState;
  /** ISO time of this phone. */
  savedAt: string;
  body: VisitBody | OutcomeBody | FileBody;
  /** The visit that a file belongs to. */
  visit: string | null;
  /** Why it is held: refused | conflict | out_of_reach | too_large. */
  reason: string;
  message: string;
  place: string;
  /** The server's version of a conflict. */
  current: { revision: number; body: VisitBody } | null;
  attempts: number;
  /** ISO time of the next try; null when nothing is to be tried. */
  nextTry: string | null;
  /** A later revision of the same visit is on this phone too; never of a conflict, which shows the newest words. */
  superseded: boolean;
  /** What became of a held item on the server, where somebody looked at it: "" | taken | replaced | dismissed | left. */
  settledThere: string;
}

export interface Owner {
  person: number;
  name: string;
  capacity: string;
  capacityLabel: string;
}

/** in: as far as is known · expired: sign in again, everything stays · out: nobody has signed in on this phone. */
export type Account = "in" | "expired" | "out";

export interface CannotKeep {
  kind: "cannot_keep";
  reason: "wechat" | "private_window" | "no_storage" | "no_crypto";
}

export interface Phone {
  kind: "ready";
  readonly owner: Owner | null;
  readonly capacities: { key: string; label: string }[];
  readonly account: Account;
  readonly online: boolean;
  /** Running right now. */
  readonly syncing: boolean;
  /** ISO time of the last complete talk with the server. */
  readonly lastSync: string | null;
  /** Items of this owner that are on this phone alone. */
  readonly unsent: number;
  /** Sealed items of other people who used this phone; sent when they sign in here again. */
  readonly unsentOfOthers: number;
  /** The browser has promised not to clear this phone's data by itself. */
  readonly persisted: boolean;
  bundle(): Bundle | null;
  /** Newest first; the present owner's only. */
  items(): Promise<ItemView[]>;
  /** Resolves only after the transaction has committed, with all its files or not at all; throws NotKept otherwise. */
  saveVisit(draft: VisitDraft, how?: HowSaved): Promise<Saved>;
  saveOutcome(draft: OutcomeDraft): Promise<Saved>;
  saveFile(visit: string, kind: FileKind, blob: Blob): Promise<Saved>;
  /** The bytes of a file that is still on this phone. */
  file(id: string): Promise<Blob | null>;
  /** What is typed but not yet saved, sealed too. */
  draft<T>(key: string): Promise<T | null>;
  /** `typed` is false for a form that holds nothing but what was prefilled: signing out forgets such a draft. */
  keepDraft(key: string, value: unknown, typed?: boolean): Promise<void>;
  dropDraft(key: string): Promise<void>;
  drafts(): Promise<{ key: string; keptAt: string }[]>;
  /** Talks with the server now: who is signed in, what waits, what is new. Never throws. */
  sync(): Promise<void>;
  /** The merged version of a conflict, based on what the server has. */
  settleConflict(id: string, merged: VisitDraft): Promise<Saved>;
  /** The owner gives up what the server holds, what was refused here, or the own side of a conflict. */
  dismiss(id: string): Promise<void>;
  /** Another capacity of the same person. */
  actAs(capacity: string): Promise<void>;
  /** Forgets names and all that the server surely has; what is unsent stays sealed. Resolves to their number. */
  signOut(): Promise<number>;
  /** The present time, by the server's clock where it is known. */
  now(): Date;
  on(event: "change", listener: () => void): () => void;
}

export interface HowSaved {
  edit?: { id: string; baseRevision: number };
  files?: { kind: FileKind; blob: Blob }[];
  /** Drafts that end with it, in the same transaction. */
  ofDrafts?: string[];
}

export interface Saved {
  id: string;
  revision: number;
}

export type Opened = Phone | CannotKeep;

/** Decides whether this browser can keep a promise, and opens the phone if so. */
export async function open(): Promise<Opened> {
  const reason = await cannotKeep();
  if (reason) return { kind: "cannot_keep", reason };
  try {
    const phone = await openOn(browser());
    phone.live();
    keepApp();
    return phone;
  } catch {
    return { kind: "cannot_keep", reason: "no_storage" };
  }
}
