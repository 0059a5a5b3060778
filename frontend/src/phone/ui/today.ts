// The visits of today and of the next two weeks, each with what one does next.
import { words } from "../words";
import type { App, Draw, Screen } from "./app";
import { clock, dayOf, nearDay, nearMoment } from "./clock";
import { h, icon } from "./element";
import { installHint } from "./install";
import { itemBadge } from "./mine";
import { openOutcomes } from "./outcomes";
import { badge, button, CHANNEL_ICONS, empty, fact, link, notice, tags } from "./parts";
import { labelOf, metNames, names, nextStop, peopleOf, stopsInOrder, type StopView, visitsFamilies } from "./reading";
import { bodyOf } from "./visit";

export const today: Draw = async (app): Promise<Screen> => {
  const now = app.phone.now();
  const day = dayOf(now);
  const views = stopsInOrder(app);
  const here = views.filter((view) => dayOf(view.startsAt) === day);
  const late = views.filter((view) => dayOf(view.startsAt) < day && view.mayRecord);
  const later = views.filter((view) => dayOf(view.startsAt) > day);
  const family = views.length ? views.every((view) => view.family) : visitsFamilies(app.bundle);
  const next = nextStop(app);
  const drafts = new Set((await app.phone.drafts()).map((draft) => draft.key));
  const body = h(
    "div.stack",
    null,
    unfinished(app, drafts),
    late.length ? notice("due", words.notRecorded, lateList(app, late)) : null,
    here.length
      ? h("div.agenda-list", null, here.map((view) => card(app, view, view === next, drafts)))
      : h("div.card", null, empty("calendar-event", words.noneToday, family ? words.noneTodayText : words.noneTodayTextTalk)),
    later.length ? laterList(app, later) : null,
    installHint(app),
    h("p.phone-made.muted.small", null, words.listFrom(nearMoment(app.bundle.made_at, now))),
  );
  const count = family ? words.homes(here.length) : words.times(here.length);
  return {
    title: family ? words.today : words.todayTalks,
    lead: here.length ? `${nearDay(day, "")} · ${count}` : nearDay(day, ""),
    tab: "today",
    body,
    foot: foot(next, now),
    live: true,
  };
};

/** The record that is probably wanted now, and the way to any other. */
function foot(next: StopView | null, now: Date): HTMLElement {
  if (!next || next.startsAt > now) return link(words.record, "primary", "#/choose", "pencil");
  return h(
    "div.phone-foot-pair",
    null,
    link(words.recordFor(next.who), "primary", `#/record/${next.stop.appointment}`, "pencil"),
    link(words.unplanned, "outline", "#/choose"),
  );
}

/** Records that were begun outside the appointments, or corrections, and not finished. */
function unfinished(app: App, drafts: Set<string>): HTMLElement | null {
  const begun = [...drafts].flatMap((key) => {
    const [, kind, id] = /^record:([de])([^/]+)$/.exec(key) ?? [];
    if (kind === "d") {
      const duties = id.split("-").map(Number);
      return [{ href: `#/record?duty=${duties.join(",")}`, who: names(peopleOf(app.bundle, duties)) }];
    }
    const found = kind ? bodyOf(app, id) : null;
    return found ? [{ href: `#/record?edit=${id}`, who: metNames(app.bundle, found.body) }] : [];
  });
  if (!begun.length) return null;
  return notice("info", words.unfinished, h("ul.plain-list.phone-late", null, begun.map((one) => h("li", null, h("a", { href: one.href }, one.who)))));
}

function lateList(app: App, late: StopView[]): HTMLElement {
  return h(
    "ul.plain-list.phone-late",
    null,
    late.map((view) =>
      h(
        "li",
        null,
        h("a", { href: `#/record/${view.stop.appointment}` }, `${nearMoment(view.startsAt.toISOString(), app.phone.now())} ${view.who}`),
      ),
    ),
  );
}

function laterList(app: App, later: StopView[]): HTMLElement {
  const today = dayOf(app.phone.now());
  return h(
    "section.card.panel.panel-flush",
    null,
    h("div.panel-head", null, h("h2.panel-title", null, words.later)),
    h(
      "ul.list-rows.panel-flush-body",
      null,
      later.map((view) =>
        h(
          "li.row-line.phone-later",
          null,
          h(
            "a.phone-row",
            { href: `#/brief/${view.stop.appointment}` },
            h("span.phone-row-words", null, h("b", null, view.who), h("span.muted.small", null, `${nearDay(dayOf(view.startsAt), today)} ${clock(view.startsAt)} · ${labelOf(app.bundle.channels, view.stop.channel)}`)),
            badge(view.tone, view.word),
          ),
        ),
      ),
    ),
  );
}

