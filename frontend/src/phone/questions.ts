// Draws added questions into a container and keeps what is shown in step with the answers.
import { icon, make } from "../dom";
import {
  type Answer,
  type AnswerFault,
  type Answers,
  checkAnswers,
  type Definition,
  type Item,
  type Language,
  LONGEST_ANSWER,
  Standing,
  textOf,
  type Texts,
} from "./answers";
import { evaluate, toText, type Value } from "./expressions";
import { questionWords } from "./question-words";

export { checkAnswers, type Answers, type Definition } from "./answers";

export interface QuestionsOptions {
  /** The day of the visit, which is what today() means; without it the day of the phone. */
  today?: () => string;
  onChange?: () => void;
}
export interface Questions {
  /** The answers to what is shown, ready to be saved. */
  values(): Answers;
  faults(): { name: string; message: string }[];
  /** Says every fault beside its question and goes to the first; true when there is none. */
  show(): boolean;
  /** Draws anew what hangs on the day of the visit. */
  refresh(): void;
}

const MOST_CHIPS = 10;
const REFERENCE = /\$\{\s*([^{}]+?)\s*\}/g;
let drawn = 0;

export function renderQuestions(
  container: HTMLElement,
  definition: Definition,
  values: Answers | null,
  lang: string,
  options: QuestionsOptions = {},
): Questions {
  const sheet = new Sheet(definition, values, lang.startsWith("en") ? "en" : "zh", options);
  container.replaceChildren(...sheet.elements);
  return sheet;
}

/** The day of this device, as the questions know days. */
export function dayOf(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** An answer in the words of its question. */
export function answerInWords(definition: Definition, item: Item, answer: Answer, language: Language): string {
  if (!item.list) return Array.isArray(answer) ? answer.join(" ") : toText(answer);
  const labels = new Map(definition.choices[item.list].map((choice) => [choice.name, textOf(choice.label, language)]));
  const chosen = Array.isArray(answer) ? answer : [String(answer)];
  return chosen.map((name) => labels.get(name) || name).join(questionWords[language].joiner);
}

let pressed = false;
if (typeof document !== "undefined") {
  for (const [event, down] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]] as const) {
    document.addEventListener(event, () => (pressed = down), true);
  }
}

/** After the finger is lifted: a fault that appears under it would push away what it is about to tap. */
function onceReleased(then: () => void): void {
  if (pressed) document.addEventListener("pointerup", () => setTimeout(then), { capture: true, once: true });
  else then();
}

/** One question or group as it stands on the page. */
interface Part {
  item: Item;
  element: HTMLElement;
  /** Texts that name answers: drawn again with every change. */
  texts: { target: HTMLElement; texts: Texts }[];
  control?: Control;
  error?: HTMLElement;
  touched: boolean;
}
interface Control {
  read(): unknown;
  mark(faulty: boolean, required: boolean): void;
  focus(): void;
  open?(standing: Standing): void;
}

class Sheet implements Questions {
  readonly elements: HTMLElement[];
  private readonly parts: Part[] = [];
  private readonly id = `questions-${++drawn}`;
  private readonly words;
  private readonly day: () => string;

  constructor(
    private readonly definition: Definition,
    given: Answers | null,
    private readonly language: Language,
    private readonly options: QuestionsOptions,
  ) {
    this.words = questionWords[language];
    this.day = options.today ?? (() => dayOf(new Date()));
    const fresh = !given || !Object.keys(given).length;
    const values = fresh ? this.defaults() : given;
    this.elements = definition.items.map((item) => this.part(item, values, 3));
    this.refresh();
  }

  values(): Answers {
    return checkAnswers(this.definition, this.entered(), this.day()).values;
  }

  faults(): { name: string; message: string }[] {
    const standing = this.standing();
    standing.cleaned();
    return standing.faults.map((fault) => ({ name: fault.name, message: this.message(fault, standing) }));
  }

  show(): boolean {
    for (const part of this.parts) part.touched = true;
    this.refresh();
    const first = this.parts.find((part) => part.error && !part.error.hidden && !part.element.hidden);
    first?.control?.focus();
    return !first;
  }

  refresh(): void {
    // A choice that has just closed is let go, which may close others in turn.
    for (const part of this.parts) part.control?.open?.(this.standing());
    const standing = this.standing();
    standing.cleaned();
    const faults = new Map(standing.faults.map((fault) => [fault.name, fault]));
    for (const part of this.parts) {
      part.element.hidden = !standing.isShown(part.item.name);
      for (const { target, texts } of part.texts) target.textContent = this.filled(texts, standing);
      if (!part.control || !part.error) continue;
      const fault = part.touched ? faults.get(part.item.name) : undefined;
      part.error.hidden = !fault;
      if (fault) part.error.lastElementChild!.textContent = this.message(fault, standing);
      part.control.mark(Boolean(fault), standing.isRequired(part.item));
    }
  }

