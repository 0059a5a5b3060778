// One person: how things stand, whom to call, what was said; the record is one tap away.
import { words } from "../words";
import type { Draw, Screen } from "./app";
import { aboutPerson, gone, guardians, lastTime } from "./brief";
import { dayOf, shortDate } from "./clock";
import { h, icon } from "./element";
import { badge, link, panel, rows, type Tone } from "./parts";
import { dutiesOf, isFamily, matesOf, seatOf } from "./reading";

export const person: Draw = (app, place): Screen => {
  const who = app.bundle.people[Number(place.parts[1])];
  if (!who) return gone();
  const today = dayOf(app.phone.now());
  const seat = seatOf(app, who);
  const duties = dutiesOf(app.bundle, who.id);
  const to = duties.find(([, duty]) => duty.state === "due")?.[0] ?? seat.duty ?? duties[duties.length - 1]?.[0] ?? null;
  const home = who.household === null ? null : app.bundle.households[who.household];
  const mates = who.household === null ? [] : matesOf(app.bundle, who.household, [who.id]);
  const body = h(
    "div.split",
    null,
    h(
      "div.stack",
      null,
      duties.length
        ? rows(
            words.visitsOf,
            duties.map(([, duty]) => {
              const late = duty.state === "due" && duty.due !== null && duty.due < today;
              const tone: Tone = duty.state === "due" ? (late ? "overdue" : "due") : duty.state === "met" ? "met" : "declined";
              const word = { overdue: words.toneOverdue, due: words.toneDue, met: words.toneMet, declined: words.toneDeclined }[tone as "met"];
              const when = duty.met_on ? words.metOn(shortDate(duty.met_on)) : duty.due ? words.dueBy(shortDate(duty.due)) : "";
              const campaign = app.bundle.campaigns[duty.campaign]?.title ?? "";
              return h(
                "li.row-line.row-apart",
                null,
                h("div", null, duty.follow_up_of ? `${campaign} · ${words.again}` : campaign, h("div.muted.small", null, when)),
                badge(tone, word),
              );
            }),
          )
        : null,
      lastTime(app, [who]),
    ),
    h(
      "div.stack",
      null,
      aboutPerson(app, who),
      guardians([who]),
      home
        ? panel(
            words.home,
            "",
            h("p", null, icon("map-pin"), " ", [home.village, home.address].filter(Boolean).join(" · "), home.approximate ? h("em.agenda-approximate", null, ` ${words.approximate}`) : null),
            mates.length ? h("p.muted", null, `${words.mates}: ${mates.join(words.joiner)}`) : null,
          )
        : null,
      to ? null : h("p.muted", null, words.noDuty),
    ),
  );
  const inClass = app.bundle.classes.some((one) => one.tiles.includes(who.id));
  return {
    title: who.name,
    lead: [who.where, isFamily(app.bundle, app.bundle.duties[to ?? ""]?.campaign ?? 0) && seat.word].filter(Boolean).join(" · "),
    back: inClass ? "#/class" : "#/today",
    body,
    foot: to ? link(words.record, "primary", `#/record?duty=${to}`, "pencil") : undefined,
    live: true,
  };
};
