// The shape of a line: shows how it is built and nothing of its content, so that it may be printed. The view quarantined_line has the
// same rule in SQL.

/** x for a small letter, X for a capital, 9 for a digit, ? for a character that is not ASCII; the others as they are. */
export const shapeOf = (line: string): string =>
  line
    .replace(/[0-9]/g, '9')
    .replace(/[a-z]/g, 'x')
    .replace(/[A-Z]/g, 'X')
    .replace(/[^\0-\x7f]/gu, '?');
