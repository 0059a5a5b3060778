// A record while it is being filled in: what is known beforehand, what is still missing, what will be saved.
import type { BundlePerson, Concern, Value, VisitBody, VisitDraft } from "../engine";
import { words } from "../words";
import type { App } from "./app";
import { clock, dayOf, isoOf, momentOf } from "./clock";
import { isFamily, mateDuties, peopleOf, unique, viewOf } from "./reading";

export interface Present {
  person: number | null;
  relation: string;
  /** Empty: in the same way as the visit. */
  channel: string;
}

export interface Form {
  campaign: number;
  appointment: number | null;
  /** Duties that may be answered by this visit, and those that are. */
  offered: number[];
  duties: number[];
  channel: string;
  day: string;
  start: string;
  end: string;
  present: Present[];
  chips: string[];
  finding: string;
  /** By "person|axis". */
  notes: Record<string, string>;
  opinion: string;
  conveyed: boolean;
  followUp: boolean | null;
  concerns: Concern[];
  /** By question set. */
  answers: Record<string, Record<string, Value>>;
  seconds: number;
}

export interface Fault {
  place: string;
  message: string;
}

const CLOCK_AHEAD = 10 * 60_000;
const LATEST = 366 * 86_400_000;

export interface Candidate {
  person: number;
  name: string;
  relation: string;
}

/** Who may have been there: guardians of those met, then those met. */
export function candidates(app: App, form: Form): Candidate[] {
  const family = isFamily(app.bundle, form.campaign);
  const people = peopleOf(app.bundle, form.duties);
  const seen = new Set<number>();
  const found: Candidate[] = [];
  const add = (person: number, name: string, relation: string) => {
    if (seen.has(person)) return;
    seen.add(person);
    found.push({ person, name, relation });
  };
  if (family) for (const guardian of people.flatMap((one) => one.guardians)) add(guardian.person, guardian.name, guardian.relation);
  for (const one of people) add(one.id, one.name, family ? words.studentSelf : words.self);
  return found;
}

function firstPresent(people: BundlePerson[], family: boolean): Present[] {
  if (!family) return people.map((one) => ({ person: one.id, relation: words.self, channel: "" }));
  const guardians = people.flatMap((one) => one.guardians);
  const first = guardians.find((one) => one.is_primary) ?? guardians[0];
  if (first) return [{ person: first.person, relation: first.relation, channel: "" }];
  return people.slice(0, 1).map((one) => ({ person: one.id, relation: words.studentSelf, channel: "" }));
}

function blank(app: App, campaign: number, duties: number[]): Form {
  const now = app.phone.now();
  return {
    campaign,
    appointment: null,
    offered: duties,
    duties,
    channel: "phone",
    day: dayOf(now),
    start: clock(now),
    end: "",
    present: firstPresent(peopleOf(app.bundle, duties), isFamily(app.bundle, campaign)),
    chips: [],
    finding: "",
    notes: {},
    opinion: "",
    conveyed: false,
    followUp: null,
    concerns: [],
    answers: {},
    seconds: 0,
  };
}

/** Everything that the appointment says already; `called` is when the telephone was picked up. */
export function fromAppointment(app: App, appointment: number, called: string): Form | null {
  const stop = app.bundle.stops.find((one) => one.appointment === appointment);
  if (!stop) return null;
  const view = viewOf(app, stop);
  const now = app.phone.now();
  const form = blank(app, stop.campaign, stop.duties);
  form.appointment = appointment;
  form.offered = unique([...stop.duties, ...mateDuties(app.bundle, stop.duties)]);
  form.channel = stop.channel;
  if (called) {
    form.channel = stop.channel === "voice" ? "voice" : "phone";
    form.day = dayOf(new Date(called));
    form.start = clock(new Date(called));
  } else if (view.startsAt <= now) {
    form.day = dayOf(view.startsAt);
    form.start = clock(view.startsAt);
    const over = view.endsAt <= now ? view.endsAt : now;
    form.end = dayOf(over) === form.day ? clock(over) : "";
  }
  return form;
}

export function fromDuties(app: App, ids: number[]): Form | null {
  const known = ids.filter((id) => app.bundle.duties[id]);
  if (!known.length) return null;
  const { campaign } = app.bundle.duties[known[0]];
  const duties = known.filter((id) => app.bundle.duties[id].campaign === campaign);
  const form = blank(app, campaign, duties);
  form.offered = unique([...duties, ...mateDuties(app.bundle, duties)]);
  return form;
}

