// The parts of the look that screens are put together from (docs/look.md).
import { words } from "../words";
import { h, icon } from "./element";

export type Tone = "met" | "due" | "overdue" | "unseen" | "declined" | "info" | "neutral";

export const TONE_ICONS: Record<Tone, string> = {
  met: "check",
  due: "clock",
  overdue: "alert-triangle",
  unseen: "circle-dashed",
  declined: "minus",
  info: "info-circle",
  neutral: "",
};
export const CHANNEL_ICONS: Record<string, string> = {
  phone: "phone",
  voice: "message-circle",
  video: "video",
  onsite: "home-heart",
  at_school: "school",
};

export function mark(tone: Tone): SVGSVGElement | null {
  if (!TONE_ICONS[tone]) return null;
  const svg = icon(TONE_ICONS[tone]);
  svg.classList.add("state-mark");
  return svg;
}

export function badge(tone: Tone, label: string): HTMLElement {
  return h("span.state", { class: `state-${tone}` }, mark(tone), h("span.state-word", null, label));
}

export function panel(title: string, lead: string, ...children: (Node | null)[]): HTMLElement {
  return h(
    "section.card.panel",
    null,
    title ? h("div.panel-head", null, h("h2.panel-title", null, title), lead ? h("p.panel-lead", null, lead) : null) : null,
    h("div.panel-body", null, children),
  );
}

export function rows(title: string, items: Node[], empty = ""): HTMLElement {
  return h(
    "section.card.panel.panel-flush",
    null,
    title ? h("div.panel-head", null, h("h2.panel-title", null, title)) : null,
    items.length ? h("ul.list-rows", { class: title ? "panel-flush-body" : "" }, items) : h("p.panel-body.muted", null, empty),
  );
}

export function notice(tone: "info" | "due" | "overdue" | "met", title: string, ...children: (Node | string | null)[]): HTMLElement {
  return h(
    "div.notice",
    { class: `notice-${tone}` },
    icon(TONE_ICONS[tone]),
    h("div.notice-words", null, title ? h("p.notice-title", null, title) : null, children),
  );
}

export function empty(mark: string, title: string, text: string, action: Node | null = null): HTMLElement {
  return h(
    "div.empty-state",
    null,
    h("span.empty-state-icon", null, icon(mark)),
    h("p.empty-state-title", null, title),
    text ? h("p.empty-state-text", null, text) : null,
    action,
  );
}

export function button(label: string, kind: string, run: () => void, mark = ""): HTMLButtonElement {
  return h("button.btn", { class: `btn-${kind}`, type: "button", onclick: run }, mark ? icon(mark) : null, label);
}

export function link(label: string, kind: string, href: string, mark = ""): HTMLAnchorElement {
  return h("a.btn", { class: `btn-${kind}`, href }, mark ? icon(mark) : null, label);
}

export function tags(list: string[]): HTMLElement | null {
  return list.length ? h("p.agenda-tags", null, list.map((tag) => h("span.tag", null, tag))) : null;
}

export function fact(mark: string, ...children: (Node | string | null)[]): HTMLElement {
  return h("span", null, icon(mark), children);
}

/** A folded part of a form or page. */
export function folded(summary: string, note: string, open: boolean, ...children: (Node | null)[]): HTMLDetailsElement {
  return h(
    "details.fold",
    { open },
    h("summary", null, h("span", null, summary), note ? h("span.fold-note", null, note) : null),
    h("div.fold-body", null, children),
  );
}

export const optional = (): HTMLElement => h("span.field-optional", null, words.optional);
