import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Runner, RunResult } from '../../../../src/exec/runner.ts'

/** A temporary folder with these files. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'devk-charts-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

/** What a fake repository has: the text of the archive of each chart and version. */
export type Published = Record<string, Record<string, string>>

export const ok = (stdout = ''): RunResult => ({ exitCode: 0, stdout, stderr: '' })
export const failed = (stderr: string): RunResult => ({ exitCode: 1, stdout: '', stderr })

/**
 * A helm that pulls from `published`: the newest version, which is the last one, unless it is asked for one of them. `added` are the
 * repositories that the user has added to it.
 */
export function fakeHelm(published: Published, added: readonly { name: string; url: string }[] = []) {
  const calls: string[] = []
  const run: Runner['run'] = async (command, args) => {
    if (command !== 'helm') throw new Error(`unexpected: ${command}`)
    calls.push(args.filter((arg, i) => arg !== '--destination' && args[i - 1] !== '--destination').join(' '))
    if (args[0] === 'repo') return ok(args[1] === 'list' ? JSON.stringify(added) : '')
    if (args[0] === 'show') return ok(`version: ${/-(\d[^/]*)\.tgz$/.exec(args[2] ?? '')?.[1]}`)
    const chart = args[1]?.split('/').at(-1) ?? ''
    const versions = published[chart]
    if (args[0] !== 'pull' || versions === undefined) return failed(`Error: chart "${chart}" not found`)
    const asked = args.find((arg) => arg.startsWith('--version='))?.slice('--version='.length)
    const version = asked !== undefined && asked in versions ? asked : Object.keys(versions).at(-1)
    const folder = args[args.indexOf('--destination') + 1] ?? ''
    await writeFile(join(folder, `${chart}-${version}.tgz`), versions[version ?? ''] ?? '')
    return ok()
  }
  const spawn = () => {
    throw new Error('unexpected spawn')
  }
  return { runner: { run, spawn } satisfies Runner, calls }
}
