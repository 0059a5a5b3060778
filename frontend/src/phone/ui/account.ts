// Who is using this phone, how it reads, how fresh the list is, and the way out.
import { english, words } from "../words";
import type { App, Draw, Screen } from "./app";
import { nearMoment } from "./clock";
import { isLarge, setLanguage, setLarge } from "./display";
import { h, icon } from "./element";
import { installSteps, isInstalled } from "./install";
import { button, notice, panel } from "./parts";
import { openSheet } from "./sheet";

export const account: Draw = (app): Screen => {
  const { phone } = app;
  const owner = phone.owner;
  const median = app.bundle.median_seconds;
  const update = button(phone.syncing ? words.sending : words.syncNow, "outline", () => void phone.sync(), "refresh");
  update.disabled = phone.syncing;
  return {
    title: owner?.name ?? words.me,
    lead: owner?.capacityLabel,
    tab: "me",
    body: h(
      "div.stack.phone-me",
      null,
      panel(
        "",
        "",
        h("p", null, phone.lastSync ? words.lastSync(nearMoment(phone.lastSync, phone.now())) : words.neverSync),
        h("p", null, update),
        median ? h("p.muted.small", null, words.usually(median)) : null,
        h("p.muted.small", null, words.kept30),
        phone.unsentOfOthers ? notice("info", "", h("p", null, words.othersUnsent(phone.unsentOfOthers))) : null,
      ),
      capacities(app),
      display(),
      isInstalled() ? null : panel(words.install, "", installSteps(), phone.persisted ? null : h("p.muted.small", null, words.notPersisted)),
      h(
        "nav.card.panel.panel-body.phone-links",
        null,
        h("a.account-choice", { href: "/" }, icon("link"), h("span", null, words.webPages)),
        h("button.account-choice", { type: "button", onclick: () => leave(app) }, icon("logout"), h("span", null, words.signOut)),
      ),
    ),
  };
};

function capacities(app: App): HTMLElement | null {
  const { phone } = app;
  if (phone.capacities.length < 2) return null;
  return panel(
    words.actAs,
    "",
    h(
      "div.phone-links",
      null,
      phone.capacities.map((one) => {
        const now = one.key === phone.owner?.capacity;
        return h(
          "button.account-choice",
          { type: "button", class: now ? "is-active" : "", "aria-current": now ? "true" : null, onclick: () => void phone.actAs(one.key).then(() => app.reload()) },
          icon("user"),
          h("span", null, one.label),
          now ? icon("check") : null,
        );
      }),
    ),
  );
}

function display(): HTMLElement {
  const large = h("button.account-choice", { type: "button", "aria-pressed": String(isLarge()) }, icon("letter-case"), h("span", null, words.largeType), h("span.switch", { "aria-hidden": "true" }));
  large.addEventListener("click", () => {
    setLarge(!isLarge());
    large.setAttribute("aria-pressed", String(isLarge()));
  });
  const speak = (code: string, label: string, now: boolean) =>
    h(
      "button",
      {
        type: "button",
        lang: code,
        "aria-current": now ? "true" : null,
        onclick: () => {
          setLanguage(code);
          location.reload();
        },
      },
      label,
    );
  return panel(
    words.display,
    "",
    h("div.phone-links", null, large),
    h("div.language-switch", { role: "group", "aria-label": words.language }, speak("zh-hans", "中文", !english), speak("en", "English", english)),
  );
}

function leave(app: App): void {
  const { phone } = app;
  const unsent = phone.unsent;
  const out = async () => {
    const sealed = await phone.signOut();
    sheet.close();
    window.dispatchEvent(new CustomEvent("jiafang:left", { detail: sealed }));
  };
  const send = button(words.sendFirst, "primary", () => {
    sheet.close();
    app.go("#/mine");
    void phone.sync();
  }, "cloud-upload");
  const sheet = openSheet(
    words.signOut,
    unsent
      ? h("div.stack-tight", null, notice("due", words.signOutUnsent(unsent), h("p", null, words.signOutUnsentText)))
      : h("p", null, words.signOutClean),
    h(
      "div.dialog-foot",
      null,
      unsent ? button(words.signOutAnyway(unsent), "outline", () => void out()) : button(words.no, "outline", () => sheet.close()),
      unsent ? send : button(words.signOut, "primary", () => void out()),
    ),
  );
}
