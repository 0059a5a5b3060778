// What the list and the items of this phone say together: states, names, who may be called.
import type { Bundle, BundleDuty, BundlePerson, Category, ItemView, OutcomeBody, Stop, VisitBody } from "../engine";
import { words } from "../words";
import type { App } from "./app";
import { dayOf, daysBetween, nearMoment } from "./clock";
import type { Tone } from "./parts";

export const UNSEEN_AFTER = 90;

export interface StopView {
  stop: Stop;
  family: boolean;
  people: BundlePerson[];
  who: string;
  where: string;
  startsAt: Date;
  endsAt: Date;
  tone: Tone;
  word: string;
  contact: { name: string; relation: string; phone: string } | null;
  tags: string[];
  /** The record of it, on this phone or at the school. */
  visit: string | null;
  /** That record's item on this phone; null when only the school has it. */
  item: ItemView | null;
  open: boolean;
  mayRecord: boolean;
}

/** Newest outcome of this phone for an appointment. */
export function outcomeOf(items: ItemView[], appointment: number): OutcomeBody | null {
  const found = items.find((item) => item.kind === "outcome" && (item.body as OutcomeBody).appointment === appointment);
  return found ? (found.body as OutcomeBody) : null;
}

export function visitItems(items: ItemView[]): ItemView[] {
  return items.filter((item) => item.kind === "visit" && !item.superseded);
}


export function isFamily(bundle: Bundle, campaign: number): boolean {
  return bundle.campaigns[campaign]?.family ?? true;
}

/** Whether families are visited, or colleagues: by the visits of the list, without any by its campaigns. */
export function visitsFamilies(bundle: Bundle): boolean {
  if (bundle.stops.length) return bundle.stops.some((stop) => isFamily(bundle, stop.campaign));
  const campaigns = Object.values(bundle.campaigns);
  return !campaigns.length || campaigns.some((campaign) => campaign.family);
}

export function peopleOf(bundle: Bundle, duties: number[]): BundlePerson[] {
  return duties.map((duty) => bundle.people[bundle.duties[duty]?.person]).filter(Boolean);
}

export function names(people: { name: string }[]): string {
  return people.map((person) => person.name).join(words.joiner);
}

export function unique<T>(list: T[]): T[] {
  return [...new Set(list)];
}

/** Whom to call: for a student the first contact that may be called, else the person. */
export function contactOf(people: BundlePerson[], family: boolean): StopView["contact"] {
  if (!family) {
    const met = people.find((person) => person.phone);
    return met ? { name: met.name, relation: "", phone: met.phone } : null;
  }
  const guardians = people.flatMap((person) => person.guardians).filter((one) => one.may_contact && one.phone);
  return guardians.find((one) => one.is_primary) ?? guardians[0] ?? null;
}

export function viewOf(app: App, stop: Stop): StopView {
  const { bundle } = app;
  const family = isFamily(bundle, stop.campaign);
  const people = peopleOf(bundle, stop.duties);
  const said = outcomeOf(app.items, stop.appointment);
  const moved = said?.outcome === "moved" && said.moved_to ? new Date(said.moved_to) : null;
  const startsAt = moved ?? new Date(stop.starts_at);
  const length = Date.parse(stop.ends_at) - Date.parse(stop.starts_at);
  const item = visitItems(app.items).find((one) => (one.body as VisitBody).appointment === stop.appointment) ?? null;
  const visit = item?.id ?? bundle.records.find((one) => one.body.appointment === stop.appointment)?.visit ?? null;
  const [tone, word] = visit ? (["met", words.stateDone] as const) : stateOf(stop, family, said, app.phone.now());
  const called = said && ["cancelled_by_family", "cancelled_by_school", "declined"].includes(said.outcome);
  const open = !visit && !called && stop.state !== "cancelled" && stop.state !== "done";
  return {
    stop,
    family,
    people,
    who: names(people) || words.unknownPerson,
    where: unique(people.map((person) => person.where).filter(Boolean)).join(words.joiner),
    startsAt,
    endsAt: new Date(startsAt.getTime() + length),
    tone,
    word,
    contact: contactOf(people, family),
    tags: unique(people.flatMap((person) => person.tags)),
    visit,
    item,
    open,
    mayRecord: open && dayOf(startsAt) <= dayOf(app.phone.now()),
  };
}

function stateOf(stop: Stop, family: boolean, said: OutcomeBody | null, now: Date): readonly [Tone, string] {
  if (said) {
    const told: Record<string, readonly [Tone, string]> = {
      missed: ["unseen", words.stateMissed],
      cancelled_by_family: ["declined", words.stateCancelled],
      cancelled_by_school: ["declined", words.stateCancelled],
      declined: ["declined", words.stateDeclined],
      moved: ["info", words.stateMoved(said.moved_to ? nearMoment(said.moved_to, now) : "")],
      arranged: ["info", family ? words.stateConfirmed : words.stateConfirmedTalk],
    };
    return told[said.outcome];
  }
  if (stop.state === "done") return ["met", words.stateDone];
  if (stop.state === "missed") return ["unseen", words.stateMissed];
  if (stop.state === "cancelled") return ["declined", words.stateCancelled];
  if (stop.state === "confirmed") return ["info", family ? words.stateConfirmed : words.stateConfirmedTalk];
  if (stop.answer === "other_time") return ["due", words.stateOtherTime];
  if (stop.answer === "other_channel") return ["due", words.stateOtherChannel];
  return ["due", family ? words.stateOpen : words.stateOpenTalk];
}

export function stopsInOrder(app: App): StopView[] {
  return app.bundle.stops.map((stop) => viewOf(app, stop)).sort((one, two) => one.startsAt.getTime() - two.startsAt.getTime());
}

