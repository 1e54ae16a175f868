// Proof that a disk takes what is written. The embedded engine (chdb 3.4.0) reports no error if the disk is full when it writes a
// result (INTO OUTFILE) or the definition of a table: it leaves a short or an empty file, and an empty definition keeps the warehouse
// from opening ever after. So we write a little ourselves, and the system tells us.

import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** More than any definition of a table. */
const ROOM = Buffer.alloc(256 << 10);

/** @throws ENOSPC, EDQUOT, EROFS, … if nothing can be written in this directory */
export function requireRoom(directory: string): void {
  const path = join(directory, `fairshare-room-${process.pid}`);
  try {
    writeFileSync(path, ROOM);
  } finally {
    rmSync(path, { force: true });
  }
}

/** @throws ENOSPC, EDQUOT, EFBIG, … if this file, which the engine has just written, takes no more: then its end may be missing */
export function requireWhole(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    try {
      for (let written = 0; written < ROOM.length;)
        written += writeSync(file, ROOM, written, ROOM.length - written, size + written);
    } finally {
      ftruncateSync(file, size);
    }
  } finally {
    closeSync(file);
  }
}
