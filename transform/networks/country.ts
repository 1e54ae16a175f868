// Countries as integers: ISO 3166-1 alpha-2, first letter × 256 + second; 0: not known.

/** @param text two letters */
export function countryCode(text: string): number {
  const upper = text.toUpperCase();
  return upper.charCodeAt(0) * 256 + upper.charCodeAt(1);
}

export const countryText = (code: number): string => (code === 0 ? '' : String.fromCharCode(code >> 8, code & 255));
