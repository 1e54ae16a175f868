// Bytes of unknown origin for a terminal or a file: nothing in them may act on either.

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 as it is; control characters, format characters, a backslash and bytes that are no UTF-8 as \xNN. */
export function printableBytes(bytes: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x20 || byte > 0x7e || byte === 0x5c ? hex(byte) : String.fromCharCode(byte))).join(''); // prettier-ignore
  }
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (character) =>
    Array.from(new TextEncoder().encode(character), hex).join(''),
  );
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