/** The one that has probably just taken place, else the first that is still to come today. */
export function nextStop(app: App): StopView | null {
  const now = app.phone.now();
  const waiting = stopsInOrder(app).filter((view) => view.mayRecord && dayOf(view.startsAt) === dayOf(now));
  const begun = waiting.filter((view) => view.startsAt <= now);
  return begun[begun.length - 1] ?? waiting[0] ?? null;
}

/** Duties that this phone's records have already met. */
function metHere(app: App): Set<number> {
  return new Set(visitItems(app.items).flatMap((item) => (item.body as VisitBody).duties));
}

export interface Seat {
  person: BundlePerson;
  tone: Tone;
  word: string;
  note: string;
  duty: string | null;
  met: boolean;
}

export function seatOf(app: App, person: BundlePerson): Seat {
  const { bundle } = app;
  const today = dayOf(app.phone.now());
  const here = metHere(app);
  const duties = dutiesOf(bundle, person.id).filter(([, duty]) => isFamily(bundle, duty.campaign));
  const recordedToday = duties.some(([id]) => here.has(Number(id)));
  const last = recordedToday ? today : person.last_contact;
  const days = last ? daysBetween(last, today) : null;
  const open = duties.find(([id, duty]) => duty.state === "due" && !here.has(Number(id)));
  const met = duties.some(([id, duty]) => duty.state === "met" || here.has(Number(id)));
  const declined = duties.some(([, duty]) => duty.state === "declined");
  const ago = days === null ? "" : days === 0 ? words.dayToday : words.days(days);
  const seat = (tone: Tone, word: string, note: string): Seat => ({
    person,
    tone,
    word,
    note: note || word,
    duty: (open ?? duties[duties.length - 1])?.[0] ?? null,
    met,
  });
  if (open) {
    const late = open[1].due !== null && open[1].due < today;
    return seat(late ? "overdue" : "due", late ? words.toneOverdue : words.toneDue, met ? words.again : ago);
  }
  if (met) return seat("met", words.toneMet, ago);
  if (declined) return seat("declined", words.toneDeclined, words.shortDeclined);
  const seen = days !== null && days <= UNSEEN_AFTER;
  return seen ? seat("met", words.toneMet, ago) : seat("unseen", words.toneUnseen, ago);
}

/** [id, duty] of a person, the earliest due first. */
export function dutiesOf(bundle: Bundle, person: number): [string, BundleDuty][] {
  return Object.entries(bundle.duties)
    .filter(([, duty]) => duty.person === person)
    .sort(([, one], [, two]) => (one.due ?? "").localeCompare(two.due ?? ""));
}

/** Duties about others of the same household in the same campaign. */
export function mateDuties(bundle: Bundle, duties: number[]): number[] {
  const homes = new Set(duties.flatMap((id) => bundle.duties[id]?.household ?? []));
  const campaigns = new Set(duties.map((id) => bundle.duties[id]?.campaign));
  const people = new Set(duties.map((id) => bundle.duties[id]?.person));
  return Object.entries(bundle.duties)
    .filter(([, duty]) => duty.household !== null && homes.has(duty.household) && campaigns.has(duty.campaign) && !people.has(duty.person))
    .filter(([, duty]) => duty.state !== "void")
    .map(([id]) => Number(id));
}

/** Who else lives there: those the list names apart, and those it knows anyway. */
export function matesOf(bundle: Bundle, home: number, but: number[]): string[] {
  const known = Object.values(bundle.people).filter((person) => person.household === home && !but.includes(person.id));
  const named = [...known, ...(bundle.households[home]?.mates ?? [])];
  return unique(named.map((one) => (one.where ? words.named(one.name, one.where) : one.name)));
}

/** What a difficulty heard on such a visit may be about, and what it was already. */
export function categoriesFor(bundle: Bundle, campaign: number, chosen: string): Category[] {
  const tier = bundle.campaigns[campaign]?.tier ?? "";
  return bundle.categories.filter((one) => one.code === chosen || (one.tiers?.includes(tier) ?? true));
}

export function labelOf(choices: { code: string; label: string }[], code: string): string {
  return choices.find((choice) => choice.code === code)?.label ?? code;
}

export function chipLabel(bundle: Bundle, code: string): string {
  for (const axes of Object.values(bundle.axes)) {
    for (const axis of axes) {
      const chip = axis.chips.find((one) => one.code === code);
      if (chip) return chip.label;
    }
  }
  return code;
}

export function axisLabel(bundle: Bundle, tier: string, code: string): string {
  return bundle.axes[tier]?.find((axis) => axis.code === code)?.label ?? words.general;
}

/** One line of a record: what was ticked, then what was written. */
export function lineOf(bundle: Bundle, body: VisitBody): string {
  return [body.chips.map((code) => chipLabel(bundle, code)).join(words.joiner), body.finding].filter(Boolean).join(" · ");
}

export function metNames(bundle: Bundle, body: { people: number[] }): string {
  return body.people.map((id) => bundle.people[id]?.name ?? words.unknownPerson).join(words.joiner);
}

/** The focuses of those who are met: of their cohort, or of everybody. */
export function focusesOf(bundle: Bundle, campaign: number, duties: number[]) {
  const cohorts = new Set(duties.map((id) => bundle.duties[id]?.cohort));
  return (bundle.campaigns[campaign]?.focuses ?? []).filter((focus) => focus.cohort === null || cohorts.has(focus.cohort));
}

export function noticesOf(bundle: Bundle, campaign: number, duties: number[]): string[] {
  return unique(focusesOf(bundle, campaign, duties).map((focus) => focus.notices).filter(Boolean));
}
