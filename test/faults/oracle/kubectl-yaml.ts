import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findKubectl } from '../../e2e/support/tools.ts'

/**
 * The values that kubectl reads under the key `data` of these texts; undefined where it refuses the text. One kubectl
 * reads all of them, without a server.
 */
export async function kubectlValues(texts: readonly string[]): Promise<unknown[]> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-faults-'))
  try {
    await Promise.all(texts.map((text, index) => writeFile(join(folder, `${index}.yaml`), manifestOf(text, index))))
    const args = ['annotate', '--local', '--filename', folder, 'read=yes', '--output', 'json']
    const output = await outputOf(await findKubectl(), args)
    const values: unknown[] = texts.map(() => undefined)
    // The objects follow each other, each of them with its last brace at the start of a line.
    for (const text of output.split(/(?<=^\}\n)/m)) {
      if (text.trim() === '') continue
      const { metadata, data } = JSON.parse(text)
      values[Number(metadata.name.slice('case-'.length))] = data ?? null
    }
    return values
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A manifest that has the text under the key `data`. */
export function manifestOf(text: string, index: number): string {
  return `apiVersion: v1\nkind: Probe\nmetadata: {name: case-${index}}\ndata:\n  ${text.replaceAll('\n', '\n  ')}\n`
}

/** Standard output of a command that may fail. */
function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 100_000_000 }, (_error, stdout) => resolve(stdout))
  })
}
