// Talking with the server. Whatever is not exactly an answer of ours counts as no answer.
import type { VisitBody } from "./body";
import type { Bundle } from "./bundle";
import type { Platform } from "./platform";

export interface Hello {
  csrf: string;
  person: number;
  name: string;
  capacities: { key: string; label: string }[];
  capacity: string;
  epoch: string;
  safe_through: number;
  key_id: string;
  public_key: JsonWebKey;
  /** The same as long as one is signed in without a break. */
  session: string;
  now: string;
}

/** Whose request it is: the session of somebody else must not take it. */
export interface As {
  person: number;
  capacity: string;
}

export interface ItemAnswer {
  status: string;
  reason?: string;
  message?: string;
  place?: string;
  current?: { revision: number; body: VisitBody };
  receipt?: unknown;
  safe_through?: number;
  epoch?: string;
}

/**
 * lost: nothing that can be relied upon came back · signed_out · forbidden: the token is stale ·
 * other_person: the session belongs to somebody else · too_large · busy: the server has no time for phones now ·
 * failed: the server has a fault
 */
export type Refusal = "lost" | "signed_out" | "forbidden" | "other_person" | "too_large" | "busy" | "failed";
export type Told<T> = { told: T; refusal: null } | { told: null; refusal: Refusal };

const PATIENCE = 30_000;
/** The slowest line that a large file is given time for, in bytes a second. */
const SLOWEST = 8_000;

export class Transport {
  constructor(private readonly platform: Platform) {}

  async hello(): Promise<Told<Hello>> {
    const answer = await this.ask("/api/phone/hello", { method: "GET" });
    if (answer.refusal) return answer;
    const hello = answer.told.json as Hello;
    return answer.told.status === 200 && isHello(hello) ? { told: hello, refusal: null } : refused("failed");
  }

  /** null when nothing has changed since `etag`. */
  async bundle(as: As, etag: string): Promise<Told<{ bundle: Bundle; etag: string } | null>> {
    const headers: Record<string, string> = etag ? { ...who(as), "If-None-Match": etag } : who(as);
    const answer = await this.ask("/api/phone/bundle", { method: "GET", headers });
    if (answer.refusal) return answer;
    const { status, json, tag } = answer.told;
    if (status === 304) return { told: null, refusal: null };
    const bundle = json as Bundle;
    if (status === 409) return refused("other_person");
    if (status !== 200 || bundle?.format !== 1) return refused("failed");
    const ours = bundle.person?.id === as.person && bundle.capacity?.key === as.capacity;
    return ours ? { told: { bundle, etag: tag }, refusal: null } : refused("other_person");
  }

  async put(path: string, as: As, csrf: string, type: string, bytes: Uint8Array<ArrayBuffer>): Promise<Told<ItemAnswer>> {
    const headers = { ...who(as), "X-CSRFToken": csrf, "Content-Type": type };
    const patience = PATIENCE + (bytes.length / SLOWEST) * 1000;
    const answer = await this.ask(path, { method: "PUT", headers, body: bytes }, patience);
    if (answer.refusal) return answer;
    const { status, json } = answer.told;
    const told = json as ItemAnswer;
    if (status === 409 && told?.status === "other_person") return refused("other_person");
    if ([200, 202, 409, 422].includes(status) && told?.receipt) return { told, refusal: null };
    return refused("failed");
  }

  /** Ends the session as the button on the pages does. */
  async signOut(csrf: string): Promise<boolean> {
    const headers = { "X-CSRFToken": csrf };
    try {
      const response = await this.fetch("/accounts/logout/", { method: "POST", headers, redirect: "manual" }, PATIENCE);
      return response.type === "opaqueredirect" || response.ok || response.status === 302;
    } catch {
      return false;
    }
  }

  private async ask(
    path: string,
    init: RequestInit,
    patience = PATIENCE,
  ): Promise<Told<{ status: number; json: unknown; tag: string }>> {
    try {
      const response = await this.fetch(path, { ...init, redirect: "error" }, patience);
      const { status, headers } = response;
      const type = headers.get("Content-Type") ?? "";
      const tag = headers.get("ETag") ?? "";
      if (status === 304) return { told: { status, json: null, tag }, refusal: null };
      if (status === 413) return refused("too_large");
      if (status === 503 && headers.has("Retry-After")) return refused("busy");
      // A hotel's sign-in page may answer anything; only our own kind of answer means something.
      const json: unknown = /^application\/(problem\+)?json/.test(type) ? JSON.parse(await response.text()) : null;
      if (status === 401 && json) return refused("signed_out");
      if (status === 403) return refused("forbidden");
      return json === null ? refused("failed") : { told: { status, json, tag }, refusal: null };
    } catch {
      return refused("lost");
    }
  }

  private async fetch(path: string, init: RequestInit, patience: number): Promise<Response> {
    const abort = new AbortController();
    const give = this.platform.later(() => abort.abort(), patience);
    try {
      const response = await this.platform.fetch(path, {
        ...init,
        headers: { Accept: "application/json", ...init.headers },
        credentials: "same-origin",
        cache: "no-store",
        signal: abort.signal,
      });
      const body = await response.arrayBuffer();
      if (response.type === "opaqueredirect" || [204, 304].includes(response.status)) return response;
      return new Response(body, { status: response.status, headers: response.headers });
    } finally {
      give();
    }
  }
}

function who(as: As): Record<string, string> {
  return { "X-Jiafang-Person": String(as.person), "X-Jiafang-Capacity": as.capacity };
}

function refused(refusal: Refusal): { told: null; refusal: Refusal } {
  return { told: null, refusal };
}

function isHello(hello: Hello | null): hello is Hello {
  return (
    typeof hello === "object" &&
    hello !== null &&
    typeof hello.csrf === "string" &&
    Number.isInteger(hello.person) &&
    Array.isArray(hello.capacities) &&
    typeof hello.epoch === "string" &&
    Number.isInteger(hello.safe_through) &&
    typeof hello.key_id === "string" &&
    typeof hello.public_key?.x === "string" &&
    typeof hello.session === "string" &&
    !Number.isNaN(Date.parse(hello.now))
  );
}
