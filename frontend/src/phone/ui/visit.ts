// A record of one's own as it was saved, to be read and corrected.
import type { VisitBody } from "../engine";
import { words } from "../words";
import type { App, Draw, Screen } from "./app";
import { gone } from "./brief";
import { clock, nearMoment } from "./clock";
import { h } from "./element";
import { badge, link, panel } from "./parts";
import { axisLabel, chipLabel, labelOf, metNames, visitItems } from "./reading";
import { itemBadge } from "./mine";

/** The newest version of a record that this phone knows, with the revision it has. */
export function bodyOf(app: App, id: string): { body: VisitBody; revision: number } | null {
  const item = visitItems(app.items).find((one) => one.id === id);
  const known = app.bundle.records.find((one) => one.visit === id);
  if (item && (!known || item.revision >= known.revision || item.state !== "taken")) {
    return { body: item.body as VisitBody, revision: item.revision };
  }
  return known ? { body: known.body, revision: known.revision } : null;
}

export const visit: Draw = (app, place): Screen => {
  const id = place.parts[1];
  const found = bodyOf(app, id);
  if (!found) return gone();
  const { body } = found;
  const { bundle } = app;
  const item = visitItems(app.items).find((one) => one.id === id);
  const tier = bundle.campaigns[body.campaign]?.tier ?? "";
  const family = bundle.campaigns[body.campaign]?.family ?? true;
  const now = app.phone.now();
  const ended = body.ended_at ? `–${clock(new Date(body.ended_at))}` : "";
  const named = body.participants.map((one) => {
    const who = one.person === null ? one.relation : presentName(app, one.person, one.relation);
    return one.channel === body.channel ? who : words.named(who, labelOf(bundle.channels, one.channel));
  });
  const row = (label: string, value: string) => (value ? [h("dt", null, label), h("dd.preline", null, value)] : []);
  return {
    title: metNames(bundle, body),
    eyebrow: words.readRecord,
    lead: `${nearMoment(body.started_at, now)}${ended} · ${labelOf(bundle.channels, body.channel)}`,
    back: "#/mine",
    body: h(
      "div.stack",
      null,
      h("p.row-line", null, item ? itemBadge(item) : badge("met", words.allSent), found.revision > 1 ? h("span.muted.small", null, words.revised(found.revision - 1)) : null),
      panel(
        "",
        "",
        body.chips.length ? h("p.agenda-tags", null, body.chips.map((code) => h("span.tag", null, chipLabel(bundle, code)))) : null,
        body.finding ? h("p.preline.phone-finding", null, body.finding) : null,
        h(
          "dl.facts",
          null,
          row(words.present, named.join(words.joiner)),
          body.notes.map((note) =>
            row(
              body.people.length > 1 ? `${bundle.people[note.person]?.name ?? words.unknownPerson} · ${note.axis ? axisLabel(bundle, tier, note.axis) : words.general}` : note.axis ? axisLabel(bundle, tier, note.axis) : words.general,
              note.text,
            ),
          ),
          row(family ? words.opinion : words.opinionTalk, body.guardian_opinion),
          row(words.notices, body.notices_conveyed ? words.conveyed : ""),
          row(words.followUp, body.follow_up ? words.followUpYes : words.followUpNo),
          body.concerns.map((concern) =>
            row(`${labelOf(bundle.categories, concern.category)} · ${labelOf(bundle.alert_tiers, concern.alert_tier)}`, concern.text),
          ),
        ),
      ),
      app.items.some((one) => one.kind === "file" && one.visit === id)
        ? h("p.muted", null, app.items.filter((one) => one.kind === "file" && one.visit === id).map((one) => ("file" in one.body && one.body.file === "voice" ? words.voiceOf : words.photoOf)).join(words.joiner))
        : null,
      h("p.muted.small", null, `${item ? words.writtenHere : words.written} ${nearMoment(body.written_at, now)}`),
    ),
    foot: link(words.correct, "primary", `#/record?edit=${id}`, "pencil"),
    live: true,
  };
};

export function presentName(app: App, person: number, relation: string): string {
  const met = app.bundle.people[person];
  if (met) return met.name;
  for (const one of Object.values(app.bundle.people)) {
    const guardian = one.guardians.find((other) => other.person === person);
    if (guardian) return words.named(guardian.name, guardian.relation);
  }
  return relation;
}
