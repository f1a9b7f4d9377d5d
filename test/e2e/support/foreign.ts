import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Running } from '../../repositories/running/running.ts'
import { type Devk, devkIn } from './devk.ts'
import { eventually } from './eventually.ts'
import { getText } from './http.ts'
import { leftovers } from './leftovers.ts'

/**
 * Tests of repositories that were not written for devk: init, plan and up without an edit, requests, a save, and down.
 * All of them have the name `project`, so that they follow each other in one cluster. The first one decides about the
 * ports that the cluster maps.
 */
export function testForeign(project: string, repositories: readonly Running[]): void {
  let folder: string
  let devk: Devk

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'devk-e2e-foreign-')), project)
    await mkdir(folder)
    devk = await devkIn(folder)
  })

  afterAll(async () => {
    await devk?.run(['down'])
    await devk?.dispose()
    await rm(dirname(folder), { recursive: true, force: true })
  })

  test.each(repositories)('$about', async ({ files, answers: wanted, open = [], save }) => {
    await replaceFiles(folder, files)
    const init = await devk.run(['init', '--yes', '--json'])
    expect(init.exitCode, init.stderr).toBe(0)
    expect(JSON.parse(init.stdout).notes).toEqual(open.map((pattern) => expect.stringMatching(pattern)))
    const plan = await devk.run(['plan'])
    expect(plan.exitCode, plan.stderr + plan.stdout).toBe(0)

    // With CI set, up ends when the stack is ready.
    const up = devk.start(['up', '--yes'], { env: { CI: undefined } })
    try {
      await up.waitFor(/Watching/, 480_000)
      for (const [url, answer] of Object.entries(wanted)) await answers(url, answer)
      const file = join(folder, save.file)
      // As editors save: the watcher never sees a half-written file.
      await writeFile(`${file}~`, (await readFile(file, 'utf8')).replace(save.from, save.to))
      await rename(`${file}~`, file)
      await answers(save.url, save.answer)
    } catch (error) {
      throw new Error(up.output().slice(-6000), { cause: error })
    } finally {
      up.child.kill('SIGINT')
      await up.finished
    }
  })

  test('down leaves nothing', async () => {
    const down = await devk.run(['down'])
    expect(down.exitCode, down.stderr).toBe(0)
    expect(await leftovers(project)).toEqual([])
  })
}

/** Writes files into a folder, in place of whatever is there. */
async function replaceFiles(folder: string, files: Running['files']): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
}

function answers(url: string, wanted: RegExp): Promise<unknown> {
  return eventually(`${wanted} from ${url}`, 90, async () => {
    const text = await getText(url)
    if (!wanted.test(text)) throw new Error(text)
    return text
  })
}
