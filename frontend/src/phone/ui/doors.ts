// Screens before anything is kept: signing in, the first opening, browsers that cannot keep a promise.
import type { CannotKeep, Phone } from "../engine";
import { words } from "../words";
import type { Screen } from "./app";
import { h, icon } from "./element";
import { button, link, notice } from "./parts";

const SIGN_IN = "/accounts/login/?next=/phone/";

function door(text: string, mark: string, ...children: (Node | null)[]): HTMLElement {
  return h("div.phone-door", null, h("span.empty-state-icon", null, icon(mark)), h("p.phone-door-text", null, text), children);
}

/** Nothing to be read is kept, not yet or not any more: on its way, or asking to sign in, to find a line, to try again. */
export function noList(phone: Phone): Screen {
  if (phone.syncing) return { title: words.firstLoading, body: door(words.firstText, "refresh", ...sealedHere(phone)) };
  if (!phone.online) {
    const ended = phone.account === "expired";
    return retry(phone, ended ? words.signInTitle : words.firstTitle, ended ? words.expired : words.firstText, "wifi-off");
  }
  return phone.account === "in" ? retry(phone, words.noAnswerTitle, words.noAnswerText, "cloud-upload") : signIn(phone);
}

function retry(phone: Phone, title: string, text: string, mark: string): Screen {
  return { title, body: door(text, mark, ...sealedHere(phone)), foot: button(words.tryAgain, "primary", () => void phone.sync(), "refresh") };
}

function signIn(phone: Phone): Screen {
  return {
    title: words.signInTitle,
    body: door(words.signInText, "lock", ...sealedHere(phone)),
    foot: link(words.signIn, "primary", SIGN_IN),
  };
}

/** Whoever sees no list must not think that what was written has gone with it. */
function sealedHere(phone: Phone): (Node | null)[] {
  const { unsent, unsentOfOthers } = phone;
  return [
    unsent ? notice("due", "", h("p", null, words.signedOutSealed(unsent))) : null,
    unsentOfOthers ? notice("info", "", h("p", null, words.othersUnsent(unsentOfOthers))) : null,
  ];
}

export function broken(): Screen {
  return {
    title: words.brokenTitle,
    body: door(words.brokenText, "alert-circle"),
    foot: button(words.tryAgain, "primary", () => location.reload(), "refresh"),
  };
}

export function signedOut(sealed: number): Screen {
  return {
    title: words.signedOut,
    body: door(
      words.signedOutText,
      "logout",
      sealed ? notice("due", "", h("p", null, words.signedOutSealed(sealed))) : null,
    ),
    foot: link(words.signIn, "primary", SIGN_IN),
  };
}

export function cannotKeep(reason: CannotKeep["reason"]): Screen {
  const said = {
    wechat: [words.wechatTitle, words.wechatText],
    private_window: [words.privateTitle, words.privateText],
    no_storage: [words.noStorageTitle, words.noStorageText],
    no_crypto: [words.noStorageTitle, words.noStorageText],
  }[reason];
  const copied = h("p.phone-copied", { role: "status" });
  const copy = button(
    words.copyLink,
    "primary",
    () => {
      void navigator.clipboard.writeText(location.origin + "/phone/").then(
        () => (copied.textContent = words.copied),
        () => (copied.textContent = location.origin + "/phone/"),
      );
    },
    "copy",
  );
  const steps = [words.wechatStep1, words.wechatStep2, words.wechatStep3];
  return {
    title: said[0],
    body: h(
      "div.stack",
      null,
      door(
        said[1],
        reason === "wechat" ? "device-mobile" : "info-circle",
        reason === "wechat" ? h("ol.phone-steps", null, steps.map((step) => h("li", null, step))) : null,
      ),
      h(
        "div.card.panel.panel-body",
        null,
        h("p", null, words.onlineFormText),
        h("p", { class: "phone-door-other" }, link(words.onlineForm, "outline", "/today/", "pencil")),
      ),
    ),
    foot: h("div", null, copied, copy),
  };
}
