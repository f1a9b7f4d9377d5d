/** What a file needs of the system that is to run it. */
export interface Program {
  readonly os: 'linux' | 'macOS'
  /** In Go's terms (`amd64`); undefined if devk does not know the machine. */
  readonly arch: string | undefined
  /** The loader that the kernel starts for a dynamic program; undefined for a static one, and for a library. */
  readonly interpreter: string | undefined
}

/** e_machine of ELF headers, in Go's terms. */
const machines: Readonly<Record<number, string>> = {
  3: '386',
  20: 'ppc',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}
/** Where the program headers are, and their fields that count here, in files of 32 and of 64 bits. */
const layouts = {
  1: { tableAt: 28, sizeAt: 42, countAt: 44, offsetAt: 4, lengthAt: 16, isWide: false },
  2: { tableAt: 32, sizeAt: 54, countAt: 56, offsetAt: 8, lengthAt: 32, isWide: true },
} as const
const typeInterpreter = 3
/** Longer than any path. */
const longestPath = 4096

/** How much of the beginning of a file `programOf` looks at. Linkers put headers and interpreter there. */
export const headBytes = 64 * 1024

/**
 * Reads the header of a program of Linux or macOS. undefined for any other file, and for a header that contradicts
 * itself: the kernel will refuse that one. Pure.
 */
export function programOf(head: Buffer): Program | undefined {
  if (isMachO(head)) return { os: 'macOS', arch: undefined, interpreter: undefined }
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined
  const layout = layouts[head[4] as 1 | 2]
  if (layout === undefined) return undefined
  const isLittle = head[5] === 1
  const read = (at: number, bytes: 2 | 4 | 8): number => {
    if (at + bytes > head.length) return Number.NaN
    if (bytes === 8) return Number(isLittle ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at))
    return isLittle ? head.readUIntLE(at, bytes) : head.readUIntBE(at, bytes)
  }
  const word = layout.isWide ? 8 : 4
  const machine = read(18, 2)
  const arch = machine === 21 ? (isLittle ? 'ppc64le' : 'ppc64') : machines[machine]
  const table = read(layout.tableAt, word)
  const size = read(layout.sizeAt, 2)
  let interpreter: string | undefined
  for (let i = 0; i < read(layout.countAt, 2); i += 1) {
    const at = table + i * size
    if (read(at, 4) !== typeInterpreter) continue
    const begin = read(at + layout.offsetAt, word)
    const length = read(at + layout.lengthAt, word)
    if (!(length > 0 && length <= longestPath && begin + length <= head.length)) return undefined
    interpreter = head.toString('utf8', begin, begin + length).replace(/\0.*$/s, '')
  }
  return { os: 'linux', arch, interpreter }
}

/** Mach-O of one machine, or of several. Classes of Java begin as the latter, with a version above 44. */
function isMachO(head: Buffer): boolean {
  if (head.length < 8) return false
  const magic = head.readUInt32BE(0)
  if ([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe].includes(magic)) return true
  return magic === 0xcafebabe && head.readUInt32BE(4) < 45
}
