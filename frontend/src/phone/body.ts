// What a phone sends: the shapes of its records as the server reads them.

/** A record as the form fills it; the engine adds format, salt, revision, base and the time of writing. */
export interface VisitDraft {
  campaign: number;
  appointment: number | null;
  duties: number[];
  /** The people met, in the order of the duties. */
  people: number[];
  channel: string;
  started_at: string;
  ended_at: string | null;
  participants: { person: number | null; relation: string; channel: string }[];
  chips: string[];
  finding: string;
  notes: { person: number; axis: string; text: string }[];
  guardian_opinion: string;
  notices_conveyed: boolean;
  follow_up: boolean;
  concerns: Concern[];
  answers: { set: number; version: number; values: Record<string, Value> }[];
  form_seconds: number | null;
}

export type Value = string | number | string[];

export interface Concern {
  id: string;
  person: number;
  category: string;
  alert_tier: string;
  text: string;
  follow_up: boolean;
}

export interface VisitBody extends VisitDraft {
  format: 1;
  salt: string;
  revision: number;
  base_revision: number;
  written_at: string;
}

export type Outcome = "missed" | "cancelled_by_family" | "cancelled_by_school" | "declined" | "moved" | "arranged";

export interface OutcomeDraft {
  appointment: number;
  outcome: Outcome;
  moved_to: string | null;
}

export interface OutcomeBody extends OutcomeDraft {
  format: 1;
  salt: string;
  written_at: string;
}

export type FileKind = "photo" | "voice";

/** What the list shows of a file; its bytes are read by `Phone.file`. */
export interface FileBody {
  visit: string;
  file: FileKind;
  size: number;
  type: string;
}
