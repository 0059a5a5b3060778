// The phone app: opens what is kept on this phone and shows it, screen by screen.
import { toast } from "../toasts";
import { type ItemView, open, type Phone } from "./engine";
import { account } from "./ui/account";
import type { App, Draw, Place, Screen } from "./ui/app";
import { brief } from "./ui/brief";
import { choose } from "./ui/choose";
import { classroom } from "./ui/classroom";
import { conflict } from "./ui/conflict";
import { broken, cannotKeep, noList, signedOut } from "./ui/doors";
import { emergency } from "./ui/emergency";
import { type Chrome, makeFrame } from "./ui/frame";
import { mine } from "./ui/mine";
import { person } from "./ui/person";
import { visitsFamilies } from "./ui/reading";
import { record } from "./ui/record";
import { saved } from "./ui/saved";
import { needsCheck, onlyHere, statusOf } from "./ui/status";
import { today } from "./ui/today";
import { visit } from "./ui/visit";
import { words } from "./words";

const screens: Record<string, Draw> = {
  today,
  brief,
  record,
  choose,
  saved,
  class: classroom,
  person,
  mine,
  visit,
  conflict,
  me: account,
};

const frame = makeFrame(document.querySelector<HTMLElement>("#phone") ?? document.body);
let items: ItemView[] = [];
let turn = 0;
let live = false;
let withList = false;
let left: number | null = null;

function chromeOf(phone: Phone | null): Chrome {
  const bundle = phone?.bundle() ?? null;
  return {
    phone,
    status: phone && bundle ? statusOf(phone, items) : null,
    hasClass: Boolean(bundle?.classes.length),
    family: !bundle || visitsFamilies(bundle),
    counts: { mine: items.filter((item) => needsCheck(item) || onlyHere(item)).length },
  };
}

function placeNow(): Place {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean), query: new URLSearchParams(query ?? "") };
}

function appOf(phone: Phone): App {
  return {
    phone,
    bundle: phone.bundle()!,
    items,
    go: (hash) => (location.hash = hash),
    swap: (hash) => {
      history.replaceState(null, "", hash);
      void draw(phone, true);
    },
    reload: () => draw(phone, false),
    say: toast,
  };
}

async function screenOf(phone: Phone): Promise<Screen> {
  const place = placeNow();
  if (place.parts[0] === "emergency") return emergency();
  if (left !== null) return signedOut(left);
  if (!phone.bundle()) return noList(phone);
  const drawn = screens[place.parts[0] ?? "today"] ?? today;
  return drawn(appOf(phone), place);
}

/** For styles and tests: which screen it is. */
function screenName(phone: Phone): string {
  return phone.bundle() ? (placeNow().parts[0] ?? "today") : "door";
}

/** `arrived`: another screen, so the view starts at the top and the title takes the focus. */
async function draw(phone: Phone, arrived: boolean): Promise<void> {
  const mine = (turn += 1);
  items = await phone.items();
  const screen = await screenOf(phone);
  if (mine !== turn) return;
  const kept = window.scrollY;
  frame.show(screen, chromeOf(phone));
  document.documentElement.dataset.screen = screenName(phone);
  live = screen.live ?? false;
  withList = phone.bundle() !== null;
  if (arrived) {
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  } else window.scrollTo(0, kept);
}

/** Something changed on the phone: the status at once, the screen where nothing is being typed or chosen. */
async function follow(phone: Phone): Promise<void> {
  const busy = document.querySelector("dialog[open]") || document.activeElement?.matches("input, textarea, select");
  if (!phone.bundle() || !withList || left !== null || (live && !busy)) return draw(phone, false);
  items = await phone.items();
  frame.refresh(chromeOf(phone));
}

async function start(): Promise<void> {
  const opened = await open();
  if (opened.kind === "cannot_keep") {
    frame.show(cannotKeep(opened.reason), chromeOf(null));
    return;
  }
  const phone = opened;
  let pending = false;
  const soon = () => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      void follow(phone);
    });
  };
  phone.on("change", soon);
  window.addEventListener("online", soon);
  window.addEventListener("offline", soon);
  window.addEventListener("hashchange", () => void draw(phone, true));
  window.addEventListener("jiafang:left", (event) => {
    left = (event as CustomEvent<number>).detail;
    void draw(phone, true);
  });
  await draw(phone, true);
  performance.mark("first-screen");
}

start().catch((error: unknown) => {
  console.error(error);
  frame.show(broken(), chromeOf(null));
  document.title = words.brokenTitle;
});