  private standing(): Standing {
    return new Standing(this.definition, this.entered(), this.day());
  }

  private entered(): Record<string, unknown> {
    const entries = this.parts.filter((part) => part.control).map((part) => [part.item.name, part.control!.read()]);
    return Object.fromEntries(entries) as Record<string, unknown>;
  }

  private defaults(): Answers {
    const today = this.day();
    const around = { answer: (): Value => "", today, own: "" as Value, columns: new Map<string, string>() };
    const found: [string, Answer][] = [];
    const gather = (items: Item[]): void => {
      for (const item of items) {
        if (item.items) gather(item.items);
        else if (item.default !== undefined) found.push([item.name, item.default]);
        else if (item.default_of) found.push([item.name, typed(item, evaluate(item.default_of, around))]);
      }
    };
    gather(this.definition.items);
    return Object.fromEntries(found);
  }

  private message(fault: AnswerFault, standing: Standing): string {
    const item = standing.items.get(fault.name)?.item;
    const own =
      fault.code === "required" ? item?.required_message : fault.code === "constraint" ? item?.constraint_message : undefined;
    if (own && textOf(own, this.language)) return this.filled(own, standing);
    return (fault.code === "type" && item && this.words.types[item.type]) || this.words.faults[fault.code];
  }

  private filled(texts: Texts, standing: Standing): string {
    return textOf(texts, this.language).replace(REFERENCE, (_whole, name: string) => {
      const answer = standing.answer(name);
      const item = standing.items.get(name)?.item;
      return answer === undefined || !item ? "…" : answerInWords(this.definition, item, answer, this.language);
    });
  }

  private part(item: Item, values: Answers, level: number): HTMLElement {
    const id = `${this.id}-${this.parts.length}`;
    const part: Part = { item, element: make("div", "field"), texts: [], touched: false };
    this.parts.push(part);
    if (item.type === "group") this.group(part, id, values, level);
    else if (item.type === "note") part.element = this.note(part);
    else this.question(part, id, values[item.name]);
    part.element.dataset.question = item.name;
    part.element.dataset.place = `answers.${item.name}`;
    return part.element;
  }

  private text<K extends keyof HTMLElementTagNameMap>(part: Part, tag: K, className: string, texts: Texts | undefined) {
    const element = make(tag, className);
    if (texts) part.texts.push({ target: element, texts });
    return element;
  }

  private group(part: Part, id: string, values: Answers, level: number): void {
    part.element = make("div", "field question-group");
    part.element.setAttribute("role", "group");
    if (part.item.label) {
      const title = this.text(part, level > 3 ? "h4" : "h3", "question-group-title", part.item.label);
      title.id = `${id}-label`;
      part.element.setAttribute("aria-labelledby", title.id);
      part.element.append(title);
    }
    if (part.item.hint) part.element.append(this.text(part, "p", "field-help", part.item.hint));
    part.element.append(...part.item.items!.map((item) => this.part(item, values, level + 1)));
  }

  private note(part: Part): HTMLElement {
    const note = make("div", "field question-note");
    note.append(this.text(part, "p", "preline", part.item.label));
    if (part.item.hint) note.append(this.text(part, "p", "field-help", part.item.hint));
    return note;
  }

  private question(part: Part, id: string, value: Answer | undefined): void {
    const { item } = part;
    const chips = item.list !== undefined && this.isChips(item);
    part.element = make(chips ? "fieldset" : "div", chips ? "field field-choices" : "field");
    const label = make(chips ? "legend" : "label", "form-label");
    const words = this.text(part, "span", "", item.label ?? { zh: item.name });
    const optional = make("span", "field-optional", ` ${this.words.optional}`);
    label.append(words, optional);
    const hint = item.hint ? this.text(part, "p", "field-help", item.hint) : null;
    if (hint) hint.id = `${id}-hint`;
    part.error = make("p", "field-error");
    part.error.id = `${id}-error`;
    part.error.hidden = true;
    if (document.querySelector("svg.icon use")) part.error.append(icon("alert-circle"));
    part.error.append(make("span", ""));

    const changed = () => {
      this.refresh();
      this.options.onChange?.();
    };
    const left = () =>
      onceReleased(() => {
        part.touched = true;
        this.refresh();
      });
    const drawn = item.list ? this.choosing(item, id, value, chips) : typing(item, value);
    drawn.element.addEventListener("input", changed);
    drawn.element.addEventListener("change", changed);
    drawn.element.addEventListener("focusout", left);
    const target = chips ? part.element : drawn.element;
    if (!chips) {
      drawn.element.id = id;
      (label as HTMLLabelElement).htmlFor = id;
    }
    part.control = {
      read: drawn.read,
      focus: drawn.focus,
      open: drawn.open,
      mark: (faulty, required) => {
        optional.hidden = required;
        drawn.clear?.(!required);
        part.element.classList.toggle("has-error", faulty);
        if (!chips) drawn.element.classList.toggle("is-invalid", faulty);
        target.setAttribute("aria-invalid", String(faulty));
        const described = [hint?.id, faulty ? part.error!.id : ""].filter(Boolean).join(" ");
        if (described) target.setAttribute("aria-describedby", described);
        else target.removeAttribute("aria-describedby");
        if (!chips) drawn.element.setAttribute("aria-required", String(required));
      },
    };
    part.element.append(label, drawn.element, ...(hint ? [hint] : []), part.error);
  }

