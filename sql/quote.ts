// Texts and names as literals of ClickHouse's SQL, where a parameter cannot stand.

export const quoteString = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

export const quoteIdentifier = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
