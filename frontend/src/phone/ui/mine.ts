// What one has recorded: to be checked, only on this phone, or safely sent.
import type { FileBody, ItemView, OutcomeBody, VisitBody } from "../engine";
import { words } from "../words";
import type { App, Draw, Screen } from "./app";
import { nearMoment } from "./clock";
import { h, icon } from "./element";
import { badge, button, empty, link } from "./parts";
import { lineOf, metNames, names, peopleOf } from "./reading";
import { ask } from "./sheet";
import { needsCheck, onlyHere } from "./status";

export function itemBadge(item: ItemView): HTMLElement {
  if (needsCheck(item)) return badge("overdue", words.savedCheck);
  if (item.state === "sending") return badge("info", words.sending);
  if (item.settledThere && item.state !== "taken") return badge(item.settledThere === "left" ? "unseen" : "declined", words.settled[item.settledThere] ?? words.checkedThere);
  if (item.state === "waiting") return badge("due", words.onlyHere);
  return badge("met", words.allSent);
}

export const mine: Draw = (app): Screen => {
  const items = app.items.filter((item) => !item.superseded);
  const check = items.filter(needsCheck);
  const here = items.filter(onlyHere);
  const sent = items.filter((item) => item.state === "taken");
  const checked = items.filter((item) => item.settledThere && item.state !== "taken" && !onlyHere(item));
  const known = new Set(items.map((item) => item.id));
  const atSchool = app.bundle.records.filter((record) => !known.has(record.visit));
  const elsewhere = app.bundle.held.filter((held) => held.state === "open" && !known.has(held.item));
  const none = !items.length && !atSchool.length && !elsewhere.length;
  const body = h(
    "div.stack",
    null,
    none ? h("div.card", null, empty("notes", words.noItems, words.noItemsText)) : null,
    check.length || elsewhere.length
      ? part(words.needCheck, "", "phone-part-check", [
          ...check.map((item) => line(app, item)),
          ...elsewhere.map((held) =>
            h("li", null, h("p", null, h("b", null, words.heldOnServer), " ", h("span.muted.small", null, nearMoment(held.held_at, app.phone.now()))), h("p", null, held.message || reasonWord(held.reason))),
          ),
          elsewhere.length ? h("li", null, link(words.openHeld, "outline", "/held/", "clipboard-check")) : null,
        ])
      : null,
    checked.length ? part(words.checkedThere, "", "", checked.map((item) => line(app, item))) : null,
    here.length ? part(words.onlyHere, words.onlyHereText, "", here.map((item) => line(app, item))) : null,
    sent.length || atSchool.length
      ? part(words.sentHere, "", "", [
          ...sent.map((item) => line(app, item)),
          ...atSchool.map((record) =>
            h("li", null, row(`#/visit/${record.visit}`, metNames(app.bundle, record.body), nearMoment(record.body.started_at, app.phone.now()), lineOf(app.bundle, record.body), null)),
          ),
        ])
      : null,
  );
  const syncing = app.phone.syncing;
  const send = button(syncing ? words.sending : words.sendNow, "primary", () => void app.phone.sync(), "cloud-upload");
  send.disabled = syncing;
  return { title: words.mine, tab: "mine", body, foot: here.length ? send : undefined, live: true };
};

function part(title: string, lead: string, kind: string, items: (Node | null)[]): HTMLElement {
  return h(
    "section.card.panel.panel-flush",
    { class: kind },
    h("div.panel-head", null, h("h2.panel-title", null, title), lead ? h("p.panel-lead", null, lead) : null),
    h("ul.list-rows.panel-flush-body", null, items),
  );
}

export function reasonWord(reason: string): string {
  const said: Record<string, string> = {
    conflict: words.reasonConflict,
    refused: words.reasonRefused,
    out_of_reach: words.reasonOutOfReach,
    too_large: words.reasonTooLarge,
  };
  return said[reason] ?? "";
}

function row(href: string, who: string, when: string, text: string, state: Node | null): HTMLElement {
  const inside = [
    h("span.phone-row-words", null, h("span", null, h("b", null, who), " ", h("span.muted.small", null, when)), text ? h("span.phone-row-line", null, text) : null),
    state,
    href ? icon("chevron-right") : null,
  ];
  return href ? h("a.phone-row", { href }, inside) : h("div.phone-row", null, inside);
}

function line(app: App, item: ItemView): HTMLElement {
  const now = app.phone.now();
  const shown = describe(app, item);
  const tried = item.state === "waiting" && item.attempts > 0;
  const trying = tried ? [words.tries(item.attempts), item.nextTry ? words.nextTry(nearMoment(item.nextTry, now)) : ""].filter(Boolean).join(" · ") : "";
  return h(
    "li",
    null,
    row(shown.href, shown.who, shown.when, shown.text, item.state === "taken" ? null : itemBadge(item)),
    trying ? h("p.muted.small", null, trying) : null,
    needsCheck(item) ? h("p.field-error", null, icon("alert-circle"), h("span", null, item.message || reasonWord(item.reason))) : null,
    needsCheck(item) ? ways(app, item) : null,
  );
}

function describe(app: App, item: ItemView): { who: string; when: string; text: string; href: string } {
  const now = app.phone.now();
  if (item.kind === "visit") {
    const body = item.body as VisitBody;
    return { who: metNames(app.bundle, body), when: nearMoment(body.started_at, now), text: lineOf(app.bundle, body), href: `#/visit/${item.id}` };
  }
  if (item.kind === "outcome") {
    const body = item.body as OutcomeBody;
    const stop = app.bundle.stops.find((one) => one.appointment === body.appointment);
    const said: Record<string, string> = {
      missed: words.missed,
      cancelled_by_family: words.byFamily,
      cancelled_by_school: words.bySchool,
      declined: words.declined,
      arranged: words.arranged,
      moved: words.stateMoved(body.moved_to ? nearMoment(body.moved_to, now) : ""),
    };
    return {
      who: stop ? names(peopleOf(app.bundle, stop.duties)) : words.unknownPerson,
      when: nearMoment(item.savedAt, now),
      text: words.outcomeOf(said[body.outcome]),
      href: "",
    };
  }
  const body = item.body as FileBody;
  const owner = app.items.find((one) => one.kind === "visit" && one.id === item.visit);
  const known = app.bundle.records.find((one) => one.visit === item.visit)?.body ?? (owner?.body as VisitBody | undefined);
  return {
    who: body.file === "voice" ? words.voiceOf : words.photoOf,
    when: nearMoment(item.savedAt, now),
    text: known ? metNames(app.bundle, known) : "",
    href: "",
  };
}

function ways(app: App, item: ItemView): HTMLElement {
  const giveUp = async () => {
    if (!(await ask(words.giveUpAsk, words.giveUp))) return;
    await app.phone.dismiss(item.id);
    await app.reload();
  };
  return h(
    "div.agenda-actions",
    null,
    item.state === "conflict" && item.current ? link(words.compare, "tonal", `#/conflict/${item.id}`, "arrows-exchange") : null,
    item.kind === "visit" && item.state !== "conflict" && item.reason !== "out_of_reach" ? link(words.fixAndSend, "tonal", `#/record?edit=${item.id}`, "pencil") : null,
    button(words.giveUp, "outline", () => void giveUp()),
  );
}
