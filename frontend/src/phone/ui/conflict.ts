// Two versions of one record, side by side; the teacher chooses part by part, and nothing wins by itself.
import type { ItemView, VisitBody, VisitDraft } from "../engine";
import { words } from "../words";
import type { App, Draw, Screen } from "./app";
import { gone } from "./brief";
import { nearMoment } from "./clock";
import { freshId, h } from "./element";
import { notice } from "./parts";
import { axisLabel, chipLabel, labelOf, metNames } from "./reading";
import { presentName } from "./visit";

const PARTS = ["channel", "started_at", "ended_at", "participants", "chips", "finding", "notes", "guardian_opinion", "notices_conveyed", "follow_up", "concerns", "answers"] as const;
type Part = (typeof PARTS)[number];
/** Parts of which both can be kept: words one after the other, lists together. */
const JOINED = new Set<Part>(["participants", "chips", "finding", "notes", "guardian_opinion", "concerns"]);
type Side = "mine" | "theirs" | "both";

export const conflict: Draw = (app, place): Screen => {
  const item = app.items.find((one) => one.id === place.parts[1] && one.state === "conflict");
  if (!item?.current) return gone();
  const mine = item.body as VisitBody;
  const theirs = item.current.body;
  const different = PARTS.filter((part) => !alike(mine[part], theirs[part]));
  const choice = new Map<Part, Side>();
  const merged: Partial<VisitDraft> = {};
  const save = h("button.btn.btn-primary", { type: "button" });
  const told = h("p.field-error", { role: "alert" });
  told.hidden = true;
  const offer = () => {
    const left = different.filter((part) => !choice.has(part)).length;
    save.textContent = left ? words.chooseEach(left) : words.saveMerged;
    save.setAttribute("aria-disabled", String(left > 0));
    save.classList.toggle("disabled", left > 0);
  };
  const cards = different.map((part) =>
    difference(app, part, mine, theirs, (side, value) => {
      choice.set(part, side);
      Object.assign(merged, { [part]: value });
      offer();
    }),
  );
  save.addEventListener("click", () => {
    const open = different.findIndex((part) => !choice.has(part));
    if (open >= 0) {
      cards[open].scrollIntoView({ block: "center" });
      cards[open].querySelector<HTMLElement>("input")?.focus({ preventScroll: true });
      return;
    }
    void settle(app, item, { ...strip(theirs), ...merged }).catch(() => {
      told.textContent = words.notKept;
      told.hidden = false;
    });
  });
  offer();
  return {
    title: words.conflictTitle,
    lead: `${metNames(app.bundle, mine)} · ${nearMoment(mine.started_at, app.phone.now())}`,
    back: "#/mine",
    body: h(
      "div.stack",
      null,
      notice("due", "", h("p", null, words.conflictLead)),
      cards,
      different.length < PARTS.length ? h("p.muted.small", null, words.sameFields(PARTS.length - different.length)) : null,
      told,
    ),
    foot: save,
  };
};

async function settle(app: App, item: ItemView, merged: VisitDraft): Promise<void> {
  const { id } = await app.phone.settleConflict(item.id, merged);
  app.swap(`#/saved/${id}`);
}

function strip(body: VisitBody): VisitDraft {
  const { format: _format, salt: _salt, revision: _revision, base_revision: _base, written_at: _written, ...draft } = body;
  return draft;
}

/** Equal whatever the order of keys, and moments equal whatever their zone. */
function alike(one: unknown, two: unknown): boolean {
  return canonical(one) === canonical(two);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(inner)) return Date.parse(inner);
    if (inner && typeof inner === "object" && !Array.isArray(inner)) {
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a.localeCompare(b)));
    }
    return inner;
  });
}

function joined(part: Part, mine: VisitBody, theirs: VisitBody): unknown {
  const one = mine[part] as unknown;
  const two = theirs[part] as unknown;
  if (typeof one === "string" && typeof two === "string") return [two, one].filter(Boolean).join("\n");
  const seen = new Set<string>();
  const key = (entry: unknown) => (part === "concerns" ? (entry as { id: string }).id : canonical(entry));
  const all = [...(two as unknown[]), ...(one as unknown[])].filter((entry) => !seen.has(key(entry)) && seen.add(key(entry)));
  if (part !== "notes") return all;
  // Two notes about the same person and axis become one.
  const notes = new Map<string, VisitBody["notes"][number]>();
  for (const note of all as VisitBody["notes"]) {
    const place = `${note.person}|${note.axis}`;
    const known = notes.get(place);
    notes.set(place, known ? { ...known, text: `${known.text}\n${note.text}` } : note);
  }
  return [...notes.values()];
}

function difference(app: App, part: Part, mine: VisitBody, theirs: VisitBody, chosen: (side: Side, value: unknown) => void): HTMLElement {
  const name = freshId("side");
  const both = JOINED.has(part) ? joined(part, mine, theirs) : null;
  const side = (code: Side, label: string, value: unknown) => {
    const input = h("input", { type: "radio", name, value: code });
    input.addEventListener("change", () => chosen(code, value));
    const text = inWords(app, part, value, mine);
    return h(
      "label.phone-side",
      { class: `is-${code}` },
      h("span.phone-side-head", null, input, h("b", null, label)),
      h("span.phone-side-text.preline", { class: text ? "" : "muted" }, text || words.empty),
    );
  };
  const useful = JOINED.has(part) && !alike(both, mine[part]) && !alike(both, theirs[part]);
  return h(
    "fieldset.card.phone-difference",
    null,
    h("legend.phone-difference-title", null, words.fields[part]),
    h("div.phone-sides", null, side("mine", words.mineSide, mine[part]), side("theirs", words.theirSide, theirs[part]), useful ? side("both", words.bothTexts, both) : null),
  );
}

function inWords(app: App, part: Part, value: unknown, body: VisitBody): string {
  const { bundle } = app;
  const tier = bundle.campaigns[body.campaign]?.tier ?? "";
  const nameOf = (person: number) => bundle.people[person]?.name ?? words.unknownPerson;
  switch (part) {
    case "channel":
      return labelOf(bundle.channels, value as string);
    case "started_at":
    case "ended_at":
      return value ? nearMoment(value as string, app.phone.now()) : "";
    case "participants":
      return (value as VisitBody["participants"])
        .map((one) => words.named(one.person === null ? one.relation : presentName(app, one.person, one.relation), labelOf(bundle.channels, one.channel)))
        .join("\n");
    case "chips":
      return (value as string[]).map((code) => chipLabel(bundle, code)).join(words.joiner);
    case "notes":
      return (value as VisitBody["notes"]).map((one) => `${nameOf(one.person)} · ${one.axis ? axisLabel(bundle, tier, one.axis) : words.general}: ${one.text}`).join("\n");
    case "concerns":
      return (value as VisitBody["concerns"]).map((one) => `${labelOf(bundle.categories, one.category)} · ${labelOf(bundle.alert_tiers, one.alert_tier)}: ${one.text}`).join("\n");
    case "answers":
      return (value as VisitBody["answers"]).flatMap((one) => Object.entries(one.values).map(([name, answer]) => `${name}: ${String(answer)}`)).join("\n");
    case "notices_conveyed":
      return value ? words.yesWord : words.noWord;
    case "follow_up":
      return value ? words.followUpYes : words.followUpNo;
    default:
      return String(value ?? "");
  }
}
