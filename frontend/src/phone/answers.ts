// Checks answers to added questions against their definition; the twin of visits/questions/answers.py.
import { holds, isDay, trimmed, type Surroundings, type Tree, type Value } from "./expressions";

export type Language = "zh" | "en";
export type Texts = Partial<Record<Language, string>>;
export type Answer = string | number | string[];
export type Answers = Record<string, Answer>;
export type Kind =
  | "group"
  | "note"
  | "text"
  | "integer"
  | "decimal"
  | "date"
  | "time"
  | "select_one"
  | "select_multiple";

export interface Item {
  type: Kind;
  name: string;
  label?: Texts;
  hint?: Texts;
  required?: boolean | Tree;
  required_message?: Texts;
  relevant?: Tree;
  constraint?: Tree;
  constraint_message?: Texts;
  default?: Answer;
  default_of?: Tree;
  list?: string;
  choice_filter?: Tree;
  items?: Item[];
}
export interface Choice {
  name: string;
  label: Texts;
  columns?: Record<string, string>;
}
export interface Definition {
  format: number;
  items: Item[];
  order: string[];
  choices: Record<string, Choice[]>;
}
export type FaultCode = "unknown" | "type" | "length" | "choice" | "required" | "constraint";
export interface AnswerFault {
  name: string;
  code: FaultCode;
}

export const LONGEST_ANSWER = 2000;
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const NO_COLUMNS: ReadonlyMap<string, string> = new Map();

/** The answers to what is shown, in the order of the questions, and what is wrong with them. */
export function checkAnswers(
  definition: Definition,
  values: Record<string, unknown>,
  today: string,
): { values: Answers; faults: AnswerFault[] } {
  const state = new Standing(definition, values, today);
  return { values: state.cleaned(), faults: state.faults };
}

/** What is shown, open and given, for one set of values. */
export class Standing {
  readonly faults: AnswerFault[] = [];
  readonly items = new Map<string, { item: Item; group: string }>();
  private readonly given = new Map<string, Answer>();
  private readonly shown = new Map<string, boolean>();

  constructor(
    private readonly definition: Definition,
    values: Record<string, unknown>,
    private readonly today: string,
  ) {
    this.gather(definition.items, "");
    for (const [name, value] of Object.entries(values)) this.take(name, value);
    for (const name of definition.order) {
      const { item, group } = this.items.get(name)!;
      const inShown = !group || this.shown.get(group) === true;
      this.shown.set(name, inShown && (!item.relevant || holds(item.relevant, this.around())));
    }
  }

  isShown(name: string): boolean {
    return this.shown.get(name) === true;
  }

  /** The answer to something shown. */
  answer(name: string): Answer | undefined {
    return this.isShown(name) ? this.given.get(name) : undefined;
  }

  isRequired(item: Item): boolean {
    return Array.isArray(item.required) ? holds(item.required, this.around()) : Boolean(item.required);
  }

  /** The choices that are open now. */
  choices(item: Item): Choice[] {
    const rows = this.definition.choices[item.list!];
    if (!item.choice_filter) return rows;
    return rows.filter((row) =>
      holds(item.choice_filter!, this.around("", new Map(Object.entries(row.columns ?? {})))),
    );
  }

  cleaned(): Answers {
    const kept: [string, Answer][] = [];
    for (const [name, { item }] of this.items) {
      if (item.type === "group" || item.type === "note" || !this.isShown(name)) continue;
      const answer = this.given.get(name);
      if (answer !== undefined) kept.push([name, this.checked(item, answer)]);
      else if (this.isRequired(item) && !this.faults.some((fault) => fault.name === name)) this.fault(name, "required");
    }
    return Object.fromEntries(kept);
  }

  around(own: Value = "", columns: ReadonlyMap<string, string> = NO_COLUMNS): Surroundings {
    return { answer: (name) => expressionValue(this.answer(name)), today: this.today, own, columns };
  }

  private gather(items: Item[], group: string): void {
    for (const item of items) {
      this.items.set(item.name, { item, group });
      if (item.items) this.gather(item.items, item.name);
    }
  }

  private take(name: string, value: unknown): void {
    const item = this.items.get(name)?.item;
    if (!item || item.type === "group" || item.type === "note") return this.fault(name, "unknown");
    if (value === null || value === undefined || (Array.isArray(value) && !value.length)) return;
    if (typeof value === "string" && !trimmed(value)) return;
    if (!isOfType(item.type, value)) return this.fault(name, "type");
    if (typeof value === "string" && Array.from(value).length > LONGEST_ANSWER) return this.fault(name, "length");
    this.given.set(name, value as Answer);
  }

  private checked(item: Item, answer: Answer): Answer {
    let kept = answer;
    if (item.list) {
      const open = this.choices(item).map((choice) => choice.name);
      const chosen = Array.isArray(answer) ? answer : [String(answer)];
      if (chosen.some((name) => !open.includes(name)) || new Set(chosen).size < chosen.length) {
        this.fault(item.name, "choice");
        return answer;
      }
      if (Array.isArray(answer)) kept = open.filter((name) => chosen.includes(name));
    }
    if (item.constraint && !holds(item.constraint, this.around(expressionValue(kept)))) this.fault(item.name, "constraint");
    return kept;
  }

  private fault(name: string, code: FaultCode): void {
    this.faults.push({ name, code });
  }
}

export function expressionValue(answer: Answer | undefined): Value {
  if (answer === undefined) return "";
  return Array.isArray(answer) ? answer.join(" ") : answer;
}

export function textOf(texts: Texts | undefined, language: Language): string {
  return texts?.[language] || texts?.zh || texts?.en || "";
}

function isOfType(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case "integer":
      return Number.isSafeInteger(value);
    case "decimal":
      return typeof value === "number" && Number.isFinite(value);
    case "select_multiple":
      return Array.isArray(value) && value.every((part) => typeof part === "string" && part !== "");
    case "date":
      return typeof value === "string" && isDay(value);
    case "time":
      return typeof value === "string" && TIME.test(value);
    default:
      return typeof value === "string";
  }
}
