// What to know before a visit, two minutes of reading at most.
import type { OpenCase } from "../bundle";
import type { BundlePerson } from "../engine";
import { words } from "../words";
import type { App, Draw, Screen } from "./app";
import { clock, dayOf, daysBetween, nearDay, shortDate } from "./clock";
import { h, icon } from "./element";
import { arrangedButton, hasBegun, openOutcomes } from "./outcomes";
import { badge, button, empty, fact, link, panel, rows, tags } from "./parts";
import { focusesOf, labelOf, matesOf, type StopView, unique, viewOf } from "./reading";
import { callLink, facts, meetingUrl } from "./today";

// How much of what was said last time, and of what is being dealt with, is shown.
const SHOWN_VISITS = 3;
const SHOWN_CASES = 5;

export const brief: Draw = (app, place): Screen => {
  const stop = app.bundle.stops.find((one) => String(one.appointment) === place.parts[1]);
  if (!stop) return gone();
  const view = viewOf(app, stop);
  const today = dayOf(app.phone.now());
  const when = `${nearDay(dayOf(view.startsAt), today)} ${clock(view.startsAt)}–${clock(view.endsAt)}`;
  const video = meetingUrl(view);
  const otherwise = hasBegun(app, view) ? words.otherwise : words.rearrange;
  const body = h(
    "div.split",
    null,
    h(
      "div.stack",
      null,
      panel(
        "",
        "",
        h("div.agenda-line", null, h("p.agenda-facts", null, fact("clock", when)), badge(view.tone, view.word)),
        facts(app, view),
        view.open
          ? h(
              "div.agenda-actions",
              null,
              callLink(app, view, "outline"),
              video ? h("a.btn.btn-outline", { href: video, target: "_blank", rel: "noopener noreferrer" }, icon("video"), words.video) : null,
              button(otherwise, "outline", () => openOutcomes(app, view), "dots"),
            )
          : null,
      ),
      focusesOf(app.bundle, stop.campaign, stop.duties).map((focus) =>
        panel(
          words.whatNow,
          focus.where,
          focus.topics ? h("p.preline", null, focus.topics) : null,
          focus.talking_points ? h("h3.panel-part", null, words.points) : null,
          focus.talking_points ? h("p.preline", null, focus.talking_points) : null,
          focus.notices ? h("h3.panel-part", null, words.notices) : null,
          focus.notices ? h("p.preline", null, focus.notices) : null,
        ),
      ),
      lastTime(app, view.people),
    ),
    h("div.stack", null, view.people.map((person) => aboutPerson(app, person)), guardians(view.people), home(app, view)),
  );
  const foot = view.visit
    ? link(words.readRecord, "primary", `#/visit/${view.visit}`, "notes")
    : view.mayRecord
      ? link(words.record, "primary", `#/record/${stop.appointment}`, "pencil")
      : view.open && view.tone === "due"
        ? stop.answer
          ? button(otherwise, "primary", () => openOutcomes(app, view), "dots")
          : arrangedButton(app, view)
        : null;
  return {
    title: view.who,
    eyebrow: words.brief,
    lead: view.where,
    back: "#/today",
    body,
    foot: foot ?? undefined,
    live: true,
  };
};

export function gone(): Screen {
  return {
    title: words.goneFromList,
    back: "#/today",
    body: h("div.card", null, empty("calendar-off", words.goneFromList, words.goneFromListText)),
    foot: link(words.toToday, "primary", "#/today"),
  };
}

export function aboutPerson(app: App, person: BundlePerson): HTMLElement {
  const today = dayOf(app.phone.now());
  const last = person.last_contact;
  const ago = last ? words.lastContact(daysBetween(last, today) ? words.daysAgo(daysBetween(last, today)) : words.dayToday) : words.never;
  const said = [
    person.sex,
    person.age === null ? "" : words.age(person.age),
    person.boarding ? words.boarding : "",
    ago,
  ];
  return panel(
    person.name,
    person.where,
    tags(person.tags),
    h("p.agenda-facts", null, said.filter(Boolean).map((one) => h("span", null, one))),
    person.posts.length ? h("p", null, person.posts.join(words.joiner)) : null,
    person.posts.length && person.phone ? h("p", null, dial(person.name, person.phone)) : null,
    ...openCases(person.cases ?? [], today),
    person.concerns.length ? h("h3.panel-part", null, words.openConcerns) : null,
    person.concerns.length
      ? h(
          "ul.plain-list",
          null,
          person.concerns.map((one) =>
            h("li", null, h("span.tag", null, labelOf(app.bundle.categories, one.category)), ` ${one.text} `, h("span.muted.small", null, shortDate(one.on.slice(0, 10)))),
          ),
        )
      : null,
  );
}

