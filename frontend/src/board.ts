// A board of cases, or a queue of referrals, by keyboard: j and k go from one to the next, Enter opens (it is a link),
// x ticks where there is a box, ? says so.
// Without a script everything is there: boxes, links, buttons. Whoever does not want single keys switches them off.
import { words } from "./strings";

const OFF = "board-keys-off";
const board = document.querySelector<HTMLElement>("[data-board]");

function off(): boolean {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function start(board: HTMLElement): void {
  const rows = [...board.querySelectorAll<HTMLElement>("[data-board-row]")];
  const box = (row: HTMLElement) => row.querySelector<HTMLInputElement>("input[type=checkbox]");
  const count = board.querySelector<HTMLElement>("[data-board-count]");
  const all = board.querySelector<HTMLButtonElement>("[data-board-all]");
  const help = board.querySelector<HTMLButtonElement>("[data-board-help]")!;
  const keys = document.querySelector<HTMLInputElement>("[data-board-keys]")!;

  const show = () => {
    const chosen = rows.filter((row) => box(row)?.checked).length;
    if (count) count.textContent = chosen ? words.chosen(chosen) : "";
    board.classList.toggle("has-chosen", chosen > 0);
    for (const row of rows) row.classList.toggle("is-chosen", box(row)?.checked ?? false);
  };
  board.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  all?.addEventListener("click", () => {
    const every = rows.every((row) => box(row)?.checked);
    for (const row of rows) box(row)!.checked = !every;
    show();
  });
  if (all) all.hidden = false;
  help.hidden = false;

  keys.checked = !off();
  keys.addEventListener("change", () => {
    try {
      localStorage.setItem(OFF, keys.checked ? "0" : "1");
    } catch {
      // Without a store it holds until the page is left.
    }
  });

  const go = (by: number) => {
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + by))];
    next?.querySelector<HTMLElement>("a")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const typing = target.matches("input:not([type=checkbox]), select, textarea") || target.isContentEditable;
    if (!keys.checked || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const row = rows.find((one) => one.contains(target));
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "?") help.click();
    else if (event.key === "x" && row) box(row)?.click();
    else return;
    event.preventDefault();
  });
  show();
}

if (board) start(board);
