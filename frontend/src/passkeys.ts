// Passkeys: asks the browser to make or to use one, then sends its answer with the form.
import { csrfToken } from "./dom";

interface Described {
  id: string;
  type: PublicKeyCredentialType;
  transports?: AuthenticatorTransport[];
}

function toBytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

function toText(bytes: ArrayBuffer | null): string | null {
  if (!bytes) return null;
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const described = (items: Described[] = []) => items.map((item) => ({ ...item, id: toBytes(item.id) }));

async function create(options: any): Promise<Credential | null> {
  const key = options.publicKey;
  return navigator.credentials.create({
    publicKey: {
      ...key,
      challenge: toBytes(key.challenge),
      user: { ...key.user, id: toBytes(key.user.id) },
      excludeCredentials: described(key.excludeCredentials),
    },
  });
}

async function use(options: any): Promise<Credential | null> {
  const key = options.publicKey;
  return navigator.credentials.get({
    publicKey: { ...key, challenge: toBytes(key.challenge), allowCredentials: described(key.allowCredentials) },
  });
}

function answerOf(credential: PublicKeyCredential): string {
  const response = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      ...(response.attestationObject
        ? { attestationObject: toText(response.attestationObject) }
        : {
            authenticatorData: toText(response.authenticatorData),
            signature: toText(response.signature),
            userHandle: toText(response.userHandle),
          }),
    },
  });
}

async function optionsOf(form: HTMLFormElement): Promise<unknown> {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsUrl!, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

async function ask(form: HTMLFormElement): Promise<void> {
  const failed = document.querySelector<HTMLElement>("[data-passkey-failed]");
  if (failed) failed.hidden = true;
  try {
    const options = await optionsOf(form);
    const credential = await (form.dataset.passkey === "create" ? create(options) : use(options));
    form.querySelector<HTMLInputElement>("input[name=credential]")!.value = answerOf(credential as PublicKeyCredential);
    form.submit();
  } catch {
    if (failed) failed.hidden = false;
  }
}

// Before anybody else hears of it: the form is sent only once the browser has answered.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    void ask(form);
  },
  true,
);
