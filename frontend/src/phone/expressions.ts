// Evaluates the expressions of added questions as XPath 1.0 does; the twin of visits/questions/evaluate.py.
export type Tree = [string, ...unknown[]];
export type Value = string | number | boolean;
type Program = [string, ...unknown[]][];

export interface Surroundings {
  answer(name: string): Value;
  /** The day of the visit, YYYY-MM-DD. */
  today: string;
  own: Value;
  columns: ReadonlyMap<string, string>;
}

const PLAIN_BELOW = 1e15;
const NUMBER = /^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/;
const DAY = /^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$/;
const DAY_LENGTH = 86_400_000;

export function holds(tree: Tree, around: Surroundings): boolean {
  return toTruth(evaluate(tree, around));
}

export function evaluate(tree: Tree, around: Surroundings): Value {
  const part = (at: number) => evaluate(tree[at] as Tree, around);
  switch (tree[0]) {
    case "number":
      return tree[1] as number;
    case "text":
      return tree[1] as string;
    case "answer":
      return around.answer(tree[1] as string);
    case "self":
      return around.own;
    case "column":
      return around.columns.get(tree[1] as string) ?? "";
    case "and":
      return toTruth(part(1)) && toTruth(part(2));
    case "or":
      return toTruth(part(1)) || toTruth(part(2));
    case "negative":
      return -toNumber(part(1));
    case "matches":
      return matches(tree[2] as Program, toText(part(1)));
    case "call":
      return call(tree[1] as string, tree.slice(2) as Tree[], around);
    case "=":
      return equal(part(1), part(2));
    case "!=":
      return !equal(part(1), part(2));
    default:
      return computed(tree[0], toNumber(part(1)), toNumber(part(2)));
  }
}

export function toText(value: Value): string {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < PLAIN_BELOW) return String(value === 0 ? 0 : value);
  return plain(String(value));
}

/** 1e+21 and 1e-7 written out. */
function plain(text: string): string {
  const found = /^(-?)([0-9])(?:\.([0-9]+))?e([+-][0-9]+)$/.exec(text);
  if (!found) return text;
  const [, sign, first, rest = "", power] = found;
  const digits = first + rest;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

export function toNumber(value: Value): number {
  if (typeof value !== "string") return Number(value);
  const text = trimmed(value);
  if (NUMBER.test(text)) return Number(text);
  return isDay(text) ? Date.parse(`${text}T00:00:00Z`) / DAY_LENGTH : NaN;
}

export function toTruth(value: Value): boolean {
  return Boolean(value);
}

export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Without the blanks that XML knows; other white space is a part of the text. */
export function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+/, "").replace(/[ \t\r\n]+$/, "");
}

function wordsOf(value: Value): string[] {
  return toText(value)
    .split(/[ \t\r\n]+/)
    .filter(Boolean);
}

function equal(left: Value, right: Value): boolean {
  if (typeof left === "boolean" || typeof right === "boolean") return toTruth(left) === toTruth(right);
  if (typeof left === "number" || typeof right === "number") return toNumber(left) === toNumber(right);
  return left === right;
}

function computed(kind: string, left: number, right: number): Value {
  switch (kind) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "div":
      return left / right;
    case "mod":
      return left % right;
    default:
      throw new Error(`unknown step: ${kind}`);
  }
}

function call(name: string, parts: Tree[], around: Surroundings): Value {
  if (name === "if") return evaluate(holds(parts[0], around) ? parts[1] : parts[2], around);
  const values = parts.map((part) => evaluate(part, around));
  const [first, second] = values;
  switch (name) {
    case "not":
      return !toTruth(first);
    case "true":
      return true;
    case "false":
      return false;
    case "boolean":
      return toTruth(first);
    case "number":
      return toNumber(first);
    case "int":
      return Math.trunc(toNumber(first));
    case "string":
    case "date":
      return toText(first);
    case "today":
      return around.today;
    case "coalesce":
      return toText(first) !== "" ? first : second;
    case "concat":
      return values.map(toText).join("");
    case "contains":
      return toText(first).includes(toText(second));
    case "starts-with":
      return toText(first).startsWith(toText(second));
    case "string-length":
      return Array.from(toText(values.length ? first : around.own)).length;
    case "selected":
      return wordsOf(first).includes(trimmed(toText(second)));
    case "count-selected":
      return wordsOf(first).length;
    default:
      throw new Error(`unknown function: ${name}`);
  }
}

/** Runs the program that the server has made of a pattern; see visits/questions/patterns.py. */
function matches(program: Program, text: string): boolean {
  const points = Array.from(text, (character) => character.codePointAt(0)!);
  let here = reached(program, [0], 0, points.length);
  for (let position = 0; position < points.length; position++) {
    const following: number[] = [];
    for (const step of here) {
      const [kind, negated, bounds] = program[step];
      if (kind === "one" && within(points[position], bounds as number[]) !== Boolean(negated)) following.push(step + 1);
    }
    if (!following.length) return false;
    here = reached(program, following, position + 1, points.length);
  }
  return Array.from(here).some((step) => program[step][0] === "done");
}

function reached(program: Program, begun: number[], position: number, last: number): Set<number> {
  const found = new Set<number>();
  const waiting = [...begun];
  while (waiting.length) {
    const step = waiting.pop()!;
    if (found.has(step)) continue;
    found.add(step);
    const [kind, first, second] = program[step];
    if (kind === "either") waiting.push(first as number, second as number);
    else if (kind === "go") waiting.push(first as number);
    else if ((kind === "start" && position === 0) || (kind === "end" && position === last)) waiting.push(step + 1);
  }
  return found;
}

function within(point: number, bounds: number[]): boolean {
  for (let at = 0; at < bounds.length; at += 2) if (bounds[at] <= point && point <= bounds[at + 1]) return true;
  return false;
}
