// What a phone is given to read: the teacher's own scope for the visits of two weeks.
import type { VisitBody } from "./body";

export interface Bundle {
  format: 1;
  made_at: string;
  person: { id: number; name: string };
  capacity: { key: string; kind: string; label: string; school: string | null };
  capacities: { key: string; label: string }[];
  axes: Record<string, { code: string; label: string; chips: { code: string; label: string; attention: boolean }[] }[]>;
  channels: Choice[];
  categories: Category[];
  alert_tiers: Choice[];
  campaigns: Record<string, BundleCampaign>;
  questions: Record<string, { version: number; title: string; definition: unknown }>;
  stops: Stop[];
  duties: Record<string, BundleDuty>;
  people: Record<string, BundlePerson>;
  households: Record<string, BundleHousehold>;
  classes: { id: number; name: string; tiles: number[] }[];
  records: { visit: string; revision: number; body: VisitBody }[];
  held: HeldOnServer[];
  median_seconds: number | null;
  features: { photos: boolean; voice: boolean };
  limits: { text: number; relation: number; participants: number; photo_bytes: number };
}

export interface Choice {
  code: string;
  label: string;
}

/** One that is closed is in no tier, and still names what was written under it; an older bundle names no tiers. */
export interface Category extends Choice {
  tiers?: string[];
}

export interface BundleCampaign {
  tier: string;
  title: string;
  focuses: { cohort: number | null; where: string; topics: string; talking_points: string; notices: string }[];
  questions: number[];
  family: boolean;
}

export interface Stop {
  appointment: number;
  campaign: number;
  starts_at: string;
  ends_at: string;
  channel: string;
  state: string;
  answer: string;
  place: string;
  approximate: boolean;
  lat: number | null;
  lon: number | null;
  visitors: string[];
  duties: number[];
  trip: number | null;
  meeting_url: string | null;
}

export interface BundleDuty {
  person: number;
  campaign: number;
  cohort: number | null;
  household: number | null;
  state: string;
  due: string | null;
  met_on: string | null;
  follow_up_of: number | null;
  where: string;
}

export interface BundlePerson {
  id: number;
  name: string;
  pinyin: string;
  sex: string;
  age: number | null;
  where: string;
  boarding: boolean;
  phone: string;
  tags: string[];
  posts: string[];
  last_contact: string | null;
  household: number | null;
  guardians: {
    person: number;
    name: string;
    relation: string;
    phone: string;
    is_primary: boolean;
    may_contact: boolean;
  }[];
  last_visits: { on: string; channel: string; by: string; line: string; follow_up: boolean }[];
  concerns: { category: string; text: string; on: string }[];
  /** Missing in what a phone has kept from before cases were told. */
  cases?: OpenCase[];
}

/** A case that is not closed; `school` is named when it is about the school of the one to be met. */
export interface OpenCase {
  school: string;
  category: string;
  tier: string;
  state: string;
  due: string;
}

export interface BundleHousehold {
  address: string;
  village: string;
  approximate: boolean;
  preferred_times: string;
  mates: { name: string; where: string }[];
}

export interface HeldOnServer {
  item: string;
  kind: string;
  revision: number;
  reason: string;
  state: string;
  message: string;
  place: string;
  held_at: string;
}
