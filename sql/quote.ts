// Quotes texts and names as literals of ClickHouse's SQL, where the engine allows no parameter.

export const quoteString = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

export const quoteIdentifier = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
