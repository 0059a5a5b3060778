// Sealing at rest: AES-GCM under keys that scripts can use and cannot read out (docs/phone.md says how far that goes).

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  text: ArrayBuffer;
}

export class Sealer {
  constructor(private readonly crypto: Crypto) {}

  newKey(): Promise<CryptoKey> {
    return this.crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }

  /** `place` (table and row) is bound in, so that a text put elsewhere does not open. */
  async seal(key: CryptoKey, place: string, bytes: BufferSource): Promise<Sealed> {
    const iv = this.crypto.getRandomValues(new Uint8Array(12));
    return { iv, text: await this.crypto.subtle.encrypt(this.how(iv, place), key, bytes) };
  }

  async open(key: CryptoKey, place: string, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.crypto.subtle.decrypt(this.how(sealed.iv, place), key, sealed.text));
  }

  async sealJson(key: CryptoKey, place: string, value: unknown): Promise<Sealed> {
    return this.seal(key, place, encode(JSON.stringify(value)));
  }

  async openJson<T>(key: CryptoKey, place: string, sealed: Sealed): Promise<T> {
    return JSON.parse(decode(await this.open(key, place, sealed))) as T;
  }

  private how(iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams {
    return { name: "AES-GCM", iv, additionalData: encode(place) };
  }
}

export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

export function decode(bytes: BufferSource): string {
  return new TextDecoder().decode(bytes);
}
