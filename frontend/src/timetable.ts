// Moving a trip: by dragging its block, or by a dialog for keyboard and phone. Conflicts are shown before the drop.
import { all, each, make } from "./dom";
import { ask } from "./dialogs";
import { words } from "./strings";
import { toast } from "./toasts";

type Verdict = { ok: boolean; conflicts: string[] };

async function check(url: string, visitor: string, evening: string, signal?: AbortSignal): Promise<Verdict> {
  const query = new URLSearchParams({ visitor, evening });
  const answer = await fetch(`${url}${url.includes("?") ? "&" : "?"}${query}`, {
    headers: { Accept: "application/json" },
    signal,
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const body = (await answer.json()) as Partial<Verdict>;
  return { ok: Boolean(body.ok), conflicts: body.conflicts ?? [] };
}

function describe(verdict: Verdict): HTMLElement {
  const tone = !verdict.ok ? "clash" : verdict.conflicts.length ? "mind" : "fits";
  const box = make("div", `verdict verdict-${tone}`);
  box.append(make("p", "verdict-title", !verdict.ok ? words.clash : verdict.conflicts.length ? words.fitsWith : words.fits));
  if (verdict.conflicts.length) {
    const list = make("ul", "verdict-list");
    list.append(...verdict.conflicts.map((text) => make("li", "", text)));
    box.append(list);
  }
  return box;
}

async function send(trip: HTMLElement, visitor: string, evening: string): Promise<boolean> {
  const table = trip.closest<HTMLElement>("[data-timetable]")!;
  try {
    const answer = await fetch(trip.dataset.moveUrl!, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": table.dataset.csrf ?? "" },
      body: new URLSearchParams({ visitor, evening, csrfmiddlewaretoken: table.dataset.csrf ?? "" }),
    });
    const body = (await answer.json().catch(() => ({}))) as { ok?: boolean; message?: string; conflicts?: string[] };
    if (answer.ok && body.ok !== false) {
      toast(body.message ?? words.moved, "success");
      await refresh(table);
      return true;
    }
    toast(body.conflicts?.length ? `${words.clash} ${body.conflicts.join(" ")}` : (body.message ?? words.failed), "error");
  } catch {
    toast(words.lost, "error");
  }
  return false;
}

async function refresh(table: HTMLElement): Promise<void> {
  const scroll = table.querySelector(".timetable-scroll");
  const place = [scroll?.scrollLeft ?? 0, scroll?.scrollTop ?? 0];
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#timetable");
  if (!fresh) return location.reload();
  table.replaceWith(document.adoptNode(fresh));
  const now = document.querySelector<HTMLElement>("#timetable")!;
  now.querySelector(".timetable-scroll")?.scrollTo(place[0], place[1]);
  window.htmx.process(now);
  now.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: now } }));
}

function dragging(table: HTMLElement): void {
  let trip: HTMLElement | null = null;
  let cell: HTMLElement | null = null;
  let asking: AbortController | null = null;
  let known = new Map<HTMLElement, Verdict>();

  const leave = () => {
    asking?.abort();
    for (const shown of all<HTMLElement>(table, ".drop-verdict")) shown.remove();
    for (const old of all<HTMLElement>(table, ".is-over")) old.classList.remove("is-over", "is-fit", "is-clash");
    cell = null;
  };
  const show = (target: HTMLElement, verdict: Verdict) => {
    target.classList.add(verdict.ok ? "is-fit" : "is-clash");
    const tip = make("div", "drop-verdict");
    tip.append(describe(verdict));
    target.append(tip);
  };

  table.addEventListener("dragstart", (event) => {
    trip = (event.target as Element).closest<HTMLElement>("[data-move-url]");
    if (!trip) return;
    known = new Map();
    event.dataTransfer!.effectAllowed = "move";
    event.dataTransfer!.setData("text/plain", trip.dataset.trip ?? "");
    trip.classList.add("is-dragged");
    table.classList.add("is-dragging");
  });
  table.addEventListener("dragend", () => {
    trip?.classList.remove("is-dragged");
    table.classList.remove("is-dragging");
    leave();
    trip = null;
  });
  table.addEventListener("dragover", (event) => {
    const over = (event.target as Element).closest<HTMLElement>("[data-drop]");
    if (!trip || !over || over.contains(trip)) {
      if (cell && !over) leave();
      return;
    }
    event.preventDefault();
    if (over === cell) return;
    leave();
    cell = over;
    over.classList.add("is-over");
    const before = known.get(over);
    if (before) return show(over, before);
    asking = new AbortController();
    check(trip.dataset.checkUrl!, over.dataset.visitor!, over.dataset.evening!, asking.signal)
      .then((verdict) => {
        known.set(over, verdict);
        if (cell === over) show(over, verdict);
      })
      .catch((error: Error) => {
        if (error.name !== "AbortError") toast(words.lost, "error");
      });
  });
  table.addEventListener("drop", (event) => {
    // The cell under the pointer now: where the grid has scrolled meanwhile, it is not the one that was looked at last.
    const target = (event.target as Element).closest<HTMLElement>("[data-drop]");
    if (!trip || !target || target.contains(trip)) return;
    event.preventDefault();
    const moving = trip;
    const { visitor = "", evening = "" } = target.dataset;
    const verdict = known.get(target);
    void (async () => {
      const sure = verdict ?? (await check(moving.dataset.checkUrl!, visitor, evening).catch(() => null));
      if (!sure) return toast(words.lost, "error");
      if (!sure.ok) return toast(`${words.clash} ${sure.conflicts.join(" ")}`, "warning");
      if (sure.conflicts.length && !(await ask(`${sure.conflicts.join(" ")} ${words.moveAnyway}`))) return;
      await send(moving, visitor, evening);
    })();
  });
}

