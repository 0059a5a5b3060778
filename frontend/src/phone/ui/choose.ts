// An unplanned visit: who was it? By class, by name, by pinyin or initials.
import type { BundleDuty, BundlePerson } from "../engine";
import { words } from "../words";
import type { App, Draw, Screen } from "./app";
import { dayOf } from "./clock";
import { freshId, h, icon } from "./element";
import { badge, empty } from "./parts";

const MOST = 60;

interface Candidate {
  duty: number;
  campaign: number;
  person: BundlePerson;
  where: string;
  late: boolean;
  open: boolean;
}

export const choose: Draw = (app, place): Screen => {
  const candidates = candidatesOf(app);
  const chosen = new Set<number>();
  const listId = freshId("found");
  const count = h("p.muted.small", { role: "status" });
  const list = h("ul.list-rows.phone-choose", { id: listId });
  const box = h("div.card.panel.panel-flush", null, list);
  const field = h("input.form-control", {
    id: freshId("q"),
    type: "search",
    autocomplete: "off",
    placeholder: words.searchHint,
    "aria-controls": listId,
    value: place.query.get("q") ?? "",
  });
  const next = h("a.btn.btn-primary", { role: "button", href: "#/choose" });

  const offerNext = () => {
    const people = candidates.filter((one) => chosen.has(one.duty)).map((one) => one.person.name);
    next.textContent = people.length ? words.recordFor(people.length > 3 ? words.chosen(people.length) : people.join(words.joiner)) : words.chooseOne;
    next.setAttribute("href", people.length ? `#/record?duty=${[...chosen].join(",")}` : "#/choose");
    next.classList.toggle("disabled", !people.length);
    next.setAttribute("aria-disabled", String(!people.length));
  };
  const show = () => {
    const wanted = field.value.trim().toLowerCase();
    const campaign = candidates.find((one) => chosen.has(one.duty))?.campaign;
    const found = candidates.filter((one) => chosen.has(one.duty) || matches(one, wanted));
    count.textContent = wanted ? words.found(found.length) : "";
    box.hidden = !found.length;
    list.replaceChildren(...found.slice(0, MOST).map((one) => line(one, chosen, campaign, () => (offerNext(), show()))));
  };
  next.addEventListener("click", (event) => {
    if (!chosen.size) {
      event.preventDefault();
      field.focus();
    }
  });
  field.addEventListener("input", show);
  offerNext();
  show();
  const nobody = h("div.card.phone-nobody", null, empty("search", words.nobody, words.nobodyText));
  return {
    title: words.chooseTitle,
    eyebrow: words.record,
    back: "#/today",
    body: h(
      "div.stack",
      null,
      h("div.field", { role: "search" }, h("label.form-label.visually-hidden", { for: field.id }, words.search), field, count),
      box,
      nobody,
    ),
    foot: next,
  };
};

function candidatesOf(app: App): Candidate[] {
  const today = dayOf(app.phone.now());
  const best = new Map<string, [string, BundleDuty]>();
  for (const [id, duty] of Object.entries(app.bundle.duties)) {
    if (duty.state === "void" || !app.bundle.people[duty.person]) continue;
    // One line for each person in a campaign: the open duty where there is one.
    const key = `${duty.campaign}:${duty.person}`;
    const known = best.get(key);
    if (!known || (duty.state === "due" && known[1].state !== "due")) best.set(key, [id, duty]);
  }
  return [...best.values()]
    .map(([id, duty]) => ({
      duty: Number(id),
      campaign: duty.campaign,
      person: app.bundle.people[duty.person],
      where: duty.where || app.bundle.people[duty.person].where,
      open: duty.state === "due",
      late: duty.state === "due" && duty.due !== null && duty.due < today,
    }))
    .sort((one, two) => Number(two.open) - Number(one.open) || one.person.pinyin.localeCompare(two.person.pinyin));
}

/** "wxy" and "wangxiaoyu" find 王小雨 as well as her name does. */
function matches(one: Candidate, wanted: string): boolean {
  const plain = wanted.replace(/\s+/g, "");
  if (!plain) return true;
  const pinyin = one.person.pinyin.toLowerCase().replace(/\s+/g, "");
  if (one.person.name.includes(plain) || pinyin.includes(plain) || one.where.includes(plain)) return true;
  return plain.length > 1 && plain.length <= one.person.name.length && areInitials(plain, pinyin);
}

/** The letters begin syllables one after the other, the first at the very beginning. */
function areInitials(letters: string, pinyin: string): boolean {
  if (pinyin[0] !== letters[0]) return false;
  let at = 1;
  for (const letter of letters.slice(1)) {
    at = pinyin.indexOf(letter, at) + 1;
    if (!at) return false;
  }
  return true;
}

function line(one: Candidate, chosen: Set<number>, campaign: number | undefined, changed: () => void): HTMLElement {
  const other = campaign !== undefined && campaign !== one.campaign;
  const box = h("input", { type: "checkbox", checked: chosen.has(one.duty), disabled: other, id: freshId("who") });
  box.addEventListener("change", () => {
    if (box.checked) chosen.add(one.duty);
    else chosen.delete(one.duty);
    const { id } = box;
    changed();
    document.getElementById(id)?.focus();
  });
  return h(
    "li",
    null,
    h(
      "label.phone-choose-line",
      { for: box.id, class: other ? "is-other" : "" },
      box,
      h("span.phone-choose-box", { "aria-hidden": "true" }, icon("check")),
      h("span.phone-row-words", null, h("b", null, one.person.name), h("span.muted.small", null, other ? words.otherCampaign : one.where)),
      one.late ? badge("overdue", words.toneOverdue) : one.open ? badge("due", words.toneDue) : badge("met", words.toneMet),
    ),
  );
}
