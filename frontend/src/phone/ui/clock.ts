// Days and times as people here say them: always China's time, whatever the phone is set to.
import { words } from "../words";

const EAST = 8 * 3600_000;
const DAY = 86_400_000;

function local(moment: Date): Date {
  return new Date(moment.getTime() + EAST);
}

const two = (n: number) => String(n).padStart(2, "0");

/** 2026-10-14 */
export function dayOf(moment: Date): string {
  return local(moment).toISOString().slice(0, 10);
}

/** 19:40 */
export function clock(moment: Date): string {
  const at = local(moment);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

export function momentOf(day: string, time: string): Date {
  return new Date(`${day}T${time}:00+08:00`);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY).toISOString().slice(0, 10);
}

/** 10月14日 */
export function shortDate(day: string): string {
  const [, month, date] = day.split("-").map(Number);
  return words.date(month, date);
}

/** 今天, 明天, 10月17日 周六 */
export function nearDay(day: string, today: string): string {
  const away = daysBetween(today, day);
  if (away === 0) return words.dayToday;
  if (away === 1) return words.dayTomorrow;
  if (away === -1) return words.dayYesterday;
  return `${shortDate(day)} ${weekday(day)}`;
}

export function weekday(day: string): string {
  return words.weekdays[new Date(day).getUTCDay()];
}

/** 今天 19:40 */
export function nearMoment(iso: string, now: Date): string {
  const moment = new Date(iso);
  return `${nearDay(dayOf(moment), dayOf(now))} ${clock(moment)}`;
}

/** With the offset that people here write: 2026-10-14T19:40:00+08:00 */
export function isoOf(day: string, time: string): string {
  return `${day}T${time}:00+08:00`;
}