function byDialog(table: HTMLElement): void {
  const dialog = table.querySelector<HTMLDialogElement>("[data-move-dialog]");
  if (!dialog) return;
  const form = dialog.querySelector<HTMLFormElement>("[data-move-form]")!;
  const verdictPlace = dialog.querySelector<HTMLElement>("[data-move-verdict]")!;
  const submit = dialog.querySelector<HTMLButtonElement>("[data-move-submit]")!;
  const evening = form.elements.namedItem("evening") as HTMLSelectElement;
  const visitor = form.elements.namedItem("visitor") as HTMLSelectElement;
  let trip: HTMLElement | null = null;
  let turn = 0;

  const look = async () => {
    const mine = ++turn;
    const moving = trip!;
    submit.disabled = true;
    if (evening.value === moving.dataset.evening && visitor.value === moving.dataset.visitor) {
      verdictPlace.replaceChildren();
      return;
    }
    verdictPlace.replaceChildren(make("p", "muted", words.checking));
    try {
      const verdict = await check(moving.dataset.checkUrl!, visitor.value, evening.value);
      if (mine !== turn) return;
      verdictPlace.replaceChildren(describe(verdict));
      submit.disabled = !verdict.ok;
    } catch {
      if (mine === turn) verdictPlace.replaceChildren(make("p", "field-error", words.lost));
    }
  };

  table.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-move-trip]");
    if (!button) return;
    trip = button.closest<HTMLElement>("[data-move-url]")!;
    dialog.querySelector("[data-move-words]")!.textContent = trip.dataset.words ?? "";
    evening.value = trip.dataset.evening ?? "";
    visitor.value = trip.dataset.visitor ?? "";
    verdictPlace.replaceChildren();
    submit.disabled = true;
    dialog.showModal();
  });
  form.addEventListener("change", () => void look());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    submit.disabled = true;
    void send(trip!, visitor.value, evening.value).then((moved) => {
      if (moved) dialog.close();
      else submit.disabled = false;
    });
  });
}

const SVG = "http://www.w3.org/2000/svg";

/** Ties the stops of siblings that are visited together by a thin line across the grid. */
function ties(table: HTMLElement): void {
  const scroll = table.querySelector<HTMLElement>(".timetable-scroll");
  const grid = table.querySelector<HTMLElement>(".timetable-grid");
  if (!scroll || !grid) return;
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "timetable-ties");
  drawing.setAttribute("aria-hidden", "true");
  const draw = () => {
    drawing.replaceChildren();
    if (!grid.offsetParent) return;
    const origin = grid.getBoundingClientRect();
    drawing.setAttribute("width", String(grid.offsetWidth));
    drawing.setAttribute("height", String(grid.offsetHeight));
    const groups = new Map<string, { x: number; y: number }[]>();
    for (const stop of all<HTMLElement>(grid, "[data-joint]")) {
      const group = groups.get(stop.dataset.joint!) ?? [];
      const line = stop.getBoundingClientRect();
      const block = stop.closest(".trip")!.getBoundingClientRect();
      group.push({ x: block.left - origin.left, y: line.top - origin.top + 14 });
      groups.set(stop.dataset.joint!, group);
    }
    for (const group of groups.values()) {
      group.sort((a, b) => a.y - b.y);
      for (const [i, end] of group.entries()) {
        const dot = document.createElementNS(SVG, "circle");
        for (const [name, value] of Object.entries({ cx: end.x + 2, cy: end.y, r: 3.5 })) dot.setAttribute(name, String(value));
        drawing.append(dot);
        if (i === 0) continue;
        const start = group[i - 1];
        const gutter = Math.min(start.x, end.x) - 3;
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", `M${start.x} ${start.y} H${gutter} V${end.y} H${end.x}`);
        drawing.append(path);
      }
    }
  };
  scroll.append(drawing);
  draw();
  new ResizeObserver(draw).observe(grid);
}

each<HTMLElement>(".timetable", (table) => {
  ties(table);
  const today = table.querySelector<HTMLElement>("thead .is-today");
  const scroll = table.querySelector<HTMLElement>(".timetable-scroll");
  const corner = table.querySelector<HTMLElement>(".timetable-corner");
  if (today && scroll && corner) scroll.scrollLeft = Math.max(0, today.offsetLeft - corner.offsetWidth);
  if (table.dataset.timetable !== undefined) {
    dragging(table);
    byDialog(table);
  }
});
