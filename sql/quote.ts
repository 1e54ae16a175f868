// Texts and names as ClickHouse writes them.

/** As a string literal. */
export const quoteString = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
/** As an identifier, whatever characters it has. */
export const quoteIdentifier = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
