// The version of the rules that decide a number: docs/METHODOLOGY.md defines a request, a download, a byte, a class.

export const METHODOLOGY_VERSION = 1;
