// Putting the app on the home screen, offered once and calmly.
import { words } from "../words";
import type { App } from "./app";
import { h, icon } from "./element";
import { button } from "./parts";

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

const LATER = "jiafang:install-later";
let prompt: InstallPrompt | null = null;

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt = event as InstallPrompt;
});

export function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
}

function howTo(): HTMLElement {
  const ios = /iPhone|iPad|iPod/.test(navigator.userAgent);
  if (prompt) return button(words.install, "tonal", () => void prompt?.prompt(), "download");
  return h("p", null, ios ? words.installIos : words.installOther);
}

function dismissed(): boolean {
  try {
    return localStorage.getItem(LATER) !== null;
  } catch {
    return true;
  }
}

export function installSteps(): HTMLElement {
  return h("div.stack-tight", null, h("p", null, words.installText), howTo());
}

export function installHint(app: App): HTMLElement | null {
  if (isInstalled() || dismissed()) return null;
  const later = button(words.notNow, "text", () => {
    localStorage.setItem(LATER, "1");
    void app.reload();
  });
  return h(
    "div.notice.phone-install",
    null,
    icon("device-mobile"),
    h("div.notice-words", null, h("p.notice-title", null, words.install), installSteps(), later),
  );
}