function openCases(cases: OpenCase[], today: string): (HTMLElement | null)[] {
  if (!cases.length) return [];
  const more = cases.length - SHOWN_CASES;
  return [
    h("h3.panel-part", null, words.openCases),
    h(
      "ul.plain-list",
      null,
      cases.slice(0, SHOWN_CASES).map((one) => h("li", null, h("span.tag", null, one.category), ` ${caseFacts(one, today)}`)),
    ),
    more > 0 ? h("p.muted.small", null, words.moreCases(more)) : null,
  ];
}

function caseFacts(one: OpenCase, today: string): string {
  const due = shortDate(one.due);
  const past = daysBetween(one.due, today);
  const waits = one.state === "awaiting"; // for a word, no longer for the day
  const when = waits ? "" : past > 0 ? words.pastDue(due, past) : words.dueBy(due);
  const facts = [one.school, words.caseTiers[one.tier], words.caseStates[one.state], when];
  return facts.filter(Boolean).join(" · ");
}

function dial(name: string, phone: string): HTMLElement {
  const call = link(phone, "outline", `tel:${phone}`, "phone");
  call.setAttribute("aria-label", `${words.callWho(name)} ${phone}`);
  return call;
}

export function guardians(people: BundlePerson[]): HTMLElement | null {
  const seen = new Set<number>();
  const all = people.flatMap((person) => person.guardians).filter((one) => !seen.has(one.person) && seen.add(one.person));
  if (!all.length) return null;
  return rows(
    words.whoIsHome,
    all.map((one) =>
      h(
        "li.row-line.row-apart",
        null,
        h("div", null, h("b", null, one.name), " ", h("span.muted", null, [one.relation, one.is_primary ? words.primary : ""].filter(Boolean).join(" · "))),
        !one.may_contact ? h("span.muted", null, words.noContact) : one.phone ? dial(`${one.name} ${one.relation}`, one.phone) : null,
      ),
    ),
  );
}

export function lastTime(app: App, people: BundlePerson[]): HTMLElement {
  const several = people.length > 1;
  const visits = people
    .flatMap((person) => person.last_visits.map((visit) => ({ ...visit, name: person.name })))
    .sort((one, two) => two.on.localeCompare(one.on));
  const seen = new Set<string>();
  const shown = visits.filter((one) => {
    const key = `${one.on}|${one.line}`;
    return !seen.has(key) && seen.add(key);
  });
  return rows(
    words.lastTime,
    shown
      .slice(0, SHOWN_VISITS)
      .map((one) =>
        h(
          "li",
          null,
          h(
            "div.muted.small",
            null,
            [shortDate(dayOf(new Date(one.on))), labelOf(app.bundle.channels, one.channel), one.by, several ? one.name : "", one.follow_up ? words.followUpAgreed : ""]
              .filter(Boolean)
              .join(" · "),
          ),
          h("div", null, one.line),
        ),
      ),
    words.firstTime,
  );
}

function home(app: App, view: StopView): HTMLElement | null {
  const ids = unique(view.people.flatMap((person) => person.household ?? []));
  const homes = ids.map((id) => app.bundle.households[id]).filter(Boolean);
  const met = view.people.map((person) => person.id);
  const mates = unique(ids.flatMap((id) => matesOf(app.bundle, id, met)));
  const { stop } = view;
  const way = stop.channel === "onsite";
  return h(
    "div.stack",
    null,
    mates.length ? panel(words.mates, "", h("p", null, mates.join(words.joiner))) : null,
    way
      ? panel(
          words.wayThere,
          "",
          h(
            "div.stack-tight",
            null,
            homes.length
              ? homes.map((one) =>
                  h(
                    "div",
                    null,
                    h("p", null, icon("map-pin"), " ", [one.village, one.address].filter(Boolean).join(" · "), one.approximate ? h("em.agenda-approximate", null, ` ${words.approximate}`) : null),
                    one.preferred_times ? h("p.muted", null, words.goodTimes(one.preferred_times)) : null,
                  ),
                )
              : stop.place
                ? h("p", null, icon("map-pin"), " ", stop.place)
                : null,
            stop.lat !== null && stop.lon !== null ? link(words.openMap, "outline", `geo:${stop.lat},${stop.lon}?q=${stop.lat},${stop.lon}`, "map") : null,
          ),
        )
      : null,
  );
}
