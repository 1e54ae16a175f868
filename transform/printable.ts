// Makes bytes of unknown origin safe to print: nothing in them may control a terminal or change the format of a file.

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Keeps UTF-8; writes control characters, format characters, a backslash and bytes that are not UTF-8 as \xNN. */
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
