// The own class as tiles: the whole of it without scrolling, state as word or mark and never color alone.
import { words } from "../words";
import type { Draw, Screen } from "./app";
import { h } from "./element";
import { badge, empty, link, mark, type Tone } from "./parts";
import { type Seat, seatOf } from "./reading";

const ORDER: Tone[] = ["met", "due", "overdue", "unseen", "declined"];

function toneWord(tone: Tone): string {
  return { met: words.toneMet, due: words.toneDue, overdue: words.toneOverdue, unseen: words.toneUnseen, declined: words.toneDeclined, info: "", neutral: "" }[tone];
}

export const classroom: Draw = (app, place): Screen => {
  const { classes } = app.bundle;
  const wanted = classes.find((one) => String(one.id) === place.parts[1]) ?? classes[0];
  if (!wanted) {
    return { title: words.myClass, tab: "class", body: h("div.card", null, empty("users", words.noClass, words.noClassText)), foot: link(words.toToday, "primary", "#/today") };
  }
  const seats = wanted.tiles
    .map((id) => app.bundle.people[id])
    .filter(Boolean)
    .map((person) => seatOf(app, person));
  const met = seats.filter((seat) => seat.met || seat.tone === "met").length;
  const again = seats.filter((seat) => seat.met && seat.tone !== "met").length;
  const body = h(
    "div.phone-class",
    null,
    classes.length > 1
      ? h(
          "nav.chips",
          { "aria-label": words.myClass },
          classes.map((one) =>
            h("a.chip", { href: `#/class/${one.id}`, class: one === wanted ? "is-active" : "", "aria-current": one === wanted ? "page" : null }, one.name),
          ),
        )
      : null,
    h(
      "div.tiles-key",
      null,
      ORDER.map((tone) => {
        const count = seats.filter((seat) => seat.tone === tone).length;
        return count ? h("span.tiles-key-item", null, badge(tone, toneWord(tone)), h("b", null, count)) : null;
      }),
    ),
    h("ul.tiles", null, seats.map(tile)),
  );
  return { title: classes.length > 1 ? words.myClass : wanted.name, tab: "class", lead: words.classLead(seats.length, met, again), body, live: true };
};

function tile(seat: Seat): HTMLElement {
  const { person } = seat;
  return h(
    "li",
    null,
    h(
      "a.tile",
      { class: `tile-${seat.tone}`, href: `#/person/${person.id}` },
      h("span.tile-name", null, person.name),
      h(
        "span.tile-state",
        null,
        mark(seat.tone),
        h("span.tile-note", null, seat.note),
        seat.note === seat.word ? null : h("span.visually-hidden", null, ` ${seat.word}`),
      ),
      person.tags.length ? h("span.tile-tags", { title: person.tags.join(words.joiner) }, h("span.visually-hidden", null, person.tags.join(words.joiner))) : null,
    ),
  );
}