  private isChips(item: Item): boolean {
    return item.type === "select_multiple" || this.definition.choices[item.list!].length <= MOST_CHIPS;
  }

  private choosing(item: Item, id: string, value: Answer | undefined, chips: boolean): Drawn {
    return chips ? this.chips(item, id, value) : this.list(item, value);
  }

  private chips(item: Item, id: string, value: Answer | undefined): Drawn {
    const element = make("div", "question-chips");
    const chosen = new Set(Array.isArray(value) ? value : value === undefined ? [] : [String(value)]);
    const several = item.type === "select_multiple";
    const boxes = this.definition.choices[item.list!].map((choice) => {
      const box = make("input", "");
      box.type = several ? "checkbox" : "radio";
      box.name = id;
      box.value = choice.name;
      box.checked = chosen.has(choice.name);
      const chip = make("label", "");
      chip.append(box, make("span", "", textOf(choice.label, this.language)));
      const place = make("div", "");
      place.append(chip);
      element.append(place);
      return { box, place };
    });
    // A choice of one, once made, can otherwise not be taken back.
    const clear = make("button", "btn btn-text btn-sm", this.words.clear);
    clear.type = "button";
    clear.addEventListener("click", () => {
      for (const { box } of boxes) box.checked = false;
      boxes.find(({ place }) => !place.hidden)?.box.focus();
      element.dispatchEvent(new Event("change"));
    });
    if (!several) element.append(clear);
    const ticked = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    return {
      element,
      read: () => (several ? ticked() : ticked()[0]),
      focus: () => boxes.find(({ place }) => !place.hidden)?.box.focus(),
      clear: (allowed) => {
        clear.hidden = !allowed || !ticked().length;
      },
      open: item.choice_filter
        ? (standing) => {
            const open = new Set(standing.choices(item).map((choice) => choice.name));
            for (const { box, place } of boxes) {
              place.hidden = !open.has(box.value);
              if (place.hidden) box.checked = false;
            }
          }
        : undefined,
    };
  }

  private list(item: Item, value: Answer | undefined): Drawn {
    const element = make("select", "form-select");
    const fill = (names: Set<string> | null, chosen: string) => {
      const open = this.definition.choices[item.list!].filter((choice) => !names || names.has(choice.name));
      element.replaceChildren(
        new Option(this.words.choose, ""),
        ...open.map((choice) => new Option(textOf(choice.label, this.language), choice.name)),
      );
      element.value = open.some((choice) => choice.name === chosen) ? chosen : "";
    };
    fill(null, value === undefined ? "" : String(value));
    return {
      element,
      read: () => element.value,
      focus: () => element.focus(),
      open: item.choice_filter
        ? (standing) => fill(new Set(standing.choices(item).map((choice) => choice.name)), element.value)
        : undefined,
    };
  }
}

interface Drawn {
  element: HTMLElement;
  read(): unknown;
  focus(): void;
  open?(standing: Standing): void;
  clear?(allowed: boolean): void;
}

function typing(item: Item, value: Answer | undefined): Drawn {
  const text = value === undefined ? "" : typeof value === "number" ? toText(value) : String(value);
  if (item.type === "text") {
    const area = make("textarea", "form-control");
    area.rows = 2;
    area.maxLength = LONGEST_ANSWER;
    area.value = text;
    return { element: area, read: () => area.value, focus: () => area.focus() };
  }
  const input = make("input", "form-control");
  input.type = item.type === "date" || item.type === "time" ? item.type : "text";
  if (item.type === "integer") input.inputMode = "numeric";
  if (item.type === "decimal") input.inputMode = "decimal";
  input.value = text;
  const read = () => (input.type === "text" ? numberOf(input.value) : input.value);
  return { element: input, read, focus: () => input.focus() };
}

/** What was typed as a number, full-width digits too; what is none stays text, which is then said to be wrong. */
function numberOf(typed: string): string | number {
  const plain = typed.normalize("NFKC").trim();
  return /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(plain) ? Number(plain) : plain;
}

function typed(item: Item, value: Value): Answer {
  const text = toText(value);
  if (item.type === "integer" || item.type === "decimal") return numberOf(text);
  return item.type === "select_multiple" ? text.split(/\s+/).filter(Boolean) : text;
}