export function fromBody(app: App, body: VisitBody): Form {
  const started = new Date(body.started_at);
  return {
    ...blank(app, body.campaign, body.duties),
    appointment: body.appointment,
    channel: body.channel,
    day: dayOf(started),
    start: clock(started),
    end: body.ended_at ? clock(new Date(body.ended_at)) : "",
    present: body.participants.map((one) => ({ ...one, channel: one.channel === body.channel ? "" : one.channel })),
    chips: [...body.chips],
    finding: body.finding,
    notes: Object.fromEntries(body.notes.map((note) => [`${note.person}|${note.axis}`, note.text])),
    opinion: body.guardian_opinion,
    conveyed: body.notices_conveyed,
    followUp: body.follow_up,
    concerns: body.concerns.map((one) => ({ ...one })),
    answers: Object.fromEntries(body.answers.map((one) => [String(one.set), one.values])),
  };
}

export function toDraft(app: App, form: Form, before: VisitBody | null): VisitDraft {
  const people = form.duties.map((id, place) => app.bundle.duties[id]?.person ?? before?.people[before.duties.indexOf(id)] ?? before?.people[place] ?? 0);
  const asked = app.bundle.campaigns[form.campaign]?.questions ?? [];
  const late = form.end && form.end < form.start;
  return {
    campaign: form.campaign,
    appointment: form.appointment,
    duties: form.duties,
    people,
    channel: form.channel,
    started_at: isoOf(form.day, form.start),
    ended_at: form.end && !late ? isoOf(form.day, form.end) : null,
    participants: form.present.map((one) => ({ person: one.person, relation: one.relation.trim(), channel: one.channel || form.channel })),
    chips: form.chips,
    finding: form.finding.trim(),
    notes: Object.entries(form.notes)
      .map(([key, text]) => ({ person: Number(key.split("|")[0]), axis: key.split("|")[1], text: text.trim() }))
      .filter((note) => note.text && people.includes(note.person)),
    guardian_opinion: form.opinion.trim(),
    notices_conveyed: form.conveyed,
    follow_up: form.followUp === true,
    concerns: form.concerns.map((one) => ({ ...one, text: one.text.trim() })),
    answers: [
      ...asked
        .filter((set) => app.bundle.questions[set] && Object.keys(form.answers[set] ?? {}).length)
        .map((set) => ({ set, version: app.bundle.questions[set].version, values: form.answers[set] })),
      // Answers to an older version stay as they were given.
      ...(before?.answers.filter((one) => !asked.includes(one.set)) ?? []),
    ],
    form_seconds: Math.min(86_400, Math.round(form.seconds)),
  };
}

/** What is still missing, in the order of the page. */
export function faultsOf(app: App, form: Form): Fault[] {
  const { limits } = app.bundle;
  const now = app.phone.now();
  const faults: Fault[] = [];
  const fault = (place: string, message: string) => faults.push({ place, message });
  if (!form.duties.length) fault("duties", words.faultWho);
  if (!form.present.length) fault("participants", words.faultPresent);
  else if (form.present.some((one) => !one.relation.trim())) fault("participants", words.faultRelation);
  const started = form.day && form.start ? momentOf(form.day, form.start) : null;
  if (!started || Number.isNaN(started.getTime()) || started.getTime() > now.getTime() + CLOCK_AHEAD) fault("started_at", words.faultFuture);
  else if (started.getTime() < now.getTime() - LATEST) fault("started_at", words.faultOld);
  else if (form.end && form.end < form.start) fault("ended_at", words.faultEnd);
  if (!form.chips.length && !form.finding.trim()) fault("finding", words.faultFinding);
  for (const [place, text] of [["finding", form.finding], ["guardian_opinion", form.opinion]] as const) {
    if (text.length > limits.text) fault(place, words.faultLong(limits.text));
  }
  if (form.followUp === null) fault("follow_up", words.faultFollowUp);
  for (const concern of form.concerns) {
    if (!concern.category) fault(`concern-${concern.id}`, words.faultCategory);
    else if (!concern.text.trim()) fault(`concern-${concern.id}`, words.faultConcern);
  }
  return faults;
}
