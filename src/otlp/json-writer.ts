/** Builds JSON text piece by piece. */
export class JsonWriter {
  #text = '';

  raw(text: string): void {
    this.#text += text;
  }

  string(value: string): void {
    this.#text += JSON.stringify(value);
  }

  text(): string {
    return this.#text;
  }

  reset(): void {
    this.#text = '';
  }
}
