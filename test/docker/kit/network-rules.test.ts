import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hostGo } from '../../../src/kit/find-go.ts'
import { runner, temporaryKit } from './temporary-kit.ts'

/** Path of the Go of Debian that `devk kit build` installs on a machine without Go. */
async function debianGo(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache')
  const { stdout } = await runner.run('sh', ['-c', `ls -d '${cache}'/devk/kit/go-*/lib/go-1.24/bin/go`])
  return stdout.trim()
}

test("the Go tests of the rules of the kit's network pass", async () => {
  const { deps, remove } = await temporaryKit('FROM scratch\n')
  try {
    const source = fileURLToPath(new URL('../../../kit/go/cni', import.meta.url))
    const copy = join(deps.cacheDir, 'cni')
    await cp(source, copy, { recursive: true })
    const go = (await hostGo(runner, AbortSignal.timeout(10_000))) ?? (await debianGo())
    // The flags with which the kit compiles it, so that the packages are in Go's cache.
    const args = ['test', '-trimpath', '-vet=off', '-count=1', '-v', './policy', './table']
    const { exitCode, stdout, stderr } = await runner.run(go, args, { cwd: copy, env: { CGO_ENABLED: '0' } })
    expect(exitCode, stdout + stderr).toBe(0)
    expect(stdout.match(/^ *--- PASS/gm)?.length).toBeGreaterThan(30)
  } finally {
    await remove()
  }
})
