import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Random } from '../random.ts'

const folders = ['a', 'a/b', 'a/b/c', 'b', 'b/d e', 'c', 'ü']
const names = ['m.py', 'n.js', 'run', 'x y.txt', '.env', 'ß.css', 'data.bin', '-n']

/** A path of a folder. There are few of them, so that changes meet. */
const someFolder = (random: Random) => random.pick(folders)
/** A path of a file. */
const somePath = (random: Random) => join(random.chance(0.2) ? '.' : someFolder(random), random.pick(names))

/** A text; rarely a long one. */
function someContent(random: Random): string {
  const length = random.chance(0.03) ? random.int(200_000, 2_000_000) : random.chance(0.1) ? 0 : random.int(1, 2000)
  return random
    .text(Math.min(length, 50))
    .repeat(Math.ceil(length / 50))
    .slice(0, length)
}

/** Fills a folder with files, programs and links. */
export function makeTree(folder: string, random: Random): void {
  for (let left = random.int(15, 40); left > 0; left -= 1) {
    const path = join(folder, somePath(random))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, someContent(random))
    if (random.chance(0.2)) chmodSync(path, 0o755)
  }
  symlinkSync('m.py', join(folder, 'link'))
}
