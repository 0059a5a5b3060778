// The frame around every screen: brand and status above, places below (or the one step of a task).
import type { Phone } from "../engine";
import { words } from "../words";
import type { Screen, Tab } from "./app";
import { h, icon } from "./element";
import type { Status } from "./status";

interface Entry {
  tab: Tab;
  href: string;
  label: string;
  mark: string;
  count: number;
}

export interface Chrome {
  phone: Phone | null;
  status: Status | null;
  hasClass: boolean;
  family: boolean;
  counts: { mine: number };
}

export interface Frame {
  root: HTMLElement;
  show(screen: Screen, chrome: Chrome): void;
  refresh(chrome: Chrome): void;
}

function logo(): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "logo");
  svg.setAttribute("viewBox", "0 0 40 40");
  svg.setAttribute("aria-hidden", "true");
  const draw = (name: string, attributes: Record<string, string>) => {
    const part = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    svg.append(part);
  };
  draw("path", {
    class: "logo-house",
    d: "M20 3.6 3.9 16.7a1.9 1.9 0 0 0 1.2 3.3H7v10.5A4.5 4.5 0 0 0 11.5 35h17a4.5 4.5 0 0 0 4.5-4.5V20h1.9a1.9 1.9 0 0 0 1.2-3.3Z",
  });
  draw("path", {
    class: "logo-talk",
    d: "M15.2 17h9.6a3.2 3.2 0 0 1 3.2 3.2v3.9a3.2 3.2 0 0 1-3.2 3.2h-2.1L19 30.5v-3.2h-3.8a3.2 3.2 0 0 1-3.2-3.2v-3.9a3.2 3.2 0 0 1 3.2-3.2Z",
  });
  for (const cx of ["16.6", "20", "23.4"]) draw("circle", { class: "logo-dot", cx, cy: "22.2", r: "1.3" });
  return svg;
}

function entries(chrome: Chrome): Entry[] {
  const list: Entry[] = [
    { tab: "today", href: "#/today", label: chrome.family ? words.today : words.todayTalks, mark: "calendar-event", count: 0 },
    { tab: "class", href: "#/class", label: words.myClass, mark: "users", count: 0 },
    { tab: "mine", href: "#/mine", label: words.mine, mark: "notes", count: chrome.counts.mine },
    { tab: "me", href: "#/me", label: words.me, mark: "user", count: 0 },
  ];
  return chrome.hasClass ? list : list.filter((entry) => entry.tab !== "class");
}

function links(chrome: Chrome, active: Tab | undefined, kind: "side-link" | "tabbar-link"): HTMLElement[] {
  const count = kind === "side-link" ? "side-count" : "tabbar-count";
  return entries(chrome).map((entry) =>
    h(
      "a",
      {
        class: kind + (entry.tab === active ? " is-active" : ""),
        href: entry.href,
        "aria-current": entry.tab === active ? "page" : null,
      },
      icon(entry.mark),
      h("span", null, entry.label),
      entry.count ? h("span", { class: count }, entry.count) : null,
    ),
  );
}

function brand(motto: boolean): HTMLElement {
  const name = h("span.brand-name", null, words.appName);
  return h(
    "a.brand",
    { href: "#/today" },
    logo(),
    motto ? h("span.brand-words", null, name, h("span.brand-motto", null, words.motto)) : name,
  );
}

export function makeFrame(place: HTMLElement): Frame {
  const sideNav = h("nav.side-nav", { "aria-label": words.mainPages });
  const tabs = h("nav.tabbar", { "aria-label": words.mainPages });
  const head = h("div.phone-topline");
  const line = h("span.phone-line", { role: "status" });
  const status = h("div.phone-status", { role: "status" });
  const toasts = h("div.toasts", { "data-toasts": "", role: "status", "aria-live": "polite" });
  const content = h("div.phone-screen");
  const foot = h("div.phone-foot");
  const main = h("main.main.phone-main", { id: "main", tabindex: "-1" }, status, toasts, content);
  // The one icon of the bare page stays: it tells where the sprite is.
  const sprite = place.querySelector("svg.icon");
  const skip = h("a.skip-link", { href: "#main" }, words.skip);
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  const emergency = (kind: string, ...named: HTMLElement[]) =>
    h("a", { class: kind, href: "#/emergency" }, icon("alert-triangle"), named);
  const brief = h("span.emergency-word", { "aria-hidden": "true" }, words.emergencyBrief);
  const whole = h("span.visually-hidden", null, words.emergency);
  const ways = [emergency("side-link", h("span", null, words.emergency)), emergency("emergency", brief, whole)];
  const shell = h(
    "div.shell.phone-shell",
    null,
    skip,
    h("span", { hidden: true }, sprite),
    h("aside.sidebar", null, brand(true), sideNav, h("div.side-foot", null, ways[0])),
    h("header.topbar", null, head, line, ways[1]),
    main,
    tabs,
  );
  place.replaceChildren(shell);
  let shown: Screen | null = null;

  const refresh = (chrome: Chrome) => {
    const tab = shown?.tab;
    const usable = chrome.phone !== null && chrome.phone.bundle() !== null;
    sideNav.replaceChildren(...(usable ? links(chrome, tab, "side-link") : []));
    tabs.replaceChildren(...(usable && tab ? links(chrome, tab, "tabbar-link") : []));
    shell.classList.toggle("is-task", !tab);
    const offline = usable && chrome.phone !== null && !chrome.phone.online;
    keep(line, offline ? [icon("wifi-off"), h("span", null, words.offline)] : []);
    keep(status, chrome.status?.text ? [statusLine(chrome.status)] : []);
  };

  return {
    root: place,
    refresh,
    show(screen, chrome) {
      shown?.leave?.();
      shown = screen;
      document.title = `${screen.title} · ${words.appName}`;
      head.replaceChildren(
        screen.back
          ? h("a.phone-back", { href: screen.back }, icon("chevron-left"), h("span", null, words.back))
          : brand(false),
      );
      const title = h("h1.page-head-title", { tabindex: "-1" }, screen.title);
      content.replaceChildren(
        h(
          "header.phone-head",
          null,
          screen.back ? h("a.phone-back.phone-back-desk", { href: screen.back }, icon("chevron-left"), words.back) : null,
          screen.eyebrow ? h("p.page-head-eyebrow", null, screen.eyebrow) : null,
          title,
          screen.lead ? h("p.page-head-lead", null, screen.lead) : null,
        ),
        screen.body,
      );
      foot.replaceChildren(...(screen.foot ? [screen.foot] : []));
      if (screen.foot) main.append(foot);
      else foot.remove();
      refresh(chrome);
    },
  };
}

/** Replaces only what reads differently, so that a screen reader does not say the same again. */
function keep(place: HTMLElement, children: Node[]): void {
  const draft = h("div", null, children);
  if (draft.innerHTML !== place.innerHTML) place.replaceChildren(...children);
}

function statusLine(status: Status): HTMLElement {
  return h(
    "a.phone-status-line",
    { class: `is-${status.tone}`, href: status.href },
    icon(status.mark),
    h("span", null, status.text),
    status.note ? h("span.phone-status-note", null, status.note) : null,
  );
}
