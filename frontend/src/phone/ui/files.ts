// Photos and voice notes of a record: made small, without where they were taken, kept with the draft until it is saved.
import type { FileKind } from "../engine";
import { words } from "../words";
import type { App } from "./app";
import { freshId, h, icon } from "./element";
import { button } from "./parts";

const LONGEST_EDGE = 1600;
const LONGEST_VOICE = 120;

interface Kept {
  kind: FileKind;
  type: string;
  data: string;
}

function encoded(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error ?? new Error("unread"));
    reader.readAsDataURL(blob);
  });
}

function decoded(kept: Kept): Blob {
  return new Blob([Uint8Array.from(atob(kept.data), (letter) => letter.charCodeAt(0))], { type: kept.type });
}

/** Drawn anew, a picture loses its size and everything written into it, such as the place. */
async function smaller(file: Blob): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = h("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

function asJpeg(canvas: HTMLCanvasElement): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
}

const prefix = (key: string) => `${key}/file/`;

async function keysOf(app: App, key: string): Promise<string[]> {
  const all = await app.phone.drafts();
  return all
    .map((draft) => draft.key)
    .filter((name) => name.startsWith(prefix(key)))
    .sort();
}

/** What was kept with a draft, and under which names. */
export async function filesOf(app: App, key: string): Promise<{ files: { kind: FileKind; blob: Blob }[]; drafts: string[] }> {
  const drafts = await keysOf(app, key);
  const kept = await Promise.all(drafts.map((name) => app.phone.draft<Kept>(name)));
  const there = kept.filter((one): one is Kept => one !== null);
  return { files: there.map((one) => ({ kind: one.kind, blob: decoded(one) })), drafts };
}

export async function dropFiles(app: App, key: string): Promise<void> {
  for (const name of await keysOf(app, key)) await app.phone.dropDraft(name);
}

export async function filesField(app: App, key: string): Promise<HTMLElement | null> {
  const { photos, voice } = app.bundle.features;
  if (!photos && !voice) return null;
  const list = h("ul.phone-files");
  const problem = h("p.field-error", { role: "alert" });
  problem.hidden = true;
  const fail = (message: string) => {
    problem.textContent = message;
    problem.hidden = !message;
  };
  let last = 0;
  const show = async (name: string, kept: Kept, place: number) => {
    const label = kept.kind === "photo" ? words.photo(place) : words.voiceNote(place);
    const remove = h("button.btn-icon", { type: "button", "aria-label": `${words.remove} ${label}` }, "×");
    const picture = kept.kind === "photo" ? await smaller(decoded(kept)).catch(() => null) : null;
    picture?.setAttribute("role", "img");
    picture?.setAttribute("aria-label", label);
    const row = h("li.phone-file", null, picture ?? icon("microphone"), picture ? null : h("span", null, label), remove);
    remove.addEventListener("click", () => {
      row.remove();
      void app.phone.dropDraft(name);
    });
    list.append(row);
  };
  const keep = async (kind: FileKind, blob: Blob) => {
    const name = `${prefix(key)}${String((last += 1)).padStart(4, "0")}`;
    const kept: Kept = { kind, type: blob.type, data: await encoded(blob) };
    await app.phone.keepDraft(name, kept);
    await show(name, kept, last);
  };
  for (const name of await keysOf(app, key)) {
    const kept = await app.phone.draft<Kept>(name);
    last = Math.max(last, Number(name.slice(prefix(key).length)));
    if (kept) await show(name, kept, last);
  }
  const take = async (file: Blob) => {
    fail("");
    const canvas = await smaller(file).catch(() => null);
    const small = canvas && (await asJpeg(canvas));
    if (!small) fail(words.photoUnread);
    else if (small.size > app.bundle.limits.photo_bytes) fail(words.photoTooLarge);
    else await keep("photo", small).catch(() => fail(words.fullPhone));
  };
  const input = h("input.phone-file-input", { type: "file", accept: "image/*", multiple: true, id: freshId("photo") });
  input.addEventListener("change", () => {
    void (async () => {
      for (const file of Array.from(input.files ?? [])) await take(file);
      input.value = "";
    })();
  });
  return h(
    "div.stack-tight",
    null,
    list,
    problem,
    photos ? h("div.phone-file-pick", null, input, h("label.btn.btn-outline", { for: input.id }, icon("camera"), words.addPhoto)) : null,
    voice ? voiceButton((blob) => keep("voice", blob).catch(() => fail(words.fullPhone)), fail) : null,
  );
}

function voiceButton(keep: (blob: Blob) => Promise<void>, fail: (message: string) => void): HTMLElement {
  const told = h("span", { role: "status" });
  let running: MediaRecorder | null = null;
  const toggle = async () => {
    if (running) return running.stop();
    fail("");
    const stream = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
    if (!stream) return fail(words.noMicrophone);
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    let seconds = 0;
    const tick = window.setInterval(() => {
      seconds += 1;
      told.textContent = words.recordingVoice(seconds);
      if (seconds >= LONGEST_VOICE) recorder.stop();
    }, 1000);
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      window.clearInterval(tick);
      for (const track of stream.getTracks()) track.stop();
      running = null;
      told.textContent = "";
      opener.replaceChildren(icon("microphone"), words.startVoice);
      if (parts.length) void keep(new Blob(parts, { type: recorder.mimeType.split(";")[0] }));
    });
    recorder.start();
    running = recorder;
    told.textContent = words.recordingVoice(0);
    opener.replaceChildren(icon("microphone"), words.stopVoice);
  };
  const opener = button(words.startVoice, "outline", () => void toggle(), "microphone");
  return h("div.row-line", null, opener, told);
}