/** The address of the meeting service for an appointment, where the bureau has one. */
export function meetingUrl(view: StopView): string {
  return (view.stop.channel === "video" && view.stop.meeting_url) || "";
}

/** One tap calls and starts the record: at once where the visit is a call, else by asking how it went. */
export function callLink(app: App, view: StopView, kind: string): HTMLElement | null {
  const { contact } = view;
  if (!contact) return null;
  const who = contact.relation || contact.name;
  const called = link(words.call, kind, `tel:${contact.phone}`, "phone");
  called.setAttribute("aria-label", `${words.callWho(`${contact.name}${contact.relation ? ` ${contact.relation}` : ""}`)} ${contact.phone}`);
  called.title = words.callWho(who);
  called.addEventListener("click", () => {
    if (!view.open) return;
    const byCall = view.stop.channel === "phone" || view.stop.channel === "voice";
    const from = app.phone.now().toISOString();
    // The telephone opens first; the page behind it is ready when it comes back.
    window.setTimeout(() => {
      if (byCall && view.mayRecord) app.go(`#/record/${view.stop.appointment}?called=${encodeURIComponent(from)}`);
      else openOutcomes(app, view, from);
    }, 0);
  });
  return called;
}

export function facts(app: App, view: StopView): HTMLElement {
  const { stop } = view;
  const place = stop.channel === "onsite" ? stop.place : "";
  return h(
    "p.agenda-facts",
    null,
    fact(CHANNEL_ICONS[stop.channel] ?? "message-circle", labelOf(app.bundle.channels, stop.channel)),
    place ? fact("map-pin", place, stop.approximate ? h("em.agenda-approximate", null, ` ${words.approximate}`) : null) : null,
    view.contact ? fact("user", view.contact.relation ? words.named(view.contact.name, view.contact.relation) : view.contact.name) : null,
    stop.visitors.length ? fact("users", words.together(stop.visitors.join(words.joiner))) : null,
  );
}

/** A visit that is recorded: where its record is, and the way to it. */
function doneCard(view: StopView): HTMLElement {
  const { item } = view;
  const where = item ? itemBadge(item) : null;
  return h(
    "article.agenda.phone-stop.agenda-met",
    null,
    h("div.agenda-time", null, clock(view.startsAt)),
    h(
      "div.agenda-body",
      null,
      h("div.agenda-line", null, h("h2.agenda-who", null, h("a", { href: `#/visit/${view.visit}` }, view.who), " ", h("span.muted.small", null, view.where)), badge("met", view.word)),
      h("p.phone-done", null, where, h("a.phone-read", { href: `#/visit/${view.visit}`, "aria-label": `${words.readRecord}: ${view.who}` }, words.readRecord, icon("chevron-right"))),
    ),
  );
}

function card(app: App, view: StopView, isNext: boolean, drafts: Set<string>): HTMLElement {
  if (view.visit) return doneCard(view);
  const { appointment } = view.stop;
  const begun = view.mayRecord && drafts.has(`record:a${appointment}`);
  const video = meetingUrl(view);
  return h(
    "article.agenda.phone-stop",
    { class: `agenda-${view.tone}${isNext ? " is-next" : ""}` },
    h("div.agenda-time", null, clock(view.startsAt), isNext ? h("span.phone-next", null, view.family ? words.nextUp : words.nextTalk) : null),
    h(
      "div.agenda-body",
      null,
      h(
        "div.agenda-line",
        null,
        h("h2.agenda-who", null, h("a", { href: `#/brief/${appointment}` }, view.who), " ", h("span.muted.small", null, view.where)),
        badge(view.tone, view.word),
      ),
      facts(app, view),
      tags(view.tags),
    ),
    h(
      "div.agenda-actions.phone-actions",
      null,
      view.open && video ? h("a.btn.btn-outline", { href: video, target: "_blank", rel: "noopener noreferrer" }, icon("video"), words.video) : null,
      view.open && !video ? callLink(app, view, "outline") : null,
      view.open ? link(words.brief, "outline", `#/brief/${appointment}`, "bulb") : null,
      view.mayRecord ? link(begun ? words.unfinished : words.record, "tonal", `#/record/${appointment}`, "pencil") : null,
      view.open ? more(app, view) : null,
    ),
  );
}

function more(app: App, view: StopView): HTMLElement {
  const opener = button("", "outline", () => openOutcomes(app, view), "dots");
  opener.classList.add("phone-more");
  opener.setAttribute("aria-label", `${words.more}: ${view.who}`);
  opener.setAttribute("aria-haspopup", "dialog");
  return opener;
}
